/** What a declared table has to do, over an array of rows. */

export type Value = number | bigint | string | boolean | Date | Uint8Array | object | null;
export type Row = Readonly<Record<string, Value>>;
export type Rows = readonly Row[];
export type Condition = Readonly<Record<string, unknown>>;

export interface ModelColumn {
	readonly property: string;
	readonly kind: "integer" | "bigint" | "real" | "text" | "blob" | "boolean" | "json" | "date" | "timestamp";
	readonly isNullable: boolean;
	readonly default?: Value;
	readonly isNocase?: boolean;
}

export interface ModelTable {
	readonly columns: readonly ModelColumn[];
	readonly primaryKey: readonly string[];
	/** The primary key is the rowid. */
	readonly hasRowid: boolean;
	readonly uniques: readonly (readonly string[])[];
}

/** What breaks a constraint; nothing has changed then. */
export class Broken extends Error {}

/** True, false, or NULL for neither. */
type Truth = boolean | null;

export function lowerCase(text: string): string {
	return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** The order of two values that are not NULL, as SQL has it. */
export function compareValues(a: Value, b: Value, column: ModelColumn): number {
	if (column.kind === "json") return Buffer.compare(Buffer.from(JSON.stringify(a)), Buffer.from(JSON.stringify(b)));
	if (typeof a === "string" && typeof b === "string") {
		const [left, right] = column.isNocase === true ? [lowerCase(a), lowerCase(b)] : [a, b];
		return Buffer.compare(Buffer.from(left), Buffer.from(right));
	}
	if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b);
	const [left, right] = [a, b].map((value) => (value instanceof Date ? value.getTime() : value)) as [number, number];
	return left < right ? -1 : left > right ? 1 : 0;
}

export class TableModel {
	readonly table: ModelTable;
	rows: Rows = [];

	constructor(table: ModelTable) {
		this.table = table;
	}

	column(property: string): ModelColumn {
		const column = this.table.columns.find((one) => one.property === property);
		if (column === undefined) throw new Error(`no column ${property}`);
		return column;
	}

	insert(given: Row): Row {
		const row = Object.fromEntries(
			this.table.columns.map(({ property, default: fallback = null }) => [
				property,
				Object.hasOwn(given, property) ? (given[property] as Value) : fallback,
			]),
		);
		const [key] = this.table.primaryKey;
		if (this.table.hasRowid && key !== undefined && row[key] === null)
			row[key] = Math.max(0, ...this.rows.map((one) => one[key] as number)) + 1;
		this.#replace([...this.rows, row]);
		return row;
	}

	/** Changes all rows that it holds for; answers the new ones. */
	update(holds: (row: Row) => boolean, changes: Row): Row[] {
		const changed: Row[] = [];
		const rows = this.rows.map((row) => {
			if (!holds(row)) return row;
			const after = { ...row, ...changes };
			changed.push(after);
			return after;
		});
		this.#replace(rows);
		return changed;
	}

	upsert(given: Row, target: readonly string[]): Row {
		const isIt = (row: Row) => target.every((property) => this.#isEqual(property, row, given));
		const others = Object.fromEntries(Object.entries(given).filter(([property]) => !target.includes(property)));
		return this.rows.some(isIt) ? (this.update(isIt, others)[0] as Row) : this.insert(given);
	}

	delete(holds: (row: Row) => boolean): number {
		const before = this.rows.length;
		this.rows = this.rows.filter((row) => !holds(row));
		return before - this.rows.length;
	}

	/** Rows that a condition holds for. */
	select(condition: Condition): Rows {
		return this.rows.filter((row) => this.truth(condition, row) === true);
	}

	truth(condition: Condition, row: Row): Truth {
		return every(
			Object.entries(condition).map(([property, value]) => {
				switch (property) {
					case "and":
						return every((value as Condition[]).map((one) => this.truth(one, row)));
					case "or":
						return not(every((value as Condition[]).map((one) => not(this.truth(one, row)))));
					case "not":
						return not(this.truth(value as Condition, row));
					default:
						return this.#tests(this.column(property), row[property] as Value, value);
				}
			}),
		);
	}

	#tests(column: ModelColumn, value: Value, wanted: unknown): Truth {
		const isTests = typeof wanted === "object" && wanted !== null && Object.getPrototypeOf(wanted) === Object.prototype;
		if (!isTests) return test(column, value, "eq", wanted);
		return every(Object.entries(wanted).map(([name, against]) => test(column, value, name, against)));
	}

	#isEqual(property: string, a: Row, b: Row): boolean {
		const [left, right] = [a[property] ?? null, b[property] ?? null];
		return left !== null && right !== null && compareValues(left, right, this.column(property)) === 0;
	}

	#replace(rows: Rows): void {
		for (const key of [this.table.primaryKey, ...this.table.uniques]) {
			for (const [i, row] of rows.entries()) {
				const twin = rows.findIndex((other) => key.every((property) => this.#isEqual(property, row, other)));
				if (twin >= 0 && twin < i) throw new Broken(`${key.join()} is there twice`);
			}
		}
		this.rows = rows;
	}
}

function test(column: ModelColumn, value: Value, name: string, against: unknown): Truth {
	if (name === "isNull") return (value === null) === against;
	if (name === "eq" && against === null) return value === null;
	if (name === "ne" && against === null) return value !== null;
	if (name === "in" || name === "notIn") {
		const list = against as Value[];
		if (list.length === 0) return name === "notIn";
		const found = not(every(list.map((one) => not(test(column, value, "eq", one)))));
		// NULL itself is in no list but by name, and out of none.
		return name === "in"
			? found
			: list.every((one) => one === null)
				? value !== null
				: value === null
					? null
					: not(found);
	}
	if (value === null) return null;
	const order = (other: unknown) => compareValues(value, other as Value, column);
	switch (name) {
		case "eq":
			return order(against) === 0;
		case "ne":
			return order(against) !== 0;
		case "gt":
			return order(against) > 0;
		case "gte":
			return order(against) >= 0;
		case "lt":
			return order(against) < 0;
		case "lte":
			return order(against) <= 0;
		case "between": {
			const [least, greatest] = against as [Value, Value];
			return order(least) >= 0 && order(greatest) <= 0;
		}
		case "like":
			return pattern(against as string).test(lowerCase(value as string));
		default:
			throw new Error(`no test ${name}`);
	}
}

function pattern(like: string): RegExp {
	const parts = Array.from(lowerCase(like), (character) =>
		character === "%" ? ".*" : character === "_" ? "." : character.replace(/[$()*+.?[\\\]^{|}]/u, "\\$&"),
	);
	return new RegExp(`^${parts.join("")}$`, "su");
}

function every(truths: readonly Truth[]): Truth {
	return truths.includes(false) ? false : truths.includes(null) ? null : true;
}

function not(truth: Truth): Truth {
	return truth === null ? null : !truth;
}
