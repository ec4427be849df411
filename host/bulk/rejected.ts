/** What is said of records that become no rows: the same that is said where csv-parser reads. */

import { Buffer, isUtf8 } from "node:buffer";
import {
	CSV_BOOLEAN,
	CSV_DATE,
	CSV_FILLED,
	CSV_FIXED,
	CSV_INTEGER,
	CSV_JSON,
	CSV_KIND_LINES,
	CSV_KIND_PAIRS,
	CSV_REAL,
	CSV_TIMESTAMP,
	CSV_TYPE_MASK,
} from "../../assembly/shared/csv.js";
import { KEY_MAX_BYTES } from "../../assembly/shared/format.js";
import { classify, fits } from "../csv/column-type.js";
import { type DeclaredType, FORMS, hasForm } from "../csv/form.js";
import { quotingFlaw } from "../csv/scanner.js";
import type { CsvFlaw } from "../kernel/csv-contract.js";
import type { BulkPlan } from "./plan.js";
import { type RefusedRecord, shownValue } from "./refused.js";

/** What is wrong with a record, and with which field, if with one. */
export interface Problem {
	readonly field: number | undefined;
	readonly reason: string;
}

/** The bytes of each field, quotes included. */
function fieldsOf(record: Buffer, { delimiter, quote }: BulkPlan): Buffer[] {
	const fields: Buffer[] = [];
	let start = 0;
	let quoted = false;
	for (let at = 0; at < record.length; at++) {
		const byte = record[at];
		if (byte === quote) quoted = !quoted;
		else if (byte === delimiter && !quoted) {
			fields.push(record.subarray(start, at));
			start = at + 1;
		}
	}
	fields.push(record.subarray(start));
	return fields;
}

function textOf(field: Buffer, { quote }: BulkPlan): string {
	if (field.length < 2 || field[0] !== quote || field[field.length - 1] !== quote) return field.toString("utf8");
	const mark = String.fromCharCode(quote);
	return field.toString("utf8", 1, field.length - 1).replaceAll(mark + mark, mark);
}

/** The text of one field; of one that stands for NULL, the empty one. */
export function fieldText(record: Buffer, field: number, plan: BulkPlan): string {
	const bytes = fieldsOf(record, plan)[field];
	return bytes === undefined || isNull(bytes, plan) ? "" : textOf(bytes, plan);
}

function isNull(field: Buffer, { nullTexts, quote }: BulkPlan): boolean {
	return field[0] !== quote && nullTexts.some((text) => field.equals(text));
}

/** The first thing that is wrong, undefined where nothing is but that a value may not fit a type that is not fixed. */
export function problemOf(record: Buffer, plan: BulkPlan, line?: number): Problem | undefined {
	const quoting = quotingFlaw(record, plan, line);
	if (quoting !== undefined) return { field: undefined, reason: quoting };
	const fields = fieldsOf(record, plan);
	const invalid = fields.findIndex((field) => !isUtf8(field));
	if (invalid !== -1) return { field: invalid, reason: "not valid UTF-8" };
	const { types, kind, keyColumn, valueColumn } = plan;
	if (fields.length !== types.length) {
		const count = `${fields.length} ${fields.length === 1 ? "field" : "fields"}`;
		return { field: undefined, reason: `${count} where ${types.length} are expected` };
	}
	if (kind === CSV_KIND_PAIRS) {
		const nullField = [keyColumn, valueColumn].find((i) => isNull(fields[i] as Buffer, plan)); // there are as many
		if (nullField !== undefined) return { field: nullField, reason: "keys and values cannot be NULL" };
	}
	const key = kind === CSV_KIND_LINES ? types.findIndex((type) => (type & CSV_FILLED) !== 0) : keyColumn;
	const flaw = key === -1 ? undefined : keyFlaw(fieldText(record, key, plan), plan);
	if (kind === CSV_KIND_PAIRS && flaw !== undefined) return { field: keyColumn, reason: flaw };
	for (const [i, field] of fields.entries()) {
		const type = types[i] as number; // one per field
		const kind = type & CSV_TYPE_MASK;
		const isNumber = kind === CSV_INTEGER || kind === CSV_REAL;
		if ((type & CSV_FIXED) === 0 || !isNumber || isNull(field, plan)) continue;
		if (fits(classify(textOf(field, plan)), kind === CSV_INTEGER ? "integer" : "real")) continue;
		return { field: i, reason: `not ${kind === CSV_INTEGER ? "an integer of 64 bits" : "a real number"}` };
	}
	return flaw === undefined ? formFlaw(fields, plan) : { field: key, reason: flaw };
}

const FORMED: ReadonlyMap<number, DeclaredType> = new Map([
	[CSV_BOOLEAN, "boolean"],
	[CSV_DATE, "date"],
	[CSV_TIMESTAMP, "timestamp"],
	[CSV_JSON, "json"],
]);

/** The first field that has not the form of its column's type. */
function formFlaw(fields: readonly Buffer[], plan: BulkPlan): Problem | undefined {
	for (const [i, bytes] of fields.entries()) {
		const form = FORMED.get((plan.types[i] as number) & CSV_TYPE_MASK); // one per field
		if (form === undefined || isNull(bytes, plan)) continue;
		const text = textOf(bytes, plan);
		if (text !== "" && !hasForm(text, form)) return { field: i, reason: `not ${FORMS[form]}` };
	}
	return undefined;
}

function keyFlaw(text: string, plan: BulkPlan): string | undefined {
	if (plan.kind !== CSV_KIND_PAIRS) return text === "" ? "the primary key is empty" : undefined;
	if (text === "") return "the key is empty";
	return Buffer.byteLength(text) >= KEY_MAX_BYTES ? `the key is longer than ${KEY_MAX_BYTES - 1} bytes` : undefined;
}

export function refusedRecord({ record, offset }: CsvFlaw, line: number, plan: BulkPlan): RefusedRecord {
	const problem = problemOf(record, plan, line);
	const field = problem?.field;
	const text = record.toString("utf8");
	return {
		line,
		offset,
		column: field === undefined ? "" : (plan.names[field] ?? ""),
		value: shownValue(field === undefined ? text : fieldText(record, field, plan)),
		// What only who sees the line end finds wrong is a carriage return behind a quote that is not part of it.
		reason: problem?.reason ?? "text after a closing quote",
		record: text,
	};
}
