/** Loading a file of CSV by threads that make tables of it, which enter the database all at once. */

import { CSV_FILLED, CSV_FIXED, CSV_KIND_LINES, CSV_KIND_PAIRS, CSV_KIND_ROW_IDS } from "../../assembly/shared/csv.js";
import type { Dialect } from "../csv/dialect.js";
import type { Engine } from "../engine/engine.js";
import type { Entrance } from "../engine/ingestion.js";
import { type JobDescription, JobRun } from "../engine/job-run.js";
import { compareBytes } from "../engine/range.js";
import { jobDescription } from "../engine/table-sink.js";
import type { TableDescription } from "../kernel/contract.js";
import { createKernel } from "../kernel/create.js";
import type { Crew, CrewOutcome } from "./crew.js";
import { type BulkType, dialectSettings, KERNEL_TYPES } from "./kernel-words.js";
import { type BulkMessage, endOf } from "./message.js";
import { loadParts } from "./part.js";
import { type BulkPlan, BulkState, type PartOutcome } from "./plan.js";
import { gateOf, type RowGate } from "./row-gate.js";

export interface BulkColumn {
	readonly name: string;
	readonly type: BulkType;
	/** A row with a value that does not fit is rejected, instead of making the column wider. */
	readonly isFixed: boolean;
	/** A row without a value for it, or with an empty text, is rejected: it is to be a primary key. */
	readonly isKey: boolean;
}

/** What the records become: rows whose rowid is the number of their line, or a column of type integer; or key-value pairs. */
export type BulkTarget =
	| { readonly kind: "lines"; readonly objectId: number; readonly firstRowId: number }
	| {
			readonly kind: "rowIds";
			readonly objectId: number;
			readonly column: number;
			readonly repeated: RepeatedRows;
			readonly keyless: BulkPlan["keyless"];
	  }
	| { readonly kind: "pairs"; readonly key: number; readonly value: number };

/** Which of several rows with one rowid stays; "refused": where there are such rows, none is loaded. */
export type RepeatedRows = "refused" | "first" | "last";

export interface BulkOptions {
	readonly file: string;
	readonly size: number;
	/** Where the first record is, behind the header, and its line. */
	readonly start: number;
	readonly firstLine: number;
	readonly dialect: Dialect;
	readonly newline: "\n" | "\r";
	readonly columns: readonly BulkColumn[];
	/** Stand for NULL where they are a whole field without quotes. */
	readonly nullTexts: readonly Uint8Array[];
	readonly target: BulkTarget;
	/** Where rows are there already. */
	readonly gate: RowGate | undefined;
	/** Its threads; undefined for a file that is loaded on the calling thread. */
	readonly crew: Crew | undefined;
	readonly memoryBytes: number;
	readonly maxErrors: number;
	readonly keepsRejects: boolean;
	readonly signal: AbortSignal | undefined;
	/** Now and then. */
	onProgress(progress: { readonly bytes: number; readonly rows: number; readonly rejected: number }): void;
	/** For each part, in the order of the file. */
	onPart(part: PartOutcome): void;
}

/** Files up to this size are loaded on the calling thread: to start another takes longer. */
export const SMALL_BYTES = 4 << 20;
const MAX_PART_BYTES = 32 << 20;
const MIN_PART_BYTES = 1 << 20;
/** A thread holds its part of the text, the ends of a window's fields, a table's hashes and what is to be written. */
const SHARE_OF_PART = 3;
const FIXED_BYTES = 16 << 20;
const PROGRESS_EVERY = 100;
/** A line of two bytes becomes a row of some forty. */
const GROWTH = 32;

/**
 * `rows`: records that became rows or pairs, of which `repeated` are not there, as others with the same key are. "repeated": several rows
 * have the same rowid and are to be refused, or there are such rows already, or what was made was not committed.
 */
export type BulkOutcome =
	| Exclude<CrewOutcome, { readonly kind: "done" }>
	| { readonly kind: "done"; readonly rows: number; readonly repeated: number }
	| { readonly kind: "repeated" };

/** Whether the database can take such loads: its kernel makes tables of CSV, and its files are those of the system. */
export function takesBulk(engine: Engine): boolean {
	return engine.kernel.csv !== undefined && engine.storage.kind === "node" && !engine.readOnly;
}

