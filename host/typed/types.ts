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

type NotAProperty = "and, or and not combine conditions: call the property otherwise, and the column with named()";

/** The columns of a table by their properties. */
export interface Columns {
	readonly [property: string]: AnyColumn;
}

/** Properties that columns cannot have. */
export interface ReservedProperties {
	readonly and?: NotAProperty;
	readonly or?: NotAProperty;
	readonly not?: NotAProperty;
}

/** What was said of the keys of a table behind its columns. */
export interface TableKeys {
	/** The columns of a primary key of several. */
	readonly key: string;
	/** Columns that are unique by themselves. */
	readonly unique: string;
	readonly withoutRowid: boolean;
}

// Unions are written out where they are used: those with a name of their own would be shown by it.

/** Shown as the plain object that it is. */
export type Simplify<T> = { [P in keyof T]: T[P] } & {};

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

export type RowIn<C extends Columns, K extends TableKeys> = Simplify<{
	-readonly [P in keyof C]: TypesOf<C[P]>["value"] | NullIn<C[P], P, K>;
}>;

export type InsertIn<C extends Columns, K extends TableKeys> = Simplify<
	{ [P in keyof C as IsOptional<C[P], P, K> extends true ? never : P]: TypesOf<C[P]>["input"] | NullIn<C[P], P, K> } & {
		[P in keyof C as IsOptional<C[P], P, K> extends true ? P : never]?: TypesOf<C[P]>["input"] | NullIn<C[P], P, K>;
	}
>;

export type UpdateIn<C extends Columns, K extends TableKeys> = Simplify<{
	-readonly [P in keyof C]?: TypesOf<C[P]>["input"] | NullIn<C[P], P, K>;
}>;

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

/** The primary key of one row: a value, or an object where the key has several columns. */
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

export type PrimaryTarget<C extends Columns, K extends TableKeys> = [NamesWith<C, "primaryKey">] extends [never]
	? readonly Extract<NameOf<C>, K["key"]>[]
	: NamesWith<C, "primaryKey">;

type ColumnsOfTarget<Target> = Target extends readonly (infer Name)[] ? Name : Target;

/** A row that is inserted, with the columns that it is looked for by. */
export type UpsertIn<C extends Columns, K extends TableKeys, Target> = Simplify<
	Omit<InsertIn<C, K>, ColumnsOfTarget<Target> & string> & {
		[P in Extract<NameOf<C>, ColumnsOfTarget<Target>>]: TypesOf<C[P]>["input"];
	}
>;

interface EqualityTests<Value, Null> {
	readonly eq?: Value | Null;
	/** As in SQL, rows with NULL are not among them; `ne: null` are all that are not NULL. */
	readonly ne?: Value | Null;
	/** Of no values there is no row. A null among them are the rows with NULL. */
	readonly in?: readonly (Value | Null)[];
	readonly notIn?: readonly (Value | Null)[];
	readonly isNull?: boolean;
}

interface OrderTests<Value, Null> extends EqualityTests<Value, Null> {
	readonly gt?: Value;
	readonly gte?: Value;
	readonly lt?: Value;
	readonly lte?: Value;
	/** Both ends are included. */
	readonly between?: readonly [least: Value, greatest: Value];
}

interface TextTests<Null> extends OrderTests<string, Null> {
	/** `%` stands for any text, `_` for one character; letters of ASCII count in either case. */
	readonly like?: string;
}

interface TestsByKind<Value, Null> {
	readonly order: Value | Null | OrderTests<Value, Null>;
	readonly text: Value | Null | TextTests<Null>;
	readonly equality: Value | Null | EqualityTests<Value, Null>;
	readonly nothing: Null | { readonly isNull: boolean };
}

type TestIn<C extends AnyColumn, P, K extends TableKeys> = TestsByKind<
	TypesOf<C>["input"],
	NullIn<C, P, K>
>[TypesOf<C>["compares"]];

/**
 * What rows are looked for by. All that an object says has to hold. A value stands for itself, null for NULL, and an object has
 * comparisons: `{ state: "WA", age: { gte: 18, lt: 65 }, email: null }`. NULL is neither equal to a value nor different from one, as in SQL.
 */
export type Condition<C extends Columns, K extends TableKeys> = {
	readonly [P in NameOf<C>]?: TestIn<C[P], P, K>;
} & {
	/** One of them holds; of none, no row. */
	readonly or?: readonly Condition<C, K>[];
	/** All of them hold. */
	readonly and?: readonly Condition<C, K>[];
	/** Rows for which it is false. Where it compares NULL, it is neither true nor false. */
	readonly not?: Condition<C, K>;
};

/** Columns that rows can be found by: not those of JSON, whose texts tell equal values apart. */
export type FindableName<C extends Columns> = {
	[P in NameOf<C>]: TypesOf<C[P]>["compares"] extends "nothing" ? never : P;
}[NameOf<C>];

/** What `findBy…` takes: null finds rows with NULL, of which a unique column may have many. */
export type FindIn<C extends Columns, P extends NameOf<C>, K extends TableKeys> =
	| TypesOf<C[P]>["input"]
	| (P extends UniqueName<C, K> ? never : NullIn<C[P], P, K>);

export type ValueOf<C extends Columns, P extends keyof C> = TypesOf<C[P]>["value"];

/** Of the options of a table. */
export interface KeysOf<
	Key extends readonly string[],
	Unique extends readonly (readonly string[])[],
	WithoutRowid extends boolean,
> {
	readonly key: Key[number];
	readonly unique: Unique[number] extends infer List
		? List extends readonly [infer Only extends string]
			? Only
			: never
		: never;
	readonly withoutRowid: WithoutRowid;
}
