import { Buffer } from "node:buffer";
import { FORMAT_VERSION } from "../../../assembly/shared/format.js";
import { WlsmError } from "../../errors.js";
import type { Kernel, TableDescription } from "../../kernel/contract.js";
import type { Storage } from "../../storage/storage.js";
import { guard, reasonOf } from "../failure.js";
import { FileCache } from "../file-cache.js";
import { LOG_HEADER_BYTES, LogReader, readLogHeader } from "../log.js";
import { emptyState, fileSeed, type ManifestState, manifestIdentity, readCurrent } from "../manifest.js";
import { listFiles } from "../recovery.js";
import { TableFile } from "../table-file.js";
import { differingFigures, TableCount, TableReader } from "../table-reader.js";
import { scanTable } from "../table-scan.js";
import { decodeEdit } from "../version-edit.js";

/** A manifest as far as it can be read. */
export interface FoundManifest {
	readonly name: string;
	readonly number: number;
	/** What its sound edits add up to. */
	readonly state: ManifestState;
	/** Tables that one of its edits removed, and none added again. */
	readonly removed: Set<number>;
	/** Before the first damage: what `nextFile` was, and which tables there were. */
	nextFile: number;
	live: ReadonlySet<number>;
	/** Every edit is there, the first one included; false after a torn end, too. */
	whole: boolean;
	identified: boolean;
}

export interface FoundTable {
	readonly name: string;
	readonly path: string;
	/** By its name. */
	readonly number: number;
	/** By its footer: undefined where that or the index cannot be read. */
	readonly databaseId?: Uint8Array;
	/** By what is in it. Only of a sound table. */
	readonly description?: TableDescription;
	readonly file?: number;
	/** Why it is not sound. */
	readonly reason?: string;
}

export interface FoundLog {
	readonly name: string;
	readonly path: string;
	readonly number: number;
	/** undefined where the header is damaged. */
	readonly databaseId?: Uint8Array;
}

/** Everything in a database's directory, whatever its state. Nothing is changed. */
export interface Survey {
	readonly files: ReturnType<typeof listFiles>;
	/** Highest number first. */
	readonly manifests: readonly FoundManifest[];
	readonly tables: readonly FoundTable[];
	/** Oldest first. */
	readonly logs: readonly FoundLog[];
	/** Manifest that CURRENT names, undefined where it names none. */
	readonly current: number | undefined;
}

export function survey(storage: Storage, kernel: Kernel, directory: string): Survey {
	const files = listFiles(storage, directory);
	const manifests: FoundManifest[] = [];
	const tables: FoundTable[] = [];
	const logs: FoundLog[] = [];
	for (const file of files) {
		const path = storage.join(directory, file.name);
		if (!("number" in file) || isFolder(storage, path)) continue;
		const place = { name: file.name, path, number: file.number };
		if (file.kind === "manifest") manifests.push(readManifest(storage, kernel, place));
		else if (file.kind === "table") tables.push(inspectTable(storage, kernel, place));
		else logs.push({ ...place, ...identifyLog(storage, kernel, path) });
	}
	manifests.sort((a, b) => b.number - a.number);
	logs.sort((a, b) => a.number - b.number);
	let current: number | undefined;
	try {
		current = readCurrent(storage, directory, kernel);
	} catch (error) {
		// Absent or damaged.
		unlessLeftOut(error);
	}
	return { files, manifests, tables, logs, current };
}

interface Place {
	readonly name: string;
	readonly path: string;
	readonly number: number;
}

/** Folders of somebody else's may have names as ours. */
function isFolder(storage: Storage, path: string): boolean {
	try {
		storage.list(path);
		return true;
	} catch {
		return false;
	}
}

/** Why a file cannot be used. An error that says nothing of the file, such as EMFILE, ends the repair instead. */
function unlessLeftOut(error: unknown): string {
	if (error instanceof WlsmError) {
		if (error.code === "WLSM_CORRUPTION") return reasonOf(error);
		const { code } = (error.cause ?? {}) as { code?: unknown };
		if (error.code === "WLSM_IO" && (code === "EIO" || code === "ENOENT")) return error.message;
	}
	throw error;
}

function identifyLog(storage: Storage, kernel: Kernel, path: string): { readonly databaseId?: Uint8Array } {
	const header = Buffer.alloc(LOG_HEADER_BYTES);
	try {
		guard("read", path, () => {
			const file = storage.openRead(path);
			try {
				file.readSync(header, 0, header.length, 0);
			} finally {
				file.close();
			}
		});
	} catch (error) {
		unlessLeftOut(error);
		return {};
	}
	const seedOf = (kind: string, number: number, databaseId: Uint8Array) =>
		kind === "wal" ? fileSeed(kernel, databaseId, number) : manifestIdentity(number).seed;
	const said = readLogHeader(header, seedOf, kernel);
	if (said === undefined) return {};
	if (said.version !== FORMAT_VERSION) {
		const message = `${path} has format version ${said.version}; this version of wlsm reads ${FORMAT_VERSION}. Upgrade wlsm.`;
		throw new WlsmError("WLSM_UNSUPPORTED", message, { file: path, offset: 8 });
	}
	return said.kind === "wal" ? { databaseId: said.databaseId } : {};
}

