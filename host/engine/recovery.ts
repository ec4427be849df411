import { LEVELS } from "../../assembly/shared/abi.js";
import { WlsmError } from "../errors.js";
import type { Kernel, TableDescription } from "../kernel/contract.js";
import type { ReadFile, Storage } from "../storage/storage.js";
import { corruption, guard } from "./failure.js";
import type { FileCache } from "./file-cache.js";
import { CHECKPOINT_MARK, type DatabaseFile, parseFileName, tableName, walName } from "./files.js";
import { type LogIdentity, LogReader } from "./log.js";
import { LogWriter, type SoundPart } from "./log-writer.js";
import { fileSeed, type Manifest, type ManifestState, walIdentity } from "./manifest.js";
import { compareBytes } from "./range.js";
import type { MemtableReference } from "./superversion.js";
import { TableFile } from "./table-file.js";

/** The database's own files in its directory. */
export function listFiles(storage: Storage, directory: string): (DatabaseFile & { readonly name: string })[] {
	const names = guard("read the directory", directory, () => storage.list(directory));
	return names.flatMap((name) => {
		const file = parseFileName(name);
		return file === undefined ? [] : [{ ...file, name }];
	});
}

const LARGE_TAIL = 1 << 20;
const LARGE_TABLE = 2 ** 30;

/** The tables of a manifest by level, each checked to be there. */
export function recoverTables(
	files: FileCache,
	directory: string,
	kernel: Kernel,
	state: ManifestState,
	present: ReadonlySet<string>,
): TableFile[][] {
	const levels: TableFile[][] = Array.from({ length: LEVELS }, () => []);
	for (const { level, table } of state.tables.values()) {
		const path = files.storage.join(directory, tableName(table.file));
		if (!present.has(tableName(table.file))) throw corruption(path, undefined, "the table is missing");
		const description: TableDescription = { ...table, seed: fileSeed(kernel, state.databaseId, table.file) };
		const tableFile = new TableFile(files, kernel, path, description);
		levels[level]?.push(tableFile);
		// Memory for a tail and file numbers for a compaction are taken before the file is looked at: what only a large file can
		// justify is asked for first.
		if (table.tailLength > LARGE_TAIL || table.size > LARGE_TABLE) tableFile.file.check();
	}
	sortLevels(levels);
	for (const run of levels.slice(1)) {
		for (const [position, { description, path }] of run.entries()) {
			const next = run[position + 1];
			if (next !== undefined && compareBytes(description.largest, next.description.smallest) >= 0) {
				throw corruption(path, undefined, "the manifest names tables of one level that overlap");
			}
		}
	}
	return levels;
}

/** Level 0 newest first, the others by key. */
export function sortLevels(levels: TableFile[][]): void {
	for (const [level, tables] of levels.entries()) {
		tables.sort((a, b) =>
			level === 0
				? b.description.maxSequence - a.description.maxSequence
				: compareBytes(a.description.smallest, b.description.smallest),
		);
	}
}

/** A log and what of it is sound. */
export interface RecoveredLog extends SoundPart {
	readonly identity: LogIdentity;
	readonly path: string;
}

/** What the logs held beyond the tables. */
export interface RecoveredLogs {
	/** Sequence number of the last operation. */
	lastSequence: number;
	/** Every log whose operations count, in order. */
	readonly logs: RecoveredLog[];
	/** What they held beyond the tables. */
	operations: number;
	/** Bytes behind the sound part of the newest: a write that was under way. */
	tornBytes: number;
	/** Logs behind one that a power cut tore: their operations do not count. */
	dropped: readonly number[];
}

type ListedFile = DatabaseFile & { readonly name: string };

/** The logs that tables do not cover, in their order. */
function logNumbers(state: ManifestState, files: readonly ListedFile[]): number[] {
	return files
		.flatMap((file) => (file.kind === "wal" && file.number >= state.firstLog ? [file.number] : []))
		.sort((a, b) => a - b);
}

/** Opens the logs that `replayLogs` is going to read, by number. */
export function openLogs(
	storage: Storage,
	directory: string,
	state: ManifestState,
	files: readonly ListedFile[],
): Map<number, ReadFile> {
	const opened = new Map<number, ReadFile>();
	try {
		for (const number of logNumbers(state, files)) {
			const path = storage.join(directory, walName(number));
			opened.set(
				number,
				guard("open", path, () => storage.openRead(path)),
			);
		}
	} catch (error) {
		for (const file of opened.values()) file.close();
		throw error;
	}
	return opened;
}

/**
 * Replays the logs that tables do not cover into a memtable. It may become larger than a memtable should: logs are switched
 * when one is full, so by little. Takes the files that it reads out of `held`, where they are open already.
 */
