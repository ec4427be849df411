import type { Storage } from "../storage/storage.js";
import { guard } from "./failure.js";

/** Refused by the system, or by a runtime that was given some directories only. */
function isRefused(error: unknown): boolean {
	const { code, name } = error as { code?: unknown; name?: unknown };
	return ["EACCES", "EPERM", "NotCapable", "PermissionDenied"].some((word) => word === code || word === name);
}

/**
 * Makes a directory and its missing parents, and puts all their entries on stable storage: also of those that are there, since an
 * earlier attempt may have made them and failed, or been killed, before its sync.
 */
export function createDirectory(storage: Storage, directory: string): void {
	guard("create the directory", directory, () => {
		storage.makeDirectory(directory);
		for (
			let above = storage.parent(directory), made = true;
			above !== undefined;
			above = storage.parent(above), made = false
		) {
			try {
				storage.syncDirectory(above);
			} catch (error) {
				// Who may not read a directory far above has made nothing in it.
				if (made || !isRefused(error)) throw error;
			}
		}
	});
}
