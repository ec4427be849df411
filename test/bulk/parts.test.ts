/* Tables that are made of a file of CSV, part by part, against what csv-parser and the rules of columns' types make of it. */

import { Buffer } from "node:buffer";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { CSV_KIND_PAIRS, CSV_KIND_ROW_IDS } from "../../assembly/shared/csv.js";
import { loadParts } from "../../host/bulk/part.js";
import { type BulkPlan, BulkState } from "../../host/bulk/plan.js";
import type { RefusedRow } from "../../host/bulk/refused.js";
import type { Dialect } from "../../host/csv/dialect.js";
import { DECLARED_TYPES, type DeclaredType, hasForm, isDeclaredType } from "../../host/csv/form.js";
import { tableName } from "../../host/engine/files.js";
import { TableReader } from "../../host/engine/table-reader.js";
import { WlsmError } from "../../host/errors.js";
import { RowSource } from "../../host/sql/codec/row.js";
import { applyAffinity } from "../../host/sql/value/convert.js";
import { MemoryStorage } from "../../host/storage/index.js";
import { type Case, expected, FILE, type Found, type Kind, kernel, load, planOf, put } from "../support/csv-case.js";
import { Random } from "../support/random.js";

const test = suite("parts of a bulk load");

const NUMBERS = ["0", "-0", "7", "-17", "007", "+5", "9007199254740993", "-9223372036854775808", "9223372036854775808"];
const REALS = [
	"1.5",
	".5",
	"5.",
	"-2e5",
	"1e400",
	"1e-400",
	"0.1",
	"123456789.123456789",
	"1e23",
	"2.2250738585072014e-308",
	"-0.0",
];
const TEXTS = ["", "a", "abc", "été", "日本", "😀", "x y", "long enough to take more than sixteen bytes", "\0", "nan"];

function field(random: Random, quote: string): string {
	const plain = random.pick([NUMBERS, REALS, TEXTS])[random.below(9)] ?? "";
	if (quote === "" || !random.once(3)) return plain;
	const inner = [plain, ",", "\n", "\r\n", `${quote}${quote}`, "; "].filter(() => random.once(2)).join("");
	return `${quote}${inner}${quote}`;
}

const FORMED: Record<DeclaredType, readonly string[]> = {
	boolean: ["true", "false", "TRUE", "False", "tRuE", "truE ", "fals", "falsey", "T", "\x14\x12\x15\x05"],
	date: ["2024-12-31", "2024-02-29", "2023-02-29", "1900-02-29", "2000-02-29", "2024-13-01", "2024-1-01", "20240101"],
	timestamp: [
		"2024-12-31 23:59:59",
		"2024-12-31T00:00",
		"2024-12-31 23:59:59.25Z",
		"2024-12-31 23:59+01:00",
		"2024-12-31 23:59-0100",
		"2024-12-31 24:00",
		"2024-12-31 23:59.5",
		"2024-12-31 23:59:59.",
		"2024-12-31 23:59:5",
		"2024-12-31 23:59+1:00",
		"2024-12-31 23:59:59 Z",
		"2024-12-31",
	],
	json: ["{}", "[1]", " [2]", '{"a":"é"}', "17", "{", '"a"', "[1] x", "\u00a0[]"],
};

/** A value of the form or close to it: now and then a character is another one. */
function formed(random: Random, type: DeclaredType, quote: string): string {
	let text = random.pick(FORMED[type]);
	if (random.once(3)) {
		const at = random.below(text.length);
		text = `${text.slice(0, at)}${random.pick([...":.-+ TZtez0123456789/", ""])}${text.slice(at + 1)}`;
	}
	if (quote === "") return text.replaceAll(",", ".");
	return random.once(3) || text.includes(quote) ? `${quote}${text.replaceAll(quote, quote + quote)}${quote}` : text;
}

/** Text with few flaws. */
function textOf(random: Random, types: Case["types"], { delimiter, quote }: Dialect): string {
	const columns = types.length;
	const end = random.pick(["\n", "\r\n", "\n"]);
	const lines = Array.from({ length: random.below(40) }, () => {
		if (random.once(12)) return "";
		const count = random.once(15) ? random.between(1, columns + 1) : columns;
		const record = Array.from({ length: count }, (_, i) => {
			const kind = types[i]?.kind ?? "text";
			return isDeclaredType(kind) && !random.once(8) ? formed(random, kind, quote) : field(random, quote);
		}).join(delimiter);
		if (random.once(40)) return `${record}${quote}x`;
		if (random.once(40)) return `x${quote}${record}`;
		return record;
	});
	return lines.join(end) + (random.once(3) ? "" : end);
}

/** Texts that stand for NULL, in one case of three. */
function nullsOf(random: Random): string[] {
	const texts = ["", "7", "a", "été", '"a"', "x y", "nan", "-0.0", ...TEXTS.filter(({ length }) => length > 16)];
	return random.once(3) ? texts.filter(() => random.once(3)) : [];
}

