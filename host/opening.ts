import type { Buffer } from "node:buffer";
import { Database } from "./database.js";
import type { Engine } from "./engine/engine.js";
import { openEngine } from "./engine/open.js";
import { WlsmError } from "./errors.js";
import { describe, type Encoding, type OpenOptions, type ResolvedOptions, resolveOptions } from "./options.js";
import type { SqlDatabase } from "./sql/index.js";

/** What a value of an encoding is in TypeScript. */
export type Decoded<Name extends Encoding | undefined> = Name extends "view"
	? Uint8Array
	: Name extends "buffer"
		? Buffer
		: Name extends "json"
			? unknown
			: string;

/** The database that `options` open. */
export type DatabaseFor<Options extends OpenOptions> = Database<
	Decoded<Options["keyEncoding"]>,
	Decoded<Options["valueEncoding"]>
>;

/** Makes SQL over a store. */
export type SqlOver = (engine: Engine, options: ResolvedOptions) => SqlDatabase;

/** Opens a database whose `sql` is what `sqlOver` makes at its first use. */
export function openDatabase<const Options extends OpenOptions>(
	location: string,
	options: Options | undefined,
	sqlOver: SqlOver,
): DatabaseFor<Options> {
	if (typeof location !== "string" || location === "") {
		throw new WlsmError(
			"WLSM_INVALID_ARGUMENT",
			`The location is a directory's path or ":memory:", not ${describe(location)}.`,
		);
	}
	const resolved = resolveOptions(options);
	return new Database(location, openEngine(location, resolved), resolved, sqlOver) as DatabaseFor<Options>;
}
