import type { Engine } from "./engine/engine.js";
import { type DatabaseFor, openDatabase } from "./opening.js";
import type { OpenOptions, ResolvedOptions } from "./options.js";
import { SqlDatabase, type SqlOptions } from "./sql/index.js";
import { temporaryDirectory } from "./storage/index.js";

/** Makes the SQL of a database. */
export function sqlOver(engine: Engine, { sqlTimeoutMs, sqlMemoryBytes, sqlReadsFiles }: ResolvedOptions): SqlDatabase {
	return new SqlDatabase(engine, {
		timeoutMs: sqlTimeoutMs,
		memoryBytes: sqlMemoryBytes,
		readsFiles: sqlReadsFiles,
		scratch: scratchOf(engine),
	});
}

/** A reader writes nothing to the directory, which is the writer's. Where else is looked for when it is needed: a runtime may refuse to tell. */
function scratchOf({ storage, directory, readOnly }: Engine): SqlOptions["scratch"] {
	if (storage.kind === "memory") return undefined;
	if (!readOnly) return { storage, directory };
	return {
		storage,
		get directory() {
			return temporaryDirectory();
		},
	};
}

/**
 * Opens the database in a directory, ":memory:" for one that is gone with its handle. Errors: `WLSM_NOT_FOUND`,
 * `WLSM_EXISTS`, `WLSM_LOCKED`, `WLSM_CORRUPTION`, `WLSM_UNSUPPORTED`, `WLSM_IO`, `WLSM_INVALID_ARGUMENT`.
 */
export function openSync<const Options extends OpenOptions = Record<never, never>>(
	location: string,
	options?: Options,
): DatabaseFor<Options> {
	return openDatabase(location, options, sqlOver);
}

/** As `openSync`, as a promise. */
export async function open<const Options extends OpenOptions = Record<never, never>>(
	location: string,
	options?: Options,
): Promise<DatabaseFor<Options>> {
	return openSync(location, options);
}
