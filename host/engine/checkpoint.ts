import { Buffer } from "node:buffer";
import { WlsmError } from "../errors.js";
import type { Storage, WriteFile } from "../storage/storage.js";
import { createDirectory } from "./directory.js";
import type { Engine } from "./engine.js";
import { guard, ioError } from "./failure.js";
import { CHECKPOINT_MARK, CURRENT, CURRENT_TEMPORARY, manifestName, tableName, walName } from "./files.js";
import { JobRun } from "./job-run.js";
import { LogWriter } from "./log-writer.js";
import { emptyState, Manifest, type ManifestState, walIdentity } from "./manifest.js";
import type { Superversion } from "./superversion.js";
import type { TableFile } from "./table-file.js";

const COPY_BYTES = 1 << 20;

const MARK_TEXT =
	"A checkpoint of a wlsm database is being written here. Without a file CURRENT it was interrupted: delete the directory.\n";

/**
 * Writes a database into `directory` that holds what the tables of the engine hold at the call, and for a reader, whose
 * memtable never changes, that too. The order makes an interruption harmless at any point: the mark, the tables and an empty
 * log, the manifest, CURRENT; then the mark goes.
 *
 * The copy keeps the database's id and the tables' numbers, with which their checksums are seeded.
 */
export async function checkpointEngine(engine: Engine, storage: Storage, directory: string): Promise<void> {
	// What is copied is fixed here; the superversion keeps the tables' files in place.
	const superversion = engine.superversion.retain();
	const { databaseId, flushedSequence, nextFile } = engine.manifest.state;
	const state: ManifestState = { ...emptyState(), databaseId, flushedSequence, nextFile };
	const target = new Target(storage, directory);
	engine.readStarted();
	try {
		try {
			target.begin();
			for (const [level, tables] of superversion.levels.entries()) {
				for (const table of tables) {
					await target.add(engine, table);
					const { seed: _, ...record } = table.description;
					state.tables.set(record.file, { level, table: record });
				}
			}
			if (engine.readOnly) writeMemtables(engine, superversion, target, state);
			target.complete(engine, state);
		} catch (error) {
			target.abandon();
			throw error;
		}
	} finally {
		superversion.release();
		engine.readEnded();
	}
}

/** What the logs held beyond the tables becomes a table of level 0. */
function writeMemtables(engine: Engine, superversion: Superversion, target: Target, state: ManifestState): void {
	const { kernel, options } = engine;
	const memtables = superversion.memtables.map(({ memtable }) => memtable);
	if (memtables.every((memtable) => memtable.entries() === 0)) return;
	const firstFile = state.nextFile++;
	target.newFile(tableName(firstFile));
	const { outputs } = new JobRun(target.storage, kernel, {
		directory: target.directory,
		databaseId: state.databaseId,
		memtables: memtables.map(({ handle }) => handle),
		runs: [],
		below: undefined,
		snapshots: [],
		now: engine.now(),
		blockBytes: options.blockBytes,
		bitsPerKey: options.bloomBitsPerKey,
		compression: options.compression,
		tableBytes: 0xffffffff,
		firstFile,
		files: 1,
	}).run();
	for (const { seed: _, ...table } of outputs) state.tables.set(table.file, { level: 0, table });
	state.flushedSequence = engine.lastSequence;
}

/** The directory of a checkpoint while it is written. */
class Target {
	readonly storage: Storage;
	readonly directory: string;
	readonly #written: string[] = [];
	#links: "untried" | "work" | "fail" = "untried";

	constructor(storage: Storage, directory: string) {
		this.storage = storage;
		this.directory = directory;
	}

	/** Makes the directory and takes possession of it. */
	begin(): void {
		const { storage } = this;
		const directory = this.directory;
		const there = guard("look for", directory, () => storage.exists(directory));
		if (there) this.#checkEmpty();
		createDirectory(storage, directory);
		const path = storage.join(directory, CHECKPOINT_MARK);
		let mark: WriteFile;
		try {
			mark = storage.create(path);
		} catch (error) {
			// Another checkpoint was faster.
			if ((error as { code?: unknown }).code === "EEXIST") throw this.#exists("is being written to");
			throw ioError("create", path, error);
		}
		this.#written.push(path);
		this.#finish(mark, () => mark.writeSync(Buffer.from(MARK_TEXT), 0, MARK_TEXT.length));
	}