/** Goes to the first record. False where the header is not what it should be. */
export function passHeader(reader: LogReader): boolean {
	try {
		if (reader.readHeader()) return true;
	} catch (error) {
		// A later version has been told from damage by then.
		if (!(error instanceof WlsmError) || !["WLSM_CORRUPTION", "WLSM_UNSUPPORTED"].includes(error.code)) throw error;
	}
	reader.offset = Math.min(LOG_HEADER_BYTES, reader.size);
	return false;
}

function readManifest(storage: Storage, kernel: Kernel, { name, path, number }: Place): FoundManifest {
	const removed = new Set<number>();
	const found: FoundManifest = {
		name,
		number,
		state: emptyState(),
		removed,
		nextFile: 0,
		live: new Set(),
		whole: true,
		identified: false,
	};
	// Throws where it is of a later version.
	identifyLog(storage, kernel, path);
	try {
		const reader = guard("open", path, () => new LogReader(storage.openRead(path), kernel, manifestIdentity(number)));
		try {
			guard("read", path, () => readEdits(reader, found));
		} finally {
			reader.close();
		}
	} catch (error) {
		unlessLeftOut(error);
		found.whole = false;
	}
	return found;
}

function readEdits(reader: LogReader, found: FoundManifest): void {
	const settle = () => {
		found.nextFile = found.state.nextFile;
		found.live = new Set(found.state.tables.keys());
	};
	const damaged = () => {
		if (found.whole) settle();
		found.whole = false;
	};
	if (!passHeader(reader)) damaged();
	let next = 0;
	for (let record = reader.nextSound(damaged); record !== undefined; record = reader.nextSound(damaged)) {
		if (record.sequence !== next) damaged();
		next = record.sequence + 1;
		const start = record.buffer.at + record.at + 32;
		try {
			applyLeniently(found, decodeEdit(Buffer.from(record.buffer.bytes.subarray(start, start + record.payloadLength))));
		} catch (error) {
			if (!(error instanceof RangeError)) throw error;
			damaged();
		}
	}
	if (!found.identified) damaged();
	if (found.whole) settle();
}

/** Edits before this one may be missing. */
function applyLeniently(found: FoundManifest, edit: ReturnType<typeof decodeEdit>): void {
	const { state, removed } = found;
	const { added, removed: gone, ...fields } = edit;
	found.identified ||= edit.databaseId !== undefined;
	Object.assign(state, fields);
	for (const { file } of gone ?? []) {
		state.tables.delete(file);
		removed.add(file);
	}
	for (const table of added ?? []) {
		state.tables.set(table.table.file, table);
		removed.delete(table.table.file);
	}
}

/** Reads all of a table. */
function inspectTable(storage: Storage, kernel: Kernel, place: Place): FoundTable {
	let reader: TableReader;
	try {
		reader = new TableReader(storage, kernel, place.path);
	} catch (error) {
		return { ...place, reason: unlessLeftOut(error) };
	}
	const { databaseId, file } = reader;
	const found = { ...place, databaseId, file };
	try {
		const count = new TableCount();
		const reasons = reader.damage.map(reasonOf);
		let damaged = 0;
		for (const block of reader.blocks()) {
			if (block instanceof WlsmError) {
				damaged += 1;
				if (damaged === 1) reasons.push(`${reasonOf(block)}, offset ${block.offset}`);
			} else if (!count.add(block)) return { ...found, reason: "entries are out of order" };
		}
		if (!count.addRanges(reader.rangeDeletions ?? [])) return { ...found, reason: "range deletions overlap" };
		if (damaged > 0) reasons.push(`${damaged} of ${reader.dataBlocks.length} blocks are damaged`);
		const { description, properties } = reader;
		if (reasons.length === 0 && properties !== undefined && differingFigures(properties, count.figures).length > 0) {
			reasons.push("its properties say something else than it holds");
		}
		if (reasons.length > 0 || description === undefined) return { ...found, reason: reasons.join("; ") };
		// What the kernel would refuse is not sound, though all checksums are right.
		const files = new FileCache(storage, 1);
		const source = new TableFile(files, kernel, place.path, description);
		try {
			scanTable(kernel, new TableFile(files, kernel, place.path, description), source);
		} finally {
			source.dispose();
		}
		return { ...found, description };
	} catch (error) {
		return { ...found, reason: unlessLeftOut(error) };
	} finally {
		reader.close();
	}
}
