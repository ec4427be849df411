/*
 * SQL: a million rows of six mixed columns, loaded from a CSV file, beside better-sqlite3 and DuckDB; the answers are compared.
 *
 *   node dist/bench/sql.js [--rows 1000000] [--rounds 7] [--points 20000] [--inserts 100000] [--engines wlsm,better-sqlite3,duckdb]
 *                          [--json FILE] [--smoke]
 *
 * All engines have 256 MiB for their caches (DuckDB takes what it likes), nothing is synced, and they take turns, round by round, each
 * time another one first: who comes first finds what it is given not in the processor's caches yet.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { benchFlags, refuse } from "./flags.js";
import {
	type ComparisonRow,
	comparison,
	duration,
	publish,
	type RatioColumn,
	type ReportTable,
	rate,
} from "./report.js";
import { type Ask, openEngine, type Row, SQL_ENGINES, type SqlEngine, type SqlEngineName } from "./sql/engines.js";
import {
	HEADER,
	KEYED_JOIN,
	otherTable,
	QUERIES,
	type Query,
	sampleRows,
	smallJoins,
	smallTables,
	TABLE,
} from "./sql/workload.js";
import { check, inDirectory, median, randomSource, seconds as timed } from "./support.js";

const CACHE_BYTES = 256 << 20;
const PER_TRANSACTION = 1000;
const INSERT = "INSERT INTO t VALUES (?, ?, ?, ?, ?, ?)";

const flags = benchFlags(
	{ rows: 1_000_000, rounds: 7, points: 20_000, inserts: 100_000 },
	{ rows: 3000, rounds: 2, points: 100, inserts: 2000 },
	{ engines: SQL_ENGINES.join() },
);

interface Open {
	readonly name: SqlEngineName;
	readonly engine: SqlEngine;
}

/** Answers that are the same but for the last digits of sums, whose order is each engine's own. */
function same(a: readonly Row[], b: readonly Row[]): boolean {
	const isSame = (x: unknown, y: unknown) => {
		if (typeof x === "string" || typeof y === "string") return x === y;
		const [left, right] = [Number(x), Number(y)];
		return Math.abs(left - right) <= 1e-9 * Math.max(1, Math.abs(left));
	};
	return a.length === b.length && a.every((row, i) => row.every((value, j) => isSame(value, b[i]?.[j])));
}

/** Runs an action with each engine in turns; the median of each one's seconds. */
async function rounds(open: readonly Open[], action: (engine: Open) => Promise<unknown> | unknown): Promise<number[]> {
	const found = open.map((): number[] => []);
	for (let round = 0; round < flags.rounds; round++) {
		for (const [i, one] of inTurn(open, round)) found[i]?.push(await timed(() => action(one)));
	}
	return found.map(median);
}

/** All of them with their numbers, each round another one first. */
function inTurn<Item>(items: readonly Item[], round: number): [number, Item][] {
	const first = round % items.length;
	return [...items.entries()].slice(first).concat([...items.entries()].slice(0, first));
}

async function queries(open: readonly Open[], asked: readonly Query[]): Promise<ComparisonRow[]> {
	const rows: ComparisonRow[] = [];
	for (const { name, sql, target } of asked) {
		const prepared = new Map<string, Ask>();
		const answers: (readonly Row[])[] = [];
		for (const { name, engine } of open) {
			const ask = await engine.prepare(sql);
			prepared.set(name, ask);
			answers.push(await ask());
		}
		check(
			answers.every((answer) => same(answer, answers[0] ?? [])),
			name,
		);
		const figures = await rounds(open, ({ name }) => prepared.get(name)?.());
		rows.push({ name: `${name} (>= ${target})`, figures: figures.map((seconds) => 1 / seconds), format: perSecond });
	}
	return rows;
}

const perSecond = (figure: number) => duration(1 / figure);

async function points(open: readonly Open[]): Promise<ComparisonRow[]> {
	const random = randomSource(9);
	const wanted = Array.from({ length: flags.points }, () => Math.floor(random() * flags.rows));
	const rows: ComparisonRow[] = [];
	for (const [name, sql, parameter] of [
		["point SELECT by primary key (>= 1.5)", "SELECT grp, qty, note FROM t WHERE id = ?", (id: number) => id],
		[
			"point SELECT by secondary index (>= 1.5)",
			"SELECT id, price FROM t WHERE usr = ? ORDER BY id",
			(id: number) => `user${id % 100_000}`,
		],
	] as const) {
		const figures: number[] = [];
		const sums: number[] = [];
		const some = open.filter(({ name }) => name !== "duckdb");
		const asked = new Map(
			await Promise.all(some.map(async ({ name, engine }) => [name, await engine.prepare(sql)] as const)),
		);
		const seconds = await rounds(some, ({ name }) => {
			const ask = asked.get(name) as (...parameters: readonly unknown[]) => readonly Row[];
			let found = 0;
			for (const id of wanted) for (const row of ask(parameter(id))) found += Number(row[1]);
			sums.push(found);
		});
		check(
			sums.every((sum) => sum === sums[0]),
			name,
		);
		for (const { name } of open) {
			const at = some.findIndex((one) => one.name === name);
			figures.push(at === -1 ? Number.NaN : flags.points / (seconds[at] as number));
		}
		rows.push({ name, figures, format: rate });
	}
	return rows;
}

