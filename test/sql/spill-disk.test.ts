/** Temporary files of statements of databases on disk: where they are, and that none stays. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openSync, SqlDatabase } from "../../host/index.js";
import { MemoryStore } from "../support/memory-store.js";
import { spillFilesIn } from "../support/scratch.js";
import { answer, filled } from "../support/spill-data.js";

const SORTED = "SELECT * FROM t ORDER BY b";

const disk = suite<{ directory: string }>("temporary files of statements on disk");

disk.before.each((context) => {
	context.directory = mkdtempSync(path.join(tmpdir(), "wlsm-spill-"));
});
disk.after.each(({ directory }) => rmSync(directory, { recursive: true }));

disk("writers and readers answer alike, and leave nothing in the directory", ({ directory }) => {
	const writer = openSync(directory, { sqlMemoryBytes: 1024 });
	filled(writer.sql);
	const expected = answer(filled(new SqlDatabase(new MemoryStore())), SORTED, "kept");
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
	assert.equal(spillFilesIn(directory), []);
});

disk("what a process that died has left is removed by the next, and nothing else", ({ directory }) => {
	openSync(directory).closeSync();
	const left = `spill-${crypto.randomUUID()}.tmp`;
	for (const name of [left, "spill-mine.tmp", "spill-.txt"]) writeFileSync(path.join(directory, name), "x");
	openSync(directory, { readOnly: true }).closeSync();
	assert.is(spillFilesIn(directory).length, 3);
	openSync(directory).closeSync();
	assert.equal(spillFilesIn(directory).sort(), ["spill-.txt", "spill-mine.tmp"]);
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
	const words = ["--max-old-space-size=36", "--input-type=module", "-e", PROGRAM, module, directory, statement, how];
	return spawnSync(process.execPath, words, { encoding: "utf8" });
}

const MANY = 50_000;
const LARGE = `(SELECT value AS id, value * 7919 % 1000003 AS k, printf('%0600d', value * 31 % 1000003) AS name FROM generate_series(1, ${MANY}))`;

disk("a process that is killed leaves nothing behind once the database is opened again", ({ directory }) => {
	const killed = inProcess(directory, `SELECT * FROM ${LARGE} ORDER BY k`, "killed");
	assert.is(killed.signal, "SIGKILL", killed.stderr);
	openSync(directory).closeSync();
	assert.equal(spillFilesIn(directory), []);
});

/** One row in a hundred has a name of LARGE. */
const BIG = `
	CREATE TABLE big (id INTEGER PRIMARY KEY, name);
	INSERT INTO big SELECT id, CASE WHEN id % 100 THEN id ELSE name END FROM ${LARGE};
	CREATE INDEX big_name ON big (name)`;

disk("data of many times the memory of the process goes through every operator", ({ directory }) => {
	const db = openSync(directory);
	db.sql.exec(BIG);
	db.closeSync();
	for (const [statement, count] of [
		[`SELECT * FROM ${LARGE} ORDER BY k`, MANY],
		[`SELECT DISTINCT name FROM ${LARGE}`, MANY],
		[`SELECT name, count(*) FROM ${LARGE} GROUP BY name`, MANY],
		[`SELECT name FROM ${LARGE} UNION SELECT name FROM ${LARGE}`, MANY],
		[
			`SELECT count(DISTINCT name), count(DISTINCT k), sum(DISTINCT id), length(group_concat(id ORDER BY name)) FROM ${LARGE}`,
			1,
		],
		[`SELECT count(DISTINCT name), count(DISTINCT k || name), count(*) FROM ${LARGE} GROUP BY id % 3`, 3],
		[
			`SELECT group_concat(name), json_group_array(name || id), group_concat(k ORDER BY name) FROM ${LARGE} GROUP BY id % 15000`,
			15_000,
		],
		[`SELECT x.id FROM ${LARGE} AS x LEFT JOIN ${LARGE} AS y ON x.name = y.name`, MANY],
		[`SELECT name, row_number() OVER (ORDER BY name), sum(k) OVER (ORDER BY k) FROM ${LARGE}`, MANY],
		[`SELECT name, rank() OVER (PARTITION BY k % 1000 ORDER BY id) FROM ${LARGE}`, MANY],
		[`SELECT name, count(*) OVER (), max(name) OVER (PARTITION BY k % 2) FROM ${LARGE}`, MANY],
		[
			`SELECT lead(name, 25000) OVER w, last_value(id) OVER w, cume_dist() OVER w FROM ${LARGE} WINDOW w AS (ORDER BY k)`,
			MANY,
		],
		[
			`SELECT max(name) OVER w, sum(id) OVER w FROM ${LARGE} WINDOW w AS (ORDER BY name ROWS BETWEEN 5 PRECEDING AND 5 FOLLOWING)`,
			MANY,
		],
		[
			`SELECT name, sum(id) OVER w FROM ${LARGE} WINDOW w AS (ORDER BY k RANGE BETWEEN 99999 PRECEDING AND 99999 FOLLOWING)`,
			MANY,
		],
		[`SELECT id FROM ${LARGE} WHERE (name, k) IN (SELECT name, k FROM ${LARGE})`, MANY],
		[`SELECT id FROM big AS b WHERE id < 4 AND (name, 1) NOT IN (SELECT name, b.id FROM ${LARGE})`, 3],
		[`SELECT id FROM big WHERE name IN (SELECT name FROM ${LARGE})`, MANY / 100],
		[`UPDATE big SET name = l.name FROM ${LARGE} AS l WHERE big.id = l.id RETURNING 1`, MANY],
		[
			`WITH RECURSIVE r(n, name) AS (SELECT 1, '' UNION SELECT n + 1, printf('%0600d', n) FROM r WHERE n < ${MANY}) SELECT n FROM r`,
			MANY,
		],
		[
			`WITH RECURSIVE r(id, name) AS (SELECT id, name FROM ${LARGE} UNION ALL SELECT 0, name FROM r WHERE id = 1 ORDER BY 2) SELECT id FROM r`,
			MANY + 1,
		],
	] as const) {
		const { stdout, stderr } = inProcess(directory, statement, "ends");
		assert.is(stdout, String(count), `${statement}: ${stderr.slice(0, 2000)}`);
	}
	assert.equal(spillFilesIn(directory), []);
});

disk.run();
