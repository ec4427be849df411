/** Rows of SQL for stories that are told to both kernels: random ones, some of them damaged, and what a scan reads of them. */

import { Buffer } from "node:buffer";
import {
	NO_GROUP,
	ROWID_COLUMN,
	TAG_BLOB,
	TAG_INT64,
	TAG_NULL,
	TAG_REAL,
	TAG_TEXT_UTF8,
	TERM_IS_NULL,
	TERM_LIKE,
	TERM_NOT_NULL,
} from "../../assembly/shared/row.js";
import type { RowPage, RowProgram, RowTerm, RowValue } from "../../host/kernel/index.js";
import { RowWriter } from "../../host/sql/codec/row-writer.js";
import { valueAt } from "../../host/sql/execute/row-page.js";
import type { Value } from "../../host/sql/value/value.js";
import { Real, real } from "../../host/sql/value/value.js";
import type { Random } from "./random.js";

const INTEGERS = [
	0n,
	1n,
	-1n,
	7n,
	2n ** 31n - 1n,
	2n ** 31n,
	-(2n ** 31n) - 1n,
	2n ** 53n,
	-(2n ** 53n) - 1n,
	2n ** 63n - 1n,
	-(2n ** 63n),
];
const REALS = [0, 1, 7, 0.5, -1.5, 2 ** 31, 2 ** 53, 1e300, -1e300, 2 ** 63, -(2 ** 63), 2 ** 63 - 1024];
const TEXTS = [
	"",
	"a",
	"A",
	"ab",
	"Abc",
	"abcabcabd",
	"%",
	"_",
	"é",
	"aé",
	"éa",
	"日本語",
	"😀",
	"\uffee",
	"x".repeat(300),
];
const PATTERNS = ["", "%", "_", "a%", "%b", "%b%", "A_", "%ab%d", "_é", "%é%", "a%c%", "__", "%%", "%_a", "語", "%x"];

function integerValue(random: Random): number | bigint {
	const integer = random.pick(INTEGERS);
	return integer >= -(2n ** 53n) + 1n && integer < 2n ** 53n ? Number(integer) : integer;
}

function randomValue(random: Random): Value {
	switch (random.below(5)) {
		case 0:
			return null;
		case 1:
			return integerValue(random);
		case 2:
			return real(random.pick(REALS));
		case 3:
			return random.pick(TEXTS);
		default:
			return random.bytes(random.below(4));
	}
}

const writer = new RowWriter();

/** A row of up to four columns, at times a wide one, at times one that is no row at all. */
export function randomRow(random: Random): Uint8Array {
	const values = Array.from({ length: random.below(5) }, () => randomValue(random));
	if (random.once(100)) values.push("y".repeat(70_000));
	const row = writer.encode(values);
	if (random.once(60)) return random.bytes(random.below(12));
	if (random.once(60) && row.length > 0) row[random.below(row.length)] = random.below(256);
	return row;
}

function randomConstant(random: Random): RowValue {
	switch (random.below(4)) {
		case 0:
			return { tag: TAG_INT64, integer: random.pick(INTEGERS) };
		case 1:
			return { tag: TAG_REAL, real: random.pick(REALS) };
		case 2:
			return { tag: TAG_TEXT_UTF8, bytes: Buffer.from(random.pick(TEXTS)) };
		default:
			return { tag: TAG_BLOB, bytes: random.bytes(random.below(4)) };
	}
}

function randomColumn(random: Random): number {
	return random.once(6) ? ROWID_COLUMN : random.below(5);
}

function randomTerm(random: Random): RowTerm {
	const column = randomColumn(random);
	const nullHolds = random.once(3);
	const operator = random.below(TERM_LIKE + 1);
	if (operator === TERM_LIKE) {
		return { column, operator, value: { tag: TAG_TEXT_UTF8, bytes: Buffer.from(random.pick(PATTERNS)) }, nullHolds };
	}
	const hasConstant = operator !== TERM_IS_NULL && operator !== TERM_NOT_NULL;
	return { column, operator, value: hasConstant ? randomConstant(random) : { tag: TAG_NULL }, nullHolds };
}

export function randomProgram(random: Random): RowProgram {
	const columns = Array.from({ length: random.below(4) }, () => randomColumn(random));
	const terms = Array.from({ length: random.pick([0, 0, 1, 2]) }, () => randomTerm(random));
	return { columns, terms, grouped: random.below(columns.length + 1), groupBytes: 1 << 20 };
}

/** A page's rows as text, each with its group. */
export function shownRows(page: RowPage, { columns, grouped }: RowProgram): string {
	return Array.from({ length: page.count }, (_, row) => {
		const values = columns.map((_, column) => shown(valueAt(page, row, column, "missing")));
		const group = grouped === 0 ? "" : ` in ${groupOf(page, row)}`;
		return `${values.join(", ")}${group};`;
	}).join("");
}

function groupOf(page: RowPage, row: number): string {
	const group = page.groups[page.groupsAt + row] as number;
	return group === NO_GROUP ? "none" : String(group);
}

function shown(value: Value): string {
	if (value instanceof Uint8Array) return `x'${Buffer.from(value).toString("hex")}'`;
	if (value instanceof Real) return `${value.value}.0`;
	return typeof value === "string" ? JSON.stringify(value) : String(value);
}
