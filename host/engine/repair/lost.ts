import { Buffer } from "node:buffer";
import type { Storage } from "../../storage/storage.js";

const LOST = "lost";
const COPY_BYTES = 1 << 20;

/** Gives files a second name in the folder `lost`, where nothing looks for them and nothing removes them. */
export function setAside(storage: Storage, directory: string, names: ReadonlySet<string>): void {
	if (names.size === 0) return;
	const lost = storage.join(directory, LOST);
	if (!storage.exists(lost)) storage.makeDirectory(lost);
	for (const name of names) {
		const path = storage.join(directory, name);
		if (!storage.exists(path)) continue;
		let target = storage.join(lost, name);
		// An earlier repair may have set another file of that name aside.
		for (let copy = 2; storage.exists(target); copy++) target = storage.join(lost, `${name}.${copy}`);
		try {
			storage.link(path, target);
		} catch {
			copyFile(storage, path, target);
		}
	}
	storage.syncDirectory(lost);
}

function copyFile(storage: Storage, path: string, target: string): void {
	const source = storage.openRead(path);
	try {
		const copy = storage.create(target);
		try {
			const buffer = Buffer.alloc(COPY_BYTES);
			for (let offset = 0; ; ) {
				const length = source.readSync(buffer, 0, buffer.length, offset);
				if (length === 0) break;
				copy.writeSync(buffer, 0, length);
				offset += length;
			}
			copy.syncSync();
		} finally {
			copy.close();
		}
	} finally {
		source.close();
	}
}
