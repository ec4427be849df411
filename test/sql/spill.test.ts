/** Statements that hold little memory: the same answers, and nothing left of the temporary files. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openSync, SqlDatabase, type WlsmError } from "../../host/index.js";
import { MemoryStore } from "../support/memory-store.js";
import { Random } from "../support/random.js";
import { scratchPlace } from "../support/scratch.js";
import type { SqlStore } from "../support/sql-stores.js";
import { runSlt } from "../support/sqllogictest.js";
import { transcriptSuite } from "../support/transcript.js";
import { ROWS } from "./recorded/rows.js";
import { TRIGGERS } from "./recorded/triggers.js";
import { OWN_FOLDER, PUBLIC_FOLDER, shortRunQueries, sltFiles, textOf } from "./slt-files.js";
import { TRANSCRIPTS } from "./transcripts.js";

/** A row or two are more than the least; with the other some operators spill and others do not, and runs are merged in passes. */
const BUDGETS = [1, 3000, 60_000];

const LONG = "l".repeat(70_000);

/** Values of all kinds, many of them equal under some collation. */
function someValue(random: Random): string {
	const pick = random.below(14);
	if (pick === 0) return "NULL";
	if (pick === 1) return String(random.below(40) - 20);
	if (pick === 2) return `${random.below(40) - 20}.0`;
	if (pick === 3) return `${random.below(40)}.5`;
	if (pick === 4) return `${9007199254740990n + BigInt(random.below(8))}`;
	if (pick === 5) return "1e300";
	if (pick === 6) return `x'${["", "00", "ff00", "61"][random.below(4)]}'`;
	if (pick === 7) return `'${["", "é漢😀", "a", "A", "a  "][random.below(5)]}'`;
	return `'${["Name", "name", "NAME "][random.below(3)]}${random.below(300)}'`;
}

function filled(sql: SqlDatabase): SqlDatabase {
	const random = new Random(11);
	sql.exec(
		"CREATE TABLE t (id INTEGER PRIMARY KEY, a, b, c TEXT COLLATE NOCASE); CREATE TABLE u (id INTEGER PRIMARY KEY, a, b)",
	);
	sql.exec("BEGIN");
	for (const [table, count] of [
		["t", 3000],
		["u", 1500],
	] as const) {
		for (let at = 0; at < count; at += 100) {
			const row = () =>
				`(${[someValue(random), someValue(random), ...(table === "t" ? [someValue(random)] : [])].join(", ")})`;
			const columns = table === "t" ? "a, b, c" : "a, b";
			sql.exec(`INSERT INTO ${table} (${columns}) VALUES ${Array.from({ length: 100 }, row).join(", ")}`);
		}
	}
	sql.exec(`INSERT INTO u (a, b) VALUES ('${LONG}', zeroblob(50000)), ('${LONG}', 1), (1, '${LONG}'); COMMIT`);
	return sql;
}

