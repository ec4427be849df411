import { Buffer } from "node:buffer";
import { RECORD_HEADER_BYTES } from "../../assembly/shared/format.js";
import { isOutOfMemory, WlsmError } from "../errors.js";
import type { Kernel, Word64 } from "../kernel/contract.js";
import type { Storage } from "../storage/storage.js";
import { corruption, guard, ioError } from "./failure.js";
import { CURRENT, CURRENT_TEMPORARY, manifestName, parseFileName } from "./files.js";
import { type LogIdentity, LogReader } from "./log.js";
import { LogWriter, type SoundPart } from "./log-writer.js";
import { decodeEdit, encodeEdit, type TableRecord, type VersionEdit } from "./version-edit.js";

/** What all edits of a manifest add up to. */
export interface ManifestState {
	databaseId: Uint8Array;
	nextFile: number;
	firstLog: number;
	flushedSequence: number;
	closedLog: { readonly number: number; readonly bytes: number } | undefined;
	/** Tables by level and file number. */
	readonly tables: Map<number, { readonly level: number; readonly table: TableRecord }>;
}

/** Before the first edit. */
export function emptyState(): ManifestState {
	return {
		databaseId: new Uint8Array(8),
		nextFile: 2,
		firstLog: 0,
		flushedSequence: 0,
		closedLog: undefined,
		tables: new Map(),
	};
}

/** A manifest grows by an edit per flush and compaction; beyond this and four times its own start it is written anew. */
const REWRITE_BYTES = 1 << 16;

/** The seed of a manifest's checksums is its number alone: the database's id stands inside. */
export function manifestIdentity(number: number): LogIdentity {
	return { kind: "manifest", number, seed: { low: number, high: 0x6d616e69 }, databaseId: new Uint8Array(8) };
}

export function walIdentity(kernel: Kernel, databaseId: Uint8Array, number: number): LogIdentity {
	return { kind: "wal", number, seed: fileSeed(kernel, databaseId, number), databaseId };
}

export function fileSeed(kernel: Kernel, databaseId: Uint8Array, file: number): Word64 {
	const bytes = Buffer.alloc(16);
	bytes.set(databaseId);
	bytes.writeUInt32LE(file, 8);
	return kernel.hash(bytes, { low: 0, high: 0 });
}

function applyEdit(state: ManifestState, edit: VersionEdit): void {
	if (edit.databaseId !== undefined) state.databaseId = edit.databaseId;
	if (edit.nextFile !== undefined) state.nextFile = edit.nextFile;
	if (edit.firstLog !== undefined) state.firstLog = edit.firstLog;
	if (edit.flushedSequence !== undefined) state.flushedSequence = edit.flushedSequence;
	if (edit.closedLog !== undefined) state.closedLog = edit.closedLog;
	for (const { file } of edit.removed ?? []) {
		if (!state.tables.delete(file)) throw new RangeError(`table ${file} is removed but was never added`);
	}
	for (const added of edit.added ?? []) {
		if (state.tables.has(added.table.file)) throw new RangeError(`table ${added.table.file} is added twice`);
		state.tables.set(added.table.file, added);
	}
}

/** One edit that says all of the state. */
function wholeEdit(state: ManifestState): VersionEdit {
	return {
		databaseId: state.databaseId,
		nextFile: state.nextFile,
		firstLog: state.firstLog,
		flushedSequence: state.flushedSequence,
		...(state.closedLog === undefined ? {} : { closedLog: state.closedLog }),
		added: [...state.tables.values()],
	};
}

/** `CURRENT`: the manifest's name, a space, 16 hexadecimal digits of the name's XXH64, a newline. */
function currentContent(kernel: Kernel, name: string): Buffer {
	const { low, high } = kernel.hash(Buffer.from(name, "latin1"), { low: 0, high: 0 });
	const checksum = [high, low].map((word) => word.toString(16).padStart(8, "0")).join("");
	return Buffer.from(`${name} ${checksum}\n`, "latin1");
}

/** The manifest of an open database: its state so far and, unless read-only, where edits go. */
export class Manifest {
	readonly state: ManifestState;
	readonly #storage: Storage;
	readonly #directory: string;
	readonly #kernel: Kernel;
	number: number;
	#writer: LogWriter | undefined;
	#edits: number;
	/** Where the first edit, which says all of the state at its time, ends. */
	#startBytes = 0;

