/** What is said of records that become no rows: the same that is said where csv-parser reads. */

import { Buffer, isUtf8 } from "node:buffer";
import {
	CSV_FIXED,
	CSV_FLAW_LENGTH,
	CSV_FLAW_UNCLOSED,
	CSV_INTEGER,
	CSV_KIND_LINES,
	CSV_KIND_PAIRS,
	CSV_KIND_ROW_IDS,
	CSV_TEXT,
} from "../../assembly/shared/csv.js";
import { KEY_MAX_BYTES } from "../../assembly/shared/format.js";
import { classify, fits } from "../csv/column-type.js";
import type { CsvFlaw } from "../kernel/csv-contract.js";
import type { BulkPlan, RefusedRow } from "./plan.js";

const CARRIAGE_RETURN = 13;

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

/** The text of one field. */
export function fieldText(record: Buffer, field: number, plan: BulkPlan): string {
	return textOf(fieldsOf(record, plan)[field] ?? record.subarray(0, 0), plan);
}

/** The first thing that is wrong, undefined where nothing is but that a value may not fit a type that is not fixed. */
export function problemOf(record: Buffer, plan: BulkPlan): Problem | undefined {
	const quoting = quoteFlaw(record, plan);
	if (quoting !== undefined) return { field: undefined, reason: quoting };
	const fields = fieldsOf(record, plan);
	const invalid = fields.findIndex((field) => !isUtf8(field));
	if (invalid !== -1) return { field: invalid, reason: "not valid UTF-8" };
	const { types, kind, keyColumn } = plan;
	if (fields.length !== types.length) {
		const count = `${fields.length} ${fields.length === 1 ? "field" : "fields"}`;
		return { field: undefined, reason: `${count} where ${types.length} are expected` };
	}
	const flaw = kind === CSV_KIND_LINES ? undefined : keyFlaw(fields[keyColumn] ?? record, plan);
	if (kind === CSV_KIND_PAIRS && flaw !== undefined) return { field: keyColumn, reason: flaw };
	for (const [i, field] of fields.entries()) {
		const type = types[i] as number; // one per field
		const kind = type & ~CSV_FIXED;
		if ((type & CSV_FIXED) === 0 || kind === CSV_TEXT) continue;
		if (fits(classify(textOf(field, plan)), kind === CSV_INTEGER ? "integer" : "real")) continue;
		return { field: i, reason: `not ${kind === CSV_INTEGER ? "an integer of 64 bits" : "a real number"}` };
	}
	return flaw === undefined ? undefined : { field: keyColumn, reason: flaw };
}

function keyFlaw(field: Buffer, plan: BulkPlan): string | undefined {
	const text = textOf(field, plan);
	if (plan.kind === CSV_KIND_ROW_IDS) return text === "" ? "the primary key is empty" : undefined;
	if (text === "") return "the key is empty";
	return Buffer.byteLength(text) >= KEY_MAX_BYTES ? `the key is longer than ${KEY_MAX_BYTES - 1} bytes` : undefined;
}

/** The first quote that stands where none can be. */
function quoteFlaw(record: Buffer, { delimiter, quote }: BulkPlan): string | undefined {
	let state: "plain" | "quoted" | "closed" = "plain";
	for (let at = 0; at < record.length; at++) {
		const byte = record[at];
		if (byte === quote) {
			if (state === "plain" && at > 0 && record[at - 1] !== delimiter)
				return "a quote inside a field that is not quoted";
			state = state === "quoted" ? "closed" : "quoted";
		} else if (state === "closed") {
			if (byte !== delimiter && byte !== CARRIAGE_RETURN) return "text after a closing quote";
			state = "plain";
		}
	}
	return undefined;
}

export function refusedRow({ record, reason }: CsvFlaw, line: number, plan: BulkPlan): RefusedRow {
	const problem = reason === CSV_FLAW_UNCLOSED ? unclosed(record, line, plan) : problemOf(record, plan);
	const tooLong = reason === CSV_FLAW_LENGTH ? `longer than ${plan.maxRecordBytes} bytes` : undefined;
	const field = tooLong === undefined ? problem?.field : undefined;
	const value = field === undefined ? record.toString("utf8") : fieldText(record, field, plan);
	return {
		line,
		column: field === undefined ? "" : (plan.names[field] ?? ""),
		value,
		// What the kernel alone finds wrong is a carriage return behind a quote.
		reason: tooLong ?? problem?.reason ?? "text after a closing quote",
	};
}

function unclosed(record: Buffer, first: number, plan: BulkPlan): Problem {
	const reason = `the quote opened on line ${lineOfQuote(record, first, plan)} is never closed`;
	return { field: undefined, reason };
}

/** The line of the last quote that opens; `first`: that of the record. */
export function lineOfQuote(record: Buffer, first: number, { quote, newline }: BulkPlan): number {
	let line = first;
	let opened = first;
	let state: "plain" | "quoted" | "closed" = "plain";
	for (const byte of record) {
		if (byte === newline) line++;
		if (byte === quote) {
			// Behind a closing one it is the second half of a doubled quote.
			if (state === "plain") opened = line;
			state = state === "quoted" ? "closed" : "quoted";
		} else if (state === "closed") state = "plain";
	}
	return opened;
}
