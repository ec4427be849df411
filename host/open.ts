import { Database } from "./database.js";
import { openEngine } from "./engine/open.js";
import { WlsmError } from "./errors.js";
import { describe, type Encoding, type OpenOptions, resolveOptions } from "./options.js";

/** What a value of an encoding is in TypeScript. */
type Decoded<Name extends Encoding | undefined> = Name extends "view"
	? Uint8Array
	: Name extends "json"
		? unknown
		: string;

/** The database that `options` open. */
export type DatabaseFor<Options extends OpenOptions> = Database<
	Decoded<Options["keyEncoding"]>,
	Decoded<Options["valueEncoding"]>
>;

/**
 * Opens the database in a directory, ":memory:" for one that is gone with its handle. Errors: `WLSM_NOT_FOUND`,
 * `WLSM_EXISTS`, `WLSM_LOCKED`, `WLSM_CORRUPTION`, `WLSM_UNSUPPORTED`, `WLSM_IO`, `WLSM_INVALID_ARGUMENT`.
 */
export function openSync<const Options extends OpenOptions = Record<never, never>>(
	location: string,
	options?: Options,
): DatabaseFor<Options> {
	if (typeof location !== "string" || location === "") {
		throw new WlsmError(
			"WLSM_INVALID_ARGUMENT",
			`The location is a directory's path or ":memory:", not ${describe(location)}.`,
		);
	}
	const resolved = resolveOptions(options);
	return new Database(location, openEngine(location, resolved), resolved) as DatabaseFor<Options>;
}

/** As `openSync`, as a promise. */
export async function open<const Options extends OpenOptions = Record<never, never>>(
	location: string,
	options?: Options,
): Promise<DatabaseFor<Options>> {
	return openSync(location, options);
}
