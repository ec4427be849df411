import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Keyspace } from "../../host/engine/store.js";
import { sequenceKey, writeRowId } from "../../host/sql/codec/key.js";
import { SqlDatabase } from "../../host/sql/index.js";
import { MemoryStore } from "../support/memory-store.js";

/* What a database finds of those who had it open before. */

const test = suite("SQL databases opened again");

/** Another open of the same data: nothing that a process remembers of it is left. */
function reopened(store: MemoryStore): MemoryStore {
	const again = new MemoryStore();
	const snapshot = store.snapshot();
	const transaction = again.begin();
	for (const space of Object.values(Keyspace)) {
		const cursor = snapshot.scan(space, {});
		for (let page = cursor.next(); page !== undefined; page = cursor.next()) {
			for (let i = 0; i < page.count; i++) {
				const [from, middle, to] = page.bounds.slice(2 * i, 2 * i + 3);
				transaction.put(space, page.bytes.slice(from, middle), page.bytes.slice(middle, to));
			}
		}
		cursor.close();
	}
	snapshot.release();
	transaction.commit();
	return again;
}

function entries(store: MemoryStore): number {
	return store.entries(Keyspace.sql).length;
}

test("temporary tables are gone, and nothing of them is left", () => {
	const store = new MemoryStore();
	const sql = new SqlDatabase(store).exec("CREATE TABLE t (a UNIQUE); INSERT INTO t VALUES (1)");
	const before = entries(store);
	sql.exec(
		"CREATE TEMP TABLE x (a UNIQUE, b); CREATE INDEX xb ON x (b); INSERT INTO x VALUES (1, 2), (3, 4); ANALYZE temp",
	);
	assert.is(sql.prepare("SELECT count(*) FROM x").pluck().get(), 2);
	assert.equal(sql.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all(), ["t"]);
	const again = reopened(store);
	const later = new SqlDatabase(again);
	assert.throws(() => later.prepare("SELECT * FROM x"), "no such table: x");
	assert.equal(later.prepare("SELECT name FROM sqlite_temp_schema").all(), []);
	assert.is(entries(again), before);
	assert.equal(later.prepare("SELECT * FROM t").pluck().all(), [1]);
});

test("AUTOINCREMENT of a database from before there was sqlite_sequence goes on where it was", () => {
	const store = new MemoryStore();
	const sql = new SqlDatabase(store);
	sql.exec("CREATE TABLE a (id INTEGER PRIMARY KEY AUTOINCREMENT, v)");
	// Makes the catalog that of an earlier version: its row is the second, and the table's object id is 2.
	const sequence = sql.prepare("SELECT rowid FROM sqlite_schema WHERE name = 'sqlite_sequence'").pluck().get();
	const transaction = store.begin();
	const value = new Uint8Array(8);
	writeRowId(value, 0, 41);
	transaction.put(Keyspace.sql, sequenceKey(2), value);
	const key = store.entries(Keyspace.sql).find((entry) => entry.key[3] === 1 && entry.key.at(-1) === sequence)?.key;
	transaction.delete(Keyspace.sql, key as Uint8Array);
	transaction.commit();
	const later = new SqlDatabase(reopened(store));
	assert.equal(later.prepare("SELECT * FROM sqlite_sequence").raw().all(), [["a", 41]]);
	assert.is(later.prepare("INSERT INTO a (v) VALUES ('x')").run().lastInsertRowid, 42);
	assert.equal(later.prepare("SELECT * FROM sqlite_sequence").raw().all(), [["a", 42]]);
});

test.run();
