/** Values and rows on their way into SQL and out of it. */

import { type SqlValue, WlsmError } from "../index.js";
import type { DefinedColumn } from "./declared.js";
import type { TableDefinition } from "./definition.js";
import type { Stored } from "./kinds.js";
import { invalid, isPlainObject, quoted, shown } from "./names.js";

/** What stands for a value in a statement. Refuses what the column cannot hold, and `undefined` in any case. */
export function storedIn(column: DefinedColumn, value: unknown, table: TableDefinition): Stored | null {
	if (value === null && column.isNullable) return null;
	return storedValue(column, value, table);
}

/** As `storedIn` where NULL is not possible. */
export function storedValue(column: DefinedColumn, value: unknown, { name }: TableDefinition): Stored {
	if (value === undefined)
		throw invalid(
			`${shown(column.property)} of table ${shown(name)} is undefined. Leave the property out, or give null where NULL is meant.`,
		);
	if (value === null) throw invalid(`${shown(column.property)} of table ${shown(name)} cannot be null here.`);
	const stored = column.kind.store(value);
	if (stored !== undefined) return stored;
	throw invalid(`${shown(column.property)} of table ${shown(name)} takes ${column.kind.takes}, not ${shown(value)}.`);
}

/** An error does not name more. */
const SHOWN_COLUMNS = 30;

export function columnNamed(property: string, table: TableDefinition): DefinedColumn {
	const column = table.byProperty.get(property);
	if (column !== undefined) return column;
	const known = table.columns.slice(0, SHOWN_COLUMNS).map((other) => other.property);
	const more = table.columns.length > SHOWN_COLUMNS ? ", …" : "";
	throw invalid(
		`Table ${shown(table.name)} has no column ${shown(property)}. Its columns are ${known.join(", ")}${more}.`,
	);
}

/** A row, or a part of one, that a program gives. */
export function givenObject(
	value: unknown,
	what: string,
	{ name }: TableDefinition,
): Readonly<Record<string, unknown>> {
	if (typeof value === "object" && value !== null && !Array.isArray(value))
		return value as Readonly<Record<string, unknown>>;
	throw invalid(`${what} of table ${shown(name)} is an object, not ${shown(value)}.`);
}

/** The values of a primary key in the order of its columns. */
export function keyValues(key: unknown, table: TableDefinition): Stored[] {
	const [first, second] = table.primaryKey;
	if (first === undefined) throw invalid(`Table ${shown(table.name)} has no primary key. Look for rows with where().`);
	if (second === undefined) return [storedValue(first, key, table)];
	const names = table.primaryKey.map(({ property }) => property);
	if (
		!isPlainObject(key) ||
		Object.keys(key).length !== names.length ||
		!names.every((name) => Object.hasOwn(key, name))
	)
		throw invalid(
			`The key of a row of table ${shown(table.name)} is an object with ${names.join(", ")}, not ${shown(key)}.`,
		);
	return table.primaryKey.map((column) => storedValue(column, key[column.property], table));
}

interface Step {
	readonly column: DefinedColumn;
	readonly property: string;
	/** The type of JavaScript of values that stay as they are; empty where they are looked at. */
	readonly plain: "number" | "string" | "";
}

const PLAIN: Readonly<Partial<Record<string, Step["plain"]>>> = { integer: "number", real: "number", text: "string" };

/** Makes rows as they are declared of those that SQL returns. */
export class RowReader {
	/** What a statement selects, or returns. */
	readonly selected: string;
	readonly #table: TableDefinition;
	readonly #steps: readonly Step[];

	constructor(table: TableDefinition) {
		this.#table = table;
		this.selected = table.columns.map(({ name, property }) => `${quoted(name)} AS ${quoted(property)}`).join(", ");
		this.#steps = table.columns.map((column) => ({
			column,
			property: column.property,
			plain: PLAIN[column.kind.name] ?? "",
		}));
	}

	/** Changes the row that it is given, which is nobody else's. */
	read(row: unknown): unknown {
		const values = row as Record<string, SqlValue>;
		const steps = this.#steps;
		for (let i = 0; i < steps.length; i++) {
			const step = steps[i] as Step; // i is within
			const stored = values[step.property] as SqlValue; // it was selected
			if (typeof stored === step.plain) continue;
			if (stored === null && step.column.isNullable) continue;
			values[step.property] = this.#value(step.column, stored) as SqlValue; // of a type of its own from here on
		}
		return values;
	}

	/** As `read`, each of them, in the array that it is given. */
	readAll(rows: unknown[]): unknown[] {
		for (let i = 0; i < rows.length; i++) rows[i] = this.read(rows[i]);
		return rows;
	}

	#value({ kind, name }: DefinedColumn, stored: SqlValue): unknown {
		const value = stored === null ? undefined : kind.read(stored);
		if (value !== undefined) return value;
		throw new WlsmError(
			"WLSM_SQL",
			`A row of table ${shown(this.#table.name)} has in column ${shown(name)} what no column of ${kind.name} holds: ${shown(stored)}. Something else has written it, or the column is declared wrongly.`,
		);
	}
}