/** Rows behind all others, and rows where others were deleted just before. */
async function inserts(open: readonly Open[]): Promise<ComparisonRow[]> {
	const some = open.filter(({ engine }) => engine.insert !== undefined);
	const found = { fresh: some.map((): number[] => []), again: some.map((): number[] => []) };
	const counted = async (engine: SqlEngine, first: number) => {
		const ask = await engine.prepare(`SELECT count(*) FROM t WHERE id >= ${first}`);
		check(Number((await ask())[0]?.[0]) === flags.inserts, "rows inserted");
	};
	for (let round = 0; round < Math.min(flags.rounds, 6); round++) {
		const first = flags.rows + round * flags.inserts;
		// As they come of a parser: whoever is first would else pay for texts that are still in pieces.
		const sample: readonly Row[] = JSON.parse(JSON.stringify(sampleRows(flags.inserts, first)));
		for (const [i, { engine }] of inTurn(some, round)) {
			const insert = () => engine.insert?.(INSERT, sample, PER_TRANSACTION);
			found.fresh[i]?.push(await timed(insert));
			await counted(engine, first);
			await engine.exec(`DELETE FROM t WHERE id >= ${first}`);
			found.again[i]?.push(await timed(insert));
			await counted(engine, first);
		}
	}
	const figures = (seconds: readonly number[][]) =>
		open.map(({ name }) => {
			const at = some.findIndex((one) => one.name === name);
			return at === -1 ? Number.NaN : flags.inserts / median(seconds[at] as number[]);
		});
	const per = `INSERT, prepared, ${PER_TRANSACTION} per transaction`;
	return [
		{ name: `${per} (>= 2)`, figures: figures(found.fresh), format: rate },
		{ name: `${per}, in place of deleted rows`, figures: figures(found.again), format: rate },
	];
}

/** How often the joins run before they are timed as statements that an application runs again and again. */
const WARM_RUNS = 60;

async function joins(open: readonly Open[]): Promise<ComparisonRow[]> {
	for (const { engine } of open) for (const statement of smallTables()) await engine.exec(statement);
	const texts = smallJoins();
	const answers = new Map<string, (readonly Row[])[]>();
	// Prepared anew each time.
	const run = async ({ name, engine }: Open) => {
		const found: (readonly Row[])[] = [];
		for (const text of texts) found.push(await (await engine.prepare(text))());
		answers.set(name, found);
	};
	const cold = await rounds(open, run);
	for (const one of open) for (let count = 0; count < WARM_RUNS; count++) await run(one);
	const warm = await rounds(open, run);
	const [first, ...others] = [...answers.values()];
	for (const answer of others)
		check(
			answer.every((rows, i) => same(rows, first?.[i] ?? [])),
			"joins",
		);
	const row = (name: string, seconds: readonly number[]): ComparisonRow => {
		return { name, figures: seconds.map((second) => 1 / second), format: perSecond };
	};
	return [
		row(`20 joins of 3 to 10 tables, the first ${flags.rounds} times (>= 1)`, cold),
		row(`the same after ${WARM_RUNS} more times (>= 1)`, warm),
	];
}

/** Apart, so that a million rows do not stay on the heap that the engines have their results on. */
function writeSample(file: string): void {
	const sample = sampleRows(flags.rows);
	writeFileSync(file, `${HEADER}\n${sample.map((row) => row.join()).join("\n")}\n`);
}

async function main(directory: string): Promise<ReportTable> {
	const file = join(directory, "rows.csv");
	writeSample(file);
	const open: Open[] = [];
	for (const name of flags.engines.split(",") as SqlEngineName[]) {
		if (!SQL_ENGINES.includes(name)) refuse(`engines are ${SQL_ENGINES.join(", ")}, not ${name}`);
		const engine = await openEngine(name, directory, CACHE_BYTES);
		if (engine !== undefined) open.push({ name, engine });
	}
	const loads: number[] = [];
	for (const { engine } of open) {
		await engine.exec(TABLE);
		loads.push(await timed(() => engine.load("t", file)));
	}
	const rows = [...(await queries(open, QUERIES))];
	rows.push(...(await joins(open)));
	for (const { engine } of open) await engine.exec("CREATE INDEX t_usr ON t (usr)");
	rows.push(...(await points(open)));
	for (const { engine } of open) await engine.exec("DROP INDEX t_usr");
	rows.push(...(await inserts(open)));
	for (const { engine } of open) for (const statement of otherTable(flags.rows)) await engine.exec(statement);
	rows.push(...(await queries(open, [KEYED_JOIN])));
	for (const { engine } of open) await engine.close();
	const names = open.map(({ name }) => name);
	const ratios: RatioColumn[] = names.includes("wlsm")
		? names.filter((name) => name !== "wlsm").map((name) => ["wlsm", name])
		: [];
	return comparison(
		`SQL over ${flags.rows} rows of six columns`,
		names,
		rows,
		[
			`Loaded from CSV in ${loads.map((seconds, i) => `${duration(seconds)} (${names[i]})`).join(", ")}. Ratios are of speed: above 1 is faster. In brackets: what is aimed at beside better-sqlite3.`,
		],
		ratios,
	);
}

await inDirectory(async (directory) => publish([await main(directory)], flags.json));