function caseOf(random: Random): Case {
	const dialect = random.pick([
		{ delimiter: ",", quote: '"', maxRecordBytes: 1 << 20 },
		{ delimiter: ";", quote: "'", maxRecordBytes: 1 << 20 },
		{ delimiter: ",", quote: "", maxRecordBytes: 1 << 20 },
	]);
	const columns = random.between(1, 4);
	const types = Array.from({ length: columns }, () => {
		const kind: Kind = random.pick(["text", "text", "integer", "real", random.pick([...DECLARED_TYPES, "numeric"])]);
		return { kind, isFixed: kind !== "numeric" && (isDeclaredType(kind) || !random.once(4)) };
	});
	const bytes = Buffer.from(textOf(random, types, dialect));
	// Bytes that are no UTF-8.
	if (random.once(6) && bytes.length > 0) bytes[random.below(bytes.length)] = random.pick([0xff, 0xc0, 0xed, 0x80]);
	return { bytes, dialect, types, nulls: nullsOf(random) };
}

const shown = (values: unknown) =>
	JSON.stringify(values, (_, value) => (typeof value === "bigint" ? `${value}n` : value));

test("random texts, in one part and in many", async () => {
	for (let seed = 0; seed < 300; seed++) {
		const random = new Random(seed);
		const one = caseOf(random);
		const whole = load(one, Math.max(1, one.bytes.length));
		const right = await expected(one);
		const text = `seed ${seed}: ${JSON.stringify(one.bytes.toString())} ${JSON.stringify(one.types)}`;
		assert.is(whole.misfit, right.misfit, text);
		if (right.misfit === undefined) {
			const values = (found: Found) => shown(found.rows.map(([, row]) => row));
			assert.is(values(whole), values(right), text);
			const place = ({ line, column, reason }: RefusedRow) => `${line} ${column} ${reason}`;
			assert.equal(whole.rejected.map(place), right.rejected.map(place), text);
		}
		for (const partBytes of [1, 2, random.between(3, 20), random.between(20, 200)]) {
			const parts = load(one, partBytes);
			if (whole.misfit !== undefined) {
				assert.ok(parts.misfit !== undefined, text);
				continue;
			}
			assert.is(shown(parts.rows), shown(whole.rows), `${text} in parts of ${partBytes}`);
			assert.equal(parts.rejected, whole.rejected, `${text} in parts of ${partBytes}`);
		}
	}
});

/** Days that there are and others; and values of a form with some characters that are others. */
function values(random: Random, type: DeclaredType): string[] {
	const two = (number: number) => String(number).padStart(2, "0");
	const months = [1600, 1900, 2000, 2023, 2024, 2100, 0].flatMap((year) =>
		Array.from({ length: 14 }, (_, month) => `${String(year).padStart(4, "0")}-${two(month)}`),
	);
	const days = months.flatMap((month) => Array.from({ length: 33 }, (_, day) => `${month}-${two(day)}`));
	const clocks = Array.from({ length: 62 }, (_, i) => [two(i), two(random.below(62)), two(random.below(62))].join(":"));
	const dates =
		type === "date" ? days : type === "timestamp" ? [...days, ...clocks.map((text) => `2024-02-29 ${text}`)] : [];
	const changed = Array.from({ length: 5000 }, () => formed(random, type, "").replace(/[\r\n]/g, "-"));
	return [...dates, ...(type === "timestamp" ? days.map((day) => `${day}T00:00`) : []), ...changed];
}

test("the kernel and the host know the same forms", () => {
	const random = new Random(1);
	for (const type of DECLARED_TYPES) {
		const texts = values(random, type).filter((text) => text !== "");
		const one: Case = {
			bytes: Buffer.from(texts.join("\n")),
			dialect: { delimiter: ",", quote: "", maxRecordBytes: 1 << 20 },
			types: [{ kind: type, isFixed: true }],
			nulls: [],
		};
		const { rows } = load(one, one.bytes.length);
		const right = texts.filter((text) => hasForm(text, type));
		assert.ok(right.length > 200 && right.length < texts.length);
		assert.equal(
			rows.map(([, [value]]) => value),
			right,
		);
	}
});

test("the kernel and SQL take the same texts for numbers", () => {
	const random = new Random(2);
	const pieces = ["1", "20", "0", "7", "33", "4", ".", "e", "E", "-", "+", " ", "\t", "\f", "x", ":", "\u00a0"];
	const counts = { numbers: 0, texts: 0 };
	for (let i = 0; i < 3000; i++) {
		const text = Array.from({ length: random.between(1, 6) }, () => random.pick(pieces)).join("");
		const one: Case = {
			bytes: Buffer.from(text),
			dialect: { delimiter: ",", quote: "", maxRecordBytes: 1 << 20 },
			types: [{ kind: "numeric", isFixed: false }],
			nulls: [],
		};
		const isText = applyAffinity(text, "numeric") === text;
		const { rows, misfit } = load(one, one.bytes.length);
		assert.equal([rows.length, misfit], isText ? [1, undefined] : [0, 0], JSON.stringify(text));
		counts[isText ? "texts" : "numbers"]++;
	}
	assert.ok(counts.numbers > 300 && counts.texts > 300);
});

