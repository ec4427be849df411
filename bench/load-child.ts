/* One contender's load of load.ts, in a process of its own. */
import { spawnSync } from "node:child_process";
import { createReadStream } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { open } from "../host/index.js";
import { loadCsv } from "../host/load/index.js";
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
const TYPES = "id INTEGER, qty INTEGER, price DOUBLE, name TEXT, made TEXT, note TEXT";
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
		else answer = sumOfPairs(db.entries());
		await db.close();
		return { seconds: time, answer };
	};
}

function sumOfPairs(entries: Iterable<readonly [string, string]>): number[] {
	let [count, bytes] = [0, 0];
	for (const [key, value] of entries) {
		count++;
		bytes += key.length + value.length;
	}
	return [count, bytes];
}

const sqliteShell: Work = async ({ directory, file }) => {
	const path = join(directory, "sqlite.db");
	const run = (...commands: string[]) => spawnSync("sqlite3", [path, ...commands], { encoding: "utf8" });
	if (run("SELECT 1").status !== 0) return null;
	const time = await seconds(() => run(`CREATE TABLE t (${TYPES})`, ".mode csv", `.import --skip 1 ${file} t`));
	return { seconds: time, answer: run(".mode list", SUMS).stdout.trim().split("|").map(Number) };
};

interface Sqlite {
	exec(sql: string): void;
	prepare(sql: string): { run(...values: unknown[]): void; raw(): { get(): unknown[] } };
	close(): void;
}

/** As programs do it: csv-parser's rows, in transactions of ten thousand. */
const betterSqlite3: Work = async ({ directory, file }) => {
	const peer = await loadPeer("better-sqlite3", peersDirectory);
	if (peer === undefined) return null;
	const { default: csvParser } = await import("csv-parser");
	const Database = peer.default as new (path: string) => Sqlite;
	const path = join(directory, "better.db");
	const time = await seconds(async () => {
		const db = new Database(path);
		db.exec(`CREATE TABLE t (${TYPES}); BEGIN`);
		const insert = db.prepare("INSERT INTO t VALUES (?, ?, ?, ?, ?, ?)");
		let count = 0;
		for await (const row of createReadStream(file).pipe(csvParser()) as AsyncIterable<Record<string, string>>) {
			insert.run(row.id, row.qty, row.price, row.name, row.made, row.note);
			if (++count % 10_000 === 0) db.exec("COMMIT; BEGIN");
		}
		db.exec("COMMIT");
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

interface Level {
	open(): Promise<void>;
	batch(operations: readonly object[]): Promise<void>;
	iterator(): AsyncIterable<[string, string]>;
	close(): Promise<void>;
}

const classicLevel: Work = async ({ directory, file }) => {
	const peer = await loadPeer("classic-level", peersDirectory);
	if (peer === undefined) return null;
	const { ClassicLevel } = peer as unknown as { ClassicLevel: new (path: string) => Level };
	const path = join(directory, "level");
	const time = await seconds(async () => {
		const db = new ClassicLevel(path);
		await db.open();
		let batch: object[] = [];
		let isHeader = true;
		for await (const line of createInterface(createReadStream(file))) {
			if (isHeader) isHeader = false;
			else batch.push({ type: "put", key: line.slice(0, 16), value: line.slice(17) });
			if (batch.length < BATCH) continue;
			await db.batch(batch);
			batch = [];
		}
		await db.batch(batch);
		await db.close();
	});
	const db = new ClassicLevel(path);
	await db.open();
	let [count, bytes] = [0, 0];
	for await (const [key, value] of db.iterator()) {
		count++;
		bytes += key.length + value.length;
	}
	await db.close();
	return { seconds: time, answer: [count, bytes] };
};

const WORKS: Record<LoadContender, Work> = {
	wlsm: wlsm("wasm", undefined),
	"wlsm, 1 thread": wlsm("wasm", 1),
	"wlsm in TypeScript": wlsm("ts", 1),
	"sqlite3 .import": sqliteShell,
	"better-sqlite3": betterSqlite3,
	duckdb,
	"classic-level": classicLevel,
};

await childJob<LoadJob, Loaded | null>(async (job) => {
	const done = await WORKS[job.contender](job);
	if (done === null) return null;
	// In kibibytes there.
	const peakBytes = process.resourceUsage().maxRSS * 1024;
	return { ...done, peakBytes, diskBytes: directoryBytes(job.directory) };
});
