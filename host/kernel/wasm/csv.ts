import * as abi from "../../../assembly/shared/abi.js";
import * as csv from "../../../assembly/shared/csv.js";
import { STATUS_EMIT, STATUS_OUT_OF_MEMORY } from "../../../assembly/shared/status.js";
import type { TableDescription, Word64 } from "../contract.js";
import type { CsvCount, CsvFlaw, CsvKernel, CsvLoad, CsvSettings, CsvStart } from "../csv-contract.js";
import { outOfMemory } from "../out-of-memory.js";
import { address } from "./address.js";
import { readDescription } from "./job.js";
import type { WasmKernel } from "./kernel.js";

export class WasmCsv implements CsvKernel {
	readonly #kernel: WasmKernel;

	constructor(kernel: WasmKernel) {
		this.#kernel = kernel;
	}

	createLoad(settings: CsvSettings): CsvLoad {
		return new WasmCsvLoad(this.#kernel, settings);
	}

	count(at: number, length: number, { quote, newline }: Pick<CsvSettings, "quote" | "newline">): CsvCount {
		const { exports, memory } = this.#kernel;
		const count = address(exports.csvCountCreate());
		exports.csvCount(count, at, length, quote, newline);
		memory.reach(count + csv.COUNT_QUOTES + 8);
		const double = (offset: number) => memory.doubles[(count + offset) >>> 3] as number;
		const counted = {
			lines: double(csv.COUNT_LINES),
			outside: double(csv.COUNT_OUTSIDE),
			quotes: double(csv.COUNT_QUOTES),
		};
		exports.free(count);
		return counted;
	}
}

class WasmCsvLoad implements CsvLoad {
	readonly #kernel: WasmKernel;
	readonly #address: number;
	#tableEnd = false;

	constructor(kernel: WasmKernel, settings: CsvSettings) {
		this.#kernel = kernel;
		const words = encodeSettings(settings);
		const at = kernel.copyIn(words);
		const load = kernel.exports.csvLoadCreate(at);
		kernel.exports.free(at);
		this.#address = address(load);
	}

	room(bytes: number): { readonly target: Buffer; readonly at: number } {
		const { exports, memory } = this.#kernel;
		const at = address(exports.csvRoom(this.#address, bytes));
		memory.reach(at + bytes);
		return { target: memory.bytes, at };
	}

	begin({ inside, skip, rowId, sequence }: CsvStart): void {
		this.#kernel.exports.csvBegin(this.#address, inside ? 1 : 0, skip ? 1 : 0, rowId, sequence);
	}

	feed(bytes: number, isLast: boolean): void {
		this.#kernel.exports.csvFeed(this.#address, bytes, isLast ? 1 : 0);
	}

	step(file: number, seed: Word64): number {
		const kernel = this.#kernel;
		const status = kernel.exports.csvStep(this.#address, file, seed.low, seed.high);
		if (status === STATUS_OUT_OF_MEMORY) throw outOfMemory();
		this.#tableEnd = false;
		if (status === STATUS_EMIT || status === csv.CSV_ASKED) kernel.takeResult();
		if (status === STATUS_EMIT) this.#tableEnd = kernel.word(abi.EMIT_FLAG) === abi.EMIT_TABLE_END;
		return status;
	}

	tableEnd(): TableDescription | undefined {
		return this.#tableEnd
			? readDescription(this.#kernel, this.#kernel.exports.csvDescription(this.#address))
			: undefined;
	}

	flaw(): CsvFlaw {
		const kernel = this.#kernel;
		const at = kernel.word(csv.CSV_RECORD_ADDRESS);
		const length = kernel.word(csv.CSV_RECORD_LENGTH);
		kernel.memory.reach(at + length);
		return {
			offset: kernel.double(csv.CSV_RECORD_OFFSET),
			record: kernel.memory.bytes.subarray(at, at + length),
			reason: kernel.word(csv.CSV_REASON),
			field: kernel.word(csv.CSV_FIELD),
			fields: kernel.word(csv.CSV_FIELDS),
		};
	}

	pass(): void {
		this.#kernel.exports.csvPass(this.#address);
	}

	field(): number {
		return this.#kernel.word(csv.CSV_FIELD);
	}

	answer(fits: boolean, value: number): void {
		this.#kernel.exports.csvAnswer(this.#address, fits ? 1 : 0, value);
	}

	rows(): number {
		return this.#kernel.exports.csvRows(this.#address);
	}

	replaced(): number {
		return this.#kernel.exports.csvReplaced(this.#address);
	}

	free(): void {
		this.#kernel.exports.csvLoadFree(this.#address);
	}
}

/** As the module reads them (assembly/shared/csv.ts). */
function encodeSettings(settings: CsvSettings): Uint8Array {
	const { types, nullTexts } = settings;
	const nullBytes = nullTexts.reduce((sum, { length }) => sum + 4 + length, 0);
	const nullsAt = csv.CSV_TYPES + 4 * types.length;
	const bytes = new Uint8Array(nullsAt + nullBytes);
	const view = new DataView(bytes.buffer);
	const word = (at: number, value: number) => view.setUint32(at, value, true);
	const double = (at: number, value: number) => view.setFloat64(at, value, true);
	word(csv.CSV_DELIMITER, settings.delimiter);
	word(csv.CSV_QUOTE, settings.quote);
	word(csv.CSV_NEWLINE, settings.newline);
	word(csv.CSV_MAX_RECORD_BYTES, Math.min(settings.maxRecordBytes, 0xffffffff));
	word(csv.CSV_OBJECT_ID, settings.objectId);
	word(csv.CSV_BLOCK_BYTES, settings.blockBytes);
	word(csv.CSV_BITS_PER_KEY, settings.bitsPerKey);
	word(csv.CSV_COMPRESSION, settings.compression === "lz4" ? 1 : 0);
	word(csv.CSV_TABLE_BYTES, settings.tableBytes);
	word(csv.CSV_COLUMN_COUNT, types.length);
	bytes.set(settings.databaseId, csv.CSV_DATABASE_ID);
	double(csv.CSV_SEQUENCE_STEP, settings.sequenceStep);
	word(csv.CSV_KIND, settings.kind);
	word(csv.CSV_KEY_COLUMN, settings.keyColumn);
	word(csv.CSV_VALUE_COLUMN, settings.valueColumn);
	word(csv.CSV_RUN_BYTES, settings.runBytes);
	double(csv.CSV_FIRST_OFFSET, settings.offset);
	double(csv.CSV_STOP_OFFSET, settings.stop);
	for (const [i, type] of types.entries()) word(csv.CSV_TYPES + 4 * i, type);
	word(csv.CSV_NULL_COUNT, nullTexts.length);
	word(csv.CSV_NULL_BYTES, nullBytes);
	let at = nullsAt;
	for (const text of nullTexts) {
		word(at, text.length);
		bytes.set(text, at + 4);
		at += 4 + text.length;
	}
	return bytes;
}
