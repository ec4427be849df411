import type { Engine } from "./engine.js";
import { guard } from "./failure.js";
import { tableName, walName } from "./files.js";
import { JobRun } from "./job-run.js";
import { fileSeed } from "./manifest.js";
import { type CompactionChoice, type PickerOptions, pickCompaction, pickRange } from "./picker.js";
import { createLog, sortLevels } from "./recovery.js";
import { MemtableReference, Superversion } from "./superversion.js";
import { TableFile } from "./table-file.js";
import type { VersionEdit } from "./version-edit.js";

const LEVEL0_TRIGGER = 4;
/** Level 1 holds this many memtables. */
const LEVEL1_MEMTABLES = 4;

/** Figures of flushes and compactions since the database was opened. */
export interface CompactorCounters {
	flushes: number;
	flushedBytes: number;
	compactions: number;
	moves: number;
	compactionReadBytes: number;
	compactionWrittenBytes: number;
}

/**
 * Turns memtables into tables and keeps the levels in shape. Jobs run on the calling thread, before the commit that finds
 * the memtable full.
 */
export class Compactor {
	readonly counters: CompactorCounters = {
		flushes: 0,
		flushedBytes: 0,
		compactions: 0,
		moves: 0,
		compactionReadBytes: 0,
		compactionWrittenBytes: 0,
	};
	readonly #engine: Engine;
	readonly #picker: PickerOptions;

