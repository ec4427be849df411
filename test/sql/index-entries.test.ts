/** Indexes over more rows than the memory for a statement holds: their entries become tables past the transaction's writes. */

import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Database } from "../../host/database.js";
import { WlsmError } from "../../host/errors.js";
import type { OpenOptions, SqlDatabase } from "../../host/index.js";
import { openSync } from "../../host/index.js";
import { MemoryStorage, type Storage } from "../../host/storage/index.js";
import { runCases } from "../support/cases.js";
import { hasOnlyItsTables, openStorage, thrown, withDirectory } from "../support/database.js";
import { fullStorage } from "../support/full-storage.js";
import { bothKernels, type KernelName, kernels } from "../support/kernels.js";
import { Random } from "../support/random.js";

const test = suite("indexes over many rows");

const DIRECTORY = "/db";
/** Runs of some hundred entries each: a few thousand rows are several. */
const SMALL: OpenOptions = { sqlMemoryBytes: 1024, memtableBytes: 16 << 10, blockBytes: 512 };

function opened(kernel: KernelName, storage: Storage = new MemoryStorage(), options: OpenOptions = {}): Database {
	return openStorage(storage, DIRECTORY, { ...SMALL, kernel, ...options });
}

const HUGE = 2n ** 60n;

function value(random: Random, distinct: number): unknown {
	const number = random.below(distinct);
	switch (random.below(8)) {
		case 0:
			return null;
		case 1:
			return number + 0.5;
		case 2:
			return random.pick(["name", "Name", "NAME"]) + number;
		case 3:
			return `żółw\0${number}`;
		case 4:
			return new Uint8Array([0, number, number >> 8, 255]);
		case 5:
			return HUGE + BigInt(number);
		case 6:
			return "x".repeat(random.below(200)) + number;
		default:
			return number - 500;
	}
}

function fill(sql: SqlDatabase, random: Random, rows: number): void {
	const withoutRowId = random.once(4);
	const key = withoutRowId ? "k TEXT COLLATE NOCASE PRIMARY KEY" : random.pick(["k INTEGER PRIMARY KEY", "k"]);
	sql.exec(`CREATE TABLE t (${key}, a, b, g AS (a || '!') STORED)${withoutRowId ? " WITHOUT ROWID" : ""}`);
	const distinct = random.pick([20, 5000, 100_000]);
	const insert = sql.prepare("INSERT INTO t (k, a, b) VALUES (?, ?, ?)");
	const put = sql.transaction((count: number, from: number) => {
		for (let i = 0; i < count; i++) {
			const number = (from + i) * (random.once(2) ? 1 : -1);
			insert.run(withoutRowId ? `key ${number}` : number, value(random, distinct), value(random, distinct));
		}
	});
	const half = Math.floor(rows / 2);
	put(half, 1);
	if (random.once(2)) sql.exec("ALTER TABLE t ADD COLUMN c DEFAULT 'older'");
	put(rows - half, half + 1);
}

function someIndex(random: Random, name: string): string {
	const unique = random.once(4) ? "UNIQUE " : "";
	const parts = Array.from({ length: random.between(1, 3) }, () => {
		const part = random.pick(["a", "b", "k", "g", "a", "b", "length(b)", "a || b"]);
		return part + random.pick(["", "", " COLLATE NOCASE", " COLLATE RTRIM"]) + random.pick(["", "", " DESC"]);
	});
	const where = random.once(4) ? ` WHERE ${random.pick(["b IS NOT NULL", "typeof(a) = 'text'", "k > 100"])}` : "";
	return `CREATE ${unique}INDEX ${name} ON t (${parts.join(", ")})${where}`;
}

const outcome = (work: () => unknown): string => {
	try {
		work();
		return "ok";
	} catch (error) {
		assert.instance(error, WlsmError, (error as Error).stack);
		return (error as Error).message;
	}
};

/** What the entries say, in their order. */
function contents(sql: SqlDatabase): unknown[] {
	const indexes = sql
		.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL")
		.raw()
		.all();
	return [
		indexes,
		...(indexes as [string, string][]).map(([name, text]) => {
			const where = /WHERE.*/.exec(text)?.[0] ?? "";
			return sql.prepare(`SELECT k, a, b FROM t INDEXED BY ${name} ${where}`).raw().safeIntegers().all();
		}),
		sql.pragma("integrity_check"),
	];
}

async function isWhole(db: { verify: Database["verify"] }): Promise<void> {
	assert.equal((await db.verify()).problems, []);
}

/** Of entries that are tables at once none is counted. */
const commits = async (db: Database) => (await db.stats()).commits.operations;

