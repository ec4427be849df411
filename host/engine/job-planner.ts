import type { TableDescription } from "../kernel/contract.js";
import type { Engine } from "./engine.js";
import { tableName } from "./files.js";
import { type JobDescription, type JobResult, removeQuietly } from "./job-run.js";
import { fileSeed } from "./manifest.js";
import { type CompactionChoice, type PickerOptions, pickCompaction, pickerOptions } from "./picker.js";
import { sortLevels } from "./recovery.js";
import type { Settler } from "./settler.js";
import { type MemtableReference, Superversion } from "./superversion.js";
import { TableFile } from "./table-file.js";
import type { VersionEdit } from "./version-edit.js";

/** Most numbers set aside for the outputs of a job: one to whose inputs the manifest gave no real size takes no more. */
const MOST_FILES = 1 << 16;

/** Figures of flushes and compactions since the database was opened. */
export interface CompactorCounters {
	/** Flushes that are complete. */
	flushes: number;
	/** Bytes of the tables that they wrote. */
	flushedBytes: number;
	/** Compactions that are complete. */
	compactions: number;
	/** Of these, how often a table just changed its level. */
	moves: number;
	/** Bytes of the tables that compactions read. */
	compactionReadBytes: number;
	/** Bytes of the tables that they wrote. */
	compactionWrittenBytes: number;
	/** How often commits waited for the background. */
	stalls: number;
	/** For how long. */
	stalledMilliseconds: number;
	/** How often commits were held back a little, so that the background keeps up. */
	slowdowns: number;
	/** For how long. */
	slowedMilliseconds: number;
}

export function newCounters(): CompactorCounters {
	return {
		flushes: 0,
		flushedBytes: 0,
		compactions: 0,
		moves: 0,
		compactionReadBytes: 0,
		compactionWrittenBytes: 0,
		stalls: 0,
		stalledMilliseconds: 0,
		slowdowns: 0,
		slowedMilliseconds: 0,
	};
}

/** A job and what to do with its result. */
export interface PlannedJob {
	readonly description: JobDescription;
	/** When it was planned, by `performance.now`. */
	readonly started: number;
	/** Tables of level 0 that it merges away. */
	readonly level0Tables: number;
	/** Where its outputs go. */
	readonly level: number;
	finish(result: JobResult): void;
	/** What it failed with. */
	failure?: unknown;
}

/** Tables and the level that they go to. */
export interface PlacedTables {
	readonly outputs: readonly TableDescription[];
	readonly level: number;
}

/** Says what a flush or a compaction has to do, and enters what came of it into the manifest and the current superversion. */
export class JobPlanner {
	readonly #engine: Engine;
	readonly #settler: Settler;
	readonly #counters: CompactorCounters;
	readonly #picker: PickerOptions;

	constructor(engine: Engine, settler: Settler, counters: CompactorCounters) {
		this.#engine = engine;
		this.#settler = settler;
		this.#counters = counters;
		this.#picker = pickerOptions(engine.options.memtableBytes);
	}

