import { classify, Seen } from "../../csv/column-type.js";
import type { ColumnEvidence } from "./evidence.js";
import type { SampleRecord } from "./split.js";

/** A year is as likely the name of a column. */
const YEAR = /^(?:1[5-9]|20|21)\d\d$/;

/**
 * Whether the first record names the columns. It does not where it has numbers, dates and the like just where the others have them,
 * and nothing that is none of these in such a column. Where that says nothing (texts alone, one column, one record) it does.
 */
export function hasHeader(first: SampleRecord, columns: readonly ColumnEvidence[]): boolean {
	if (columns.length < 2 || first.fields.length !== columns.length || isCount(first.fields)) return true;
	let isData = false;
	for (const [i, column] of columns.entries()) {
		const value = first.fields[i] ?? "";
		if (value === "" || column.type === "text") continue;
		if (!column.fits(value)) return true;
		if (!(YEAR.test(value) && column.values.some((other) => !YEAR.test(other)))) isData = true;
	}
	return !isData;
}

/** 0, 1, 2, … as a program numbers columns that have no names. */
function isCount(fields: readonly string[]): boolean {
	const numbers = fields.filter((field, i) => !(i === 0 && field === ""));
	if (numbers.length < 3 || numbers.some((field) => classify(field) !== Seen.integer)) return false;
	return numbers.every((field, i) => Number(field) === Number(numbers[0]) + i) && Number(numbers[0]) <= 1;
}
