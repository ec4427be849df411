import { MEMORY_LOCATION } from "./engine/open.js";
import type { RepairReport } from "./engine/repair/repair.js";
import { WlsmError } from "./errors.js";
import { describe, type OpenOptions, resolveOptions } from "./options.js";
import { NodeStorage } from "./storage/index.js";

/** How the tables are written that a repair makes. */
export type RepairOptions = Pick<
	OpenOptions,
	"kernel" | "memtableBytes" | "blockBytes" | "bloomBitsPerKey" | "compression"
>;

/**
 * Makes a damaged database one that opens again, with everything in it that is sound, and tells what is not in it. The database
 * must be closed. Damaged files are set aside in a folder `lost`. Errors: `WLSM_NOT_FOUND`, `WLSM_LOCKED`,
 * `WLSM_CORRUPTION` where nothing can be read at all, `WLSM_UNSUPPORTED` for files of a later version, `WLSM_IO`,
 * `WLSM_INVALID_ARGUMENT`; after one of them the database is as it was.
 */
export async function repair(location: string, options?: RepairOptions): Promise<RepairReport> {
	if (typeof location !== "string" || location === "" || location === MEMORY_LOCATION) {
		throw new WlsmError("WLSM_INVALID_ARGUMENT", `The location is a directory's path, not ${describe(location)}.`);
	}
	const resolved = resolveOptions(options);
	const storage = new NodeStorage();
	const directory = storage.resolve(location);
	const { repairOn } = await import("./engine/repair/repair.js");
	return repairOn(storage, directory, resolved);
}