	/** Merges the frozen memtables into a table of level 0. */
	planFlush(): PlannedJob {
		const frozen = this.#engine.superversion.memtables.slice(1);
		const newest = frozen[0] as MemtableReference;
		const description = this.#describe({
			memtables: frozen.map(({ memtable }) => memtable.handle),
			runs: [],
			below: undefined,
			// Together they make one table of level 0, whatever its size.
			tableBytes: 0xffffffff,
			inputBytes: 0,
		});
		return {
			description,
			started: performance.now(),
			level0Tables: 0,
			level: 0,
			finish: (result) => {
				const { lastSequence, nextLog } = newest;
				const edit = { flushedSequence: lastSequence, firstLog: nextLog };
				this.#enter([{ ...result, level: 0 }], [], edit, frozen, () => {
					for (const log of frozen.flatMap(({ logs }) => logs)) this.#engine.log.retire(log);
				});
				this.#counters.flushes += 1;
				this.#counters.flushedBytes += result.bytesWritten;
				this.#ran("flushes", 0, 0, result);
				this.#engine.events.tell("flush", () => ({ memtables: frozen.length, ...outcome(result) }));
			},
		};
	}

	/** What the levels want most; tables that need no merging are moved. */
	nextCompaction(): PlannedJob | undefined {
		for (;;) {
			const choice = pickCompaction(this.#engine.superversion.levels, this.#picker);
			if (choice === undefined) return undefined;
			if (!choice.move) return this.planCompaction(choice);
			this.move(choice.inputs[0] as TableFile, choice.level); // a move has one
		}
	}

	/** Merges tables of a level with those that they overlap below. */
	planCompaction({ level, target, inputs, overlapping }: CompactionChoice<TableFile>): PlannedJob {
		const { superversion, options } = this.#engine;
		const describe = (tables: readonly TableFile[]) => tables.map(({ description }) => description);
		const runs = level === 0 ? inputs.map((table) => describe([table])) : [describe(inputs)];
		if (overlapping.length > 0) runs.push(describe(overlapping));
		const all = [...inputs, ...overlapping];
		const inputBytes = all.reduce((sum, { description }) => sum + description.size, 0);
		const removed = [
			...inputs.map(({ description }) => ({ level, file: description.file })),
			...overlapping.map(({ description }) => ({ level: target, file: description.file })),
		];
		const below = superversion.levels.map((tables, other) => (other > target ? describe(tables) : []));
		const description = this.#describe({
			memtables: [],
			runs,
			below: { level: target + 1, levels: below },
			tableBytes: options.memtableBytes,
			inputBytes,
		});
		return {
			description,
			started: performance.now(),
			level0Tables: level === 0 ? inputs.length : 0,
			level: target,
			finish: (result) => {
				this.#enter([{ ...result, level: target }], removed, {}, []);
				this.#counters.compactions += 1;
				this.#counters.compactionReadBytes += inputBytes;
				this.#counters.compactionWrittenBytes += result.bytesWritten;
				this.#ran("compactions", level + 1, inputBytes, result);
				this.#engine.events.tell("compaction", () => ({
					inputLevel: level,
					outputLevel: level + 1,
					moved: false,
					inputs: all.length,
					readBytes: inputBytes,
					...outcome(result),
				}));
			},
		};
	}

	#ran(kind: "flushes" | "compactions", level: number, readBytes: number, result: JobResult): void {
		const { levels, milliseconds } = this.#engine.figures;
		const into = levels[level];
		if (into === undefined) return;
		into.readBytes += readBytes;
		into.writtenBytes += result.bytesWritten;
		milliseconds[kind] += result.milliseconds;
	}

	/** A job's description, with file numbers set aside for its outputs. */
	#describe(job: {
		readonly memtables: JobDescription["memtables"];
		readonly runs: JobDescription["runs"];
		readonly below: JobDescription["below"];
		readonly tableBytes: number;
		readonly inputBytes: number;
	}): JobDescription {
		const { directory, manifest, snapshots, options } = this.#engine;
		const { inputBytes, ...merged } = job;
		// Outputs are about as large as inputs; numbers that are not used are not missed.
		const files = inputBytes === 0 ? 1 : Math.min(MOST_FILES, 4 + Math.ceil((2 * inputBytes) / job.tableBytes));
		const firstFile = manifest.state.nextFile;
		manifest.state.nextFile += files;
		return {
			...merged,
			directory,
			databaseId: manifest.state.databaseId,
			snapshots: snapshots.sequences(),
			now: this.#engine.now(),
			blockBytes: options.blockBytes,
			bitsPerKey: options.bloomBitsPerKey,
			compression: options.compression,
			firstFile,
			files,
		};
	}

	/** Tables that came about beside the memtables: all that is there is in tables then, up to `flushedSequence`. */
	enterTables(runs: readonly PlacedTables[], flushedSequence: number): void {
		this.#enter(runs, [], { flushedSequence }, []);
	}

	/** A table that overlaps nothing below just changes its level. */
	move(table: TableFile, level: number): void {
		const engine = this.#engine;
		const { superversion } = engine;
		const levels = superversion.levels.map((tables) => tables.filter((other) => other !== table));
		levels[level + 1]?.push(table);
		sortLevels(levels);
		const next = new Superversion(engine.kernel, superversion.memtables, levels);
		const { seed: _, ...record } = table.description;
		try {
			this.#settler.commit({
				removed: [{ level, file: record.file }],
				added: [{ level: level + 1, table: record }],
			});
		} catch (error) {
			next.release();
			throw error;
		}
		engine.install(next, engine.active);
		this.#counters.moves += 1;
		engine.events.tell("compaction", () => ({
			inputLevel: level,
			outputLevel: level + 1,
			moved: true,
			inputs: 1,
			readBytes: 0,
			...outcome({ outputs: [table.description], bytesWritten: 0, milliseconds: 0 }),
		}));
	}

	/** Enters tables into the manifest and makes them visible in place of what they were made of. */
	#enter(
		runs: readonly PlacedTables[],
		removed: readonly { readonly level: number; readonly file: number }[],
		edit: VersionEdit,
		flushed: readonly MemtableReference[],
		settled?: () => void,
	): void {
		const engine = this.#engine;
		const { storage, kernel, manifest, superversion } = engine;
		const gone = new Set(removed.map(({ file }) => file));
		const levels = superversion.levels.map((tables) => tables.filter(({ description }) => !gone.has(description.file)));
		const memtables = superversion.memtables.filter((memtable) => !flushed.includes(memtable));
		const pathOf = (file: number) => storage.join(engine.directory, tableName(file));
		const removeOutputs = () => {
			for (const { outputs } of runs) for (const { file } of outputs) removeQuietly(storage, pathOf(file));
		};
		const tables: TableFile[] = [];
		let next: Superversion;
		try {
			for (const { outputs, level } of runs) {
				for (const output of outputs) {
					const seed = fileSeed(kernel, manifest.state.databaseId, output.file);
					const table = new TableFile(engine.files, kernel, pathOf(output.file), { ...output, seed });
					tables.push(table);
					levels[level]?.push(table);
				}
			}
			sortLevels(levels);
			next = new Superversion(kernel, memtables, levels);
		} catch (error) {
			for (const table of tables) table.dispose();
			removeOutputs();
			throw error;
		}
		try {
			const added = runs.flatMap(({ outputs, level }) => outputs.map(({ seed: _, ...table }) => ({ level, table })));
			this.#settler.commit({ ...edit, nextFile: manifest.state.nextFile, added, removed }, settled);
		} catch (error) {
			next.release();
			// Where the manifest has failed, it may name them.
			if (!engine.failed) removeOutputs();
			throw error;
		}
		for (const { file } of removed) {
			const table = superversion.files.get(file);
			if (table !== undefined) table.discard = (path) => this.#settler.discard(path);
		}
		engine.install(next, engine.active);
		this.#settler.start();
	}
}

/** A job's result as its event tells of it. */
function outcome({ outputs, bytesWritten, milliseconds }: JobResult): Readonly<Record<string, number>> {
	return { outputs: outputs.length, writtenBytes: bytesWritten, milliseconds };
}
