/** What a thread does with a part of a file of CSV: its rows become tables. */

import type { Buffer } from "node:buffer";
import {
	CSV_ASKED,
	CSV_FIXED,
	CSV_FLAW_KEY,
	CSV_FLAW_LENGTH,
	CSV_JSON,
	CSV_MORE,
	CSV_REFUSED,
	CSV_TYPE_MASK,
	CSV_WIDEN,
} from "../../assembly/shared/csv.js";
import { STATUS_DONE, STATUS_EMIT } from "../../assembly/shared/status.js";
import { classify, Seen } from "../csv/column-type.js";
import { guarded, invalid } from "../csv/failure.js";
import { hasForm } from "../csv/form.js";
import { tooLong } from "../csv/scanner.js";
import { tableName } from "../engine/files.js";
import { removeQuietly } from "../engine/job-run.js";
import { fileSeed } from "../engine/manifest.js";
import { OutputFile } from "../engine/output-file.js";
import type { Kernel, TableDescription, Word64 } from "../kernel/contract.js";
import type { CsvFlaw, CsvKernel, CsvLoad } from "../kernel/csv-contract.js";
import type { ReadFile, Storage } from "../storage/index.js";
import { LineNumbers } from "./lines.js";
import { type BulkPlan, type BulkState, type Misfit, type PartOutcome, type PartStart, sequenceOf } from "./plan.js";
import { RefusedLines, SHOWN_ROWS } from "./refused.js";
import { fieldText, problemOf, refusedRecord } from "./rejected.js";

/** What is read on, behind a part's end, for its last record: more each time, as a long record is looked through from its beginning. */
const FIRST_TAIL_BYTES = 64 << 10;
const LAST_TAIL_BYTES = 8 << 20;

/** Thrown where others have given the load up: what is left of this part does not matter. */
export class Stopped extends Error {}

/** Thrown for a value that does not fit its column. */
export class MisfitError extends Error {
	readonly misfit: Misfit;

	constructor(misfit: Misfit) {
		super("a value does not fit its column");
		this.misfit = misfit;
	}
}

/** Thrown where more rows are rejected than may be. */
export class TooManyRejectedError extends Error {
	/** Of them, as in the outcome of a part. */
	readonly rejects: readonly Uint8Array[];

	constructor(rejects: readonly Uint8Array[]) {
		super("too many rows were rejected");
		this.rejects = rejects;
	}
}

/** Takes parts as long as there are any. `onPart` is called for each that is done. */
export function loadParts(
	plan: BulkPlan,
	state: BulkState,
	storage: Storage,
	kernel: Kernel,
	onPart: (outcome: PartOutcome) => void,
): void {
	const file = guarded(plan.file, () => storage.openRead(plan.file));
	try {
		for (let part = state.takePart(); part < plan.parts; part = state.takePart()) {
			const run = new PartRun(part, plan, state, storage, kernel, file);
			try {
				onPart(run.run());
			} catch (error) {
				run.abandon();
				throw error;
			} finally {
				run.free();
			}
		}
	} finally {
		file.close();
	}
}

class PartRun {
	readonly #part: number;
	readonly #plan: BulkPlan;
	readonly #state: BulkState;
	readonly #storage: Storage;
	readonly #kernel: Kernel;
	readonly #csv: CsvKernel;
	readonly #load: CsvLoad;
	readonly #file: ReadFile;
	readonly #start: number;
	readonly #end: number;
	/** Up to where the file has been read. */
	#position: number;
	#tailBytes = FIRST_TAIL_BYTES;
	#lines: LineNumbers | undefined;
	readonly #output = new OutputFile((path) => this.#storage.create(path));
	/** Of the next table, or of the one that is being written. */
	#number = 0;
	#seed: Word64 = { low: 0, high: 0 };
	readonly #outputs: TableDescription[] = [];
	#rejected = 0;
	readonly #rejects = new RefusedLines();

	constructor(part: number, plan: BulkPlan, state: BulkState, storage: Storage, kernel: Kernel, file: ReadFile) {
		this.#part = part;
		this.#plan = plan;
		this.#state = state;
		this.#storage = storage;
		this.#kernel = kernel;
		this.#csv = kernel.csv as CsvKernel; // bulk loads are for kernels that have it
		this.#file = file;
		this.#start = plan.start + part * plan.partBytes;
		this.#end = Math.min(plan.size, this.#start + plan.partBytes);
		this.#position = this.#start;
		this.#load = this.#csv.createLoad({ ...plan, offset: this.#start, stop: this.#end });
	}

	run(): PartOutcome {
		const { target, at } = this.#load.room(this.#end - this.#start);
		const length = this.#read(target, at, this.#end - this.#start);
		const start = this.#locate(target, at, length);
		const sequence = sequenceOf(this.#plan, this.#part);
		this.#load.begin({
			inside: start.inside,
			skip: !start.atRecord,
			rowId: this.#plan.firstRowId + start.outside,
			sequence,
		});
		const firstLine = this.#plan.firstLine + start.lines;
		this.#lines = new LineNumbers(this.#file, this.#plan.newline, this.#start, firstLine);
		this.#load.feed(length, this.#position >= this.#plan.size);
		this.#takeFile();
		while (this.#step());
		this.#report();
		return {
			part: this.#part,
			outputs: this.#outputs,
			rows: this.#load.rows(),
			replaced: this.#load.replaced(),
			rejected: this.#rejected,
			rejects: this.#rejects.texts(),
		};
	}

