// Texts that stand for NULL where they are a whole field without quotes.

import { CSV_NULL_COUNT, CSV_TYPES } from "../shared/csv";
import { compareKeys } from "../key/compare";
import { CsvLoad, NULLABLE } from "./state";

const LAST_BIT: u32 = 63;

/** Notes where in the settings the texts are, and how long they are. */
export function findNulls(csv: CsvLoad): void {
	const count = load<u32>(csv.words + CSV_NULL_COUNT);
	const types = csv.words + CSV_TYPES;
	csv.nulls = types + 4 * csv.columns;
	csv.nullLengths = 0;
	if (count == 0) return;
	for (let at = types; at < csv.nulls; at += 4) store<u32>(at, load<u32>(at) | NULLABLE);
	let at = csv.nulls;
	for (let left = count; left != 0; left--) {
		const length = load<u32>(at);
		csv.nullLengths |= <u64>1 << min(length, LAST_BIT);
		at += 4 + length;
	}
}

/** Most fields are not as long as any of the texts. */
// @ts-ignore: decorator
@inline
export function isNullText(csv: CsvLoad, field: u32, length: u32): bool {
	return ((csv.nullLengths >> min(length, LAST_BIT)) & 1) != 0 && isOneOf(csv, field, length);
}

function isOneOf(csv: CsvLoad, field: u32, length: u32): bool {
	let at = csv.nulls;
	for (let left = load<u32>(csv.words + CSV_NULL_COUNT); left != 0; left--) {
		const textLength = load<u32>(at);
		if (textLength == length && compareKeys(at + 4, length, field, length) == 0) return true;
		at += 4 + textLength;
	}
	return false;
}
