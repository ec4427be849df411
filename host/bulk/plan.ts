/** What the threads of a bulk load are told, and the memory that they share. All of it is plain data. */

import { CSV_KIND_LINES } from "../../assembly/shared/csv.js";
import type { TableDescription } from "../kernel/contract.js";
import type { CsvSettings } from "../kernel/csv-contract.js";

/** Of the whole file. */
export interface BulkPlan extends Omit<CsvSettings, "offset" | "stop"> {
	/** The first of the sequence numbers of entries. */
	readonly sequence: number;
	readonly file: string;
	/** Of the first line. */
	readonly firstRowId: number;
	/** Where the first record begins, behind the header, and the line that it is on, from 1. */
	readonly start: number;
	readonly firstLine: number;
	readonly size: number;
	/** Bytes of each part; the last one has what is left. */
	readonly partBytes: number;
	readonly parts: number;
	/** Where tables go, and the numbers that are theirs: `files` of them from `firstFile` on. */
	readonly directory: string;
	readonly firstFile: number;
	readonly files: number;
	readonly names: readonly string[];
	/** What becomes of rows without a key: they are refused, or INSERT gives them one, and the load ends. */
	readonly keyless: "refused" | "given";
	/** All rejected rows are told, and not only the first ones. */
	readonly keepsRejects: boolean;
	readonly maxErrors: number;
	/** What a thread's kernel may take. */
	readonly memoryBytes: number;
}

/** What became of one part. */
export interface PartOutcome {
	readonly part: number;
	readonly outputs: readonly TableDescription[];
	/** Records that became rows or pairs, and those of them that are not in a table, as others with the same key are. */
	readonly rows: number;
	readonly replaced: number;
	readonly rejected: number;
	/** All of them or the first ones, as texts (refused.ts). */
	readonly rejects: readonly Uint8Array[];
}

/** A value does not fit its column: all begins anew with a type that it fits. */
export interface Misfit {
	readonly column: number;
	readonly value: string;
}

/** A part has no more sorted runs than this, each with a sequence number of its own. */
const RUNS_OF_PART = 1 << 16;

/** The sequence number that the entries of a part begin with: what is added for each run says whether the first or the last one of a key counts. */
export function sequenceOf({ kind, sequence, sequenceStep, parts }: BulkPlan, part: number): number {
	if (kind === CSV_KIND_LINES) return sequence;
	return sequence + RUNS_OF_PART * (sequenceStep > 0 ? part : parts - part);
}

const NEXT_PART = 0;
const NEXT_FILE = 1;
const PARTS_LEFT = 2;
const REJECTED = 3;
const FIRST_READY = 4;

const LINES = 0;
const OUTSIDE = 1;
const INSIDE = 2;
const AT_RECORD = 3;
const START_DOUBLES = 4;

/** What is before a part. */
export interface PartStart {
	/** Line ends, and those outside quotes. */
	readonly lines: number;
	readonly outside: number;
	readonly inside: boolean;
	/** A record begins with the part's first byte. */
	readonly atRecord: boolean;
}

/** How often a thread that waits looks whether its part has been given up, in milliseconds. */
const LOOK_EVERY = 50;

/**
 * Memory of all threads: which part and which file number is next; where parts begin, each of which is known once that of the part
 * before and its own lines are; what has been done.
 */
export class BulkState {
	readonly buffer: SharedArrayBuffer;
	readonly #words: Int32Array;
	readonly #starts: Float64Array;
	readonly #done: Float64Array;

	/** Of `parts`; `buffer`: that of another thread's state. */
	constructor(parts: number, buffer?: SharedArrayBuffer) {
		const words = 4 * ((FIRST_READY + parts + 2) & ~1);
		const starts = 8 * START_DOUBLES * (parts + 1);
		this.buffer = buffer ?? new SharedArrayBuffer(words + starts + 16 * parts);
		this.#words = new Int32Array(this.buffer, 0, FIRST_READY + parts + 1);
		this.#starts = new Float64Array(this.buffer, words, START_DOUBLES * (parts + 1));
		this.#done = new Float64Array(this.buffer, words + starts, 2 * parts);
		if (buffer === undefined) this.#words[PARTS_LEFT] = parts;
	}

	takePart(): number {
		return Atomics.add(this.#words, NEXT_PART, 1);
	}

	takeFile(): number {
		return Atomics.add(this.#words, NEXT_FILE, 1);
	}

	/** Gives up all parts. */
	stop(): void {
		this.stopFrom(0);
	}

	/** Gives up this part and those behind it. */
	stopFrom(part: number): void {
		for (let left = Atomics.load(this.#words, PARTS_LEFT); part < left; ) {
			const found = Atomics.compareExchange(this.#words, PARTS_LEFT, left, part);
			if (found === left) return;
			left = found;
		}
	}

	isStopped(part: number): boolean {
		return part >= Atomics.load(this.#words, PARTS_LEFT);
	}

	/** Counts a rejected row; answers how many there are. */
	reject(): number {
		return Atomics.add(this.#words, REJECTED, 1) + 1;
	}

	get rejected(): number {
		return Atomics.load(this.#words, REJECTED);
	}

	setStart(part: number, start: PartStart): void {
		const at = START_DOUBLES * part;
		this.#starts[at + LINES] = start.lines;
		this.#starts[at + OUTSIDE] = start.outside;
		this.#starts[at + INSIDE] = start.inside ? 1 : 0;
		this.#starts[at + AT_RECORD] = start.atRecord ? 1 : 0;
		Atomics.store(this.#words, FIRST_READY + part, 1);
		Atomics.notify(this.#words, FIRST_READY + part);
	}

	/** Waits for what the parts before have to say; undefined where it has been given up. Not for a thread with an event loop to serve. */
	awaitStart(part: number): PartStart | undefined {
		while (Atomics.load(this.#words, FIRST_READY + part) === 0) {
			if (this.isStopped(part)) return undefined;
			Atomics.wait(this.#words, FIRST_READY + part, 0, LOOK_EVERY);
		}
		const double = (field: number) => this.#starts[START_DOUBLES * part + field] as number; // parts are within
		return {
			lines: double(LINES),
			outside: double(OUTSIDE),
			inside: double(INSIDE) !== 0,
			atRecord: double(AT_RECORD) !== 0,
		};
	}

	/** How far a part is. */
	report(part: number, bytes: number, rows: number): void {
		this.#done[2 * part] = bytes;
		this.#done[2 * part + 1] = rows;
	}

	/** Of all parts. */
	progress(): { readonly bytes: number; readonly rows: number } {
		let bytes = 0;
		let rows = 0;
		for (let at = 0; at < this.#done.length; at += 2) {
			bytes += this.#done[at] as number; // at is within
			rows += this.#done[at + 1] as number;
		}
		return { bytes, rows };
	}
}
