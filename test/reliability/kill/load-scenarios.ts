import { writeFileSync } from "node:fs";
import * as path from "node:path";
import { openSync } from "../../../host/index.js";
import { Violation } from "../ledger.js";
import type { Ended } from "./process.js";
import { expectState, leaveCrashed, type Place, type Scenario } from "./scenario.js";
import { copyState, emptyState, lookAt, readState } from "./state.js";

/** Rows of a small file, which is read before the first row is loaded. */
const SMALL = { rows: 35, batch: 10, filler: "" };
/** Of a file that is larger than what is looked at for the columns' types, so that a load is interrupted in its midst. */
const LARGE = { rows: 16, batch: 4, filler: "f".repeat(100_000) };
const OLD_ROWS = 7;

/**
 * - new: into a table that is not there yet;
 * - widened: the same, and behind what was sampled there is a value that does not fit, so that the load begins again;
 * - append, replace: into one that is there;
 * - pairs: into the key-value data.
 */
export type LoadKind = "new" | "widened" | "append" | "replace" | "pairs";

/** Where loads of a kind may stop: behind a batch, or only before the first row and behind the last. */
const GRAIN: Readonly<Record<LoadKind, "batch" | "whole">> = {
	new: "batch",
	widened: "batch",
	append: "whole",
	replace: "whole",
	pairs: "batch",
};

/** A load is all or nothing; killed, it leaves whole batches in a new table and of key-value pairs. */
export function load(seed: number, kind: LoadKind): Scenario {
	let before = emptyState();
	const { rows, batch, filler } = kind === "new" ? SMALL : LARGE;
	const source = ({ folder }: Place) => path.join(folder, "rows.csv");
	return {
		name: `load ${kind}`,
		signals: "all",
		script: "cli",
		repeatable: "once",
		async prepare(place) {
			await leaveCrashed(place.directory, seed);
			const db = openSync(place.directory);
			if (kind === "append" || kind === "replace") makeOld(db);
			before = readState(db);
			db.closeSync();
			writeFileSync(
				source(place),
				`id,text,filler\n${Array.from({ length: rows }, (_, row) => `${row},${text(kind, row)},${filler}\n`).join("")}`,
			);
		},
		words(place) {
			const target = {
				new: [],
				widened: [],
				append: ["--append"],
				replace: ["--replace"],
				pairs: ["--schema", "id", "text"],
			};
			const table = kind === "pairs" ? [] : ["--table", "loaded"];
			const common = ["--batch-size", String(batch), "--no-progress", "--db", place.directory];
			return ["load", source(place), ...table, ...target[kind], ...common];
		},
		async check({ directory }, ended) {
			const outcome = outcomeOf(ended);
			const texts = kind === "pairs" ? loadedPairs(directory, rows) : loadedRows(directory);
			const old = oldRows(kind, texts);
			for (const [row, found] of (texts ?? []).entries()) {
				const expected = row < old ? oldText(row) : text(kind, row - old);
				if (found !== expected) throw new Violation("wrong", `row ${row} has ${found}, not ${expected}`);
			}
			const loaded = (texts?.length ?? 0) - old;
			const whole = loaded === rows || (GRAIN[kind] === "whole" ? loaded === 0 : loaded % batch === 0);
			if (!whole) throw new Violation("torn", `${loaded} of ${rows} rows are there`);
			if (outcome === "done" && loaded !== rows) throw new Violation("lost", `${loaded} of ${rows} rows are there`);
			if (outcome === "undone" && kind !== "pairs" && (loaded > 0 || (texts !== undefined && old === 0))) {
				throw new Violation("wrong", `a load that is undone leaves a table with ${loaded} rows`);
			}
			const after = copyState(before);
			if (kind === "pairs") for (let row = 0; row < loaded; row++) after.pairs.set(String(row), text(kind, row));
			await expectState(directory, after);
		},
	};
}

/** What a load's process said about it: done, undone, or nothing because the signal ended it. */
function outcomeOf({ code, signal, stderr }: Ended): "done" | "undone" | "killed" {
	if (code === 0) return "done";
	if (code === 130 || code === 143) {
		if (/interrupted\. (Nothing was loaded|Of pairs, batches that were complete may stay)\./.test(stderr))
			return "undone";
	} else if (signal !== null) return "killed";
	throw new Violation("wrong", `it ended with ${code ?? signal}: ${stderr}`);
}

/** Of the widened kind all are numbers, but one in the last batch. */
function text(kind: LoadKind, row: number): string {
	return kind === "widened" ? (row === 13 ? "thirteen" : String(row)) : `text ${row}`;
}

function makeOld({ sql }: ReturnType<typeof openSync>): void {
	sql.exec("CREATE TABLE loaded (id INTEGER, text TEXT, filler TEXT)");
	for (let row = 0; row < OLD_ROWS; row++) sql.prepare("INSERT INTO loaded VALUES (?, ?, NULL)").run(row, oldText(row));
}

function oldText(row: number): string {
	return `old ${row}`;
}

/** How many of the rows were there before. A table that was there may be replaced, but is there. */
function oldRows(kind: LoadKind, texts: readonly string[] | undefined): number {
	if (kind !== "append" && kind !== "replace") return 0;
	if (texts === undefined) throw new Violation("lost", "the table is gone that was there before the load");
	return kind === "append" || texts[0] === oldText(0) ? OLD_ROWS : 0;
}

/** Undefined where there is no table. */
function loadedRows(directory: string): string[] | undefined {
	return lookAt(directory, ({ sql }) => {
		if (sql.prepare("PRAGMA table_info('loaded')").all().length === 0) return undefined;
		return sql.prepare("SELECT text FROM loaded ORDER BY rowid").pluck().all().map(String);
	});
}

function loadedPairs(directory: string, rows: number): string[] {
	const there = lookAt(directory, (db) => Array.from({ length: rows }, (_, row) => db.getSync(String(row)))) ?? [];
	const count = there.indexOf(undefined) === -1 ? rows : there.indexOf(undefined);
	if (there.slice(count).some((value) => value !== undefined))
		throw new Violation("torn", "pairs are missing in between");
	return there.slice(0, count) as string[];
}
