import type { Storage } from "../storage/storage.js";
import { corruption, guard } from "./failure.js";
import { CURRENT } from "./files.js";
import { acquireLock } from "./lock.js";
import { contentOfCurrent } from "./manifest.js";
import { listFiles } from "./recovery.js";

/** What CURRENT begins with: other stores have files of the same names, and nothing behind the manifest's. */
const CURRENT_CONTENT = /^MANIFEST-\d{6,10} [0-9a-f]{16}\n/;

/** Removes the files of the database in a directory, and nothing else. False where there is no database, and nothing was done. */
export function destroyOn(storage: Storage, directory: string): boolean {
	const current = storage.join(directory, CURRENT);
	if (!guard("look for", current, () => storage.exists(current))) return false;
	checkCurrent(storage, current);
	const lock = acquireLock(storage, directory);
	try {
		const files = listFiles(storage, directory).filter(({ kind }) => kind !== "lock" && kind !== "current");
		for (const { name } of files) {
			const path = storage.join(directory, name);
			guard("remove", path, () => storage.remove(path));
		}
		// Until the rest is gone for good, this is a database that can be destroyed.
		guard("sync", directory, () => storage.syncDirectory(directory));
		guard("remove", current, () => storage.remove(current));
		guard("sync", directory, () => storage.syncDirectory(directory));
	} finally {
		lock.release();
	}
	return true;
}

function checkCurrent(storage: Storage, current: string): void {
	if (CURRENT_CONTENT.test(contentOfCurrent(storage, current).toString("latin1"))) return;
	throw corruption(current, 0, "this is not how wlsm begins a database, of which nothing was removed");
}