export function replayLogs(
	storage: Storage,
	directory: string,
	kernel: Kernel,
	state: ManifestState,
	files: readonly ListedFile[],
	memtable: MemtableReference,
	held: Map<number, ReadFile>,
): RecoveredLogs {
	const numbers = logNumbers(state, files);
	const recovered: RecoveredLogs = {
		lastSequence: state.flushedSequence,
		logs: [],
		dropped: [],
		operations: 0,
		tornBytes: 0,
	};
	// One could not go on from it: later logs would have smaller numbers.
	const stray = numbers.find((number) => number >= state.nextFile);
	if (stray !== undefined) {
		const path = storage.join(directory, walName(stray));
		throw corruption(path, undefined, "no log of this database has such a number: it was put here by something else");
	}
	// The manifest names the first log before anything is written to it: without it there is no data yet.
	if (state.firstLog === 0 && (numbers.length > 1 || files.some(({ kind }) => kind === "table"))) {
		throw manifestEndsEarly(storage, directory, files);
	}
	if (state.firstLog !== 0 && numbers[0] !== state.firstLog) {
		throw corruption(storage.join(directory, walName(state.firstLog)), undefined, "the log is missing");
	}
	if (
		state.closedLog !== undefined &&
		state.closedLog.number >= state.firstLog &&
		!numbers.includes(state.closedLog.number)
	) {
		throw corruption(storage.join(directory, walName(state.closedLog.number)), undefined, "the log is missing");
	}
	const open = (number: number): LogReader => {
		const path = storage.join(directory, walName(number));
		const identity = walIdentity(kernel, state.databaseId, number);
		const file = held.get(number);
		held.delete(number);
		return guard("open", path, () => new LogReader(file ?? storage.openRead(path), kernel, identity));
	};
	// A log may end anywhere, and what is behind it then goes, while nothing behind it is taken for durable.
	const durableBehind = (position: number): boolean =>
		numbers.slice(position).some((number) => countsOnEarlier(state, number, open(number)));
	for (const [position, number] of numbers.entries()) {
		const path = storage.join(directory, walName(number));
		const reader = open(number);
		const following = recovered.lastSequence;
		try {
			const joins = guard("read", path, () => {
				if (!reader.readHeader()) return true;
				for (let record = reader.next(); record !== undefined; record = reader.next()) {
					if (state.firstLog === 0) throw manifestEndsEarly(storage, directory, files);
					const entries = record.buffer.batchCount(record.at);
					if (entries < 0) throw corruption(path, record.offset, "the record's operations are malformed");
					const last = record.sequence + entries - 1;
					if (last <= state.flushedSequence) continue;
					if (record.sequence !== recovered.lastSequence + 1) {
						const first = recovered.lastSequence === following && position > 0;
						if (first && !durableBehind(position)) return false;
						throw corruption(path, record.offset, "records before this one are missing");
					}
					record.buffer.apply(record.at, entries, memtable.memtable, record.sequence);
					recovered.lastSequence = last;
					recovered.operations += entries;
				}
				return true;
			});
			// The log before this one lost its end between two records.
			if (!joins) {
				recovered.dropped = numbers.slice(position);
				break;
			}
			if (reader.torn && durableBehind(position + 1)) {
				throw corruption(
					path,
					reader.offset,
					"the log is damaged, and a later one follows that was written after it was complete",
				);
			}
			const { closedLog } = state;
			if (closedLog?.number === number && reader.offset < closedLog.bytes) {
				throw corruption(
					path,
					reader.offset,
					`the log is damaged: ${closedLog.bytes} bytes of it were complete when the database was closed`,
				);
			}
			const closed = closedLog?.number === number ? closedLog.bytes : 0;
			const durableBytes = Math.min(reader.offset, Math.max(reader.durableBytes, closed));
			recovered.logs.push({ identity: reader.identity, path, length: reader.offset, durableBytes });
			recovered.tornBytes = reader.size - reader.offset;
			if (reader.torn) {
				recovered.dropped = numbers.slice(position + 1);
				break;
			}
		} finally {
			reader.close();
		}
	}
	return recovered;
}

/** Whether a log says that those before it were on stable storage. */
function countsOnEarlier(state: ManifestState, number: number, reader: LogReader): boolean {
	try {
		if (state.closedLog?.number === number) return true;
		return guard("read", reader.path, () => {
			reader.readHeader();
			for (let record = reader.nextSound(() => {}); record !== undefined; record = reader.nextSound(() => {})) {
				if (record.durableBytes > 0) return true;
			}
			return false;
		});
	} finally {
		reader.close();
	}
}

function manifestEndsEarly(
	storage: Storage,
	directory: string,
	files: readonly (DatabaseFile & { readonly name: string })[],
): WlsmError {
	const manifest = files.find(({ kind }) => kind === "manifest")?.name ?? "MANIFEST";
	return corruption(
		storage.join(directory, manifest),
		undefined,
		"the manifest ends early: there is data that it does not name",
	);
}

/** Refuses to make a new database in a directory that holds the data of one whose CURRENT is gone. */
export function checkNothingThere(
	storage: Storage,
	directory: string,
	files: readonly (DatabaseFile & { readonly name: string })[],
): void {
	if (files.some(({ name }) => name === CHECKPOINT_MARK)) {
		throw new WlsmError(
			"WLSM_CORRUPTION",
			`${directory} is a checkpoint that was interrupted: it is not a database. Delete the directory and take the checkpoint anew.`,
			{ file: storage.join(directory, CHECKPOINT_MARK) },
		);
	}
	const data = files.find(({ kind }) => kind === "table" || kind === "wal");
	if (data === undefined) return;
	throw new WlsmError(
		"WLSM_CORRUPTION",
		`${directory} holds data (${data.name}) but no CURRENT file, which names the manifest. Repair the database, or restore the directory from a backup; nothing was changed.`,
		{ file: storage.join(directory, "CURRENT") },
	);
}

/** Makes a log; a failure leaves no trace of it. Its entry in the directory is left to the caller. */
export function createLog(files: FileCache, directory: string, kernel: Kernel, manifest: Manifest): LogWriter {
	const { storage } = files;
	const number = manifest.state.nextFile++;
	const path = storage.join(directory, walName(number));
	const identity = walIdentity(kernel, manifest.state.databaseId, number);
	return guard("create", path, () =>
		files.attempt(() => {
			try {
				return LogWriter.create(storage, path, kernel, identity);
			} catch (error) {
				if (storage.exists(path)) storage.remove(path);
				throw error;
			}
		}),
	);
}
