import type { Database } from "../host/index.js";
import type { KeyValueDatabase } from "../host/key-value.js";
import type { Arguments } from "./arguments.js";

export type { Database };

/**
 * - read: the database must be there, and may be in use by a writer;
 * - change: it must be there, and is this process's meanwhile;
 * - create: as change, but made where it is not there.
 */
export type Access = "read" | "change" | "create";

/** The directory of the database that the command is about. */
export function directoryOf(args: Arguments): string {
	return args.text("db") ?? (process.env.WLSM_DB || "./wlsm-data");
}

/** Opens the database, with texts for keys and values, for one piece of work. */
export async function withDatabase<T>(args: Arguments, access: Access, work: (db: Database) => Promise<T>): Promise<T> {
	const { open } = await import("../host/index.js");
	return closing(await opened(open(directoryOf(args), optionsFor(args, access))), work);
}

/** As `withDatabase`, without SQL, which takes longer to load than all the rest. */
export async function withKeyValues<T>(
	args: Arguments,
	access: Access,
	work: (db: KeyValueDatabase) => Promise<T>,
): Promise<T> {
	const { openKeyValue } = await import("../host/key-value.js");
	return closing(await opened(openKeyValue(directoryOf(args), optionsFor(args, access))), work);
}

/** As `withKeyValues`, with values as bytes. */
export async function withRawValues<T>(
	args: Arguments,
	access: Access,
	work: (db: KeyValueDatabase<string, Uint8Array>) => Promise<T>,
): Promise<T> {
	const { openKeyValue } = await import("../host/key-value.js");
	const options = { ...optionsFor(args, access), valueEncoding: "view" } as const;
	return closing(await opened(openKeyValue(directoryOf(args), options)), work);
}

/** Which kernel works on the database. */
export function kernelOf(args: Arguments): "wasm" | "ts" {
	return args.oneOf("kernel", ["wasm", "ts"], "wasm");
}

function optionsFor(args: Arguments, access: Access) {
	return { createIfMissing: access === "create", readOnly: access === "read", kernel: kernelOf(args) };
}

/** The library's advice on a missing database is about options of `open`. */
async function opened<D>(opening: Promise<D>): Promise<D> {
	try {
		return await opening;
	} catch (error) {
		const { WlsmError } = await import("../host/errors.js");
		if (!(error instanceof WlsmError) || error.code !== "WLSM_NOT_FOUND") throw error;
		const [what = ""] = error.message.split(". ");
		const message = `${what}. Check --db and $WLSM_DB; put, load, and query with CREATE make a database.`;
		throw new WlsmError(error.code, message, { cause: error });
	}
}

/** Closes the database whatever comes of the work. */
async function closing<D extends { close(): Promise<void> }, T>(db: D, work: (db: D) => Promise<T>): Promise<T> {
	let result: T;
	try {
		result = await work(db);
	} catch (error) {
		// The first error is the one to tell; closing after it may well fail for the same reason.
		await db.close().catch(() => {});
		throw error;
	}
	await db.close();
	return result;
}
