/** The sqllogictest files there are, and how many records of each do not pass yet. */

import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { gunzipSync } from "node:zlib";
import type { ByteStore } from "../../host/engine/store.js";
import { SqlDatabase } from "../../host/sql/index.js";
import { MemoryStore } from "../support/memory-store.js";
import { Sqlite, SqliteError, type SqliteResult } from "../support/sqlite.js";
import { runSlt, type SltDatabase, type SltReport } from "../support/sqllogictest.js";

/** Recorded from SQLite by feature: part of this project. */
export const OWN_FOLDER = "test/sql/slt";
/** Public files beside the project, where they are. */
export const PUBLIC_FOLDER = "../shared/slt";

/** Files of thousands of queries that are all alike: the first of them stand for the others. */
const MACHINE_MADE = /^(index|random)\/|^select\d/;
const MACHINE_MADE_QUERIES = 30;
const SHORT_RUN_QUERIES = 250;

/** How many queries of a file run where all files together are to take some seconds. */
export function shortRunQueries({ name }: SltFile): number {
	return MACHINE_MADE.test(name) ? MACHINE_MADE_QUERIES : SHORT_RUN_QUERIES;
}

const PAGE_ENTRIES = 256;
const UNFINISHED = join(OWN_FOLDER, "unfinished.json");

export interface SltFile {
	/** Within its folder; unique among all. */
	readonly name: string;
	readonly path: string;
}

function filesIn(folder: string): string[] {
	return readdirSync(folder)
		.sort()
		.flatMap((name) => {
			const path = join(folder, name);
			if (statSync(path).isDirectory()) return filesIn(path);
			return /\.test(\.gz)?$/.test(name) ? [path] : [];
		});
}

/** None where the folder is not there. */
export function sltFiles(folder: string): SltFile[] {
	if (!existsSync(folder)) return [];
	return filesIn(folder).map((path) => ({ path, name: relative(folder, path).replace(/\.gz$/, "") }));
}

export function textOf({ path }: SltFile): string {
	const bytes = readFileSync(path);
	return (path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
}

/** Records that SQLite 3.40.1 does not answer as they are written, being of a later version or another database, do not count. */
export function runFile(file: SltFile, limit?: number): SltReport {
	const text = textOf(file);
	const report = runSlt(text, () => new SqlDatabase(new MemoryStore(PAGE_ENTRIES) as ByteStore), limit);
	if (report.failures.length === 0) return report;
	const reference = new Set(runSlt(text, () => new Reference(), limit).failures.map(({ line }) => line));
	const failures = report.failures.filter(({ line }) => !reference.has(line));
	return { ...report, failed: failures.length, failures };
}

class Reference implements SltDatabase {
	readonly #sqlite = new Sqlite();

	exec(sql: string): void {
		this.#run(sql);
	}

	prepare(sql: string) {
		const statement = {
			reader: true,
			run: () => {},
			raw: () => statement,
			safeIntegers: () => statement,
			all: () => this.#run(sql).rows.map((row) => [...row]),
		};
		return statement;
	}

	#run(sql: string): SqliteResult {
		try {
			return this.#sqlite.run(sql);
		} catch (error) {
			if (error instanceof SqliteError) throw Object.assign(error, { code: "WLSM_SQL" });
			throw error;
		}
	}
}

/** How many records of a file do not pass, in a short run; files that pass are not there. */
export type Unfinished = Record<string, number>;

export function readUnfinished(): Unfinished {
	return existsSync(UNFINISHED) ? (JSON.parse(readFileSync(UNFINISHED, "utf8")) as Unfinished) : {};
}

export function writeUnfinished(unfinished: Unfinished): void {
	const sorted = Object.entries(unfinished).sort(([a], [b]) => (a < b ? -1 : 1));
	writeFileSync(UNFINISHED, `${JSON.stringify(Object.fromEntries(sorted), null, 2)}\n`);
}
