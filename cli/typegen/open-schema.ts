/** The schema that queries are looked at with: that of a database, or what files of SQL make. */

import { resolve } from "node:path";
import { WlsmError } from "../../host/errors.js";
import { type Database, openFor, openingOf } from "../database.js";
import type { FoundFunction } from "./find.js";
import type { Request } from "./generate.js";
import type { Problem } from "./problem.js";
import { ioError } from "./sources.js";
import { readTextFile } from "./text-file.js";

type Opened =
	| { readonly kind: "open"; readonly db: Database }
	| { readonly kind: "wrong"; readonly problems: readonly Problem[] };

/** `functions` are those that the program defines: here they only have to be there. The caller closes the database. */
export async function openSchema({ schema, settings }: Request, functions: readonly FoundFunction[]): Promise<Opened> {
	const opening = openingOf(settings);
	if (schema.length === 0) {
		const db = await openFor(opening, "read").catch(withAdvice);
		defineAll(db, functions);
		return { kind: "open", db };
	}
	const db = await openFor({ ...opening, directory: ":memory:" }, "create");
	try {
		defineAll(db, functions);
		for (const name of schema) {
			const problem = runFile(db, resolve(name));
			if (problem === undefined) continue;
			await db.close();
			return { kind: "wrong", problems: [problem] };
		}
	} catch (error) {
		await db.close();
		throw error;
	}
	return { kind: "open", db };
}

/** Who has no database has the schema in a file. */
function withAdvice(error: unknown): never {
	if (!(error instanceof WlsmError && error.code === "WLSM_NOT_FOUND")) throw error;
	const message = `${error.message} With --schema FILE the schema is what a file of SQL makes.`;
	throw new WlsmError(error.code, message, { cause: error });
}

function defineAll({ sql }: Database, functions: readonly FoundFunction[]): void {
	for (const { name, kind } of functions) {
		try {
			if (kind === "function") sql.function(name, { varargs: true, deterministic: true }, () => null);
			else sql.aggregate(name, { varargs: true, start: null, step: () => null, inverse: () => null });
		} catch (error) {
			// What no function can be called is something else's, or fails when the program runs: no query calls it.
			if (!(error instanceof WlsmError && error.code === "WLSM_INVALID_ARGUMENT")) throw error;
		}
	}
}

function runFile({ sql }: Database, path: string): Problem | undefined {
	const text = readText(path);
	try {
		sql.exec(text);
		return undefined;
	} catch (error) {
		if (!(error instanceof WlsmError) || !/^WLSM_(SQL|UNSUPPORTED|INVALID_ARGUMENT)$/.test(error.code)) throw error;
		const message = (error.message.split("\n")[0] ?? "").replace(/ \(line \d+, column \d+\)$/, "");
		const lines = text.split("\n").slice(0, (error.line ?? 1) - 1);
		const offset = lines.reduce((sum, { length }) => sum + length + 1, 0) + (error.column ?? 1) - 1;
		return { file: { path, text }, offset, message };
	}
}

function readText(path: string): string {
	try {
		return readTextFile(path);
	} catch (error) {
		if (error instanceof Error && "code" in error && error.code === "ENOENT")
			throw new WlsmError("WLSM_INVALID_ARGUMENT", `There is no file ${path}`, { file: path, cause: error });
		throw ioError(path, error);
	}
}
