import type { Storage } from "../storage/storage.js";
import { guard } from "./failure.js";

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
				const { code } = error as { code?: unknown };
				if (made || (code !== "EACCES" && code !== "EPERM")) throw error;
			}
		}
	});
}