	private constructor(
		storage: Storage,
		directory: string,
		kernel: Kernel,
		state: ManifestState,
		number: number,
		edits: number,
	) {
		this.#storage = storage;
		this.#directory = directory;
		this.#kernel = kernel;
		this.state = state;
		this.number = number;
		this.#edits = edits;
	}

	/** The first manifest of a new database. */
	static create(storage: Storage, directory: string, kernel: Kernel, databaseId: Uint8Array): Manifest {
		return Manifest.found(storage, directory, kernel, { ...emptyState(), databaseId }, 1);
	}

	/** A manifest that begins with a state; CURRENT names it from then on. */
	static found(storage: Storage, directory: string, kernel: Kernel, state: ManifestState, number: number): Manifest {
		const manifest = new Manifest(storage, directory, kernel, state, number, 0);
		// An attempt that was interrupted before CURRENT may have left this file; it names no data.
		const path = storage.join(directory, manifestName(number));
		if (storage.exists(path)) guard("remove", path, () => storage.remove(path));
		manifest.#startNew(number);
		return manifest;
	}

	/** Reads what CURRENT names. */
	static recover(storage: Storage, directory: string, kernel: Kernel): Manifest {
		const number = readCurrent(storage, directory, kernel);
		const path = storage.join(directory, manifestName(number));
		const file = (() => {
			try {
				return storage.openRead(path);
			} catch (error) {
				if ((error as { code?: unknown }).code !== "ENOENT") throw ioError("open", path, error);
				throw corruption(path, undefined, "CURRENT names this manifest, which is missing", error);
			}
		})();
		const state = emptyState();
		const reader = guard("read", path, () => new LogReader(file, kernel, manifestIdentity(number)));
		let edits = 0;
		let firstEditEnd = 0;
		try {
			if (!reader.readHeader()) throw corruption(path, 0, "the manifest's header is damaged");
			for (let record = reader.next(); record !== undefined; record = reader.next()) {
				if (record.sequence !== edits) throw corruption(path, record.offset, "an edit is missing");
				const start = record.buffer.at + record.at + RECORD_HEADER_BYTES;
				const payload = Buffer.from(record.buffer.bytes.subarray(start, start + record.payloadLength));
				try {
					applyEdit(state, decodeEdit(payload));
				} catch (error) {
					throw corruption(path, record.offset, `the edit is malformed (${(error as Error).message})`, error);
				}
				if (edits === 0) firstEditEnd = reader.offset;
				edits += 1;
			}
			// The first edit is synced before CURRENT names the file.
			if (edits === 0) throw corruption(path, reader.offset, "the manifest's first edit is damaged");
		} catch (error) {
			throw ioError("read", path, error);
		} finally {
			reader.close();
		}
		const manifest = new Manifest(storage, directory, kernel, state, number, edits);
		manifest.#sound = { length: reader.offset, durableBytes: Math.min(reader.durableBytes, reader.offset) };
		manifest.#startBytes = firstEditEnd;
		return manifest;
	}

	#sound: SoundPart = { length: 0, durableBytes: 0 };

	/** Makes the recovered manifest ready for edits; a torn tail is cut off, one that has grown is replaced by a new one. */
	openForWriting(): void {
		const identity = manifestIdentity(this.number);
		const path = this.#storage.join(this.#directory, manifestName(this.number));
		this.#writer = guard("open", path, () =>
			LogWriter.resume(this.#storage, path, this.#kernel, identity, this.#sound),
		);
		this.#rewriteIfGrown();
	}

	/** Appends an edit and puts it on stable storage. Any failure is final for this handle, save WLSM_OUT_OF_MEMORY: nothing is written then. */
	commit(edit: VersionEdit): void {
		this.append(edit);
		this.sync();
	}

	/** Appends an edit, which holds from now on but is not on stable storage before the next sync. */
	append(edit: VersionEdit): void {
		this.#append(edit);
		applyEdit(this.state, edit);
		this.#rewriteIfGrown();
	}