/** Makes tables of the whole file, and enters them; where that fails, or a value fits no column of its type, nothing is left. */
export async function bulkLoad(engine: Engine, options: BulkOptions): Promise<BulkOutcome> {
	const entrance = await engine.ingestions.begin();
	let made: readonly TableDescription[] = [];
	try {
		const plan = planOf(entrance, options);
		const state = new BulkState(plan.parts);
		state.setStart(0, { lines: 0, outside: 0, inside: false, atRecord: true });
		const outcome = await run(plan, state, entrance, options);
		made = outputsOf(outcome.parts);
		entrance.check();
		options.signal?.throwIfAborted();
		if (outcome.kind !== "done") return outcome;
		options.onProgress({ ...state.progress(), rejected: state.rejected });
		const rows = outcome.parts.reduce((sum, part) => sum + part.rows, 0);
		if (!isInOrder(made)) {
			const merged = await mergeRuns(mergeOf(made, entrance), plan, entrance, options.crew);
			entrance.abandon(made);
			made = merged;
		}
		const entries = made.reduce((sum, table) => sum + table.entries, 0);
		const repeated = rows - entries;
		const { target } = options;
		if (target.kind === "rowIds" && target.repeated === "refused" && repeated > 0) return { kind: "repeated" };
		entrance.check();
		options.signal?.throwIfAborted();
		const { storage, directory } = engine;
		storage.syncDirectory(directory);
		const gate = options.gate === undefined ? undefined : gateOf(options.gate);
		if (!(await entrance.enter(made, gate))) return { kind: "repeated" };
		made = [];
		return { kind: "done", rows, repeated };
	} finally {
		entrance.abandon(made);
		entrance.free();
	}
}

/** In the order of the file: tables of a sorted run are neighbours, and have one sequence number. */
function outputsOf(parts: readonly PartOutcome[]): TableDescription[] {
	return [...parts].sort((a, b) => a.part - b.part).flatMap(({ outputs }) => outputs);
}

/** Whether all keys of each table lie behind those of the one before. */
function isInOrder(tables: readonly TableDescription[]): boolean {
	return tables.every((table, i) => {
		const before = tables[i - 1];
		return before === undefined || compareBytes(before.largest, table.smallest) < 0;
	});
}

async function mergeRuns(
	job: JobDescription,
	{ memoryBytes }: BulkPlan,
	{ place }: Entrance,
	crew: Crew | undefined,
): Promise<readonly TableDescription[]> {
	if (crew !== undefined) return crew.merge(job, memoryBytes);
	const kernel = createKernel("wasm", { memoryBytes, blockCacheBytes: 0 });
	return new JobRun(place.storage, kernel, job).run().outputs;
}

/** The job that makes one run of these. */
function mergeOf(tables: readonly TableDescription[], entrance: Entrance): JobDescription {
	const runs = new Map<number, TableDescription[]>();
	for (const table of tables) {
		const run = runs.get(table.maxSequence) ?? [];
		run.push(table);
		runs.set(table.maxSequence, run);
	}
	const newestFirst = [...runs].sort(([a], [b]) => b - a).map(([, run]) => run);
	// What is merged takes no more tables than before, but for the end of each.
	const job = { memtables: [], runs: newestFirst, below: undefined };
	return jobDescription(entrance.place, tables.length + 1, job);
}