for (const kernel of kernels) {
	test(`have no keys that are too long (${kernel})`, async () => {
		const db = opened(kernel);
		const { sql } = db;
		sql.exec("CREATE TABLE t (a)");
		const insert = sql.prepare("INSERT INTO t VALUES (?)");
		sql.transaction(() => {
			for (let i = 0; i < 500; i++) insert.run(`name ${i}`);
			insert.run("y".repeat(70_000));
		})();
		thrown(() => sql.exec("CREATE INDEX i ON t (a)"), "WLSM_INVALID_ARGUMENT");
		sql.exec("DELETE FROM t WHERE length(a) > 60000; CREATE INDEX i ON t (a)");
		assert.is(sql.prepare("SELECT count(*) FROM t INDEXED BY i WHERE a >= ''").pluck().get(), 500);
		await isWhole(db);
		await db.close();
	});

	test(`are as those made within a transaction (${kernel})`, async () => {
		const ended: Promise<void>[] = [];
		runCases(kernel === "wasm" ? 8 : 4, 2500, (random, size) => {
			const [bulk, plain] = [new MemoryStorage(), new MemoryStorage()].map((storage) => opened(kernel, storage));
			assert.ok(bulk !== undefined && plain !== undefined);
			const seed = random.word();
			for (const { sql } of [bulk, plain]) fill(sql, new Random(seed), size);
			for (let i = 0; i < 3; i++) {
				const text = someIndex(random, `i${i}`);
				const inTransaction = () => plain.sql.transaction(() => plain.sql.exec(text))();
				assert.is(
					outcome(() => bulk.sql.exec(text)),
					outcome(inTransaction),
					text,
				);
				assert.equal(contents(bulk.sql), contents(plain.sql), text);
				if (random.once(2)) for (const { sql } of [bulk, plain]) sql.exec("DELETE FROM t WHERE k % 7 = 3");
				if (random.once(3)) for (const { sql } of [bulk, plain]) sql.exec("ANALYZE");
				if (random.once(3)) bulk.sql.exec(random.pick(["REINDEX", "REINDEX t", "REINDEX nocase"]));
			}
			assert.equal(contents(bulk.sql), contents(plain.sql));
			ended.push(isWhole(bulk).then(() => bulk.close()));
			plain.closeSync();
		});
		await Promise.all(ended);
	});
}

const ROWS = 5000;
const FILL = `CREATE TABLE t (k INTEGER PRIMARY KEY, a, b);
	INSERT INTO t SELECT value, value * 7919 % ${ROWS}, 'text ' || value FROM generate_series(1, ${ROWS})`;

bothKernels(test, "go past the log, and are found under the other kernel", async (kernel) => {
	const storage = new MemoryStorage();
	const db = opened(kernel, storage);
	db.sql.exec(FILL);
	const before = await commits(db);
	db.sql.exec("CREATE UNIQUE INDEX t_a ON t (a)");
	db.sql.exec("REINDEX");
	assert.ok((await commits(db)) - before < 20);
	// What is written behind it comes after it.
	db.sql.exec("UPDATE t SET a = -1 WHERE k = 5");
	await db.put("key", "value");
	await db.close();
	const other = opened(kernel === "ts" ? "wasm" : "ts", storage);
	assert.is(await other.get("key"), "value");
	assert.is(other.sql.prepare("SELECT k FROM t INDEXED BY t_a WHERE a = -1").pluck().get(), 5);
	assert.is(other.sql.prepare("SELECT count(*) FROM t INDEXED BY t_a WHERE a > 0").pluck().get(), ROWS - 2);
	assert.is(other.sql.pragma("integrity_check", { simple: true }), "ok");
	await isWhole(other);
	await other.compact();
	assert.is(other.sql.pragma("integrity_check", { simple: true }), "ok");
	await other.close();
});

bothKernels(test, "come into checkpoints, and not into snapshots and iterators from before", async (kernel) => {
	await withDirectory(async (directory) => {
		const db = openSync(`${directory}/db`, { ...SMALL, kernel });
		db.sql.exec(FILL);
		const snapshot = db.snapshot();
		const keys = db.keys();
		const rows = db.sql.prepare("SELECT k FROM t ORDER BY k").pluck().iterate();
		assert.is(rows.next().value, 1);
		db.sql.exec("CREATE INDEX t_b ON t (b DESC)");
		assert.is([...rows].length, ROWS - 1);
		assert.equal([...keys], []);
		snapshot.close();
		await db.checkpoint(`${directory}/copy`);
		await db.close();
		const copy = openSync(`${directory}/copy`, { kernel });
		assert.is(copy.sql.prepare("SELECT b FROM t INDEXED BY t_b ORDER BY b DESC LIMIT 1").pluck().get(), "text 999");
		assert.is(copy.sql.pragma("integrity_check", { simple: true }), "ok");
		await copy.close();
	});
});