	/** Puts the edits on stable storage. */
	sync(): void {
		const writer = this.#writer;
		if (writer === undefined || this.settled) return;
		guard("sync", writer.path, () => writer.syncSync());
	}

	/** Whether all edits are on stable storage. */
	get settled(): boolean {
		return this.#writer === undefined || this.#writer.durableBytes === this.#writer.bytes;
	}

	/** To be called once a sync by somebody else, begun after this call, has put the edits on stable storage. */
	settling(): () => void {
		const writer = this.#writer;
		const bytes = writer?.bytes ?? 0;
		return () => writer?.settle(bytes);
	}

	get path(): string {
		return this.#storage.join(this.#directory, manifestName(this.number));
	}

	/** Removes a manifest that has been replaced. */
	discard: (path: string) => void = (path) => guard("remove", path, () => this.#storage.remove(path));

	#append(edit: VersionEdit): void {
		const writer = this.#writer;
		if (writer === undefined) throw new WlsmError("WLSM_READ_ONLY", "The database was opened read-only.");
		const payload = encodeEdit(edit);
		const { record } = this.#kernel;
		record.reserve(payload.length);
		record.bytes.set(payload, record.at);
		const sealed = record.seal(payload.length, this.#edits, writer.durableBytes, writer.identity.seed);
		guard("write", writer.path, () => writer.append(sealed));
		this.#edits += 1;
	}

	#rewriteIfGrown(): void {
		const bytes = this.#writer?.bytes ?? 0;
		if (bytes <= REWRITE_BYTES || bytes <= 4 * this.#startBytes) return;
		try {
			this.#kernel.record.reserve(encodeEdit(wholeEdit(this.state)).length);
		} catch (error) {
			if (!isOutOfMemory(error)) throw error;
			// No room for all of it in one record now: a later edit tries again.
			return;
		}
		this.#startNew(this.state.nextFile++);
	}

	/** Writes the whole state into a new manifest and points CURRENT at it. */
	#startNew(number: number): void {
		const storage = this.#storage;
		const directory = this.#directory;
		const path = storage.join(directory, manifestName(number));
		const old = this.#writer;
		const writer = guard("create", path, () => LogWriter.create(storage, path, this.#kernel, manifestIdentity(number)));
		const oldNumber = this.number;
		this.#writer = writer;
		this.#edits = 0;
		this.number = number;
		this.#append(wholeEdit(this.state));
		this.sync();
		this.#startBytes = writer.bytes;
		const temporary = storage.join(directory, CURRENT_TEMPORARY);
		const current = storage.join(directory, CURRENT);
		guard("write", temporary, () => {
			if (storage.exists(temporary)) storage.remove(temporary);
			const content = currentContent(this.#kernel, manifestName(number));
			const file = storage.create(temporary);
			try {
				file.writeSync(content, 0, content.length);
				file.syncSync();
			} finally {
				file.close();
			}
			// The manifest's own entry is on stable storage before CURRENT can name it.
			storage.syncDirectory(directory);
			storage.rename(temporary, current);
			storage.syncDirectory(directory);
		});
		if (old === undefined) return;
		old.close();
		this.discard(storage.join(directory, manifestName(oldNumber)));
	}

	close(): void {
		this.#writer?.close();
		this.#writer = undefined;
	}
}

/** Number of the manifest that CURRENT names. */
export function readCurrent(storage: Storage, directory: string, kernel: Kernel): number {
	const path = storage.join(directory, CURRENT);
	const content = contentOfCurrent(storage, path);
	const name = content.toString("latin1").split(" ")[0] ?? "";
	const parsed = parseFileName(name);
	if (parsed?.kind !== "manifest" || !currentContent(kernel, name).equals(content)) {
		throw corruption(path, 0, "CURRENT does not name a manifest");
	}
	return parsed.number;
}

/** What is in the file, sound or not. */
export function contentOfCurrent(storage: Storage, path: string): Buffer {
	return guard("read", path, () => {
		const file = storage.openRead(path);
		try {
			// Longer than any valid content, so that a file that grew is noticed.
			const bytes = Buffer.alloc(128);
			return bytes.subarray(0, file.readSync(bytes, 0, bytes.length, 0));
		} finally {
			file.close();
		}
	});
}
