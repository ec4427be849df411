/** What the generator knows of the database that its statements have made. Never changed in place. */

import type { Hint } from "./values.js";

export interface Column {
	readonly name: string;
	/** What its values mostly are, by its affinity. */
	readonly hint: Hint;
	/** Cannot be written. */
	readonly generated: boolean;
}

export interface Table {
	readonly name: string;
	readonly columns: readonly Column[];
	/** A column that is the rowid, or "rowid"; none WITHOUT ROWID. */
	readonly rowid: string | undefined;
	/** Column lists that ON CONFLICT can name. */
	readonly keys: readonly (readonly string[])[];
	/** Writing several rows at once may break a constraint on the way: which rows come first would matter. */
	readonly guarded: ReadonlySet<string> | "all columns";
	readonly strict: boolean;
	/** A foreign key refers to the table itself. */
	readonly linkedToItself: boolean;
	/** As of the last comparison. */
	readonly rows: number;
	/** Written by triggers alone. */
	readonly log: boolean;
}

/** A table without any constraint, empty so far. */
export function plainTable(name: string, columns: readonly Column[], log: boolean): Table {
	return {
		name,
		columns,
		rowid: "rowid",
		keys: [],
		guarded: new Set(),
		strict: false,
		linkedToItself: false,
		rows: 0,
		log,
	};
}

export interface View {
	readonly name: string;
	readonly columns: readonly { readonly name: string; readonly hint: Hint }[];
	readonly on: readonly string[];
}

export interface Schema {
	readonly tables: readonly Table[];
	readonly views: readonly View[];
	readonly indexes: readonly { readonly name: string; readonly table: string }[];
	readonly triggers: readonly { readonly name: string; readonly table: string }[];
	/** For names that are not taken. */
	readonly serial: number;
}

export const EMPTY: Schema = { tables: [], views: [], indexes: [], triggers: [], serial: 0 };

export function changeTable(schema: Schema, name: string, change: (table: Table) => Table): Schema {
	return { ...schema, tables: schema.tables.map((table) => (table.name === name ? change(table) : table)) };
}

/** Without the table and everything that hangs on it. */
export function withoutTable(schema: Schema, name: string): Schema {
	return {
		...schema,
		tables: schema.tables.filter((table) => table.name !== name),
		views: schema.views.filter((view) => !view.on.includes(name)),
		indexes: schema.indexes.filter((index) => index.table !== name),
		triggers: schema.triggers.filter((trigger) => trigger.table !== name),
	};
}

export function isGuarded(table: Table, columns: readonly string[]): boolean {
	return table.guarded === "all columns" || columns.some((name) => (table.guarded as Set<string>).has(name));
}
