/** What the compiler makes of a declared table. Nothing of this is there at run time. */

import type { SqlValue } from "../index.js";

/** What a column holds. */
export interface ColumnTypes {
	/** In rows that are read. */
	readonly value: unknown;
	/** In rows that are written, in keys and in conditions. */
	readonly input: unknown;
	/** As SQL stores and returns it. */
	readonly stored: SqlValue;
	/** Which comparisons conditions may have: all, all and `like`, only equality, only whether it is NULL. */
	readonly compares: "order" | "text" | "equality" | "nothing";
	/** As the only column of a primary key it is the rowid, which a row gets where it is not given. */
	readonly rowid: boolean;
}

/** What was said of a column beside its type. */
export type Trait = "primaryKey" | "notNull" | "unique" | "default";

/** Any column, as `integer()` and the others make it. */
export interface AnyColumn {
	/** For the compiler alone. `name` is `never` where the column is called as its property. */
	readonly "~types": { readonly types: ColumnTypes; readonly traits: Trait; readonly name: string };
}

/** The columns of a table by their properties. */
export interface Columns {
	readonly [property: string]: AnyColumn;
}

/** Properties that columns cannot have, as conditions have a meaning for them. */
export type ReservedProperties = {
	readonly [P in
		| "and"
		| "or"
		| "not"]?: "and, or and not combine conditions: call the property otherwise, and the column with named()";
};

/** What the options of a table say of its keys. Types have it as the parameter `K`. */
export interface TableKeys {
	/** The columns of a primary key of several. */
	readonly key: string;
	/** Columns that are unique by themselves. */
	readonly unique: string;
	/** Whether rows have no rowid: then the primary key is always given. */
	readonly withoutRowid: boolean;
}

// Unions are written out where they are used: those with a name of their own would be shown by it.

/** Shown as the plain object that it is. */
export type Simplify<T> = { [P in keyof T]: T[P] } & {};

/** The properties of the columns. */
export type NameOf<C extends Columns> = keyof C & string;

type TypesOf<C extends AnyColumn> = C["~types"]["types"];

type Has<C extends AnyColumn, Wanted extends Trait> = [Extract<C["~types"]["traits"], Wanted>] extends [never]
	? false
	: true;

/** `null` where a column may be NULL. */
type NullIn<C extends AnyColumn, P, K extends TableKeys> =
	Has<C, "notNull" | "primaryKey"> extends true ? never : P extends K["key"] ? never : null;

type IsOptional<C extends AnyColumn, P, K extends TableKeys> =
	Has<C, "default"> extends true
		? true
		: Has<C, "primaryKey"> extends true
			? TypesOf<C>["rowid"] extends true
				? K["withoutRowid"] extends true
					? false
					: true
				: false
			: null extends NullIn<C, P, K>
				? true
				: false;

/** A row as it is read: of each column its value, or `null` where it may be NULL. Of a declared table it is `RowOf`. */
export type RowIn<C extends Columns, K extends TableKeys> = Simplify<{
	-readonly [P in keyof C]: TypesOf<C[P]>["value"] | NullIn<C[P], P, K>;
}>;

/**
 * A row that is inserted. Columns may be left out that may be NULL or have a default, and the rowid: a primary key of `integer()` or
 * `bigint()`. Of a declared table it is `InsertOf`.
 */
export type InsertIn<C extends Columns, K extends TableKeys> = Simplify<
	{ [P in keyof C as IsOptional<C[P], P, K> extends true ? never : P]: TypesOf<C[P]>["input"] | NullIn<C[P], P, K> } & {
		[P in keyof C as IsOptional<C[P], P, K> extends true ? P : never]?: TypesOf<C[P]>["input"] | NullIn<C[P], P, K>;
	}
>;

/** Columns that are changed, with their values: any of them, and at least one. Of a declared table it is `UpdateOf`. */
export type UpdateIn<C extends Columns, K extends TableKeys> = Simplify<{
	-readonly [P in keyof C]?: TypesOf<C[P]>["input"] | NullIn<C[P], P, K>;
}>;

/** A row as SQL stores and returns it, by the names of columns in SQL. */
export type StoredIn<C extends Columns, K extends TableKeys> = Simplify<{
	[P in NameOf<C> as [C[P]["~types"]["name"]] extends [never] ? P : C[P]["~types"]["name"]]:
		| TypesOf<C[P]>["stored"]
		| NullIn<C[P], P, K>;
}>;

type NamesWith<C extends Columns, Wanted extends Trait> = {
	[P in NameOf<C>]: Has<C[P], Wanted> extends true ? P : never;
}[NameOf<C>];

/** Columns whose value at most one row has. */
export type UniqueName<C extends Columns, K extends TableKeys> =
	| NamesWith<C, "primaryKey" | "unique">
	| Extract<NameOf<C>, K["unique"]>;

/** The primary key of one row: a value, or an object where the key has several columns; `never` where the table has none. */
export type KeyIn<C extends Columns, K extends TableKeys> = [NamesWith<C, "primaryKey">] extends [never]
	? [K["key"]] extends [never]
		? never
		: Simplify<{ [P in Extract<NameOf<C>, K["key"]>]: TypesOf<C[P]>["input"] }>
	: TypesOf<C[NamesWith<C, "primaryKey">]>["input"];