bothKernels(
	test,
	"leave nothing where they are stopped, not unique, or in the way of another commit",
	async (kernel) => {
		const db = opened(kernel);
		db.sql.exec(FILL);
		db.sql.exec("CREATE UNIQUE INDEX t_a ON t (a)");
		const before = contents(db.sql);
		let calls = 0;
		let act = () => {};
		db.sql.function("counted", { deterministic: true }, (n: unknown) => {
			if (++calls === ROWS - 10) act();
			return n;
		});
		const create = "CREATE INDEX t_c ON t (counted(b))";
		const controller = new AbortController();
		act = () => controller.abort();
		thrown(() => db.sql.exec(create, { signal: controller.signal }), "WLSM_ABORTED");
		thrown(() => db.sql.exec("CREATE INDEX t_c ON t (b, a)", { timeoutMs: 0.001 }), "WLSM_TIMEOUT");
		calls = 0;
		act = () => {
			throw new RangeError("no more");
		};
		assert.throws(() => db.sql.exec(create), "no more");
		calls = 0;
		act = () => db.putSync("key", "value");
		thrown(() => db.sql.exec(create), "WLSM_CONFLICT");
		assert.is(db.getSync("key"), "value");
		db.sql.exec("INSERT INTO t VALUES (0, -1, 'text 4999')");
		assert.throws(() => db.sql.exec("CREATE UNIQUE INDEX t_b ON t (b)"), "UNIQUE constraint failed: t.b");
		db.sql.exec("DELETE FROM t WHERE k = 0");
		assert.equal(contents(db.sql), before);
		await isWhole(db);
		db.sql.exec(create);
		assert.is(db.sql.pragma("integrity_check", { simple: true }), "ok");
		await db.close();
	},
);

bothKernels(test, "are made beside writers, ingestions and jobs", async (kernel) => {
	await withDirectory(async (directory) => {
		const db = openSync(directory, { ...SMALL, kernel });
		db.sql.exec(FILL);
		const puts = Array.from({ length: 3000 }, (_, i) => db.put(`key ${i}`, "value ".repeat(20)));
		let go = () => {};
		const gate = new Promise<void>((resolve) => {
			go = resolve;
		});
		const ingested = db.ingest(
			(async function* () {
				yield ["z 1", "1"] as const;
				await gate;
				yield ["z 2", "2"] as const;
			})(),
		);
		const compacted = db.compact();
		db.sql.exec("CREATE INDEX t_a ON t (a)");
		db.sql.exec("UPDATE t SET a = -a WHERE k < 100");
		db.sql.exec("CREATE UNIQUE INDEX t_b ON t (b); REINDEX t_a");
		go();
		await Promise.all([...puts, ingested, compacted]);
		db.sql.exec("DELETE FROM t WHERE k BETWEEN 1000 AND 2000");
		assert.is(db.getSync("z 2"), "2");
		assert.is(db.getSync("key 2999"), "value ".repeat(20));
		assert.is(db.sql.pragma("integrity_check", { simple: true }), "ok");
		await isWhole(db);
		await db.close();
		const again = openSync(directory, { kernel });
		assert.is(again.sql.pragma("integrity_check", { simple: true }), "ok");
		assert.is(again.getSync("z 1"), "1");
		await again.close();
	});
});

bothKernels(test, "are made as a whole or not at all where the disk is full", async (kernel) => {
	const disk = fullStorage([DIRECTORY]);
	const db = opened(kernel, disk.storage, { background: "inline" });
	db.sql.exec(FILL);
	await db.flush();
	let failures = 0;
	for (let room = 0; ; room += 16_000) {
		disk.capacity = disk.used() + room;
		const said = outcome(() => db.sql.exec("CREATE INDEX t_a ON t (a)"));
		disk.capacity = Number.POSITIVE_INFINITY;
		if (said === "ok") break;
		failures++;
		assert.is(db.sql.prepare("SELECT count(*) FROM sqlite_schema").pluck().get(), 1);
	}
	assert.ok(failures > 3, `${failures}`);
	await hasOnlyItsTables(db, () => disk.storage.list(DIRECTORY));
	assert.is(db.sql.pragma("integrity_check", { simple: true }), "ok");
	await isWhole(db);
	await db.close();
});

bothKernels(test, "are made of temporary tables too, and are gone with these", async (kernel) => {
	const storage = new MemoryStorage();
	const db = opened(kernel, storage);
	db.sql.exec(`CREATE TABLE main.u (a); ${FILL.replace("TABLE", "TEMP TABLE")}`);
	db.sql.exec("CREATE INDEX t_a ON t (a); REINDEX; CREATE UNIQUE INDEX t_b ON t (b)");
	db.sql.exec("INSERT INTO t VALUES (-1, -1, -1); DELETE FROM t WHERE k % 2");
	assert.is(db.sql.prepare("SELECT count(*) FROM t INDEXED BY t_a WHERE a >= 0").pluck().get(), ROWS / 2);
	assert.is(db.sql.pragma("integrity_check", { simple: true }), "ok");
	await db.close();
	const again = opened(kernel, storage);
	assert.is(again.sql.prepare("SELECT count(*) FROM sqlite_temp_schema").pluck().get(), 0);
	again.sql.exec(`${FILL}; CREATE INDEX t_a ON t (a)`);
	assert.is(again.sql.pragma("integrity_check", { simple: true }), "ok");
	await again.close();
});

test.run();
