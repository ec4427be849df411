/** Statements that hold little memory: the same answers, and nothing left of the temporary files. */

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SqlDatabase, type WlsmError } from "../../host/index.js";
import { MemoryStore } from "../support/memory-store.js";
import { scratchPlace } from "../support/scratch.js";
import { answer, filled, NEVER_SPILL, ORDERED, SLOWER, UNORDERED } from "../support/spill-data.js";

/** A row or two are more than the least; with the other some operators spill and others do not, and runs are merged in passes. */
const BUDGETS = [1, 3000, 60_000];

const test = suite("statements that hold little memory");

const plain = filled(new SqlDatabase(new MemoryStore()));

for (const memoryBytes of BUDGETS) {
	test(`the same answers within ${memoryBytes} bytes, and nothing is left`, () => {
		const place = scratchPlace();
		const store = new MemoryStore();
		const sql = filled(new SqlDatabase(store, { memoryBytes, scratch: place.scratch }));
		for (const [texts, order] of [
			[ORDERED, "kept"],
			[SLOWER, "kept"],
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

test("rows that several indexes lead to are found by all of these", () => {
	for (const text of ORDERED.filter((text) => /^SELECT sum.* OR /.test(text)))
		assert.match(plain.explain(text), /by any of/, text);
});

test("statements that change data use temporary files too", () => {
	const place = scratchPlace();
	const sql = filled(new SqlDatabase(new MemoryStore(), { memoryBytes: 500, scratch: place.scratch }));
	const other = filled(new SqlDatabase(new MemoryStore()));
	for (const text of [
		"CREATE TABLE v AS SELECT * FROM t ORDER BY c, id",
		"INSERT INTO v SELECT max(id), a, b, c FROM t GROUP BY a, b, c",
		"UPDATE v SET a = (SELECT count(*) FROM (SELECT DISTINCT a FROM u)) WHERE b IN (SELECT b FROM u UNION SELECT a FROM u)",
		"DELETE FROM v WHERE id IN (SELECT id FROM t ORDER BY c LIMIT 500)",
		"UPDATE v SET a = s.value, c = s.value || c FROM generate_series(1, 4000) AS s WHERE v.rowid = s.value * 7 % 2003",
		"UPDATE v SET b = u.id FROM u WHERE v.a = u.b",
		"DELETE FROM v WHERE (a, c) IN (SELECT b, value FROM u, generate_series(1, 2)) OR v.rowid < 50 AND b IN (SELECT u.a FROM u WHERE u.id % 30 = v.rowid % 30)",
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
const ALL = [...ORDERED, ...SLOWER.filter((text) => text.includes("FROM x WHERE b IN")), ...UNORDERED];

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
		if (++calls % 1000 === 0) throw new Error("enough");
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