function planOf(entrance: Entrance, options: BulkOptions): BulkPlan {
	const { columns, crew, dialect, size, start, memoryBytes } = options;
	const { directory, databaseId, options: resolved } = entrance.place;
	const length = size - start;
	const threads = crew?.size ?? 1;
	const share = Math.floor(memoryBytes / threads);
	const most = Math.min(MAX_PART_BYTES, Math.max(MIN_PART_BYTES, Math.floor((share - FIXED_BYTES) / SHARE_OF_PART)));
	// As many for each thread.
	const parts = crew === undefined ? 1 : threads * Math.ceil(length / most / threads);
	const partBytes = Math.max(1, Math.ceil(length / parts));
	const used = Math.max(1, Math.ceil(length / partBytes));
	const files = used * (2 + Math.ceil((partBytes * GROWTH) / resolved.memtableBytes));
	const { target } = options;
	const kind = KINDS[target.kind];
	return {
		file: options.file,
		start,
		firstLine: options.firstLine,
		firstRowId: target.kind === "lines" ? target.firstRowId : 0,
		size,
		partBytes,
		parts: used,
		...dialectSettings(dialect, options.newline),
		types: columns.map(
			({ type, isFixed, isKey }) => KERNEL_TYPES[type] | (isFixed ? CSV_FIXED : 0) | (isKey ? CSV_FILLED : 0),
		),
		nullTexts: options.nullTexts,
		names: columns.map(({ name }) => name),
		keyless: target.kind === "rowIds" ? target.keyless : "refused",
		kind,
		keyColumn: target.kind === "rowIds" ? target.column : target.kind === "pairs" ? target.key : 0,
		valueColumn: target.kind === "pairs" ? target.value : 0,
		// Room for all of a part, so that it is one run in most cases: rows are about as long as their text.
		runBytes: partBytes + (partBytes >>> 2),
		sequenceStep: target.kind === "pairs" || (target.kind === "rowIds" && target.repeated === "last") ? 1 : -1,
		objectId: target.kind === "pairs" ? 0 : target.objectId,
		sequence: entrance.sequence,
		blockBytes: resolved.blockBytes,
		bitsPerKey: resolved.bloomBitsPerKey,
		compression: resolved.compression,
		tableBytes: resolved.memtableBytes,
		databaseId,
		directory,
		firstFile: entrance.takeFiles(files),
		files,
		keepsRejects: options.keepsRejects,
		maxErrors: options.maxErrors,
		// Records may be as long as the dialect says, whatever the share is.
		memoryBytes: Math.max(share, 2 * SHARE_OF_PART * partBytes) + FIXED_BYTES + 4 * dialect.maxRecordBytes,
	};
}

const KINDS: Record<BulkTarget["kind"], number> = {
	lines: CSV_KIND_LINES,
	rowIds: CSV_KIND_ROW_IDS,
	pairs: CSV_KIND_PAIRS,
};

async function run(plan: BulkPlan, state: BulkState, entrance: Entrance, options: BulkOptions): Promise<CrewOutcome> {
	const inOrder = new InOrder(options.onPart);
	const { crew } = options;
	if (crew === undefined) return runHere(plan, state, entrance, (part) => inOrder.take(part));
	const stop = () => state.stop();
	options.signal?.addEventListener("abort", stop, { once: true });
	let failure: { readonly error: unknown } | undefined;
	/** For what may fail on this side: the database is closed, or whoever looks on has had enough. */
	const attempt = (work: () => void) => {
		try {
			work();
		} catch (error) {
			failure ??= { error };
			stop();
		}
	};
	const timer = setInterval(() => {
		attempt(() => {
			entrance.check();
			options.onProgress({ ...state.progress(), rejected: state.rejected });
		});
	}, PROGRESS_EVERY);
	try {
		const outcome = await crew.run(plan, state, (part) => attempt(() => inOrder.take(part)));
		return failure === undefined ? outcome : { kind: "failed", error: failure.error, parts: outcome.parts };
	} finally {
		clearInterval(timer);
		options.signal?.removeEventListener("abort", stop);
	}
}

/** On the calling thread. The memory of the database is not for this: it gets a kernel of its own. */
function runHere(
	plan: BulkPlan,
	state: BulkState,
	{ place: { storage } }: Entrance,
	onPart: (part: PartOutcome) => void,
): CrewOutcome {
	const parts: PartOutcome[] = [];
	try {
		const kernel = createKernel("wasm", { memoryBytes: plan.memoryBytes, blockCacheBytes: 0 });
		loadParts(plan, state, storage, kernel, (part) => {
			parts.push(part);
			onPart(part);
		});
		return { kind: "done", parts };
	} catch (error) {
		const end: BulkMessage = endOf(error);
		if ("misfit" in end) return { kind: "misfit", misfit: end.misfit, parts };
		if ("tooMany" in end) return { kind: "tooMany", rejects: end.tooMany, parts };
		return { kind: "failed", error, parts };
	}
}

/** Hands parts on in the order of the file. */
class InOrder {
	readonly #waiting = new Map<number, PartOutcome>();
	readonly #take: (part: PartOutcome) => void;
	#next = 0;

	constructor(take: (part: PartOutcome) => void) {
		this.#take = take;
	}

	take(part: PartOutcome): void {
		this.#waiting.set(part.part, part);
		for (let next = this.#waiting.get(this.#next); next !== undefined; next = this.#waiting.get(this.#next)) {
			this.#waiting.delete(this.#next++);
			this.#take(next);
		}
	}
}
