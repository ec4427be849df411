import { LEVELS } from "../../../assembly/shared/abi.js";
import { WlsmError } from "../../errors.js";
import type { Kernel, TableDescription } from "../../kernel/contract.js";
import type { ResolvedOptions } from "../../options.js";
import type { Storage } from "../../storage/storage.js";
import { corruption, guard, reasonOf } from "../failure.js";
import { CHECKPOINT_MARK, CURRENT, manifestName, numberAbove, tableName, walName } from "../files.js";
import { JobRun, removeQuietly } from "../job-run.js";
import { acquireLock } from "../lock.js";
import { LogWriter } from "../log-writer.js";
import { emptyState, Manifest, type ManifestState, walIdentity } from "../manifest.js";
import { type KernelMaker, kernelFor, removeLeftovers } from "../open.js";
import { compareBytes } from "../range.js";
import { checkNothingThere, listFiles } from "../recovery.js";
import { type TableEntry, TableReader } from "../table-reader.js";
import { jobDescription, type TablePlace, TableSink } from "../table-sink.js";
import { setAside } from "./lost.js";
import { type LeftOut, planRepair, type RepairPlan } from "./plan.js";
import { replaySound } from "./replay.js";
import { type FoundLog, type FoundTable, survey } from "./survey.js";

/** What a repair kept, and what it could not keep. */
export interface RepairReport {
	/** Tables that were kept whole. */
	readonly tables: number;
	/** Entries of the repaired database, deletions included. */
	readonly entries: number;
	/** Logs of which operations were recovered. */
	readonly logs: number;
	/** What could not be kept; the files are in the folder `lost` then. Empty: nothing is missing. */
	readonly leftOut: readonly LeftOut[];
}

/**
 * Makes a database of what is sound in a directory. All that is new is written under new names; then CURRENT is replaced, and
 * only then does what is no longer needed go. Interrupted before, it leaves everything as it was beside some more tables,
 * which a later repair takes for what they are: other copies of the same entries.
 */
export function repairOn(
	storage: Storage,
	directory: string,
	options: ResolvedOptions,
	kernelOf: KernelMaker = kernelFor,
): RepairReport {
	if (!guard("look for", directory, () => storage.exists(directory))) throw nothingThere(directory);
	const files = listFiles(storage, directory);
	if (!files.some(({ kind }) => kind === "table" || kind === "wal" || kind === "manifest"))
		throw nothingThere(directory);
	const lock = storage.kind === "memory" ? undefined : acquireLock(storage, directory);
	try {
		const names = listFiles(storage, directory);
		const marked = names.some(({ name }) => name === CHECKPOINT_MARK) && !names.some(({ name }) => name === CURRENT);
		// It is only a part of a database that is whole elsewhere.
		if (marked) checkNothingThere(storage, directory, names);
		return new Repair(storage, kernelOf(options), directory, options).run();
	} finally {
		lock?.release();
	}
}

function nothingThere(directory: string): WlsmError {
	return new WlsmError("WLSM_NOT_FOUND", `There is nothing of a database in ${directory}. Check the path.`);
}

type LeveledTable = readonly [level: number, table: TableDescription];

class Repair {
	readonly #storage: Storage;
	readonly #kernel: Kernel;
	readonly #directory: string;
	readonly #options: ResolvedOptions;
	/** Files that this repair wrote. */
	readonly #written: string[] = [];

	constructor(storage: Storage, kernel: Kernel, directory: string, options: ResolvedOptions) {
		this.#storage = storage;
		this.#kernel = kernel;
		this.#directory = directory;
		this.#options = options;
	}

