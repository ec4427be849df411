import { type DatabaseFor, openDatabase } from "./opening.js";
import type { OpenOptions } from "./options.js";
import { SqlDatabase } from "./sql/index.js";

/**
 * Opens the database in a directory, ":memory:" for one that is gone with its handle. Errors: `WLSM_NOT_FOUND`,
 * `WLSM_EXISTS`, `WLSM_LOCKED`, `WLSM_CORRUPTION`, `WLSM_UNSUPPORTED`, `WLSM_IO`, `WLSM_INVALID_ARGUMENT`.
 */
export function openSync<const Options extends OpenOptions = Record<never, never>>(
	location: string,
	options?: Options,
): DatabaseFor<Options> {
	return openDatabase(
		location,
		options,
		(store, { sqlTimeoutMs, sqlReadsFiles }) =>
			new SqlDatabase(store, { timeoutMs: sqlTimeoutMs, readsFiles: sqlReadsFiles }),
	);
}

/** As `openSync`, as a promise. */
export async function open<const Options extends OpenOptions = Record<never, never>>(
	location: string,
	options?: Options,
): Promise<DatabaseFor<Options>> {
	return openSync(location, options);
}