/** Their rows have one order. */
const ORDERED: readonly string[] = [
	"SELECT * FROM t ORDER BY a, b DESC, c, id",
	"SELECT id, c FROM t ORDER BY c",
	"SELECT a FROM u ORDER BY a NULLS LAST",
	"SELECT id FROM t ORDER BY b LIMIT 100 OFFSET 2000",
	"SELECT * FROM t ORDER BY b, id LIMIT 7",
	"SELECT id FROM t ORDER BY c DESC LIMIT 2500",
	"SELECT id FROM t ORDER BY c LIMIT 0",
	"SELECT DISTINCT c FROM t",
	"SELECT DISTINCT a, b FROM t ORDER BY a, b, rowid",
	"SELECT DISTINCT a FROM u LIMIT 40 OFFSET 20",
	"SELECT a FROM t UNION SELECT a FROM u",
	"SELECT c FROM t UNION SELECT lower(c) FROM t UNION ALL SELECT upper(c) FROM t UNION SELECT a FROM u",
	"SELECT c FROM t UNION ALL SELECT a FROM u UNION SELECT b FROM u ORDER BY 1 DESC",
	"SELECT a, b FROM t INTERSECT SELECT b, a FROM t",
	"SELECT c FROM t INTERSECT SELECT a FROM u",
	"SELECT a FROM t EXCEPT SELECT b FROM u",
	"SELECT c FROM t EXCEPT SELECT lower(c) FROM t WHERE id % 2",
	"SELECT a, count(*), sum(id), min(c), group_concat(id) FROM t GROUP BY a",
	"SELECT c, count(DISTINCT a), max(b), id FROM t GROUP BY c HAVING count(*) > 1",
	"SELECT a, typeof(a), b, count(*) FROM t GROUP BY a, b",
	"SELECT count(*), sum(id), max(c) FROM t",
	"SELECT length(a), length(b), count(*) FROM u GROUP BY a, b",
	"SELECT id, row_number() OVER (PARTITION BY c ORDER BY a, id), sum(id) OVER (PARTITION BY c) FROM t",
	"SELECT id, lag(id) OVER w, rank() OVER (ORDER BY b), count(*) OVER (PARTITION BY a ORDER BY id ROWS 3 PRECEDING) FROM t WINDOW w AS (ORDER BY a)",
	"WITH RECURSIVE r(n) AS (SELECT id FROM t UNION ALL SELECT n - 1000 FROM r WHERE n > 1000) SELECT n FROM r",
	"WITH RECURSIVE r(n) AS (SELECT 1 UNION SELECT (n * 7 + k.value) % 3001 FROM r, generate_series(1, 2) AS k) SELECT n FROM r",
	"WITH RECURSIVE r(n) AS (SELECT id FROM t WHERE id < 300 UNION ALL SELECT n + 300 FROM r WHERE n < 2000 ORDER BY 1 DESC) SELECT n FROM r",
];

/** One group, no row, and a queue that has an order. */
const NEVER_SPILL = /^SELECT count\(\*\), sum| LIMIT 0$|ORDER BY 1 DESC\) SELECT n/;

/** The order of their rows is up to the join. */
const UNORDERED: readonly string[] = [
	"SELECT t.id, u.id FROM t JOIN u ON t.a = u.a",
	"SELECT t.id, u.* FROM t LEFT JOIN u ON t.a = u.b AND t.id > u.id",
	"SELECT t.id, u.id FROM t FULL JOIN u ON t.c = u.a AND t.b = u.b",
	"SELECT t.id, u.id FROM t FULL JOIN u ON t.c = u.a AND t.id % 3 = u.id % 2",
	"SELECT t.id, u.id FROM t FULL JOIN u ON t.id < 30 AND u.id < 30 AND t.id > u.id",
	"SELECT t.id, u.id FROM u RIGHT JOIN t ON u.a = t.b",
	"SELECT x.id, y.id FROM t AS x JOIN t AS y ON x.a = 1 AND y.a = x.a AND x.c = y.c",
	"SELECT count(*) FROM u AS x, u AS y WHERE x.a || y.a = 'aa' AND x.id < 150",
	"WITH w AS (SELECT a, count(*) AS n FROM t GROUP BY a) SELECT x.n, y.n FROM w AS x JOIN w AS y ON x.n = y.n + 1",
	"SELECT id, (SELECT count(*) FROM (SELECT DISTINCT b FROM u WHERE u.id % 5 = t.id % 5 ORDER BY b)) FROM t WHERE id < 20",
	"SELECT id, (SELECT max(n) FROM (SELECT count(*) AS n FROM u AS x, u AS y WHERE x.id < 20 AND y.id < t.id)) FROM t WHERE id < 10",
];

function answer(sql: SqlDatabase, text: string, order: "kept" | "free"): unknown {
	const rows = sql.prepare(text).raw().safeIntegers().all();
	const texts = rows.map((row) => JSON.stringify(row, (_, value) => (typeof value === "bigint" ? `i${value}` : value)));
	return order === "kept" ? texts : texts.sort();
}

const test = suite("statements that hold little memory");

const plain = filled(new SqlDatabase(new MemoryStore()));

