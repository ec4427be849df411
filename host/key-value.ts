/** Keys and values alone, for programs that run for moments: loading SQL takes longer than loading all the rest. */

import type { Database } from "./database.js";
import { WlsmError } from "./errors.js";
import { type DatabaseFor, openDatabase } from "./opening.js";
import type { OpenOptions } from "./options.js";

/** A database without `sql`. */
export type KeyValueDatabase<Key = string, Value = string> = Omit<Database<Key, Value>, "sql">;

/** As `open`, without SQL. */
export async function openKeyValue<const Options extends OpenOptions = Record<never, never>>(
	location: string,
	options?: Options,
): Promise<Omit<DatabaseFor<Options>, "sql">> {
	return openDatabase(location, options, () => {
		throw new WlsmError("WLSM_UNSUPPORTED", "This database was opened without SQL: open it with open() for db.sql.");
	});
}
