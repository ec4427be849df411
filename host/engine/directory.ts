import type { Storage } from "../storage/storage.js";
import { guard } from "./failure.js";

/** Makes a directory and its missing parents, each with its entry in the one above on stable storage. */
export function createDirectory(storage: Storage, directory: string): void {
	guard("create the directory", directory, () => {
		const entries = [directory];
		for (
			let above = storage.parent(directory);
			above !== undefined && !storage.exists(above);
			above = storage.parent(above)
		) {
			entries.push(above);
		}
		storage.makeDirectory(directory);
		for (const entry of entries) {
			const parent = storage.parent(entry);
			if (parent !== undefined) storage.syncDirectory(parent);
		}
	});
}