	/** Says where the next part begins, as soon as it is known where this one does. */
	#locate(text: Buffer, at: number, length: number): PartStart {
		const count = this.#csv.count(at, length, this.#plan);
		const start = this.#state.awaitStart(this.#part);
		if (start === undefined) throw new Stopped();
		const inside = start.inside !== (count.quotes % 2 === 1);
		this.#state.setStart(this.#part + 1, {
			lines: start.lines + count.lines,
			// What looks outside from within quotes is inside, and the other way round.
			outside: start.outside + (start.inside ? count.lines - count.outside : count.outside),
			inside,
			atRecord: !inside && text[at + length - 1] === this.#plan.newline,
		});
		return start;
	}

	#read(target: Buffer, at: number, length: number): number {
		const { file } = this.#plan;
		const read = guarded(file, () => this.#file.readSync(target, at, length, this.#position));
		this.#position += read;
		if (read < length && this.#position < this.#plan.size) {
			throw invalid(`${file} has become shorter while it was loaded`, { file });
		}
		return read;
	}

	/** False once the part is done. */
	#step(): boolean {
		if (this.#state.isStopped(this.#part)) throw new Stopped();
		switch (this.#load.step(this.#number, this.#seed)) {
			case STATUS_DONE:
				return false;
			case STATUS_EMIT:
				this.#write();
				this.#report();
				return true;
			case CSV_MORE: {
				const { target, at } = this.#load.room(this.#tailBytes);
				const length = Math.min(this.#tailBytes, this.#plan.size - this.#position);
				this.#tailBytes = Math.min(2 * this.#tailBytes, LAST_TAIL_BYTES);
				this.#load.feed(this.#read(target, at, length), this.#position >= this.#plan.size);
				return true;
			}
			case CSV_ASKED:
				this.#answer();
				return true;
			case CSV_REFUSED:
				this.#reject(this.#load.flaw());
				return true;
			case CSV_WIDEN:
				this.#misfit(this.#load.flaw());
				return true;
			default:
				throw new RangeError("the kernel answers what it has no word for");
		}
	}

	/** What the kernel leaves to others: numbers, and JSON. Integers beyond 2^53 are no reals, but where the column is to have some. */
	#answer(): void {
		const { bytes, at, length } = this.#kernel.result;
		const text = bytes.toString("utf8", at, at + length);
		const type = this.#plan.types[this.#load.field()] ?? 0;
		const isFixed = (type & CSV_FIXED) !== 0;
		if ((type & CSV_TYPE_MASK) === CSV_JSON) {
			this.#load.answer(hasForm(text, "json"), 0);
			return;
		}
		const seen = classify(text);
		const isReal = seen === Seen.real || seen === Seen.integer || (seen === Seen.wideInteger && isFixed);
		this.#load.answer(isReal, isReal ? Number(text) : 0);
	}

	#reject(flaw: CsvFlaw): void {
		const { maxErrors, keepsRejects } = this.#plan;
		const line = (this.#lines as LineNumbers).at(flaw.offset); // there is one once it runs
		if (flaw.reason === CSV_FLAW_LENGTH) {
			this.#state.stopFrom(this.#part + 1);
			throw tooLong(flaw.record, this.#plan, line);
		}
		if (flaw.reason === CSV_FLAW_KEY && this.#plan.keyless === "given")
			throw new MisfitError({ column: flaw.field, value: "" });
		this.#rejected++;
		if (this.#rejected <= SHOWN_ROWS || keepsRejects) this.#rejects.add(refusedRecord(flaw, line, this.#plan));
		if (this.#state.reject() > maxErrors) throw new TooManyRejectedError(this.#rejects.texts().slice(0, 1));
	}

	/** A record that cannot be a row for another reason makes no column wider. */
	#misfit(flaw: CsvFlaw): void {
		const { record, field } = flaw;
		if (problemOf(record, this.#plan) === undefined)
			throw new MisfitError({ column: field, value: fieldText(record, field, this.#plan) });
		this.#reject(flaw);
		this.#load.pass();
	}

	#takeFile(): void {
		const taken = this.#state.takeFile();
		if (taken >= this.#plan.files) throw new RangeError("a bulk load has used up its numbers of files");
		this.#number = this.#plan.firstFile + taken;
		this.#seed = fileSeed(this.#kernel, this.#plan.databaseId, this.#number);
	}

	#path(): string {
		return this.#storage.join(this.#plan.directory, tableName(this.#number));
	}

	#write(): void {
		this.#output.append(this.#path(), this.#kernel.result);
		const description = this.#load.tableEnd();
		if (description === undefined) return;
		this.#output.complete(this.#path());
		this.#outputs.push(description);
		this.#takeFile();
	}

	#report(): void {
		this.#state.report(this.#part, this.#position - this.#start, this.#load.rows() + this.#rejected);
	}

	/** Removes what no manifest will name. */
	abandon(): void {
		if (this.#output.isOpen) {
			this.#output.abandon();
			removeQuietly(this.#storage, this.#path());
		}
		for (const { file } of this.#outputs)
			removeQuietly(this.#storage, this.#storage.join(this.#plan.directory, tableName(file)));
	}

	free(): void {
		this.#load.free();
	}
}