	constructor(engine: Engine) {
		this.#engine = engine;
		this.#picker = {
			level0Trigger: LEVEL0_TRIGGER,
			level1Bytes: LEVEL1_MEMTABLES * engine.options.memtableBytes,
		};
	}

	/** Before a commit: a full memtable is flushed, and what that makes due is compacted. */
	makeRoom(): void {
		if (this.#engine.active.memtable.bytes() < this.#engine.options.memtableBytes) return;
		this.flush();
		this.compactDue();
	}

	/** Writes the memtable to a table of level 0. Afterwards everything committed so far is in tables. */
	flush(): void {
		const engine = this.#engine;
		// A flush that failed before left its memtable frozen: it goes first.
		if (engine.superversion.memtables.length > 1) this.#flushFrozen();
		if (engine.active.memtable.entries() === 0) return;
		this.#freeze();
		this.#flushFrozen();
	}

	/** Begins a new log and a new memtable in front of the active one. */
	#freeze(): void {
		const engine = this.#engine;
		const { storage, kernel, manifest } = engine;
		const active = new MemtableReference(kernel, engine.options.memtableBytes);
		const { superversion } = engine;
		const next = new Superversion(kernel, [active, ...superversion.memtables], superversion.levels);
		try {
			// First: a log that has a successor must be whole, also after a power cut.
			engine.syncLog();
			engine.switchLog(createLog(storage, engine.directory, kernel, manifest));
		} catch (error) {
			next.release();
			throw error;
		}
		engine.active.lastSequence = engine.lastSequence;
		engine.install(next, active);
	}

	#flushFrozen(): void {
		const engine = this.#engine;
		const { superversion } = engine;
		const frozen = superversion.memtables.slice(1);
		const job = engine.kernel.createJob({
			memtables: frozen.map(({ memtable }) => memtable),
			runs: [],
			below: undefined,
			snapshots: engine.snapshots.sequences(),
			...this.#tableOptions(),
			// One memtable makes one table of level 0, whatever its size.
			tableBytes: 0xffffffff,
		});
		const run = new JobRun(this.#jobHost(), job, superversion.files);
		run.run();
		const flushedSequence = Math.max(...frozen.map(({ lastSequence }) => lastSequence));
		const firstLog = engine.logNumber;
		const oldLogs = this.#logsBefore(firstLog);
		this.#commit(run, 0, [], { flushedSequence, firstLog }, superversion.memtables.slice(0, 1));
		for (const path of oldLogs) this.#removeQuietly(path);
		this.counters.flushes += 1;
		this.counters.flushedBytes += run.bytesWritten;
	}

	#logsBefore(firstLog: number): string[] {
		const { storage, directory, manifest } = this.#engine;
		const paths: string[] = [];
		for (let number = Math.max(manifest.state.firstLog, 1); number < firstLog; number++) {
			const path = storage.join(directory, walName(number));
			if (storage.exists(path)) paths.push(path);
		}
		return paths;
	}

	#removeQuietly(path: string): void {
		try {
			this.#engine.storage.remove(path);
		} catch {
			// No manifest needs it: the next open removes it.
		}
	}

	/** Runs compactions until none is due. */
	compactDue(): void {
		for (;;) {
			const choice = pickCompaction(this.#engine.superversion.levels, this.#picker);
			if (choice === undefined) return;
			this.#compact(choice);
		}
	}

	/** Merges everything within [smallest, largest], both open where undefined, down to one level. */
	compactRange(smallest: Uint8Array | undefined, largest: Uint8Array | undefined): void {
		this.#engine.checkWritable();
		this.flush();
		for (let level = 0; ; ) {
			const choice = pickRange(this.#engine.superversion.levels, level, smallest, largest);
			if (choice === undefined) return;
			this.#compact(choice);
			level = choice.level + 1;
		}
	}

	#compact(choice: CompactionChoice<TableFile>): void {
		const engine = this.#engine;
		const { superversion } = engine;
		const { level, inputs, overlapping } = choice;
		const removed = [
			...inputs.map(({ description }) => ({ level, file: description.file })),
			...overlapping.map(({ description }) => ({ level: level + 1, file: description.file })),
		];
		if (choice.move) {
			this.#move(inputs[0] as TableFile, level);
			return;
		}
		const runs = level === 0 ? inputs.map(({ handle }) => [handle]) : [inputs.map(({ handle }) => handle)];
		if (overlapping.length > 0) runs.push(overlapping.map(({ handle }) => handle));
		const job = engine.kernel.createJob({
			memtables: [],
			runs,
			below: { superversion: superversion.handle, level: level + 2 },
			snapshots: engine.snapshots.sequences(),
			...this.#tableOptions(),
			tableBytes: engine.options.memtableBytes,
		});
		const run = new JobRun(this.#jobHost(), job, superversion.files);
		run.run();
		this.#commit(run, level + 1, removed, {}, superversion.memtables);
		this.counters.compactions += 1;
		for (const { description } of [...inputs, ...overlapping]) this.counters.compactionReadBytes += description.size;
		this.counters.compactionWrittenBytes += run.bytesWritten;
	}

	/** A table that overlaps nothing below just changes its level. */
	#move(table: TableFile, level: number): void {
		const engine = this.#engine;
		const { superversion, manifest } = engine;
		const levels = superversion.levels.map((tables) => tables.filter((other) => other !== table));
		levels[level + 1]?.push(table);
		sortLevels(levels);
		const next = new Superversion(engine.kernel, superversion.memtables, levels);
		const { seed: _, ...record } = table.description;
		try {
			manifest.commit({
				removed: [{ level, file: record.file }],
				added: [{ level: level + 1, table: record }],
			});
		} catch (error) {
			next.release();
			throw engine.fail(error);
		}
		engine.install(next, engine.active);
		this.counters.moves += 1;
	}

	/** Enters the outputs of a run into the manifest and makes them visible. */
	#commit(
		run: JobRun,
		level: number,
		removed: readonly { readonly level: number; readonly file: number }[],
		edit: VersionEdit,
		memtables: readonly MemtableReference[],
	): void {
		const engine = this.#engine;
		const { storage, kernel, manifest, superversion } = engine;
		const gone = new Set(removed.map(({ file }) => file));
		const levels = superversion.levels.map((tables) => tables.filter(({ description }) => !gone.has(description.file)));
		let next: Superversion;
		try {
			const outputs = run.outputs.map(
				(description) =>
					new TableFile(storage, kernel, storage.join(engine.directory, tableName(description.file)), description),
			);
			levels[level]?.push(...outputs);
			sortLevels(levels);
			next = new Superversion(kernel, memtables, levels);
			// The tables' entries are on stable storage before the manifest names them.
			guard("sync", engine.directory, () => storage.syncDirectory(engine.directory));
		} catch (error) {
			run.removeOutputs();
			throw error;
		}
		try {
			manifest.commit({
				...edit,
				nextFile: manifest.state.nextFile,
				added: run.outputs.map(({ seed: _, ...table }) => ({ level, table })),
				removed,
			});
		} catch (error) {
			next.release();
			throw engine.fail(error);
		}
		for (const { file } of removed) {
			const table = superversion.files.get(file);
			if (table !== undefined) table.obsolete = true;
		}
		engine.install(next, engine.active);
	}

	#tableOptions() {
		const { blockBytes, bloomBitsPerKey, compression } = this.#engine.options;
		const { databaseId } = this.#engine.manifest.state;
		return { blockBytes, bitsPerKey: bloomBitsPerKey, compression, databaseId };
	}

	#jobHost() {
		const { storage, kernel, manifest, directory } = this.#engine;
		return {
			storage,
			kernel,
			newTable: () => {
				const file = manifest.state.nextFile++;
				return {
					file,
					path: storage.join(directory, tableName(file)),
					seed: fileSeed(kernel, manifest.state.databaseId, file),
				};
			},
		};
	}
}
