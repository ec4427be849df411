import type { Database } from "../host/index.js";
import type { KeyValueDatabase } from "../host/key-value.js";
import { visible } from "./output.js";
import type { Settings, TuningOptions } from "./settings.js";

export type { Database };

/**
 * - read: the database must be there, and may be in use by a writer;
 * - change: it must be there, and is this process's meanwhile;
 * - create: as change, but made where it is not there.
 */
export type Access = "read" | "change" | "create";

/** What opens a database, as plain data: it may go to another thread. */
export interface Opening {
	readonly directory: string;
	readonly kernel: "wasm" | "ts";
	readonly options: TuningOptions;
	readonly verbose: boolean;
}

export function openingOf(settings: Settings): Opening {
	return {
		directory: settings.text("db") ?? "",
		kernel: settings.choice("kernel", ["wasm", "ts"], "wasm"),
		options: settings.openOptions,
		verbose: settings.flag("verbose"),
	};
}

/** With texts for keys and values. The caller closes it. */
export async function openFor(opening: Opening, access: Access): Promise<Database> {
	const { open } = await import("../host/index.js");
	return opened(open(opening.directory, optionsFor(opening, access)));
}

/** Opens the database, with texts for keys and values, for one piece of work. */
export async function withDatabase<T>(
	settings: Settings,
	access: Access,
	work: (db: Database) => Promise<T>,
): Promise<T> {
	return closing(await openFor(openingOf(settings), access), work);
}

/** As `withDatabase`, without SQL, which takes longer to load than all the rest. */
export async function withKeyValues<T>(
	settings: Settings,
	access: Access,
	work: (db: KeyValueDatabase) => Promise<T>,
): Promise<T> {
	const { openKeyValue } = await import("../host/key-value.js");
	const opening = openingOf(settings);
	return closing(await opened(openKeyValue(opening.directory, optionsFor(opening, access))), work);
}

/** As `withKeyValues`, with values as bytes. */
export async function withRawValues<T>(
	settings: Settings,
	access: Access,
	work: (db: KeyValueDatabase<string, Uint8Array>) => Promise<T>,
): Promise<T> {
	const { openKeyValue } = await import("../host/key-value.js");
	const opening = openingOf(settings);
	const options = { ...optionsFor(opening, access), valueEncoding: "view" } as const;
	return closing(await opened(openKeyValue(opening.directory, options)), work);
}

function optionsFor({ directory, kernel, options, verbose }: Opening, access: Access) {
	const logger = verbose ? logToStandardError : undefined;
	// In memory there is nothing before, and nobody beside.
	const inMemory = directory === ":memory:";
	const [createIfMissing, readOnly] = [access === "create" || inMemory, access === "read" && !inMemory];
	return { ...options, createIfMissing, readOnly, kernel, logger };
}

/** Figures of an event behind what it says. */
function logToStandardError(message: string, fields: Readonly<Record<string, unknown>>): void {
	const { event: _event, level: _level, location: _location, ...figures } = fields;
	const rest = Object.entries(figures).map(([name, value]) => ` ${name}=${JSON.stringify(value)}`);
	process.stderr.write(`${new Date().toISOString()} ${visible(message)}${visible(rest.join(""))}\n`);
}

/** The library's advice is about options of `open`; here it is about commands. */
export async function opened<D>(opening: Promise<D>): Promise<D> {
	try {
		return await opening;
	} catch (error) {
		const { WlsmError } = await import("../host/errors.js");
		if (!(error instanceof WlsmError)) throw error;
		const { code, message, cause } = error;
		// Of a path of several words a sentence may end within a name: the last ones are the advice.
		const what = /^(.*?)\. (?:Check the path|Close it there)/.exec(message)?.[1];
		if (code === "WLSM_NOT_FOUND" && what !== undefined) {
			const advice = "Check --db, $WLSM_DB and the configuration; put, load, and query with CREATE make a database.";
			throw new WlsmError(code, `${what}. ${advice}`, { cause: error });
		}
		if (code === "WLSM_LOCKED" && what !== undefined) {
			const rest = /If that process is certainly gone.*$/.exec(message)?.[0] ?? "";
			const advice = "Close it there; meanwhile commands that only read work, and wlsm shell --read-only.";
			throw new WlsmError(code, `${what}. ${advice} ${rest}`, { cause: error });
		}
		if (cause instanceof Error && "code" in cause && cause.code === "ENOTDIR") {
			const advice = "The database is a directory: check --db, $WLSM_DB and the configuration.";
			throw new WlsmError(code, `${message} ${advice}`, { cause });
		}
		throw error;
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
