import type { ColumnType, FieldValue } from "../csv/column-type.js";
import type { DeclaredType } from "../csv/form.js";
import type { CsvRecord } from "./records.js";

/** The part of the public database that loading uses. */
export interface LoadDatabase {
	/** Of `db.sql`. */
	readonly sql: {
		readonly inTransaction: boolean;
		exec(sql: string): unknown;
		prepare(sql: string): { run(...values: FieldValue[]): unknown; all(...values: FieldValue[]): unknown[] };
		transaction<R>(work: () => R): () => R;
	};
	/** Of the database. */
	batchSync(ops: { readonly type: "put"; readonly key: string; readonly value: string }[]): void;
}

/** What is wrong with one record. */
export interface Problem {
	/** The field at fault, or undefined where it is the record as a whole. */
	readonly field: number | undefined;
	readonly reason: string;
	/** Another row has what must be unique. */
	readonly isConflict?: boolean;
}

/** Records whose key was taken by another row. Of pairs that is not known. */
export interface Conflicts {
	/** Those that are left out. */
	readonly ignored: number;
	/** Those that have taken another row's place. */
	readonly replaced: number;
}

export interface LoadColumn {
	readonly name: string;
	readonly fixed: ColumnType | undefined;
	/** What the table says that it is, where that is not the type that its values are stored as. */
	readonly declared?: DeclaredType | undefined;
}

/** Where the records go. */
export interface LoadTarget {
	/** Names of the columns, with their types where they are given and not to be found out. */
	readonly columns: readonly LoadColumn[];
	/** Since `begin`. */
	readonly conflicts: Conflicts | undefined;
	/** Why a record with the right number of fields, which fit their columns' types, cannot be loaded. */
	check(record: CsvRecord): Problem | undefined;
	/** Makes ready for records with columns of these types. */
	begin(types: readonly ColumnType[]): void;
	/** Takes a record that `check` found no fault with. */
	add(record: CsvRecord): void;
	/** All records are there: makes them last. */
	finish(): void;
	/** Removes what was loaded since `begin`, as far as that can be done; `begin` may follow. */
	undo(): void;
}

/** Called for records that turn out too late not to fit, such as those whose primary key is taken. */
export type Reject = (record: CsvRecord, problem: Problem) => void;
