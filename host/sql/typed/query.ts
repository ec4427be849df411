/** What the compiler makes of the text of a query: its parameters and its rows, or why it is wrong. */

import type { SqlFragment } from "../api/fragment.js";
import type { Change } from "./change.js";
import type { Lexed } from "./lex.js";
import type { DeclaredQueries, DeclaredTables } from "./register.js";
import type { Select } from "./select.js";
import type { AnyColumn, AnyEntry, Failure, None, SqlParameter } from "./values.js";

/** Nothing is known. */
interface Unknown {
	readonly row: Record<string, unknown>;
	readonly given: [parameters?: object];
	readonly kind: "any";
}

interface Known<Row, Parameters extends unknown[], Kind> {
	readonly row: Row;
	readonly given: Parameters;
	readonly kind: Kind;
}

/** A text that is no literal, or has parts that are none, tells nothing. */
type Analysis<Text extends string> = Text extends keyof DeclaredQueries
	? Declared<DeclaredQueries[Text]>
	: keyof DeclaredTables extends never
		? Unknown
		: Record<never, never> extends Record<Text, 1>
			? Unknown
			: Lexed<Text> extends infer Tokens extends string
				? Tokens extends `${infer W} ${string}`
					? Uppercase<W> extends "SELECT"
						? Finished<Select<Tokens, None, Text>, "select">
						: Uppercase<W> extends "INSERT" | "REPLACE" | "UPDATE" | "DELETE"
							? Finished<Change<Tokens, Tokens, Text>, "change">
							: Unknown
					: Unknown
				: Unknown;

type Declared<Query> = Query extends { readonly parameters: infer Parameters; readonly row: infer Row }
	? Known<Row, keyof Parameters extends never ? [parameters?: Parameters] : [parameters: Parameters], "any">
	: Unknown;

type Finished<X, Kind> = X extends None
	? Unknown
	: X extends [infer E, infer P]
		? Given<P> extends infer Parameters
			? Parameters extends unknown[]
				? Known<
						[E] extends [AnyColumn]
							? { [C in E as C[0] extends None ? string : C[0] & PropertyKey]: C[0] extends None ? unknown : C[1] }
							: Record<string, unknown>,
						Parameters,
						E extends None ? Kind : Kind extends "change" ? "returning" : Kind
					>
				: Parameters
			: never
		: X;

/** Written out here, without names of types, so that editors and messages show plain objects. */
type Given<P> = [P] extends [never]
	? []
	: [P] extends [AnyEntry]
		? [Extract<P[0], `?${string}`>] extends [never]
			? [parameters: { readonly [E in P as E[0]]: ValueOf<E> }]
			: [P[0]] extends [`?${string}`]
				? [parameters: [P[0]] extends [`?${number}`] ? InPlaces<P> : object]
				: Failure<"parameters with and without names: use prepare(), which takes both">
		: never;

/** The values of `?` and `?1`, in a list. */
type InPlaces<P extends AnyEntry, Done extends unknown[] = [], Left = P[0]> = [Left] extends [never]
	? readonly [...Done]
	: Done["length"] extends 200
		? readonly unknown[]
		: `?${[...Done, 0]["length"] & number}` extends infer Name
			? InPlaces<P, [...Done, ValueOf<Extract<P, [Name, ...unknown[]]>>], Exclude<Left, Name>>
			: never;

/** Of one parameter, which may be there several times. */
type ValueOf<P extends AnyEntry> = [P] extends [never]
	? SqlParameter
	: (P[1] extends (value: infer T) => void ? ([T] extends [never] ? SqlParameter : T) : never) | P[2];

/**
 * The text itself, or a message that it is not assignable to: `Error: no column nme in users (id, name)`. For functions that hand a text
 * on: `function one<const Text extends string>(text: QueryText<Text, "query">, ...parameters: QueryParameters<Text>)`.
 */
export type QueryText<Q, M extends "query" | "execute"> = Q extends string
	? Analysis<Q> extends infer X
		? X extends Failure<infer Message>
			? `Error: ${Message}`
			: X extends Known<unknown, unknown[], infer Kind>
				? [M, Kind] extends ["query", "change"]
					? "Error: this statement has no rows: give it to execute()"
					: [M, Kind] extends ["execute", "select"]
						? "Error: this statement has rows: give it to query()"
						: Q
				: Q
		: never
	: Q;

/**
 * What a text is given beside itself: nothing, or an object with the values of `{name}`, `:name`, `@name` and `$name`. A parameter is of the
 * type of the column that it is compared with by `=`, `<`, `IS`, `IN`, `BETWEEN` and so on, or stored in by INSERT and UPDATE (`bigint` may
 * stand for `number`, a Uint8Array for a Buffer); text beside LIKE, GLOB and `||`; a number in arithmetic, LIMIT and OFFSET; what other
 * arguments of coalesce() are, or null; else any value. One that is also asked for by `IS NULL` may be null. For `?` and `?1` it is a list
 * of such values, or any where `?` stands beside `?1`.
 */
export type QueryParameters<Q> = Q extends string
	? Analysis<Q> extends { readonly given: infer Given extends unknown[] }
		? Given
		: [parameters?: object]
	: [];

/**
 * The rows of a fragment, as `sql<Row>` says, or of a text: as `DeclaredQueries` has them, else as they are read from the text by the tables
 * of `DeclaredTables`. What is read:
 *
 * - SELECT, DISTINCT too: `*`, `t.*`, columns, expressions, names with and without AS; a column without a name is called by its text, as at
 *   run time (`"count(*)"`).
 * - FROM: tables, queries in brackets, commas, [INNER], CROSS and LEFT JOIN, the right side of which may be NULL, with ON and USING.
 * - WHERE, GROUP BY, HAVING, ORDER BY, LIMIT, OFFSET: names and parameters are checked.
 * - INSERT, also of SELECT and with ON CONFLICT, REPLACE, UPDATE, DELETE, RETURNING.
 * - Expressions: operators, literals, CASE, CAST, queries in brackets, EXISTS, IN, window functions, aggregates and the built-in
 *   functions; `count` is a number, `sum` and `avg` a number or null, `min` and `max` their column or null. Without GROUP BY the columns
 *   beside them may be null, as they are where there are no rows.
 * - Keywords in any case, names in quotes, comments, up to 384 tokens and sixteen SELECTs.
 *
 * Beyond that, as with WITH, UNION, RIGHT and NATURAL JOIN, UPDATE FROM, table-valued functions, `sqlite_schema` and other statements, rows
 * are `Record<string, unknown>` and parameters any object, and nothing is an error; so with a text that is no literal. Values that the
 * text does not tell the type of, as those of functions of one's own and of `->`, are `unknown`. An INTEGER beyond 2^53 is a `bigint` at
 * run time, whatever the type says; of columns that are declared to hold such numbers, sums and what is calculated with them may be, too.
 * It is not known of a function of one's own that it is an aggregate. Tables that are not declared are errors, but for `kv`; where none is
 * declared nothing is checked.
 */
export type QueryRow<Q> = Q extends string
	? Analysis<Q> extends { readonly row: infer R }
		? R
		: Record<string, unknown>
	: Q extends SqlFragment<infer R>
		? R
		: Record<string, unknown>;
