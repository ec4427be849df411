/* One contender's load of load.ts, in a process of its own. */
import { spawnSync } from "node:child_process";
import { createReadStream } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { open } from "wlsm";
import { loadCsv } from "wlsm/load";
import { classicLevel } from "./contenders/classic-level.js";
import { type CsvRow, createTable, insertInto, readCsv } from "./contenders/sqlite-csv.js";
import type { CsvTable, Entry } from "./contenders.js";
import { directoryBytes } from "./machine.js";
import { childJob, loadPeer, peersDirectory, seconds } from "./support.js";

export type LoadContender =
	| "wlsm"
	| "wlsm, 1 thread"
	| "wlsm in TypeScript"
	| "sqlite3 .import"
	| "better-sqlite3"
	| "duckdb"
	| "classic-level";

export interface LoadJob {
	readonly contender: LoadContender;
	readonly kind: "table" | "pairs";
	readonly file: string;
	readonly directory: string;
}

export interface Loaded {
	readonly seconds: number;
	readonly peakBytes: number;
	readonly diskBytes: number;
	/** Count and sums, to be the same with all. */
	readonly answer: readonly number[];
}

const SUMS = "SELECT count(*), sum(qty), sum(price), sum(length(name)), min(length(made)), max(length(note)) FROM t";
const TABLE: CsvTable = {
	name: "t",
	columns: { id: "integer", qty: "integer", price: "real", name: "text", made: "text", note: "text" },
};
/** Pairs in a batch. */
const BATCH = 1000;

type Work = (job: LoadJob) => Promise<{ readonly seconds: number; readonly answer: readonly number[] } | null>;

function wlsm(kernel: "wasm" | "ts", parallel: number | undefined): Work {
	return async ({ directory, file, kind }) => {
		const path = join(directory, "wlsm");
		const options = kind === "table" ? { table: "t" } : { schema: ["k", "v"] as const };
		const time = await seconds(async () => {
			const db = await open(path, { kernel });
			await loadCsv(db, file, { ...options, parallel });
			await db.close();
		});
		const db = await open(path);
		let answer: readonly number[];
		if (kind === "table") answer = (db.sql.prepare(SUMS).raw().get() as unknown[]).map(Number);
		else {
			const sums = new PairSums();
			for (const [key, value] of db.entries()) sums.add(key, value);
			answer = sums.answer;
		}
		await db.close();
		return { seconds: time, answer };
	};
}

/** Count and length of pairs. */
class PairSums {
	readonly answer: [count: number, bytes: number] = [0, 0];

	add(key: string, value: string): void {
		this.answer[0]++;
		this.answer[1] += key.length + value.length;
	}
}

const sqliteShell: Work = async ({ directory, file }) => {
	const path = join(directory, "sqlite.db");
	const run = (...commands: string[]) => spawnSync("sqlite3", [path, ...commands], { encoding: "utf8" });
	if (run("SELECT 1").status !== 0) return null;
	const time = await seconds(() => run(createTable(TABLE), ".mode csv", `.import --skip 1 ${file} t`));
	return { seconds: time, answer: run(".mode list", SUMS).stdout.trim().split("|").map(Number) };
};

interface Sqlite {
	exec(sql: string): void;
	prepare(sql: string): { run(...values: unknown[]): void; raw(): { get(): unknown[] } };
	transaction(work: (rows: readonly CsvRow[]) => void): (rows: readonly CsvRow[]) => void;
	close(): void;
}

/** With the settings that it has by itself. */
const betterSqlite3: Work = async ({ directory, file }) => {
	const peer = await loadPeer("better-sqlite3", peersDirectory);
	if (peer === undefined) return null;
	const Database = peer.default as new (path: string) => Sqlite;
	const path = join(directory, "better.db");
	const time = await seconds(async () => {
		const db = new Database(path);
		db.exec(createTable(TABLE));
		const insert = db.prepare(insertInto(TABLE));
		const insertRows = db.transaction((rows) => {
			for (const row of rows) insert.run(...row);
		});
		await readCsv(file, TABLE, insertRows);
		db.close();
	});
	const db = new Database(path);
	const answer = db.prepare(SUMS).raw().get().map(Number);
	db.close();
	return { seconds: time, answer };
};

interface Duck {
	create(path: string, options: object): Promise<{ connect(): Promise<DuckConnection>; closeSync(): void }>;
}
interface DuckConnection {
	run(sql: string): Promise<unknown>;
	runAndReadAll(sql: string): Promise<{ getRowsJS(): unknown[][] }>;
	closeSync(): void;
}

const duckdb: Work = async ({ directory, file }) => {
	const peer = await loadPeer("@duckdb/node-api", peersDirectory);
	if (peer === undefined) return null;
	const { DuckDBInstance } = peer as unknown as { DuckDBInstance: Duck };
	const path = join(directory, "duck.db");
	const opened = async () => {
		const instance = await DuckDBInstance.create(path, { threads: "2" });
		const connection = await instance.connect();
		const close = () => {
			connection.closeSync();
			instance.closeSync();
		};
		return { connection, close };
	};
	const time = await seconds(async () => {
		const { connection, close } = await opened();
		await connection.run(`CREATE TABLE t AS SELECT * FROM read_csv('${file}')`);
		await connection.run("CHECKPOINT");
		close();
	});
	const { connection, close } = await opened();
	const asText = SUMS.replace("length(made)", "length(CAST(made AS VARCHAR))");
	const [row] = (await connection.runAndReadAll(asText)).getRowsJS();
	close();
	return { seconds: time, answer: (row ?? []).map(Number) };
};

const level: Work = async ({ directory, file }) => {
	const peer = await loadPeer("classic-level", peersDirectory);
	if (peer === undefined) return null;
	const opened = () => classicLevel(peer).open(join(directory, "level"), { cacheBytes: 8 << 20, sync: "none" });
	const time = await seconds(async () => {
		const db = await opened();
		let batch: Entry[] = [];
		let isHeader = true;
		for await (const line of createInterface(createReadStream(file))) {
			if (isHeader) isHeader = false;
			else batch.push({ key: line.slice(0, 16), value: line.slice(17) });
			if (batch.length < BATCH) continue;
			await db.batch(batch);
			batch = [];
		}
		await db.batch(batch);
		await db.close();
	});
	const db = await opened();
	const sums = new PairSums();
	await db.scan((key, value) => sums.add(key, value));
	await db.close();
	return { seconds: time, answer: sums.answer };
};

const WORKS: Record<LoadContender, Work> = {
	wlsm: wlsm("wasm", undefined),
	"wlsm, 1 thread": wlsm("wasm", 1),
	"wlsm in TypeScript": wlsm("ts", 1),
	"sqlite3 .import": sqliteShell,
	"better-sqlite3": betterSqlite3,
	duckdb,
	"classic-level": level,
};

await childJob<LoadJob, Loaded | null>(async (job) => {
	const done = await WORKS[job.contender](job);
	if (done === null) return null;
	// In kibibytes there.
	const peakBytes = process.resourceUsage().maxRSS * 1024;
	return { ...done, peakBytes, diskBytes: directoryBytes(job.directory) };
});
