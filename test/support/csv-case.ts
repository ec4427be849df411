/* Texts of CSV as rows: what parts of a bulk load make of them, and what csv-parser and the rules of columns' types do. */

import { Buffer } from "node:buffer";
import * as assert from "uvu/assert";
import { CSV_FIXED, CSV_KIND_LINES } from "../../assembly/shared/csv.js";
import { type BulkType, dialectSettings, KERNEL_TYPES } from "../../host/bulk/kernel-words.js";
import { loadParts, MisfitError } from "../../host/bulk/part.js";
import { type BulkPlan, BulkState, type PartOutcome } from "../../host/bulk/plan.js";
import { type RefusedRow, recordsOf } from "../../host/bulk/refused.js";
import { classify, convert, fits, Seen, typeOf } from "../../host/csv/column-type.js";
import { type Dialect, findNewline } from "../../host/csv/dialect.js";
import { FORMS, hasForm, isDeclaredType } from "../../host/csv/form.js";
import { tableName } from "../../host/engine/files.js";
import { TableReader } from "../../host/engine/table-reader.js";
import { WlsmError } from "../../host/errors.js";
import { type CsvRecord, isNull, readRecords } from "../../host/load/records.js";
import { RowSource } from "../../host/sql/codec/row.js";
import { applyAffinity } from "../../host/sql/value/convert.js";
import { real, type Value } from "../../host/sql/value/value.js";
import { MemoryStorage } from "../../host/storage/index.js";
import { newKernel } from "./kernel.js";

export const OBJECT = 77;
export const SEQUENCE = 12345;
export const FILE = "rows.csv";

export type Kind = BulkType;

export interface Case {
	readonly bytes: Uint8Array;
	readonly dialect: Dialect;
	readonly types: readonly { readonly kind: Kind; readonly isFixed: boolean }[];
	readonly nulls: readonly string[];
}

export interface Found {
	readonly rows: readonly (readonly [rowId: number, values: readonly Value[]])[];
	readonly rejected: readonly RefusedRow[];
	readonly misfit: number | undefined;
}

export function put(storage: MemoryStorage, name: string, bytes: Uint8Array): void {
	const file = storage.create(name);
	file.writeSync(bytes, 0, bytes.length);
	file.close();
}

/** Of a load of rows, in parts of so many bytes. */
export function planOf({ bytes, dialect, types, nulls }: Case, partBytes: number): BulkPlan {
	const parts = Math.max(1, Math.ceil(bytes.length / partBytes));
	return {
		file: FILE,
		start: 0,
		firstLine: 1,
		firstRowId: 1,
		size: bytes.length,
		partBytes,
		parts,
		...dialectSettings(dialect, findNewline(bytes, dialect)),
		types: types.map(({ kind, isFixed }) => KERNEL_TYPES[kind] | (isFixed ? CSV_FIXED : 0)),
		nullTexts: nulls.map((text) => Buffer.from(text)),
		names: types.map((_, i) => `c${i}`),
		keyless: "refused",
		kind: CSV_KIND_LINES,
		keyColumn: 0,
		valueColumn: 0,
		runBytes: 1 << 20,
		sequenceStep: 0,
		objectId: OBJECT,
		sequence: SEQUENCE,
		blockBytes: 512,
		bitsPerKey: 10,
		compression: "lz4",
		tableBytes: 2000,
		databaseId: new Uint8Array(8).fill(7),
		directory: "",
		firstFile: 1,
		files: 100_000,
		keepsRejects: true,
		maxErrors: Number.POSITIVE_INFINITY,
		memoryBytes: 1 << 30,
	};
}

export const kernel = newKernel("wasm");

/** What the parts make of it, one after the other. */
export function load(one: Case, partBytes: number): Found {
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
export async function expected(one: Case): Promise<Found> {
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
			if (isDeclaredType(type.kind) || type.kind === "numeric") continue;
			if (fits(classify(text), type.kind)) continue;
			problem = { field: i, reason: `not ${type.kind === "integer" ? "an integer of 64 bits" : "a real number"}` };
		}
		for (const [i, text] of fields.entries()) {
			const kind = types[i]?.kind ?? "text";
			if (problem !== undefined || !isDeclaredType(kind) || text === "" || hasForm(text, kind)) continue;
			problem = { field: i, reason: `not ${FORMS[kind]}` };
		}
		if (problem !== undefined) {
			const { field, reason } = problem;
			const column = field === undefined || field >= types.length ? "" : `c${field}`;
			rejected.push({ line, column, value: "", reason });
			continue;
		}
		for (const [i, text] of fields.entries()) {
			const { kind, isFixed } = types[i] as (typeof types)[number]; // as many as fields
			if (isFixed || kind === "text" || isDeclaredType(kind)) continue;
			if (kind === "numeric") {
				if (applyAffinity(text, kind) !== text) return { rows, rejected, misfit: i };
				continue;
			}
			const both = typeOf(classify(text) | (kind === "integer" ? Seen.integer : Seen.real));
			if (both !== kind) return { rows, rejected, misfit: i };
		}
		const values = fields.map((text, i): Value => {
			const kind = types[i]?.kind ?? "text";
			if (isNull(record, i) || (isDeclaredType(kind) && text === "")) return null;
			if (isDeclaredType(kind) || kind === "numeric") return text;
			const value = convert(text, kind);
			return kind === "real" && typeof value === "number" ? real(value) : (value as Value);
		});
		rows.push([0, values]);
	}
	return { rows, rejected, misfit: undefined };
}
