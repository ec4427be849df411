/** The tables and columns that a statement can name. */

import type { Replace } from "./lex.js";
import type { DeclaredTables } from "./register.js";
import type { Failure, None } from "./values.js";

/** `all`: columns that need no table's name before them; `by`: those of each table, by its name here; `outer`: the query around. */
export interface Scope {
	readonly all: unknown;
	readonly by: unknown;
	readonly outer: Scope | None;
}

export type Unquoted<W extends string> = W extends `"${infer N}"`
	? Replace<Spaces<N>, '""', '"'>
	: W extends `\`${infer N}\``
		? Replace<Spaces<N>, "``", "`">
		: W extends `[${infer N}]`
			? Spaces<N>
			: W extends `'${infer N}'`
				? Replace<Spaces<N>, "''", "'">
				: W;

export type Spaces<W extends string> = W extends `?${string}\u0002` ? "?" : Replace<W, "\u0001", " ">;

/** The names that a written one has before its last dot, and that behind it. */
type Parts<W extends string> = W extends `"${infer A}".${infer R}`
	? [Unquoted<`"${A}"`>, ...Parts<R>]
	: W extends `\`${infer A}\`.${infer R}`
		? [Unquoted<`\`${A}\``>, ...Parts<R>]
		: W extends `[${infer A}].${infer R}`
			? [Unquoted<`[${A}]`>, ...Parts<R>]
			: W extends `${"'" | '"' | "`" | "["}${string}`
				? [Unquoted<W>]
				: W extends `${infer A}.${infer R}`
					? [A, ...Parts<R>]
					: [W];

/** A key of a type, whatever its case. */
export type KeyOf<T, Name extends string> = Name extends keyof T
	? Name
	: { [K in keyof T & string as Lowercase<K>]: K } extends infer Folded
		? Lowercase<Name> extends keyof Folded
			? Folded[Lowercase<Name>] & keyof T
			: never
		: never;

type RowId = "rowid" | "oid" | "_rowid_";

/** Where all columns may be NULL there may be no row, as behind LEFT JOIN. */
type RowIdOf<Row> = { [K in keyof Row]: null extends Row[K] ? never : K }[keyof Row] extends never
	? number | null
	: number;

/** As `Column`, where the name is written as it is. */
export type ColumnOf<W extends string, C extends Scope> = W extends `${infer T}.${infer N}`
	? T extends keyof C["by"]
		? N extends keyof C["by"][T]
			? [N, C["by"][T][N]]
			: Column<W, C>
		: Column<W, C>
	: Column<W, C>;

/** A column by its written name: [what it is called, its type], or why there is none. */
export type Column<W extends string, C extends Scope> =
	Parts<W> extends infer P
		? P extends [infer N extends string]
			? Bare<N, W, C>
			: P extends [infer T extends string, infer N extends string]
				? Qualified<T, N, C>
				: P extends [string, infer T extends string, infer N extends string]
					? Qualified<T, N, C>
					: Failure<`no column ${W}`>
		: never;

type Bare<N extends string, W extends string, C extends Scope> =
	KeyOf<C["all"], N> extends infer K
		? [K] extends [never]
			? C["outer"] extends Scope
				? Bare<N, W, C["outer"]> extends infer Found
					? Found extends Failure<string>
						? Missing<N, W, C>
						: Found
					: never
				: Missing<N, W, C>
			: [K, C["all"][K & keyof C["all"]]]
		: never;

/** A double-quoted word that names no column is a text; each table has a rowid. */
type Missing<N extends string, W extends string, C extends Scope> = W extends `"${string}`
	? [Spaces<W>, string]
	: Lowercase<N> extends RowId
		? [None, { [T in keyof C["by"]]: RowIdOf<C["by"][T]> }[keyof C["by"]]]
		: Lowercase<N> extends "true" | "false"
			? [W, number]
			: Failure<`no column ${N} in ${Described<C["by"]>}`>;

type Qualified<T extends string, N extends string, C extends Scope> =
	KeyOf<C["by"], T> extends infer K
		? [K] extends [never]
			? C["outer"] extends Scope
				? Qualified<T, N, C["outer"]>
				: Failure<`no table ${T} in the query, for ${T}.${N}`>
			: Of<C["by"][K & keyof C["by"]], K & string, N>
		: never;

type Of<Row, T extends string, N extends string> =
	KeyOf<Row, N> extends infer K
		? [K] extends [never]
			? Lowercase<N> extends RowId
				? [None, RowIdOf<Row>]
				: Failure<`no column ${N} in ${Described<{ [X in T]: Row }>}`>
			: [K, Row[K & keyof Row]]
		: never;

/** What a database has without being told. */
interface BuiltIn {
	kv: { key: string | Buffer; value: string | Buffer };
}

/** The rows of a table, why there is none, or None where nothing can be known. */
export type Table<W extends string> =
	Parts<W> extends infer P
		? P extends [infer N extends string] | ["main", infer N extends string]
			? KeyOf<DeclaredTables, N> extends infer K
				? [K] extends [never]
					? Lowercase<N> extends keyof BuiltIn
						? BuiltIn[Lowercase<N>]
						: Lowercase<N> extends `sqlite_${string}` | `pragma_${string}`
							? None
							: Failure<`no table ${N} (${Listed<keyof DeclaredTables & string>})`>
					: DeclaredTables[K & keyof DeclaredTables]
				: never
			: None
		: never;

/** What a source is called where it has no alias: its last name. */
export type LastName<W extends string> = Parts<W> extends [...unknown[], infer N extends string] ? N : never;

/** Columns of two sources beside each other. What both have needs a table's name, unless they are joined by it. */
export type Beside<A, B, Using> = [keyof A] extends [never]
	? B
	: {
			[K in keyof A | keyof B]: K extends keyof A
				? K extends keyof B
					? K extends Using
						? A[K]
						: Failure<`column ${K & string} is in several tables: say which`>
					: A[K]
				: K extends keyof B
					? B[K]
					: never;
		};

export type Nullable<Row> = { [K in keyof Row]: Row[K] | null };

type LastOf<U> = (U extends unknown ? (one: () => U) => void : never) extends (one: infer F) => void
	? F extends () => infer L
		? L
		: never
	: never;

/** Names with commas between them; of very many the last ones. */
type Listed<U extends string, Done extends string = "", Count extends unknown[] = []> = [U] extends [never]
	? Done
	: Count["length"] extends 30
		? `…, ${Done}`
		: LastOf<U> extends infer L extends string
			? Listed<Exclude<U, L>, Done extends "" ? L : `${L}, ${Done}`, [...Count, L]>
			: Done;

type Described<By> =
	Listed<
		{ [K in keyof By & string]: `${K} (${Listed<keyof By[K] & string>})` }[keyof By & string]
	> extends infer L extends string
		? L extends ""
			? "a query without tables"
			: L
		: never;