/** Entries of the tables of parts by their keys, of several with one key the newest; and how many there are in all. */
function entriesOf(
	plan: BulkPlan,
	storage: MemoryStorage,
): { newest: Map<string, Buffer>; count: number; rows: number } {
	const state = new BulkState(plan.parts);
	state.setStart(0, { lines: 0, outside: 0, inside: false, atRecord: true });
	const found = new Map<string, { sequence: number; value: Buffer }>();
	let [count, rows] = [0, 0];
	loadParts(plan, state, storage, kernel, (part) => {
		rows += part.rows - part.replaced;
		let last: { key: Buffer; sequence: number } | undefined;
		for (const { file } of part.outputs) {
			const reader = new TableReader(storage, kernel, tableName(file));
			for (const block of reader.blocks()) {
				if (block instanceof WlsmError) throw block;
				for (const { key, sequence, value } of block) {
					count++;
					if (last?.sequence === sequence) assert.ok(Buffer.compare(last.key, key) < 0, "a run is in order");
					last = { key, sequence };
					const name = key.toString("latin1");
					const before = found.get(name);
					assert.ok(before?.sequence !== sequence, "a run has a key once");
					if (before === undefined || before.sequence < sequence) found.set(name, { sequence, value });
				}
			}
			reader.close();
		}
	});
	return { newest: new Map([...found].map(([key, { value }]) => [key, value])), count, rows };
}

test("pairs and rows with keys, in runs of any length", async () => {
	for (let seed = 0; seed < 120; seed++) {
		const random = new Random(seed);
		const kind = random.pick([CSV_KIND_PAIRS, CSV_KIND_ROW_IDS]);
		const types =
			kind === CSV_KIND_PAIRS
				? Array.from({ length: 3 }, () => ({ kind: "text" as const, isFixed: true }))
				: [
						{ kind: "integer" as const, isFixed: true },
						{ kind: "text" as const, isFixed: true },
					];
		const dialect = { delimiter: ",", quote: '"', maxRecordBytes: 1 << 20 };
		const key = () =>
			kind === CSV_KIND_PAIRS
				? random.pick(["", "a", "b", "ab", "é", '"q"', `k${random.below(30)}`])
				: `${random.below(40) - 20}`;
		const lines = Array.from({ length: random.below(60) }, () => {
			const rest = Array.from({ length: types.length - 1 }, () => field(random, '"'));
			return random.once(20) ? field(random, '"') : [key(), ...rest].join();
		});
		const one: Case = { bytes: Buffer.from(lines.join("\n")), dialect, types, nulls: nullsOf(random) };
		const staysLast = kind === CSV_KIND_PAIRS || random.once(2);
		const wanted = new Map<string, string>();
		const right = await expected(one);
		for (const [, values] of right.rows) {
			const [first, second, third] = values;
			if (kind === CSV_KIND_PAIRS) {
				if (first !== "" && first !== null && third !== null)
					wanted.set(`k${Buffer.from(String(first)).toString("latin1")}`, String(third));
			} else if (first !== null && (staysLast || !wanted.has(String(first)))) wanted.set(String(first), String(second));
		}
		for (const partBytes of [Math.max(1, one.bytes.length), random.between(5, 60)]) {
			const storage = new MemoryStorage();
			put(storage, FILE, one.bytes);
			const plan: BulkPlan = {
				...planOf(one, partBytes),
				kind,
				keyColumn: 0,
				valueColumn: 2,
				runBytes: random.pick([1, 50, 200, 10_000]),
				sequenceStep: staysLast ? 1 : -1,
			};
			const used = kernel.memoryUse().allocatedBytes;
			const { newest, count, rows } = entriesOf(plan, storage);
			assert.is(kernel.memoryUse().allocatedBytes, used, "memory is given back");
			assert.is(count, rows);
			const got = [...newest].map(([name, value]): [string, string] => {
				if (kind === CSV_KIND_PAIRS) return [name, value.toString()];
				const rowId = Buffer.from(name, "latin1").readBigUInt64BE(5) ^ 0x8000000000000000n;
				const source = new RowSource(value);
				assert.is(source.column(0, value.length, 0), null, "the rowid is in the key alone");
				return [String(BigInt.asIntN(64, rowId)), String(source.column(0, value.length, 1))];
			});
			const sorted = (entries: Iterable<[string, string]>) => [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
			assert.equal(sorted(got), sorted(wanted), `seed ${seed}: ${JSON.stringify(one.bytes.toString())}`);
		}
	}
});

test.run();
