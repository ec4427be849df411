/** Reads INSERT, UPDATE and DELETE. */

import type { Inner } from "./bracket.js";
import type { Expression } from "./expression.js";
import type { Items } from "./result.js";
import type { Column, LastName, Scope, Table } from "./scope.js";
import type { AtFrom, Plain, Select, Terms } from "./select.js";
import type { Aliased } from "./sources.js";
import type { Bindable, ColumnsOf, Entry, Failure, None, SqlParameter } from "./values.js";

interface TableScope<Row, Name extends string> {
	readonly all: Row;
	readonly by: { [X in Name]: Row };
	readonly star: ColumnsOf<Row>;
	readonly outer: None;
}

/** INSERT, REPLACE: also what the row that was in the way is compared with. */
interface UpsertScope<Row, Name extends string> {
	readonly all: Row;
	readonly by: { [X in Name | "excluded"]: Row };
	readonly star: ColumnsOf<Row>;
	readonly outer: None;
}

/** [columns of RETURNING or None, parameters], a Failure, or None beyond the subset. `Full` are all tokens, `Raw` the text. */
export type Change<S extends string, Full extends string, Raw extends string> = S extends `${infer W} ${infer R}`
	? Uppercase<W> extends "INSERT"
		? R extends `${infer W2} ${infer R2}`
			? Uppercase<W2> extends "OR"
				? R2 extends `${string} ${string} ${infer R3}`
					? Insert<R3, Full, Raw>
					: None
				: Insert<R2, Full, Raw>
			: None
		: Uppercase<W> extends "REPLACE"
			? R extends `${string} ${infer R2}`
				? Insert<R2, Full, Raw>
				: None
			: Uppercase<W> extends "UPDATE"
				? R extends `${infer W2} ${infer R2}`
					? Uppercase<W2> extends "OR"
						? R2 extends `${string} ${infer R3}`
							? Update<R3, Full, Raw>
							: None
						: Update<R, Full, Raw>
					: None
				: Uppercase<W> extends "DELETE"
					? R extends `${string} ${infer R2}`
						? Delete<R2, Full, Raw>
						: None
					: None
	: None;

/** The table's name and what follows: the scope and the tokens left. */
type Target<S extends string> = S extends `${infer W} ${infer R}`
	? Table<W> extends infer Row
		? Row extends None | Failure<string>
			? Row
			: Aliased<R, LastName<W>> extends [infer Name extends string, infer Rest extends string]
				? [Row, Name, Rest]
				: None
		: never
	: None;

type Delete<S extends string, Full extends string, Raw extends string> =
	Target<S> extends infer X
		? X extends [infer Row, infer Name extends string, infer R extends string]
			? Rest<R, TableScope<Row, Name>, never, Full, Raw>
			: X
		: never;

type Update<S extends string, Full extends string, Raw extends string> =
	Target<S> extends infer X
		? X extends [infer Row, infer Name extends string, infer R extends string]
			? R extends `${infer W} ${infer R2}`
				? Uppercase<W> extends "SET"
					? R2 extends `( ${string}`
						? None
						: R2 extends `${string} ${"FROM" | "from"} ${string}`
							? AtFrom<R2, ""> extends None
								? Assignments<R2, TableScope<Row, Name>, never, Full, Raw>
								: None
							: Assignments<R2, TableScope<Row, Name>, never, Full, Raw>
					: None
				: None
			: X
		: never;

/** Of SET: column = expression, …; then the rest. */
type Assignments<
	S extends string,
	C extends Scope,
	P,
	Full extends string,
	Raw extends string,
> = S extends `${infer W} = ${infer R}`
	? (W extends keyof C["all"] ? [W, C["all"][W]] : Column<W, C>) extends infer X
		? X extends [unknown, infer T]
			? Valued<R, C, [T]> extends infer Y
				? Y extends [unknown, infer R2 extends string, infer P2]
					? R2 extends `, ${infer R3}`
						? Assignments<R3, C, P | P2, Full, Raw>
						: Rest<R2, C, P | P2, Full, Raw>
					: Y
				: never
			: X
		: never
	: None;

/** WHERE and RETURNING. */
type Rest<S extends string, C extends Scope, P, Full extends string, Raw extends string> = S extends ""
	? [None, P]
	: S extends `${infer W} ${infer R}`
		? Uppercase<W> extends "WHERE"
			? Expression<R, C> extends infer X
				? X extends [unknown, infer R2 extends string, infer P2]
					? Rest<R2, C, P | P2, Full, Raw>
					: X
				: never
			: Uppercase<W> extends "RETURNING"
				? Returning<R, C, P, Full, Raw>
				: Uppercase<W> extends "ON"
					? OnConflict<R, C, P, Full, Raw>
					: None
		: None;

type Returning<List extends string, C extends Scope, P, Full extends string, Raw extends string> = C extends {
	star: unknown;
}
	? Items<
			List,
			List,
			C,
			never,
			never,
			never,
			Plain<Raw>,
			Full extends `${infer Head}${List}` ? Head : ""
		> extends infer X
		? X extends [infer E, infer P2, unknown]
			? [E, P | P2]
			: X
		: never
	: None;

