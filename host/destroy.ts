import { destroyOn } from "./engine/destroy.js";
import { MEMORY_LOCATION } from "./engine/open.js";
import { WlsmError } from "./errors.js";
import { describe } from "./options.js";
import { NodeStorage, removeEmptyDirectory } from "./storage/index.js";

/**
 * Removes a database, which must be closed, for good: its files, then the directory where nothing else is in it. Resolves with
 * whether there was one. Errors: `WLSM_LOCKED`, `WLSM_CORRUPTION` where the files do not look like wlsm's, `WLSM_IO`,
 * `WLSM_INVALID_ARGUMENT`. What was interrupted is gone on with by the next call.
 */
export async function destroy(location: string): Promise<boolean> {
	if (typeof location !== "string" || location === "" || location === MEMORY_LOCATION) {
		throw new WlsmError("WLSM_INVALID_ARGUMENT", `The location is a directory's path, not ${describe(location)}.`);
	}
	const storage = new NodeStorage();
	const directory = storage.resolve(location);
	const destroyed = destroyOn(storage, directory);
	if (destroyed) removeEmptyDirectory(directory);
	return destroyed;
}
