/** A place for the temporary files of statements, in memory, that knows what is left of them. */

import type { SqlOptions } from "../../host/sql/index.js";
import { MemoryStorage } from "../../host/storage/index.js";
import { CountingStorage } from "./counting-storage.js";
import { hookedStorage } from "./hooked-storage.js";

const DIRECTORY = "/scratch";

export interface ScratchPlace {
	readonly scratch: NonNullable<SqlOptions["scratch"]>;
	/** Changes of files so far. */
	readonly changes: number;
	/** Throws where a file is open or has a name. */
	checkEmpty(): void;
}

/** `before` is told of each change of a file, and may refuse it. */
export function scratchPlace(before: (operation: string) => void = () => {}): ScratchPlace {
	const inner = new MemoryStorage();
	inner.makeDirectory(DIRECTORY);
	let changes = 0;
	const hooked = hookedStorage(inner, (operation) => {
		changes++;
		before(operation);
	});
	const storage = new CountingStorage(hooked);
	return {
		scratch: { storage, directory: DIRECTORY },
		get changes() {
			return changes;
		},
		checkEmpty: () => {
			if (storage.files !== 0) throw new Error(`${storage.files} temporary files are open`);
			const names = inner.list(DIRECTORY);
			if (names.length > 0) throw new Error(`temporary files are left: ${names.join(", ")}`);
		},
	};
}
