/* What tests of loads have in common: a database in memory, and files in a directory of their own. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import type { Test } from "uvu";
import * as assert from "uvu/assert";
import { type Database, openSync, type WlsmError, type WlsmErrorCode } from "../../host/index.js";
import { type LoadOptions, type LoadSummary, loadCsv } from "../../host/load/index.js";
import { rejected } from "../support/database.js";

export interface LoadContext {
	directory: string;
	db: Database;
}

/** Gives each test of the suite its own. */
export function withContext<Context extends LoadContext>(test: Test<Context>): void {
	test.before.each((context) => {
		context.directory = mkdtempSync(path.join(tmpdir(), "wlsm-load-"));
		context.db = openSync(":memory:");
	});
	test.after.each(({ db, directory }) => {
		db.closeSync();
		rmSync(directory, { recursive: true });
	});
}

/** Contents by names. */
export type Files = Readonly<Record<string, string | Uint8Array>>;

/** Loads files, into the table t unless something else is asked for. */
export function loadFiles(
	{ db, directory }: LoadContext,
	files: Files,
	options: LoadOptions = {},
): Promise<LoadSummary> {
	const paths = Object.entries(files).map(([name, content]) => {
		const file = path.join(directory, name);
		writeFileSync(file, content);
		return file;
	});
	return loadCsv(db, paths, options.schema === undefined ? { table: "t", ...options } : options);
}

export function rows({ db }: LoadContext, sql = "SELECT * FROM t"): unknown[] {
	return db.sql.prepare(sql).raw().all();
}

/** The error that a load ends with. */
export async function fails(
	work: Promise<unknown>,
	message: RegExp,
	code: WlsmErrorCode = "WLSM_INVALID_ARGUMENT",
): Promise<WlsmError> {
	const error = await rejected(() => work, code);
	assert.match(error.message, message);
	return error;
}
