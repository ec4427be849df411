import type { Arguments } from "./arguments.js";

type Library = typeof import("../host/index.js");
export type Database = Awaited<ReturnType<Library["open"]>>;

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

/** Opens the database for one piece of work, and closes it whatever comes of that. */
export async function withDatabase<T>(args: Arguments, access: Access, work: (db: Database) => Promise<T>): Promise<T> {
	const { open } = await import("../host/index.js");
	const db = await open(directoryOf(args), { createIfMissing: access === "create", readOnly: access === "read" });
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
