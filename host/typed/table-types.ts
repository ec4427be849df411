/** The methods of a table, as the compiler sees them. */

import type { SqlSource } from "./connection.js";
import type { MigrateOptions, Migration } from "./migrate/migrate.js";
import type { TableColumn } from "./reference.js";
import type { Selection } from "./selection.js";
import type {
	Columns,
	Condition,
	FindableName,
	FindIn,
	InsertIn,
	KeyIn,
	NameOf,
	PrimaryTarget,
	RowIn,
	StoredIn,
	TableKeys,
	TargetIn,
	UniqueName,
	UpdateIn,
	UpsertIn,
	ValueOf,
} from "./types.js";

/**
 * What every table has. Methods need no `this`. Each runs its statement at once, on the database that it is given, and within the transaction
 * that is open there, if one is. What is not of a column's type is refused with `WLSM_INVALID_ARGUMENT` before the statement runs; `WLSM_SQL`
 * are rows that break a constraint, tables that are not there, and values that something else has written and no such column holds.
 */
export interface TableMethods<Name extends string, C extends Columns, K extends TableKeys> {
	/** For the compiler alone. */
	readonly "~types": {
		readonly row: RowIn<C, K>;
		readonly insert: InsertIn<C, K>;
		readonly update: UpdateIn<C, K>;
		readonly stored: StoredIn<C, K>;
		readonly condition: Condition<C, K>;
	};
	/** Its name in SQL. */
	readonly tableName: Name;
	/** The columns, for `references`. They are properties of the table as well, but for those that are called like a method. */
	readonly columns: { readonly [P in NameOf<C>]: TableColumn<ValueOf<C, P>> };
	/** Makes the table, or adds to it what is missing, as `migrate` does: of this table alone. */
	create(db: SqlSource, options?: MigrateOptions): Migration;
	/** The row with this primary key, which is an object where it has several columns; undefined where there is none. */
	get(db: SqlSource, key: KeyIn<C, K>): RowIn<C, K> | undefined;
	/** Inserts one row, and answers it as it is stored, with its defaults and its rowid. */
	insert(db: SqlSource, row: InsertIn<C, K>): RowIn<C, K>;
	/** Inserts all rows in one transaction, or, where one of them fails, none; answers how many there were. */
	insertMany(db: SqlSource, rows: Iterable<InsertIn<C, K>>): number;
	/** Changes the row with this primary key, and answers it as it is then; undefined where there is none. */
	update(db: SqlSource, key: KeyIn<C, K>, changes: UpdateIn<C, K>): RowIn<C, K> | undefined;
	/**
	 * Inserts the row, or, where a row has the same primary key (or the same of what `target` says, which has to be unique), changes that to what
	 * is given: columns that are not given keep their values. Answers the row as it is then.
	 */
	upsert<const Target extends TargetIn<C, K> = PrimaryTarget<C, K>>(
		db: SqlSource,
		row: UpsertIn<C, K, NoInfer<Target>>,
		options?: { readonly target: Target },
	): RowIn<C, K>;
	/** Deletes the row with this primary key; answers whether there was one. */
	delete(db: SqlSource, key: KeyIn<C, K>): boolean;
	/** The rows for which all that the object says is true; `{}` are all rows. They are read, changed or deleted by what it answers. */
	where(condition: Condition<C, K>): Selection<C, K>;
	/** All rows, as an array. */
	all(db: SqlSource): RowIn<C, K>[];
	/** All rows, one by one, over the data as it was at this call. Breaking off releases everything. */
	iterate(db: SqlSource): IterableIterator<RowIn<C, K>>;
	/** How many rows there are. */
	count(db: SqlSource): number;
}

/**
 * A method for each column but those of JSON, such as `findByName(db, name)` for `name`: of a unique column one row or undefined, of others
 * all rows with this value, as an array.
 */
export type Finders<C extends Columns, K extends TableKeys> = {
	readonly [P in FindableName<C> as `findBy${Capitalize<P>}`]: (
		db: SqlSource,
		value: FindIn<C, P, K>,
	) => P extends UniqueName<C, K> ? RowIn<C, K> | undefined : RowIn<C, K>[];
};

/** What is there on every object, or would be taken for it. */
export type ObjectProperty =
	| "constructor"
	| "hasOwnProperty"
	| "isPrototypeOf"
	| "propertyIsEnumerable"
	| "toLocaleString"
	| "toString"
	| "valueOf";

/** The columns as properties of the table, such as `users.id`, for `references`: all whose names are not taken. */
export type ExposedColumns<C extends Columns, Taken> = {
	readonly [P in Exclude<NameOf<C>, Taken | ObjectProperty>]: TableColumn<ValueOf<C, P>>;
};

/**
 * A declared table, as `table()` makes it: its methods, a `findBy…` for each column, and its columns. `Name` is its name, `C` its columns as
 * they are declared, and `K` what its options say of keys.
 */
export type Table<Name extends string, C extends Columns, K extends TableKeys> = TableMethods<Name, C, K> &
	Finders<C, K> &
	ExposedColumns<C, keyof TableMethods<Name, C, K> | keyof Finders<C, K>>;

/** Any declared table, for what takes one whatever its columns are. */
export interface AnyTable {
	readonly "~types": {
		readonly row: unknown;
		readonly insert: unknown;
		readonly update: unknown;
		readonly stored: unknown;
		readonly condition: unknown;
	};
	/** Its name in SQL. */
	readonly tableName: string;
}

/** A row as it is read: `type User = RowOf<typeof users>`. */
export type RowOf<T extends AnyTable> = T["~types"]["row"];

/** What `insert` takes: columns may be left out that may be NULL or have a default, and the rowid. */
export type InsertOf<T extends AnyTable> = T["~types"]["insert"];

/** What `update` takes: any of the columns. */
export type UpdateOf<T extends AnyTable> = T["~types"]["update"];

/** What `where` takes: for conditions that are put together step by step. */
export type ConditionOf<T extends AnyTable> = T["~types"]["condition"];

/**
 * A row as SQL stores and returns it, for the queries that are checked against declared tables:
 *
 *     declare module "wlsm" {
 *         interface DeclaredTables {
 *             users: StoredRow<typeof users>;
 *         }
 *     }
 */
export type StoredRow<T extends AnyTable> = T["~types"]["stored"];