/** ON CONFLICT [(columns)] [WHERE …] DO NOTHING, DO UPDATE SET …; `excluded` is the row that was not inserted. */
type OnConflict<
	S extends string,
	C extends Scope,
	P,
	Full extends string,
	Raw extends string,
> = S extends `${string} ( ${infer R}`
	? Inner<R> extends [infer List extends string, infer R2 extends string]
		? Terms<List, C, P> extends infer X
			? X extends [infer P2]
				? R2 extends `${infer W} ${infer R3}`
					? Uppercase<W> extends "WHERE"
						? Expression<R3, C> extends infer Y
							? Y extends [unknown, infer R4 extends string, infer P3]
								? Conflicting<R4, C, P2 | P3, Full, Raw>
								: Y
							: never
						: Conflicting<R2, C, P2, Full, Raw>
					: None
				: X
			: never
		: None
	: S extends `${string} ${infer R}`
		? Conflicting<R, C, P, Full, Raw>
		: None;

type Conflicting<
	S extends string,
	C extends Scope,
	P,
	Full extends string,
	Raw extends string,
> = S extends `${string} ${infer W} ${infer R}`
	? Uppercase<W> extends "NOTHING"
		? Rest<R, C, P, Full, Raw>
		: R extends `${string} ${infer R2}`
			? Assignments<R2, C, P, Full, Raw>
			: None
	: None;

/** From INTO on. */
type Insert<S extends string, Full extends string, Raw extends string> =
	Target<S> extends infer X
		? X extends [infer Row, infer Name extends string, infer R extends string]
			? R extends `( ${infer R2}`
				? R2 extends `${infer List}) ${infer R3}`
					? Targets<List, TableScope<Row, Name>, []> extends infer Types
						? Types extends unknown[]
							? Source<R3, Types, UpsertScope<Row, Name>, Full, Raw>
							: Types
						: never
					: None
				: Source<R, [], UpsertScope<Row, Name>, Full, Raw>
			: X
		: never;

/** The types of columns that are named. */
type Targets<List extends string, C extends Scope, Types extends unknown[]> = List extends `${infer W} ${infer R}`
	? (W extends keyof C["all"] ? [W, C["all"][W]] : Column<W, C>) extends infer X
		? X extends [unknown, infer T]
			? Targets<R extends `, ${infer R2}` ? R2 : R, C, [...Types, T]>
			: X
		: never
	: Types;

type Source<
	S extends string,
	Types extends unknown[],
	C extends Scope,
	Full extends string,
	Raw extends string,
> = S extends `${infer W} ${infer R}`
	? Uppercase<W> extends "VALUES"
		? R extends `( ${infer R2}`
			? Values<R2, Types, Types, C, never, Full, Raw>
			: None
		: Uppercase<W> extends "DEFAULT"
			? R extends `${string} ${infer R2}`
				? Rest<R2, C, never, Full, Raw>
				: None
			: Uppercase<W> extends "SELECT"
				? S extends `${infer Query} ${"RETURNING" | "returning"} ${infer List}`
					? Select<`${Query} `, None, None> extends infer X
						? X extends [unknown, infer P]
							? Returning<List, C, P, Full, Raw>
							: X
						: never
					: Select<S, None, None> extends infer X
						? X extends [unknown, infer P]
							? [None, P]
							: X
						: never
				: None
	: None;

/** A value for a column, which most often is a parameter. */
type Valued<S extends string, C extends Scope, L> = S extends `{${infer Name}} ${infer R}`
	? R extends "" | `${"," | ")" | "WHERE"} ${string}`
		? L extends [infer T]
			? [unknown, R, Entry<Name, Bindable<T>>]
			: [unknown, R, Entry<Name, SqlParameter>]
		: Expression<S, C, L>
	: Expression<S, C, L>;

/** One value after the other, each for the next column, none where columns are not named; a row, and the next ones. */
type Values<
	S extends string,
	Left extends unknown[],
	Types extends unknown[],
	C extends Scope,
	P,
	Full extends string,
	Raw extends string,
> =
	Valued<S, NoColumns, Left extends [infer T, ...unknown[]] ? [T] : None> extends infer X
		? X extends [unknown, infer R extends string, infer P2]
			? R extends `, ${infer R2}`
				? Left extends [unknown]
					? OtherCount<Types>
					: Values<R2, Left extends [unknown, ...infer Others] ? Others : [], Types, C, P | P2, Full, Raw>
				: Left extends [unknown, unknown, ...unknown[]]
					? OtherCount<Types>
					: R extends `) , ( ${infer R2}`
						? Values<R2, Types, Types, C, P | P2, Full, Raw>
						: R extends `) ${infer R2}`
							? Rest<R2, C, P | P2, Full, Raw>
							: None
			: X
		: never;

type OtherCount<Types extends unknown[]> = Failure<`not as many values as columns, which are ${Types["length"]}`>;

interface NoColumns {
	readonly all: Record<never, never>;
	readonly by: Record<never, never>;
	readonly outer: None;
}