for (const memoryBytes of BUDGETS) {
	test(`the same answers within ${memoryBytes} bytes, and nothing is left`, () => {
		const place = scratchPlace();
		const store = new MemoryStore();
		const sql = filled(new SqlDatabase(store, { memoryBytes, scratch: place.scratch }));
		for (const [texts, order] of [
			[ORDERED, "kept"],
			[UNORDERED, "free"],
		] as const) {
			for (const text of texts) {
				const before = place.changes;
				assert.equal(answer(sql, text, order), answer(plain, text, order), text);
				assert.ok(place.changes > before || memoryBytes > 1 || NEVER_SPILL.test(text), `${text} did not spill`);
				place.checkEmpty();
				assert.is(store.open, 0);
			}
		}
	});
}

test("statements that change data use temporary files too", () => {
	const place = scratchPlace();
	const sql = filled(new SqlDatabase(new MemoryStore(), { memoryBytes: 500, scratch: place.scratch }));
	const other = filled(new SqlDatabase(new MemoryStore()));
	for (const text of [
		"CREATE TABLE v AS SELECT * FROM t ORDER BY c, id",
		"INSERT INTO v SELECT max(id), a, b, c FROM t GROUP BY a, b, c",
		"UPDATE v SET a = (SELECT count(*) FROM (SELECT DISTINCT a FROM u)) WHERE b IN (SELECT b FROM u UNION SELECT a FROM u)",
		"DELETE FROM v WHERE id IN (SELECT id FROM t ORDER BY c LIMIT 500)",
	]) {
		const before = place.changes;
		sql.exec(text);
		other.exec(text);
		assert.ok(place.changes > before, text);
		place.checkEmpty();
	}
	const all = "SELECT rowid, * FROM v";
	assert.equal(answer(sql, all, "kept"), answer(other, all, "kept"));
});

const SORTED = "SELECT * FROM t ORDER BY b";
const ALL = [...ORDERED, ...UNORDERED];

test("nothing is left when a statement ends early", () => {
	const place = scratchPlace();
	const store = new MemoryStore();
	const sql = filled(new SqlDatabase(store, { memoryBytes: 500, scratch: place.scratch }));
	const clean = (text: string) => {
		place.checkEmpty();
		assert.is(store.open, 0, text);
	};
	for (const text of ALL) {
		const controller = new AbortController();
		sql.prepare(text).raw().get();
		clean(text);
		for (const _ of sql.prepare(text).raw().iterate()) break;
		clean(text);
		const stopped = sql.prepare(text, { signal: controller.signal }).raw().iterate();
		stopped.next();
		controller.abort();
		try {
			for (const _ of stopped);
		} catch (error) {
			assert.is((error as WlsmError).code, "WLSM_ABORTED");
		}
		clean(text);
		try {
			sql.prepare(text, { timeoutMs: 3 }).all();
		} catch (error) {
			assert.is((error as WlsmError).code, "WLSM_TIMEOUT");
		}
		clean(text);
	}
	let calls = 0;
	sql.function("fails", ((value: unknown) => {
		if (++calls % 2000 === 0) throw new Error("enough");
		return value;
	}) as never);
	for (const text of [
		"SELECT fails(id) FROM t ORDER BY b",
		"SELECT DISTINCT fails(id) FROM t ORDER BY 1",
		"SELECT fails(a), count(*) FROM t GROUP BY 1",
		"SELECT fails(id) FROM t UNION SELECT id FROM u",
		"SELECT sum(fails(t.id)) OVER (ORDER BY t.a) FROM t",
		"SELECT t.id FROM t FULL JOIN u ON fails(t.id) = fails(u.id)",
		"INSERT INTO u (a) SELECT fails(id) FROM t ORDER BY b",
		"CREATE TABLE v AS SELECT fails(id) FROM t ORDER BY b",
	]) {
		calls = 0;
		assert.throws(() => sql.exec(text), /enough/, text);
		clean(text);
	}
});

