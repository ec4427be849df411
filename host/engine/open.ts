import { Buffer } from "node:buffer";
import { WlsmError } from "../errors.js";
import type { Kernel } from "../kernel/contract.js";
import { createKernel } from "../kernel/create.js";
import type { ResolvedOptions } from "../options.js";
import { MemoryStorage } from "../storage/memory.js";
import { NodeStorage } from "../storage/node.js";
import type { ReadFile, Storage } from "../storage/storage.js";
import { startWorker } from "./background/background.js";
import type { StartBackground } from "./background/lanes.js";
import { createDirectory } from "./directory.js";
import { Engine } from "./engine.js";
import { Events } from "./events.js";
import { guard } from "./failure.js";
import { FileCache, keepOpen } from "./file-cache.js";
import { CURRENT, numberAbove, walName } from "./files.js";
import { acquireLock, type Lock } from "./lock.js";
import { LogWriter, settleRecovered } from "./log-writer.js";
import { Manifest } from "./manifest.js";
import {
	checkNothingThere,
	createLog,
	listFiles,
	openLogs,
	type RecoveredLog,
	type RecoveredLogs,
	recoverTables,
	replayLogs,
} from "./recovery.js";
import { MemtableReference, Superversion } from "./superversion.js";

/** Everything stays in memory and is gone with the handle. */
export const MEMORY_LOCATION = ":memory:";
const MEMORY_DIRECTORY = "/memory";

export type KernelMaker = (options: ResolvedOptions) => Kernel;

/** What a database is made with beside its storage. Tests put something of their own in the place of either. */
export interface Surroundings {
	/** Makes the kernel of each attempt to open. */
	readonly kernelOf: KernelMaker;
	readonly startBackground: StartBackground;
}

const SURROUNDINGS: Surroundings = { kernelOf: kernelFor, startBackground: startWorker };

/** Opens or makes the database, that of `:memory:` in `memory`. Errors: NOT_FOUND, EXISTS, LOCKED, CORRUPTION, UNSUPPORTED, IO, OUT_OF_MEMORY. */
export function openEngine(location: string, options: ResolvedOptions, memory = new MemoryStorage()): Engine {
	const inMemory = location === MEMORY_LOCATION;
	const storage = inMemory ? memory : new NodeStorage();
	return openOn(storage, inMemory ? MEMORY_DIRECTORY : storage.resolve(location), options);
}

export function openOn(
	storage: Storage,
	directory: string,
	options: ResolvedOptions,
	surroundings: Partial<Surroundings> = {},
): Engine {
	const start = performance.now();
	const engine = openDirectory(storage, directory, options, { ...SURROUNDINGS, ...surroundings });
	engine.events.tell("open", () => {
		const { tables } = engine.manifest.state;
		const bytes = [...tables.values()].reduce((sum, { table }) => sum + table.size, 0);
		const { readOnly, lastSequence: sequence } = engine;
		const background = engine.compactor.background === undefined ? "inline" : "worker";
		return { readOnly, background, tables: tables.size, bytes, sequence, milliseconds: performance.now() - start };
	});
	return engine;
}

function openDirectory(
	storage: Storage,
	directory: string,
	options: ResolvedOptions,
	surroundings: Surroundings,
): Engine {
	const there = guard("look for", directory, () => isThere(storage, directory));
	if (there && options.errorIfExists) {
		throw new WlsmError("WLSM_EXISTS", `There is a database in ${directory} already, and errorIfExists is set.`);
	}
	if (!there) prepareDirectory(storage, directory, options);
	if (options.readOnly) return openBesideWriter(storage, directory, options, surroundings);
	const lock = storage.kind === "memory" ? undefined : acquireLock(storage, directory);
	try {
		return openLocked(storage, directory, options, surroundings, lock);
	} catch (error) {
		try {
			lock?.release();
		} catch {
			// The first failure is the one to tell.
		}
		throw error;
	}
}

const READ_ONLY_ATTEMPTS = 100;

