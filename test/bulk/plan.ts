/* Plans of bulk loads, as tests want them. */

import { Buffer } from "node:buffer";
import { CSV_FIXED, CSV_INTEGER, CSV_KIND_LINES, CSV_REAL, CSV_TEXT, NO_QUOTE } from "../../assembly/shared/csv.js";
import type { BulkPlan } from "../../host/bulk/plan.js";
import { type Dialect, findNewline } from "../../host/csv/dialect.js";
import type { MemoryStorage } from "../../host/storage/index.js";

export const OBJECT = 77;
export const SEQUENCE = 12345;
export const FILE = "rows.csv";

export type Kind = "text" | "integer" | "real";
const KINDS: Record<Kind, number> = { text: CSV_TEXT, integer: CSV_INTEGER, real: CSV_REAL };

export interface Case {
	readonly bytes: Uint8Array;
	readonly dialect: Dialect;
	readonly types: readonly { readonly kind: Kind; readonly isFixed: boolean }[];
	readonly nulls: readonly string[];
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
		delimiter: dialect.delimiter.charCodeAt(0),
		quote: dialect.quote === "" ? NO_QUOTE : dialect.quote.charCodeAt(0),
		newline: findNewline(bytes, dialect).charCodeAt(0),
		maxRecordBytes: dialect.maxRecordBytes,
		types: types.map(({ kind, isFixed }) => KINDS[kind] | (isFixed ? CSV_FIXED : 0)),
		nullTexts: nulls.map((text) => Buffer.from(text)),
		names: types.map((_, i) => `c${i}`),
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