	#checkEmpty(): void {
		let names: string[];
		try {
			names = this.storage.list(this.directory);
		} catch (error) {
			if ((error as { code?: unknown }).code === "ENOTDIR") throw this.#exists("is a file");
			throw ioError("read the directory", this.directory, error);
		}
		if (names.length === 0) return;
		const interrupted = names.includes(CHECKPOINT_MARK) && !names.includes(CURRENT);
		throw this.#exists(interrupted ? "holds a checkpoint that was interrupted, or is under way" : "is not empty");
	}

	#exists(what: string): WlsmError {
		const message = `${this.directory} ${what}. Give a checkpoint a directory that is absent or empty.`;
		return new WlsmError("WLSM_EXISTS", message, { file: this.directory });
	}

	newFile(name: string): string {
		const path = this.storage.join(this.directory, name);
		this.#written.push(path);
		return path;
	}

	/** A second name for the table's file or, where that is not to be had, a copy of it. */
	async add(engine: Engine, table: TableFile): Promise<void> {
		const path = this.newFile(tableName(table.description.file));
		if (this.storage === engine.storage && this.#links !== "fail") {
			try {
				this.storage.link(table.path, path);
				this.#links = "work";
				return;
			} catch (error) {
				const { code } = error as { code?: unknown };
				if (code === "EEXIST") throw ioError("create", path, error);
				// A reader's table that the writer has removed is still open, and can be copied.
				if (this.#links === "untried" && code !== "ENOENT") this.#links = "fail";
			}
		}
		await this.#copy(table, path);
	}

	async #copy(table: TableFile, path: string): Promise<void> {
		const { size, file } = table.description;
		const target = Buffer.alloc(Math.min(size, COPY_BYTES));
		const copy = guard("create", path, () => this.storage.create(path));
		try {
			for (let offset = 0; offset < size; offset += target.length) {
				const length = Math.min(target.length, size - offset);
				await table.read({ file, offset, length, target, at: 0 });
				guard("write", path, () => copy.writeSync(target, 0, length));
			}
			await copy.sync().catch((error: unknown) => {
				throw ioError("sync", path, error);
			});
		} finally {
			copy.close();
		}
	}

	/** Writes what makes a database of the tables. */
	complete(engine: Engine, state: ManifestState): void {
		const { storage } = this;
		const { kernel } = engine;
		const number = state.nextFile++;
		const path = this.newFile(walName(number));
		guard("write", path, () => {
			const log = LogWriter.create(storage, path, kernel, walIdentity(kernel, state.databaseId, number));
			try {
				log.syncSync();
				state.firstLog = number;
				state.closedLog = { number, bytes: log.bytes };
			} finally {
				log.close();
			}
		});
		// The manifest names these files: their entries come first.
		guard("sync", this.directory, () => storage.syncDirectory(this.directory));
		const manifest = state.nextFile++;
		for (const name of [manifestName(manifest), CURRENT_TEMPORARY, CURRENT]) this.newFile(name);
		Manifest.found(storage, this.directory, kernel, state, manifest).close();
		const mark = storage.join(this.directory, CHECKPOINT_MARK);
		guard("remove", mark, () => {
			storage.remove(mark);
			storage.syncDirectory(this.directory);
		});
	}

	#finish(file: WriteFile, write: () => void): void {
		guard("write", file.path, () => {
			try {
				write();
				file.syncSync();
			} finally {
				file.close();
			}
		});
		guard("sync", this.directory, () => this.storage.syncDirectory(this.directory));
	}

	/** Removes what was written, CURRENT first and the mark last: in between the directory never looks like a database. */
	abandon(): void {
		for (const path of this.#written.toReversed()) {
			try {
				this.storage.remove(path);
			} catch {
				// Not there yet, or not to be removed: the mark tells what the directory is.
			}
		}
	}
}
