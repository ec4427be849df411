import { MemoryStorage } from "../../host/storage/index.js";
import type { Storage, WriteFile } from "../../host/storage/storage.js";
import { hookedStorage } from "./hooked-storage.js";

/**
 * A storage in memory with room for so many bytes. A write beyond that stops where the room ends, as a file system's does, and
 * throws ENOSPC. Names take room too: a block each, in a directory.
 */
export interface FullStorage {
	storage: Storage;
	/** How many bytes there is room for. */
	capacity: number;
	/** Writes and names that were refused. */
	refused: number;
	/** Bytes of the files in the directories, and of their names. */
	used(): number;
}

const NAME_BYTES = 64;

export function fullStorage(directories: readonly string[]): FullStorage {
	const inner = new MemoryStorage();
	const used = () => {
		let bytes = 0;
		for (const directory of directories) {
			if (!inner.exists(directory)) continue;
			for (const name of inner.list(directory)) bytes += NAME_BYTES + sizeOf(inner, inner.join(directory, name));
		}
		return bytes;
	};
	const full: FullStorage = { storage: inner, capacity: Number.POSITIVE_INFINITY, refused: 0, used };
	const refuse = (call: string, path: string): never => {
		full.refused += 1;
		throw Object.assign(new Error(`ENOSPC: no space left on device, ${call} '${path}'`), {
			code: "ENOSPC",
			syscall: call,
			path,
		});
	};
	const bounded = (file: WriteFile): WriteFile => ({
		get path() {
			return file.path;
		},
		get position() {
			return file.position;
		},
		writeSync: (source, at, length) => {
			const room = Math.max(0, full.capacity - used());
			file.writeSync(source, at, Math.min(length, room));
			if (room < length) refuse("write", file.path);
		},
		syncSync: () => file.syncSync(),
		sync: () => file.sync(),
		rewrite: (from, to) => file.rewrite(from, to),
		truncate: (length) => file.truncate(length),
		close: () => file.close(),
	});
	const hooked = hookedStorage(inner, (operation, path) => {
		const names = operation === "create" || operation === "link";
		if (names && used() + NAME_BYTES > full.capacity) refuse("open", path);
	});
	const storage: Storage = {
		...hooked,
		create: (path) => bounded(hooked.create(path)),
		openAppend: (path) => bounded(hooked.openAppend(path)),
	};
	full.storage = storage;
	return full;
}

function sizeOf(storage: Storage, path: string): number {
	const file = storage.openRead(path);
	try {
		return file.size();
	} finally {
		file.close();
	}
}
