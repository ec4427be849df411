/* Tables that are made of a file of CSV, part by part, against what csv-parser and the rules of columns' types make of it. */

import { Buffer } from "node:buffer";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { CSV_KIND_PAIRS, CSV_KIND_ROW_IDS } from "../../assembly/shared/csv.js";
import { loadParts, MisfitError } from "../../host/bulk/part.js";
import { type BulkPlan, BulkState, type PartOutcome, sequenceStep } from "../../host/bulk/plan.js";
import { type RefusedRow, recordsOf } from "../../host/bulk/refused.js";
import { classify, convert, fits, Seen, typeOf } from "../../host/csv/column-type.js";
import type { Dialect } from "../../host/csv/dialect.js";
import { tableName } from "../../host/engine/files.js";
import { TableReader } from "../../host/engine/table-reader.js";
import { WlsmError } from "../../host/errors.js";
import { type CsvRecord, isNull, readRecords } from "../../host/load/records.js";
import { RowSource } from "../../host/sql/codec/row.js";
import type { Value } from "../../host/sql/value/value.js";
import { real } from "../../host/sql/value/value.js";
import { MemoryStorage } from "../../host/storage/index.js";
import { newKernel } from "../support/kernel.js";
import { Random } from "../support/random.js";
import { type Case, FILE, OBJECT, planOf, put, SEQUENCE } from "./plan.js";

const test = suite("parts of a bulk load");

interface Found {
	readonly rows: readonly (readonly [rowId: number, values: readonly Value[]])[];
	readonly rejected: readonly RefusedRow[];
	readonly misfit: number | undefined;
}

const kernel = newKernel("wasm");

/** What the parts make of it, one after the other. */
function load(one: Case, partBytes: number): Found {
	const storage = new MemoryStorage();
	put(storage, FILE, one.bytes);
	const plan = planOf(one, partBytes);
	const state = new BulkState(plan.parts);
	state.setStart(0, { lines: 0, outside: 0, inside: false, atRecord: true });
	const parts: PartOutcome[] = [];
	let misfit: number | undefined;
	const used = kernel.memoryUse().allocatedBytes;
	try {
		loadParts(plan, state, storage, kernel, (part) => parts.push(part));
	} catch (error) {
		if (!(error instanceof MisfitError)) throw error;
		misfit = error.misfit.column;
		assert.is(
			storage.list("").filter((name) => name.endsWith(".sst")).length,
			parts.flatMap((part) => part.outputs).length,
		);
	}
	assert.is(kernel.memoryUse().allocatedBytes, used, "memory is given back");
	const rows: [number, Value[]][] = [];
	for (const { outputs } of parts) {
		for (const { file, entries, minSequence, maxSequence } of outputs) {
			assert.is(minSequence, SEQUENCE);
			assert.is(maxSequence, SEQUENCE);
			const reader = new TableReader(storage, kernel, tableName(file));
			let count = 0;
			for (const block of reader.blocks()) {
				if (block instanceof WlsmError) throw block;
				for (const { key, value } of block) {
					count++;
					assert.is(key[0], 0x73);
					assert.is(key.readUInt32BE(1), OBJECT);
					const source = new RowSource(value);
					const values = one.types.map((_, i) => source.column(0, value.length, i) as Value);
					rows.push([Number(key.readBigUInt64BE(5) ^ 0x8000000000000000n), values]);
				}
			}
			assert.is(count, entries);
			reader.close();
		}
	}
	assert.is(
		parts.reduce((sum, part) => sum + part.rows, 0),
		rows.length,
	);
	const rejected = parts.flatMap((part) => [...recordsOf(part.rejects)]);
	assert.is(
		parts.reduce((sum, part) => sum + part.rejected, 0),
		rejected.length,
	);
	for (const { line, offset, record } of rejected) {
		const before = one.bytes.subarray(0, offset).filter((byte) => byte === plan.newline).length;
		assert.is(line, before + 1);
		assert.ok(Buffer.from(one.bytes).toString("utf8", offset).startsWith(record));
	}
	return { rows, rejected, misfit };
}

/** The same by csv-parser. Which rowid a row has is not looked at here: it tells of blank lines too. */
async function expected(one: Case): Promise<Found> {
	const records: CsvRecord[] = [];
	const { bytes, dialect, types, nulls } = one;
	const chunks = async function* () {
		// csv-parser takes escapes out of the bytes that it is given.
		yield new Uint8Array(bytes);
	};
	const sink = { record: (record: CsvRecord) => void records.push(record), progress: () => {} };
	await readRecords({ head: bytes.subarray(0, 65536), chunks }, dialect, sink, undefined, new Set(nulls));
	const rows: [number, Value[]][] = [];
	const rejected: RefusedRow[] = [];
	for (const record of records) {
		const { fields, line, flaw } = record;
		const count = `${fields.length} ${fields.length === 1 ? "field" : "fields"} where ${types.length} are expected`;
		let problem: { field: number | undefined; reason: string } | undefined = flaw;
		if (problem === undefined && fields.length !== types.length) problem = { field: undefined, reason: count };
		for (const [i, text] of fields.entries()) {
			const type = types[i];
			if (problem !== undefined || type === undefined || !type.isFixed || type.kind === "text") continue;
			if (fits(classify(text), type.kind)) continue;
			problem = { field: i, reason: `not ${type.kind === "integer" ? "an integer of 64 bits" : "a real number"}` };
		}
		if (problem !== undefined) {
			const { field, reason } = problem;
			const column = field === undefined || field >= types.length ? "" : `c${field}`;
			rejected.push({ line, column, value: "", reason });
			continue;
		}
		for (const [i, text] of fields.entries()) {
			const { kind, isFixed } = types[i] as (typeof types)[number]; // as many as fields
			if (isFixed || kind === "text") continue;
			const both = typeOf(classify(text) | (kind === "integer" ? Seen.integer : Seen.real));
			if (both !== kind) return { rows, rejected, misfit: i };
		}
		const values = fields.map((text, i): Value => {
			if (isNull(record, i)) return null;
			const kind = types[i]?.kind ?? "text";
			const value = convert(text, kind);
			return kind === "real" && typeof value === "number" ? real(value) : (value as Value);
		});
		rows.push([0, values]);
	}
	return { rows, rejected, misfit: undefined };
}

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

/** Text with few flaws. */
function textOf(random: Random, columns: number, { delimiter, quote }: Dialect): string {
	const end = random.pick(["\n", "\r\n", "\n"]);
	const lines = Array.from({ length: random.below(40) }, () => {
		if (random.once(12)) return "";
		const count = random.once(15) ? random.between(1, columns + 1) : columns;
		const record = Array.from({ length: count }, () => field(random, quote)).join(delimiter);
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
	const types = Array.from({ length: columns }, () => ({
		kind: random.pick(["text", "text", "integer", "real"] as const),
		isFixed: !random.once(4),
	}));
	const bytes = Buffer.from(textOf(random, columns, dialect));
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
	for (let seed = 0; seed < 200; seed++) {
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