	run(): RepairReport {
		const found = survey(this.#storage, this.#kernel, this.#directory);
		const plan = planRepair(found, (table) => this.#path(tableName(table)));
		if (plan === undefined) {
			const what = "neither a manifest nor a table nor a log can be read: there is nothing to repair from";
			throw corruption(this.#path(CURRENT), undefined, what);
		}
		const place: TablePlace = {
			storage: this.#storage,
			kernel: this.#kernel,
			directory: this.#directory,
			databaseId: plan.databaseId,
			options: this.#options,
			nextFile: numberAbove(plan.state?.nextFile ?? 0, found.files),
		};
		let report: RepairReport;
		try {
			const { state, logs } = this.#rebuild(place, plan);
			for (const manifest of found.manifests) if (!manifest.whole) plan.lost.add(manifest.name);
			guard("set aside files of", this.#directory, () => setAside(this.#storage, this.#directory, plan.lost));
			guard("sync", this.#directory, () => this.#storage.syncDirectory(this.#directory));
			const number = state.nextFile++;
			this.#written.push(this.#path(manifestName(number)));
			const manifest = Manifest.found(this.#storage, this.#directory, this.#kernel, state, number);
			manifest.close();
			this.#removeLogs(found.logs.filter((log) => log.number >= state.firstLog));
			removeLeftovers(this.#storage, this.#directory, manifest, found.files);
			let entries = 0;
			for (const { table } of state.tables.values()) entries += table.entries;
			report = { tables: plan.sound.length, entries, logs, leftOut: plan.leftOut };
		} catch (error) {
			// Where CURRENT has been replaced by then, these are what it names.
			if (!this.#replaced(place)) for (const path of this.#written) removeQuietly(this.#storage, path);
			throw error;
		}
		return report;
	}

	/** Whether CURRENT may name a manifest that this repair wrote. */
	#replaced(place: TablePlace): boolean {
		try {
			const { state } = Manifest.recover(this.#storage, this.#directory, this.#kernel);
			return state.nextFile >= place.nextFile;
		} catch {
			return false;
		}
	}

	/** Strays with numbers that would make them newer than the new log. In `lost` they are the same file: nothing may write on. */
	#removeLogs(logs: readonly FoundLog[]): void {
		if (logs.length === 0) return;
		for (const { path } of logs) guard("remove", path, () => this.#storage.remove(path));
		guard("sync", this.#directory, () => this.#storage.syncDirectory(this.#directory));
	}

	#path(name: string): string {
		return this.#storage.join(this.#directory, name);
	}

	#rebuild(place: TablePlace, plan: RepairPlan): { readonly state: ManifestState; readonly logs: number } {
		const tables: LeveledTable[] = [];
		const levelOf = (file: number) => plan.state?.tables.get(file)?.level ?? 0;
		let newest = plan.state?.flushedSequence ?? 0;
		const keep = (level: number, table: TableDescription) => {
			tables.push([level, table]);
			newest = Math.max(newest, table.maxSequence);
		};
		for (const { description } of plan.sound) keep(levelOf(description.file), description);
		// Range deletions of a table that became several may span more than the one that holds them.
		let scattered = false;
		for (const table of plan.salvage) {
			const parts = this.#salvage(place, plan, table);
			scattered ||= parts.length > 1 && parts.some(({ rangeDeletions }) => rangeDeletions > 0);
			for (const part of parts) keep(levelOf(table.number), part);
		}

		const replayed = replaySound(place, plan);
		this.#wrote(replayed.tables);
		// Level 0 and the levels below are searched from the newest to the oldest: what the logs held must be newer than all else.
		const ordered = plan.trusted && !scattered && replayed.ascending && replayed.first > newest;
		for (const table of replayed.tables) keep(0, table);
		const final = ordered
			? tables
			: this.#merge(
					place,
					tables.map(([, table]) => table),
				);

		const log = this.#createLog(place);
		const state: ManifestState = {
			...emptyState(),
			databaseId: plan.databaseId,
			nextFile: place.nextFile,
			firstLog: log.number,
			flushedSequence: newest,
			closedLog: log,
		};
		for (const [level, { seed: _, ...table }] of final) state.tables.set(table.file, { level, table });
		return { state, logs: replayed.logs };
	}

	#wrote(tables: readonly TableDescription[]): void {
		for (const { file } of tables) this.#written.push(this.#path(tableName(file)));
	}

	/** Writes what can be read of a damaged table into new ones. */
	#salvage(place: TablePlace, plan: RepairPlan, table: FoundTable): readonly TableDescription[] {
		const sink = new TableSink(place);
		try {
			const reader = new TableReader(this.#storage, this.#kernel, table.path);
			try {
				let versions: TableEntry[] = [];
				for (const block of reader.blocks()) {
					if (block instanceof WlsmError) continue;
					for (const entry of block) {
						const key = versions[0]?.key;
						if (key !== undefined && compareBytes(key, entry.key) !== 0) {
							sink.addVersions(versions);
							versions = [];
						}
						versions.push(entry);
					}
				}
				if (versions.length > 0) sink.addVersions(versions);
				sink.addVersions(reader.rangeDeletions ?? []);
			} finally {
				reader.close();
			}
			const outputs = sink.finish();
			this.#wrote(outputs);
			if (table.reason !== undefined) {
				const entries = outputs.reduce((sum, output) => sum + output.entries, 0);
				plan.leftOut.push({ file: table.path, reason: `${table.reason}; ${entries} entries of it were kept` });
				plan.lost.add(table.name);
			}
			return outputs;
		} catch (error) {
			this.#wrote(sink.outputs);
			if (!(error instanceof WlsmError) || error.code !== "WLSM_CORRUPTION") throw error;
			plan.leftOut.push({ file: table.path, reason: reasonOf(error) });
			plan.lost.add(table.name);
			return sink.outputs;
		} finally {
			sink.free();
		}
	}

	/**
	 * One sorted run of the newest version of each key, by sequence numbers, on the lowest level. Tables that share no keys are
	 * one already. Deletions have nothing left to delete.
	 */
	#merge(place: TablePlace, tables: readonly TableDescription[]): LeveledTable[] {
		const bottom = LEVELS - 1;
		const runs = sortedRuns(tables);
		if (runs.length <= 1) return tables.map((table) => [bottom, table]);
		const bytes = tables.reduce((sum, { size }) => sum + size, 0);
		const files = 4 + Math.ceil((2 * bytes) / this.#options.memtableBytes);
		const below = { level: 1, levels: Array.from({ length: LEVELS }, () => []) };
		const description = jobDescription(place, files, { memtables: [], runs, below });
		const { outputs } = new JobRun(this.#storage, this.#kernel, description).run();
		this.#wrote(outputs);
		return outputs.map((table) => [bottom, table]);
	}

	/** An empty log to go on in. */
	#createLog(place: TablePlace): { readonly number: number; readonly bytes: number } {
		const number = place.nextFile++;
		const path = this.#path(walName(number));
		this.#written.push(path);
		return guard("write", path, () => {
			const identity = walIdentity(this.#kernel, place.databaseId, number);
			const log = LogWriter.create(this.#storage, path, this.#kernel, identity);
			try {
				log.syncSync();
				return { number, bytes: log.bytes };
			} finally {
				log.close();
			}
		});
	}
}

/** As few runs of tables without common keys as there can be. */
function sortedRuns(tables: readonly TableDescription[]): TableDescription[][] {
	const runs: TableDescription[][] = [];
	for (const table of [...tables].sort((a, b) => compareBytes(a.smallest, b.smallest))) {
		const run = runs.find((others) => compareBytes((others.at(-1) as TableDescription).largest, table.smallest) < 0);
		if (run === undefined) runs.push([table]);
		else run.push(table);
	}
	return runs;
}
