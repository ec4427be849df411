/** Reads what stands behind FROM: tables, queries in brackets, and joins. */

import type { Inner } from "./bracket.js";
import type { Beside, KeyOf, LastName, Nullable, Table, Unquoted } from "./scope.js";
import type { Select } from "./select.js";
import type { AnyColumn, ColumnsOf, Failure, None } from "./values.js";

type AfterTable =
	| ","
	| ";"
	| ")"
	| "("
	| "JOIN"
	| "LEFT"
	| "INNER"
	| "CROSS"
	| "NATURAL"
	| "RIGHT"
	| "FULL"
	| "ON"
	| "USING"
	| "WHERE"
	| "GROUP"
	| "ORDER"
	| "HAVING"
	| "LIMIT"
	| "UNION"
	| "INTERSECT"
	| "EXCEPT"
	| "WINDOW"
	| "INDEXED"
	| "NOT"
	| "SET"
	| "VALUES"
	| "SELECT"
	| "DEFAULT"
	| "RETURNING";

/** [name, tokens left]: an alias, or the table's own name. */
export type Aliased<R extends string, Own extends string> = R extends `${infer A} ${infer R2}`
	? Uppercase<A> extends AfterTable
		? [Own, R]
		: Uppercase<A> extends "AS"
			? R2 extends `${infer A2} ${infer R3}`
				? [Unquoted<A2>, R3]
				: None
			: [Unquoted<A>, R2]
	: [Own, ""];

/** [tables by name, all columns, columns of *, conditions of ON, tokens left, parameters], a Failure, or None. */
export type Sources<S extends string, By, All, Star, On extends string, Kind, P> = S extends `${infer W} ${infer R}`
	? W extends "("
		? Inner<R> extends [infer Text extends string, infer Rest extends string]
			? Select<Text, None, None> extends infer X
				? X extends [infer E, infer P2]
					? Source<Derived<E>, Aliased<Rest, "">, By, All, Star, On, Kind, P | P2>
					: X
				: never
			: None
		: R extends `( ${string}`
			? None
			: Table<W> extends infer Row
				? Row extends None | Failure<string>
					? Row
					: Source<Row, Aliased<R, LastName<W>>, By, All, Star, On, Kind, P>
				: never
	: None;

/** Where all its columns have names. */
type Derived<E> = [E] extends [AnyColumn]
	? None extends E[0]
		? None
		: { [C in E as C[0] & PropertyKey]: C[1] }
	: None;

type Source<Row, Name, By, All, Star, On extends string, Kind, P> = Row extends None
	? None
	: Name extends [infer N extends string, infer R extends string]
		? R extends ""
			? Joined<Row, N, By, All, Star, On, Kind, never, "", P>
			: R extends `${infer W} ${infer R2}`
				? Uppercase<W> extends "ON"
					? UpToJoin<R2, ""> extends [infer Text extends string, infer Rest extends string]
						? Joined<Row, N, By, All, Star, On extends "" ? Text : `${On}, ${Text}`, Kind, never, Rest, P>
						: None
					: Uppercase<W> extends "USING"
						? R2 extends `( ${infer List}) ${infer Rest}`
							? Joined<Row, N, By, All, Star, On, Kind, NamesOf<List, Row, never>, Rest, P>
							: None
						: Uppercase<W> extends "INDEXED"
							? R2 extends `${string} ${string} ${infer Rest}`
								? Source<Row, [N, Rest], By, All, Star, On, Kind, P>
								: None
							: Uppercase<W> extends "NOT"
								? R2 extends `${string} ${infer Rest}`
									? Source<Row, [N, Rest], By, All, Star, On, Kind, P>
									: None
								: Joined<Row, N, By, All, Star, On, Kind, never, R, P>
				: None
		: None;

/** What USING names, as the table has it. */
type NamesOf<List extends string, Row, Names> = List extends `${infer W} ${infer R}`
	? KeyOf<Row, Unquoted<W>> extends infer K
		? [K] extends [never]
			? Failure<`no column ${Unquoted<W>} to join by`>
			: NamesOf<R extends `, ${infer R2}` ? R2 : R, Row, Names | K>
		: never
	: Names;

type Refused<Using> = [Using] extends [never] ? None : Using;

type Joined<Row, N extends string, By, All, Star, On extends string, Kind, Using, R extends string, P> =
	Refused<Using> extends Failure<string>
		? Using
		: Kind extends "left"
			? Joined<Nullable<Row>, N, By, All, Star, On, "inner", Using, R, P>
			: JoinKind<R> extends infer J
				? J extends [infer Next, infer R2 extends string]
					? Sources<
							R2,
							By & { [X in N]: Row },
							Beside<All, Row, Using>,
							Star | ColumnsOf<[Using] extends [never] ? Row : Omit<Row, Using & string>>,
							On,
							Next,
							P
						>
					: J extends "end"
						? [
								By & { [X in N]: Row },
								Beside<All, Row, Using>,
								Star | ColumnsOf<[Using] extends [never] ? Row : Omit<Row, Using & string>>,
								On,
								R,
								P,
							]
						: None
				: never;

/** [kind, tokens left] of the next join, "end" where there is none. */
type JoinKind<R extends string> = R extends `${infer W} ${infer R2}`
	? Uppercase<W> extends "," | "JOIN"
		? ["inner", R2]
		: Uppercase<W> extends "INNER" | "CROSS"
			? R2 extends `${string} ${infer R3}`
				? ["inner", R3]
				: None
			: Uppercase<W> extends "LEFT"
				? R2 extends `${infer W2} ${infer R3}`
					? Uppercase<W2> extends "OUTER"
						? R3 extends `${string} ${infer R4}`
							? ["left", R4]
							: None
						: ["left", R3]
					: None
				: Uppercase<W> extends "NATURAL" | "RIGHT" | "FULL"
					? None
					: "end"
	: "end";

type EndOfOn = Exclude<
	AfterTable,
	"(" | ")" | "NOT" | "ON" | "USING" | "INDEXED" | "SET" | "VALUES" | "SELECT" | "DEFAULT"
>;

/** The tokens of a condition of ON, and those behind it. */
type UpToJoin<S extends string, Done extends string> = S extends `${infer W} ${infer R}`
	? W extends "("
		? Inner<R> extends [infer Text extends string, infer Rest extends string]
			? UpToJoin<Rest, `${Done}( ${Text}) `>
			: None
		: Uppercase<W> extends EndOfOn
			? [Done, S]
			: UpToJoin<R, `${Done}${W} `>
	: [Done, ""];