test("what the disk refuses is WLSM_IO, and the database goes on", () => {
	let left = Number.POSITIVE_INFINITY;
	const place = scratchPlace((operation) => {
		if (operation !== "remove" && --left < 0)
			throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
	});
	const store = new MemoryStore();
	const sql = filled(new SqlDatabase(store, { memoryBytes: 3000, scratch: place.scratch }));
	for (const text of [
		...ALL,
		"CREATE TABLE v AS SELECT * FROM t ORDER BY b",
		"INSERT INTO u (a) SELECT a FROM t ORDER BY b",
	]) {
		for (const room of [0, 2, 20]) {
			left = room;
			try {
				sql.exec(text);
			} catch (error) {
				const { code, file, cause, message } = error as WlsmError;
				assert.is(code, "WLSM_IO", message);
				assert.match(message, /temporary file of the statement.*no space left/);
				assert.match(String(file), /spill-/);
				assert.is((cause as { code?: string }).code, "ENOSPC");
			}
			left = Number.POSITIVE_INFINITY;
			place.checkEmpty();
			assert.is(store.open, 0);
			sql.exec("DROP TABLE IF EXISTS v; DELETE FROM u WHERE id > 2000");
		}
	}
	left = 0;
	assert.throws(() => sql.prepare(SORTED).all(), /no space left/);
	left = Number.POSITIVE_INFINITY;
	assert.equal(answer(sql, SORTED, "kept"), answer(plain, SORTED, "kept"));
});

test("where a file keeps its name while it is open, the name goes with it", () => {
	const place = scratchPlace();
	const { storage, directory } = place.scratch;
	const open = storage as unknown as { files: number };
	const remove = storage.remove.bind(storage);
	storage.remove = (file) => {
		if (open.files > 0) throw Object.assign(new Error("EBUSY"), { code: "EBUSY" });
		remove(file);
	};
	const sql = filled(new SqlDatabase(new MemoryStore(), { memoryBytes: 3000, scratch: place.scratch }));
	const rows = sql.prepare(SORTED).iterate();
	rows.next();
	assert.is(storage.list(directory).length, 1);
	rows.return?.();
	place.checkEmpty();
});

test.run();

// -- Databases on disk -----------------------------------------------------------------------------------------------

const disk = suite<{ directory: string }>("temporary files of statements on disk");

disk.before.each((context) => {
	context.directory = mkdtempSync(path.join(tmpdir(), "wlsm-spill-"));
});
disk.after.each(({ directory }) => rmSync(directory, { recursive: true }));

const spilled = (directory: string) => readdirSync(directory).filter((name) => name.startsWith("spill-"));

disk("writers and readers answer alike, and leave nothing in the directory", ({ directory }) => {
	const writer = openSync(directory, { sqlMemoryBytes: 1024 });
	filled(writer.sql);
	const expected = answer(plain, SORTED, "kept");
	assert.equal(answer(writer.sql, SORTED, "kept"), expected);
	const reader = openSync(directory, { sqlMemoryBytes: 1024, readOnly: true });
	const before = readdirSync(directory);
	const rows = reader.sql.prepare(SORTED).iterate();
	rows.next();
	assert.equal(readdirSync(directory), before);
	rows.return?.();
	assert.equal(answer(reader.sql, SORTED, "kept"), expected);
	reader.closeSync();
	writer.closeSync();
	assert.equal(spilled(directory), []);
});

disk("what a process that died has left is removed by the next, and nothing else", ({ directory }) => {
	openSync(directory).closeSync();
	const left = `spill-${crypto.randomUUID()}.tmp`;
	for (const name of [left, "spill-mine.tmp", "spill-.txt"]) writeFileSync(path.join(directory, name), "x");
	openSync(directory, { readOnly: true }).closeSync();
	assert.is(spilled(directory).length, 3);
	openSync(directory).closeSync();
	assert.equal(spilled(directory).sort(), ["spill-.txt", "spill-mine.tmp"]);
});