/** What an upsert may look for: a unique column, or the columns of a unique key. */
export type TargetIn<C extends Columns, K extends TableKeys> =
	| UniqueName<C, K>
	| PrimaryTarget<C, K>
	| readonly NameOf<C>[];

/** What an upsert looks for where it is not told: the primary key. */
export type PrimaryTarget<C extends Columns, K extends TableKeys> = [NamesWith<C, "primaryKey">] extends [never]
	? readonly Extract<NameOf<C>, K["key"]>[]
	: NamesWith<C, "primaryKey">;

type ColumnsOfTarget<Target> = Target extends readonly (infer Name)[] ? Name : Target;

/** A row of an upsert: as one that is inserted, but with a value for each column that it is looked for by. */
export type UpsertIn<C extends Columns, K extends TableKeys, Target> = Simplify<
	Omit<InsertIn<C, K>, ColumnsOfTarget<Target> & string> & {
		[P in Extract<NameOf<C>, ColumnsOfTarget<Target>>]: TypesOf<C[P]>["input"];
	}
>;

/** Comparisons for columns of any type but JSON: those of `boolean()` have no others. Of several all have to hold. */
export interface EqualityTests<Value, Null> {
	/** As the value without an object around it; null are the rows with NULL. */
	readonly eq?: Value | Null;
	/** As in SQL, rows with NULL are not among them; `ne: null` are all that are not NULL. */
	readonly ne?: Value | Null;
	/** One of these values. Of no values there is no row. A null among them are the rows with NULL. */
	readonly in?: readonly (Value | Null)[];
	/** None of these values. Of no values that is every row; otherwise rows with NULL are not among them. */
	readonly notIn?: readonly (Value | Null)[];
	/** Rows with NULL, or, where false, those without. */
	readonly isNull?: boolean;
}

/** Comparisons for numbers, dates, moments and bytes, which have an order. Rows with NULL are never among those that it finds. */
export interface OrderTests<Value, Null> extends EqualityTests<Value, Null> {
	/** Greater than. */
	readonly gt?: Value;
	/** Greater or equal. */
	readonly gte?: Value;
	/** Less than. */
	readonly lt?: Value;
	/** Less or equal. */
	readonly lte?: Value;
	/** Both ends are included. */
	readonly between?: readonly [least: Value, greatest: Value];
}

/** Comparisons for texts, whose order is that of the column's collation: unless said, of their bytes in UTF-8. */
export interface TextTests<Null> extends OrderTests<string, Null> {
	/** `%` stands for any text, `_` for one character; letters of ASCII count in either case. */
	readonly like?: string;
}

interface TestsByKind<Value, Null> {
	readonly order: Value | Null | OrderTests<Value, Null>;
	readonly text: Value | Null | TextTests<Null>;
	readonly equality: Value | Null | EqualityTests<Value, Null>;
	readonly nothing: Null | { readonly isNull: boolean };
}

/**
 * What a condition may say of a column: a value, null where the column may be NULL, or an object with comparisons. These are `OrderTests`,
 * for `text()` `TextTests`, for `boolean()` `EqualityTests`; of `json()` it is null or `{ isNull }` alone.
 */
export type TestIn<C extends AnyColumn, P, K extends TableKeys> = TestsByKind<
	TypesOf<C>["input"],
	NullIn<C, P, K>
>[TypesOf<C>["compares"]];

/**
 * What rows are looked for by. All that an object says has to hold. A value stands for itself, null for NULL, and an object has
 * comparisons: `{ state: "WA", age: { gte: 18, lt: 65 }, email: null }`. NULL is neither equal to a value nor different from one, as in SQL.
 */
export type Condition<C extends Columns, K extends TableKeys> = {
	[P in NameOf<C>]?: TestIn<C[P], P, K>;
} & {
	/** One of them holds; of none, no row. */
	or?: readonly Condition<C, K>[];
	/** All of them hold. */
	and?: readonly Condition<C, K>[];
	/** Rows for which it is false. Where it compares NULL, it is neither true nor false. */
	not?: Condition<C, K>;
};

/** Columns that rows can be found by: not those of JSON, whose texts tell equal values apart. */
export type FindableName<C extends Columns> = {
	[P in NameOf<C>]: TypesOf<C[P]>["compares"] extends "nothing" ? never : P;
}[NameOf<C>];

/** What `findBy…` takes: null finds rows with NULL, of which a unique column may have many. */
export type FindIn<C extends Columns, P extends NameOf<C>, K extends TableKeys> =
	| TypesOf<C[P]>["input"]
	| (P extends UniqueName<C, K> ? never : NullIn<C[P], P, K>);

/** What a column holds in rows that are read, without the null of those that may be NULL. */
export type ValueOf<C extends Columns, P extends keyof C> = TypesOf<C[P]>["value"];

/** What the options of one table say of its keys. */
export interface KeysOf<
	Key extends readonly string[],
	Unique extends readonly (readonly string[])[],
	WithoutRowid extends boolean,
> {
	/** The columns of a primary key of several. */
	readonly key: Key[number];
	/** Of the lists of unique columns those that have one alone. */
	readonly unique: Unique[number] extends infer List
		? List extends readonly [infer Only extends string]
			? Only
			: never
		: never;
	/** As the option says. */
	readonly withoutRowid: WithoutRowid;
}
