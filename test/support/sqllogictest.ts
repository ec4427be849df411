/** A runner for files in SQLite's sqllogictest format. Knows nothing of the engine but `prepare` and `exec`. */

import { createHash } from "node:crypto";
import { isTimeout, limited } from "./limited.js";
import { records, type SltRecord, type SltValue, shownRows } from "./slt-format.js";

/** What the runner needs of a database. */
export interface SltDatabase {
	exec(sql: string): unknown;
	prepare(sql: string): { readonly reader: boolean; run(): unknown; raw(): { safeIntegers(): { all(): unknown[] } } };
}

export interface SltReport {
	passed: number;
	failed: number;
	/** Refused as not supported yet. */
	unsupported: number;
	readonly failures: { readonly line: number; readonly sql: string; readonly reason: string }[];
}

/** Watching costs some 0.1 ms each time, so a number of records is watched together. */
const RECORDS_AT_ONCE = 50;
const MAX_MILLISECONDS = 15_000;

/** Runs a file up to its query number `limit` over databases that `open` makes: one, and one more at each `reset`. */
export function runSlt(text: string, open: () => SltDatabase, limit = Number.POSITIVE_INFINITY): SltReport {
	const run = new SltRun(open);
	const left = records(text);
	const ends = left.findIndex(({ kind }) => kind === "halt");
	if (ends !== -1) left.length = ends;
	let queries = 0;
	const last = left.findIndex(({ kind }) => kind === "query" && ++queries === limit);
	if (last !== -1) left.length = last + 1;
	while (left.length > 0) runUntilStuck(left, run);
	return run.report;
}

/** Takes from `left` what it ran; a record that does not end has failed. */
function runUntilStuck(left: SltRecord[], run: SltRun): void {
	try {
		limited(MAX_MILLISECONDS, () => {
			for (let count = 0; count < RECORDS_AT_ONCE && left[0] !== undefined; count++) {
				run.record(left[0]);
				left.shift();
			}
		});
	} catch (error) {
		const stuck = left.shift();
		if (!isTimeout(error) || stuck === undefined) throw error;
		run.fail(stuck.line, "sql" in stuck ? stuck.sql : "", "it does not end");
	}
}

class SltRun {
	readonly report: SltReport = { passed: 0, failed: 0, unsupported: 0, failures: [] };
	readonly #open: () => SltDatabase;
	#database: SltDatabase;
	/** Of queries with the same label: their results are the same. */
	readonly #labelled = new Map<string, string>();

	constructor(open: () => SltDatabase) {
		this.#open = open;
		this.#database = open();
	}

	record(record: SltRecord): void {
		if (record.kind === "reset") this.#database = this.#open();
		else if (record.kind === "statement") this.#statement(record);
		else if (record.kind === "query") this.#query(record);
	}

	fail(line: number, sql: string, reason: string): void {
		this.report.failed++;
		this.report.failures.push({ line, sql, reason });
	}

	#error(line: number, sql: string, error: unknown): void {
		const { code, message } = error as { code?: string; message: string };
		if (code === "WLSM_UNSUPPORTED") this.report.unsupported++;
		else this.fail(line, sql, `${code ?? "not a WlsmError"}: ${message.split("\n")[0]}`);
	}

	#statement({ line, expects, sql }: SltRecord & { kind: "statement" }): void {
		try {
			this.#database.exec(sql);
		} catch (error) {
			const { code } = error as { code?: string };
			if (expects === "ok" || (code !== "WLSM_SQL" && code !== "WLSM_INVALID_ARGUMENT")) this.#error(line, sql, error);
			else this.report.passed++;
			return;
		}
		if (expects === "ok") this.report.passed++;
		else this.fail(line, sql, "an error was expected");
	}

	#query({ line, types, sort, label, sql, expected }: SltRecord & { kind: "query" }): void {
		let values: string[];
		try {
			const statement = this.#database.prepare(sql.replace(/;\s*$/, ""));
			// What returns nothing is a query of no rows, if the file says so.
			if (!statement.reader) statement.run();
			const rows = statement.reader ? statement.raw().safeIntegers().all() : [];
			values = shownRows(rows as SltValue[][], types, sort);
		} catch (error) {
			this.#error(line, sql, error);
			return;
		}
		const digest = createHash("md5")
			.update(values.map((value) => `${value}\n`).join(""))
			.digest("hex");
		const summary = /^(\d+) values hashing to ([0-9a-f]+)$/.exec(expected[0] ?? "");
		const same = summary
			? Number(summary[1]) === values.length && summary[2] === digest
			: expected.length === values.length && expected.every((value, i) => value.trimEnd() === values[i]?.trimEnd());
		const before = label === "" ? digest : (this.#labelled.get(label) ?? digest);
		if (label !== "") this.#labelled.set(label, before);
		if (!same)
			this.fail(line, sql, `got ${values.slice(0, 12).join(" | ")}, expected ${expected.slice(0, 12).join(" | ")}`);
		else if (before !== digest) this.fail(line, sql, `not what the other queries with label ${label} returned`);
		else this.report.passed++;
	}
}
