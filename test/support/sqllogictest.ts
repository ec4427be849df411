/** A runner for files in SQLite's sqllogictest format. Knows nothing of the engine but `prepare`. */

import { createHash } from "node:crypto";

/** What the runner needs of a database. */
export interface SltDatabase {
	exec(sql: string): unknown;
	prepare(sql: string): { raw(): { safeIntegers(): { all(): unknown[] } } };
}

export interface SltReport {
	passed: number;
	failed: number;
	/** Refused as not supported yet. */
	unsupported: number;
	readonly failures: { readonly line: number; readonly sql: string; readonly reason: string }[];
}

interface Record {
	readonly line: number;
	readonly lines: readonly string[];
}

const ENGINE = "sqlite";

function records(text: string): Record[] {
	const found: Record[] = [];
	let current: string[] = [];
	let start = 0;
	for (const [i, line] of text.split(/\r?\n/).entries()) {
		if (line.trim() === "") {
			if (current.length > 0) found.push({ line: start + 1, lines: current });
			current = [];
		} else if (!line.startsWith("#")) {
			if (current.length === 0) start = i;
			current.push(line);
		}
	}
	if (current.length > 0) found.push({ line: start + 1, lines: current });
	return found;
}

/** One value as the format prints it. */
function shown(value: unknown, type: string): string {
	if (value === null) return "NULL";
	if (type === "I") {
		if (typeof value === "bigint") return value.toString();
		if (typeof value === "number") return BigInt(Math.trunc(value)).toString();
		return String(Number.parseInt(String(value), 10) || 0);
	}
	if (type === "R") {
		const number = typeof value === "string" ? Number.parseFloat(value) || 0 : Number(value);
		return threeDecimals(number);
	}
	const text = value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : asText(value);
	return text === ""
		? "(empty)"
		: [...Buffer.from(text, "utf8")]
				.map((byte) => (byte < 32 || byte > 126 ? "@" : String.fromCharCode(byte)))
				.join("");
}

/** `%.3f` of at most 16 significant digits. */
function threeDecimals(number: number): string {
	return Math.abs(number) < 1e13 ? number.toFixed(3) : `${BigInt(Number(number.toPrecision(16)))}.000`;
}

function asText(value: unknown): string {
	if (typeof value === "number" && !Number.isInteger(value)) return String(Number(value.toPrecision(15)));
	return String(value);
}

export class SltRun {
	readonly report: SltReport = { passed: 0, failed: 0, unsupported: 0, failures: [] };
	readonly #open: () => SltDatabase;
	#database: SltDatabase;

	constructor(open: () => SltDatabase) {
		this.#open = open;
		this.#database = open();
	}

	run(text: string): SltReport {
		for (const { line, lines } of records(text)) {
			let at = 0;
			let skipped = false;
			for (; /^(skipif|onlyif)\b/.test(lines[at] ?? ""); at++) {
				const [word, engine] = (lines[at] ?? "").split(/\s+/);
				if ((word === "skipif") === (engine === ENGINE)) skipped = true;
			}
			const [command = "", ...words] = (lines[at] ?? "").trim().split(/\s+/);
			if (command === "halt" && !skipped) break;
			if (command === "reset") this.#database = this.#open();
			if (skipped) continue;
			if (command === "statement") this.#statement(line, words[0] ?? "ok", lines.slice(at + 1).join("\n"));
			if (command === "query") this.#query(line, words, lines.slice(at + 1));
		}
		return this.report;
	}

	#fail(line: number, sql: string, reason: string): void {
		this.report.failed++;
		this.report.failures.push({ line, sql, reason });
	}

	#error(line: number, sql: string, error: unknown): void {
		const { code, message } = error as { code?: string; message: string };
		if (code === "WLSM_UNSUPPORTED") this.report.unsupported++;
		else this.#fail(line, sql, `${code ?? "not a WlsmError"}: ${message.split("\n")[0]}`);
	}

	#statement(line: number, expected: string, sql: string): void {
		try {
			this.#database.exec(sql);
		} catch (error) {
			const { code } = error as { code?: string };
			if (expected === "ok" || (code !== "WLSM_SQL" && code !== "WLSM_INVALID_ARGUMENT")) this.#error(line, sql, error);
			else this.report.passed++;
			return;
		}
		if (expected === "ok") this.report.passed++;
		else this.#fail(line, sql, "an error was expected");
	}

	#query(line: number, words: readonly string[], lines: readonly string[]): void {
		const [types = "", second = "nosort"] = words;
		const sort = /^(nosort|rowsort|valuesort)$/.test(second) ? second : "nosort";
		const divider = lines.indexOf("----");
		const sql = (divider === -1 ? lines : lines.slice(0, divider)).join("\n");
		const expected = divider === -1 ? [] : lines.slice(divider + 1);
		let values: string[];
		try {
			const rows = this.#database.prepare(sql.replace(/;\s*$/, "")).raw().safeIntegers().all() as unknown[][];
			const texts = rows.map((row) => row.map((value, i) => shown(value, types[i] ?? "T")));
			if (sort === "rowsort") texts.sort((a, b) => compareRows(a, b));
			values = texts.flat();
			if (sort === "valuesort") values.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
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
		if (same) this.report.passed++;
		else this.#fail(line, sql, `got ${values.slice(0, 12).join(" | ")}, expected ${expected.slice(0, 12).join(" | ")}`);
	}
}

function compareRows(a: readonly string[], b: readonly string[]): number {
	for (const [i, value] of a.entries()) {
		const other = b[i] ?? "";
		if (value !== other) return value < other ? -1 : 1;
	}
	return 0;
}