const PROGRAM = `
	const [module, directory, statement, how] = process.argv.slice(1);
	const { openSync } = await import(module);
	const db = openSync(directory, { sqlMemoryBytes: 1 << 20 });
	let count = 0;
	for (const row of db.sql.prepare(statement).raw().iterate()) {
		if (++count === 1000 && how === "killed") process.kill(process.pid, "SIGKILL");
	}
	db.closeSync();
	process.stdout.write(String(count));
`;

function inProcess(directory: string, statement: string, how: "ends" | "killed") {
	const module = new URL("../../host/index.js", import.meta.url).href;
	const words = [
		"--max-old-space-size=36",
		"--input-type=module",
		"-e",
		PROGRAM,
		module,
		fileURLToPath(new URL(`file://${directory}`)),
		statement,
		how,
	];
	return spawnSync(process.execPath, words, { encoding: "utf8" });
}

const MANY = 100_000;
const LARGE = `(SELECT value AS id, value * 7919 % 1000003 AS k, printf('%0300d', value * 31 % 1000003) AS name FROM generate_series(1, ${MANY}))`;

disk("a process that is killed leaves nothing behind once the database is opened again", ({ directory }) => {
	const killed = inProcess(directory, `SELECT * FROM ${LARGE} ORDER BY k`, "killed");
	assert.is(killed.signal, "SIGKILL", killed.stderr);
	openSync(directory).closeSync();
	assert.equal(spilled(directory), []);
});

disk("data of many times the memory of the process goes through every operator", ({ directory }) => {
	for (const [statement, count] of [
		[`SELECT * FROM ${LARGE} ORDER BY k`, MANY],
		[`SELECT DISTINCT name FROM ${LARGE}`, MANY],
		[`SELECT name, count(*) FROM ${LARGE} GROUP BY name`, MANY],
		[`SELECT name FROM ${LARGE} UNION SELECT name FROM ${LARGE}`, MANY],
		[`SELECT x.id FROM ${LARGE} AS x LEFT JOIN ${LARGE} AS y ON x.name = y.name`, MANY],
		[`SELECT name, rank() OVER (PARTITION BY k % 1000 ORDER BY id) FROM ${LARGE}`, MANY],
	] as const) {
		const { stdout, stderr } = inProcess(directory, statement, "ends");
		assert.is(stdout, String(count), `${statement}: ${stderr.slice(0, 2000)}`);
	}
	assert.equal(spilled(directory), []);
});

disk.run();

// -- Recorded answers ------------------------------------------------------------------------------------------------

/** Spills whatever can be. */
const tiny: SqlStore = {
	name: "fake store within a byte",
	open: () => {
		const place = scratchPlace();
		return {
			sql: new SqlDatabase(new MemoryStore(), { memoryBytes: 1, scratch: place.scratch }),
			close: () => place.checkEmpty(),
		};
	},
};
for (const [name, sessions] of Object.entries({ TRANSCRIPTS, ROWS, TRIGGERS })) transcriptSuite(name, tiny, sessions);

/** Which row of several an UPDATE with FROM takes for a key, and in which order it goes through them, is not said. */
const ORDER_MATTERS = /update-from/;
const PUBLIC_QUERIES = 8;
/** Of the public files those about what spills. */
const CHOSEN = /aggreg|join|window|compound|union|order|group|distinct|cte|with|recurs|select[35]/;

const slt = suite("sqllogictest files within a byte");
for (const [folder, most] of [
	[OWN_FOLDER, Number.POSITIVE_INFINITY],
	[PUBLIC_FOLDER, PUBLIC_QUERIES],
] as const) {
	for (const file of sltFiles(folder)) {
		if (ORDER_MATTERS.test(file.name) || (folder === PUBLIC_FOLDER && !CHOSEN.test(file.name))) continue;
		slt(file.path, () => {
			const text = textOf(file);
			const limit = Math.min(most, shortRunQueries(file));
			const little = runSlt(text, () => tiny.open().sql, limit);
			const known = new Set(
				runSlt(text, () => new SqlDatabase(new MemoryStore()), limit).failures.map(({ line }) => line),
			);
			const news = little.failures.filter(({ line }) => !known.has(line));
			assert.equal(news.slice(0, 3), []);
		});
	}
}
slt.run();
