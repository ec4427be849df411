/** A place for the temporary files of statements, in memory, that knows what is left of them. */

import { readdirSync } from "node:fs";
import type { SqlDatabase, SqlOptions } from "../../host/sql/index.js";
import { MemoryStorage } from "../../host/storage/index.js";
import { CountingStorage } from "./counting-storage.js";
import { hookedStorage } from "./hooked-storage.js";

const DIRECTORY = "/scratch";

export interface ScratchPlace {
	readonly scratch: NonNullable<SqlOptions["scratch"]>;
	/** Changes of files so far. */
	readonly changes: number;
	/** Files that are open. */
	readonly open: number;
	/** Throws where a file is open or has a name. */
	checkEmpty(): void;
}

/** Names of temporary files in the directory of a database. */
export function spillFilesIn(directory: string): string[] {
	return readdirSync(directory).filter((name) => name.startsWith("spill-"));
}

/** Defines the SQL function `look()`: answers how many files there were at most when it was called. */
export function mostOpen(sql: SqlDatabase, place: ScratchPlace): () => number {
	let most = 0;
	sql.function("look", (() => {
		most = Math.max(most, place.open);
		return 0;
	}) as never);
	return () => most;
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
		get open() {
			return storage.files;
		},
		checkEmpty: () => {
			if (storage.files !== 0) throw new Error(`${storage.files} temporary files are open`);
			const names = inner.list(DIRECTORY);
			if (names.length > 0) throw new Error(`temporary files are left: ${names.join(", ")}`);
		},
	};
}
