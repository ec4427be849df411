/** What of two outcomes has to be the same. */

import type { SqliteValue } from "../../support/sqlite.js";
import type { Precision } from "./aggregates.js";
import type { Outcome } from "./engines.js";

export interface Comparison {
	readonly precision: Precision;
	readonly order: "any" | "total";
	/** More than one constraint may be broken, and which is met first is up to the plan. */
	readonly constraint: "same" | "any";
}

export interface Difference {
	/** What differs, in a word or two: failures of one kind are shrunk to failures of that kind. */
	readonly kind:
		| "rows"
		| "columns"
		| "refused"
		| "accepted"
		| "constraint"
		| "broken"
		| "transaction"
		| "state"
		| "leak";
	readonly expected: string;
	readonly actual: string;
}

const MAX_ROWS_SHOWN = 12;

/** Undefined where they agree, or where there is nothing to compare. */
export function differenceOf(ours: Outcome, theirs: Outcome, comparison: Comparison): Difference | undefined {
	if (ours.kind === "broken") return { kind: "broken", expected: shownOutcome(theirs), actual: ours.message };
	if (ours.kind === "unsupported") return undefined;
	if (ours.kind === "refused") {
		if (theirs.kind === "done") return { kind: "refused", expected: shownOutcome(theirs), actual: ours.message };
		const [actual, expected] = [ours.message, (theirs as { message: string }).message];
		const same = comparison.constraint === "any" || constraintOf(actual) === constraintOf(expected);
		return same ? undefined : { kind: "constraint", expected, actual };
	}
	if (theirs.kind !== "done") return { kind: "accepted", expected: theirs.message, actual: shownOutcome(ours) };
	if (ours.columns.join("\n") !== theirs.columns.join("\n")) {
		return { kind: "columns", expected: theirs.columns.join(" | "), actual: ours.columns.join(" | ") };
	}
	return sameRows(ours.rows, theirs.rows, comparison)
		? undefined
		: { kind: "rows", expected: shownOutcome(theirs), actual: shownOutcome(ours) };
}

/** Which constraint it is, with the columns that it names; "" of an error that is not about one. */
function constraintOf(message: string): string {
	return /\b(UNIQUE|NOT NULL|CHECK|FOREIGN KEY) constraint failed.*/s.exec(message)?.[0] ?? "";
}

type Rows = readonly (readonly SqliteValue[])[];

function sameRows(ours: Rows, theirs: Rows, { precision, order }: Comparison): boolean {
	if (ours.length !== theirs.length) return false;
	const [left, right] = [ours, theirs].map((rows) => {
		const keys = rows.map((row) => row.map((value) => comparable(value, precision)).join("\u001f"));
		return order === "any" ? keys.sort() : keys;
	}) as [string[], string[]];
	// What is not UTF-8 becomes no string that could be compared.
	return left.every((key, i) => key === right[i] || key.includes("\ufffd") || right[i]?.includes("\ufffd"));
}

/** The storage class and the value, up to the first zero byte: the reference shows no more. */
function comparable(value: SqliteValue, precision: Precision): string {
	if (value === null) return "null";
	if (value instanceof Uint8Array) {
		const end = value.indexOf(0);
		return `blob ${Buffer.from(end === -1 ? value : value.subarray(0, end)).toString("hex")}`;
	}
	if (typeof value === "string") {
		const text = value.split("\0", 1)[0] ?? "";
		return precision === "exact"
			? `text ${text}`
			: `text ${text.replace(/ +$/, "").replace(/[A-Z]+/g, (a) => a.toLowerCase())}`;
	}
	if (precision === "exact") return typeof value === "bigint" ? `integer ${value}` : `real ${value + 0}`;
	return `number ${Number.isInteger(value) ? BigInt(value) : String(value)}`;
}

function shownValue(value: SqliteValue): string {
	if (value === null) return "NULL";
	if (typeof value === "string") return `'${value.replaceAll("'", "''")}'`;
	if (typeof value === "number")
		return Number.isInteger(value) && Math.abs(value) < 1e15 ? value.toFixed(1) : String(value);
	return value instanceof Uint8Array ? `x'${Buffer.from(value).toString("hex")}'` : String(value);
}

export function shownOutcome(outcome: Outcome): string {
	if (outcome.kind !== "done") return `${outcome.kind}: ${outcome.message}`;
	const { rows } = outcome;
	const shown = rows.slice(0, MAX_ROWS_SHOWN).map((row) => `(${row.map(shownValue).join(", ")})`);
	const rest = rows.length > shown.length ? ` … ${rows.length} rows` : "";
	return rows.length === 0 ? "no rows" : `${shown.join(" ")}${rest}`;
}