/** A writer may remove what its newest edit made obsolete while this reads: what it then lacks is looked for once more. */
function openBesideWriter(
	storage: Storage,
	directory: string,
	options: ResolvedOptions,
	surroundings: Surroundings,
): Engine {
	for (let attempt = 1; ; attempt++) {
		const before = manifestStamp(storage, directory);
		try {
			return openLocked(storage, directory, options, surroundings, undefined);
		} catch (error) {
			if (attempt === READ_ONLY_ATTEMPTS || manifestStamp(storage, directory) === before) throw error;
		}
	}
}

/** Something that every edit of the manifest changes. */
function manifestStamp(storage: Storage, directory: string): string {
	try {
		const current = storage.openRead(storage.join(directory, CURRENT));
		const bytes = Buffer.alloc(128);
		const name = bytes.toString("latin1", 0, current.readSync(bytes, 0, bytes.length, 0)).split(" ")[0] ?? "";
		current.close();
		const manifest = storage.openRead(storage.join(directory, name));
		const size = manifest.size();
		manifest.close();
		return `${name} ${size}`;
	} catch (error) {
		return String(error);
	}
}

/** Whether there is a database. A directory with data but no CURRENT is damage, whatever the options say. */
function isThere(storage: Storage, directory: string): boolean {
	const current = storage.join(directory, CURRENT);
	if (storage.exists(current)) return true;
	if (!storage.exists(directory)) return false;
	const files = listFiles(storage, directory);
	// Another process may be making it: CURRENT comes before the data, so it is looked for behind them.
	if (storage.exists(current)) return true;
	checkNothingThere(storage, directory, files);
	return false;
}

/** Makes the directory of a new database, or says why there will be none. */
function prepareDirectory(storage: Storage, directory: string, options: ResolvedOptions): void {
	if (!options.createIfMissing || options.readOnly) {
		throw new WlsmError(
			"WLSM_NOT_FOUND",
			`There is no database in ${directory}. Check the path${options.readOnly ? "" : ", or open it with createIfMissing"}.`,
		);
	}
	createDirectory(storage, directory);
}

function openLocked(
	storage: Storage,
	directory: string,
	options: ResolvedOptions,
	surroundings: Surroundings,
	lock: Lock | undefined,
): Engine {
	const events = new Events(directory, options.logger);
	const taken = lock?.takenFrom;
	if (taken !== undefined) events.tell("lock", () => ({ pid: taken.pid, hostname: taken.hostname }));
	const kernel = surroundings.kernelOf(options);
	const fresh = !storage.exists(storage.join(directory, CURRENT));
	if (fresh) {
		// Looked at again under the lock: another process may have been about to make it.
		checkNothingThere(storage, directory, listFiles(storage, directory));
		Manifest.create(storage, directory, kernel, crypto.getRandomValues(new Uint8Array(8))).close();
	} else if (options.errorIfExists) {
		throw new WlsmError("WLSM_EXISTS", `There is a database in ${directory} already, and errorIfExists is set.`);
	}
	const active = new MemtableReference(kernel, options.memtableBytes);
	const manifest = Manifest.recover(storage, directory, kernel);
	const { state } = manifest;
	const files = listFiles(storage, directory);
	state.nextFile = numberAbove(state.nextFile, files);
	const tableFiles = new FileCache(storage, options.maxOpenFiles, options.readOnly ? "writer" : "nobody");
	const levels = recoverTables(tableFiles, directory, kernel, state, new Set(files.map(({ name }) => name)));
	const tables = levels.flat().map(({ file }) => file);
	// A file that is open outlives its removal by a writer: a reader opens what it needs before anything that takes time.
	const held = options.readOnly ? openLogs(storage, directory, state, files) : new Map<number, ReadFile>();
	let logs: RecoveredLogs;
	let superversion: Superversion;
	try {
		if (options.readOnly) keepOpen(tables);
		const start = performance.now();
		logs = replayLogs(storage, directory, kernel, state, files, active, held);
		tellRecovery(events, options, logs, performance.now() - start);
		superversion = new Superversion(kernel, [active], levels);
	} catch (error) {
		for (const table of tables) table.close();
		throw error;
	} finally {
		for (const file of held.values()) file.close();
	}
	let log: LogWriter | undefined;
	try {
		if (!options.readOnly) {
			// What an earlier process did to names may be in the system's cache alone, and is counted on from here on.
			guard("sync", directory, () => storage.syncDirectory(directory));
			manifest.openForWriting();
			log = openLog(tableFiles, directory, kernel, manifest, logs);
			active.logs = [...new Set([...logs.logs.map(({ identity }) => identity.number), log.identity.number])];
			if (state.firstLog === 0) manifest.commit({ firstLog: log.identity.number });
			const removed = removeLeftovers(storage, directory, manifest, files);
			if (removed.length > 0) events.tell("cleanup", () => ({ files: removed }));
		}
		return new Engine({
			options,
			events,
			storage,
			files: tableFiles,
			directory,
			kernel,
			manifest,
			lock,
			log,
			superversion,
			active,
			lastSequence: logs.lastSequence,
			startBackground: surroundings.startBackground,
		});
	} catch (error) {
		log?.close();
		manifest.close();
		superversion.release();
		throw error;
	}
}

