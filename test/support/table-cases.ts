/** Random rows, conditions and orders for declared tables: values are few, so that they meet. */

import type { Random } from "./random.js";
import {
	type Condition,
	compareValues,
	type ModelColumn,
	type ModelTable,
	type Row,
	type TableModel,
	type Value,
} from "./table-model.js";

const VALUES: Readonly<Record<ModelColumn["kind"], readonly Exclude<Value, null>[]>> = {
	integer: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 2 ** 40],
	bigint: [0n, 1n, -1n, 9007199254740993n, 2n ** 63n - 1n, -(2n ** 63n)],
	real: [0, 0.5, -1.5, 1e300, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 5e-324, 7],
	text: ["Ada", "ada", "ADA", "Bob", "Zoë", "", "a%b", "a_b", "'; DROP TABLE people; --", "𝒳\0\n", "\u{ffff}"],
	blob: [new Uint8Array(0), new Uint8Array([0]), new Uint8Array([0, 255]), new Uint8Array([255])],
	boolean: [true, false],
	json: [{ a: [1, null, "x"] }, [], "text", 0, false, JSON.parse('{"__proto__":{"a":1},"b":1}') as object],
	date: ["0000-01-01", "1969-12-31", "2024-02-29", "9999-12-31"].map((day) => new Date(`${day}T00:00:00Z`)),
	timestamp: [new Date(0), new Date(-1), new Date(1.7e12 + 1), new Date(253402300799999)],
};

export function randomValue(column: ModelColumn, random: Random): Value {
	if (column.isNullable && random.once(4)) return null;
	return random.pick(VALUES[column.kind]);
}

/** Columns that have to be given, and some of the others. */
export function randomRow(
	{ columns, primaryKey, hasRowid }: ModelTable,
	random: Random,
	always: readonly string[] = [],
): Row {
	const given = columns.filter(({ property, isNullable, default: fallback }) => {
		const isRowid = hasRowid && primaryKey.includes(property);
		const isNeeded = (!isNullable && fallback === undefined && !isRowid) || always.includes(property);
		return isNeeded || random.once(2);
	});
	return Object.fromEntries(given.map((column) => [column.property, randomNotNull(column, random, always)]));
}

function randomNotNull(column: ModelColumn, random: Random, always: readonly string[]): Value {
	return randomValue(always.includes(column.property) ? { ...column, isNullable: false } : column, random);
}

/** Some columns; none of the key. */
export function randomChanges({ columns, primaryKey }: ModelTable, random: Random): Row {
	const others = columns.filter(({ property }) => !primaryKey.includes(property));
	const some = others.filter(() => random.once(4));
	const chosen = some.length > 0 ? some : [random.pick(others)];
	return Object.fromEntries(chosen.map((column) => [column.property, randomValue(column, random)]));
}

export function randomCondition(table: ModelTable, random: Random, depth = 0): Condition {
	const condition: Record<string, unknown> = {};
	for (let count = random.below(depth === 0 ? 3 : 4); count > 0; count--) {
		const column = random.pick(table.columns);
		condition[column.property] = randomTests(column, random);
	}
	if (depth < 2 && random.once(3)) {
		const some = () => Array.from({ length: random.below(4) }, () => randomCondition(table, random, depth + 1));
		const how = random.pick(["and", "or", "not"]);
		condition[how] = how === "not" ? randomCondition(table, random, depth + 1) : some();
	}
	return condition;
}

function randomTests(column: ModelColumn, random: Random): unknown {
	if (column.kind === "json") return random.once(2) ? null : { isNull: random.once(2) };
	if (random.once(2)) return randomValue(column, random);
	const tests: Record<string, unknown> = {};
	for (let count = random.between(1, 2); count > 0; count--) {
		const name = random.pick(testsOf(column));
		tests[name] = randomAgainst(name, column, random);
	}
	return tests;
}

function testsOf({ kind }: ModelColumn): readonly string[] {
	const always = ["eq", "ne", "in", "notIn", "isNull"];
	if (kind === "boolean") return always;
	const ordered = [...always, "gt", "gte", "lt", "lte", "between"];
	return kind === "text" ? [...ordered, "like"] : ordered;
}

function randomAgainst(name: string, column: ModelColumn, random: Random): unknown {
	const notNull = { ...column, isNullable: false };
	switch (name) {
		case "isNull":
			return random.once(2);
		case "in":
		case "notIn":
			return Array.from({ length: random.below(6) }, () => randomValue(column, random));
		case "between":
			return [randomValue(notNull, random), randomValue(notNull, random)];
		case "like":
			return random.pick(["%", "a%", "_d_", "%o%", "", "a!%b", "Zo_"]);
		case "eq":
		case "ne":
			return randomValue(column, random);
		default:
			return randomValue(notNull, random);
	}
}

export const DIRECTIONS = ["asc", "desc", "asc nulls last", "desc nulls first"] as const;

export type Order = readonly (readonly [property: string, direction: (typeof DIRECTIONS)[number]])[];

/** Ends with the key, so that the order of all rows is said. */
export function randomOrder({ columns, primaryKey }: ModelTable, random: Random): Order {
	const some = columns.filter(() => random.once(4)).map(({ property }) => property);
	const properties = [...new Set([...some, ...primaryKey])];
	return properties.map((property) => [property, random.pick(DIRECTIONS)] as const);
}

/** Sorts as ORDER BY does. */
export function sorted(rows: readonly Row[], order: Order, model: TableModel): Row[] {
	return [...rows].sort((a, b) => {
		for (const [property, direction] of order) {
			const [left, right] = [a[property] ?? null, b[property] ?? null];
			const sign = direction.startsWith("desc") ? -1 : 1;
			if (left === null || right === null) {
				if (left === right) continue;
				const nullsFirst = direction === "asc" || direction === "desc nulls first";
				return (left === null) === nullsFirst ? -1 : 1;
			}
			const compared = compareValues(left, right, model.column(property));
			if (compared !== 0) return sign * compared;
		}
		return 0;
	});
}

/** The same text for the same row, whatever class its bytes are of. */
export function canonical(row: object): string {
	const shown = ([property, value]: [string, unknown]) => {
		if (value instanceof Date) return `${property}: date ${value.getTime()}`;
		if (value instanceof Uint8Array) return `${property}: bytes ${Buffer.from(value).toString("hex")}`;
		if (typeof value === "object") return `${property}: ${JSON.stringify(value)}`;
		return `${property}: ${typeof value} ${typeof value === "string" ? JSON.stringify(value) : String(value)}`;
	};
	return Object.entries(row).map(shown).join(", ");
}