export function kernelFor({ kernel, memoryBytes, blockCacheBytes }: ResolvedOptions): Kernel {
	return createKernel(kernel, { memoryBytes, blockCacheBytes });
}

/** Goes on with the newest log, without the write that was under way when its process ended, or begins the first. */
function openLog(
	files: FileCache,
	directory: string,
	kernel: Kernel,
	manifest: Manifest,
	{ logs, dropped }: RecoveredLogs,
): LogWriter {
	const { storage } = files;
	const newest = logs.at(-1);
	if (newest === undefined) {
		const log = createLog(files, directory, kernel, manifest);
		guard("sync", directory, () => storage.syncDirectory(directory));
		return log;
	}
	const { path, identity } = newest;
	return guard("open", path, () => {
		for (const number of dropped) storage.remove(storage.join(directory, walName(number)));
		if (dropped.length > 0) storage.syncDirectory(directory);
		// What goes into the newest log counts on the earlier ones.
		for (const older of logs.slice(0, -1)) settleOlder(storage, older);
		return LogWriter.resume(storage, path, kernel, identity, newest);
	});
}

function settleOlder(storage: Storage, log: RecoveredLog): void {
	const file = storage.openAppend(log.path);
	try {
		settleRecovered(file, log);
	} finally {
		file.close();
	}
}

function tellRecovery(events: Events, options: ResolvedOptions, logs: RecoveredLogs, milliseconds: number): void {
	const { operations, tornBytes } = logs;
	if (operations === 0 && tornBytes === 0) return;
	// The end of a log that a writer is just writing to means nothing to a reader.
	const torn = tornBytes > 0 && !options.readOnly;
	events.tell(torn ? "torn" : "recovery", () => {
		const file = tornBytes > 0 ? { file: logs.logs.at(-1)?.path } : {};
		return { logs: logs.logs.length, operations, tornBytes, ...file, milliseconds };
	});
}

/** Removes what earlier processes left and nothing names, and answers the names: outputs of jobs that never ended, logs and manifests of the past. */
export function removeLeftovers(
	storage: Storage,
	directory: string,
	manifest: Manifest,
	files: ReturnType<typeof listFiles>,
): string[] {
	const removed: string[] = [];
	const { state } = manifest;
	for (const file of files) {
		const needed =
			file.kind === "table"
				? state.tables.has(file.number)
				: file.kind === "wal"
					? file.number >= state.firstLog
					: file.kind === "manifest"
						? file.number === manifest.number
						: file.kind !== "temporary";
		if (needed) continue;
		const path = storage.join(directory, file.name);
		try {
			storage.remove(path);
			removed.push(file.name);
		} catch {
			// Gone already, a folder of somebody else's, or not to be removed now: nothing needs it gone.
		}
	}
	return removed;
}
