import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Keyspace } from "../../host/engine/store.js";
import { OBJECT_ID_BYTES } from "../../host/sql/codec/key.js";
import { SqlDatabase } from "../../host/sql/index.js";
import { MemoryStore } from "../support/memory-store.js";

/* PRAGMA integrity_check over data that is not what the schema says. */

const test = suite("PRAGMA integrity_check");

function database() {
	const store = new MemoryStore();
	const sql = new SqlDatabase(store).exec(`
		CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b INT);
		CREATE INDEX ta ON t (a);
		CREATE UNIQUE INDEX tb ON t (b) WHERE b > 0;
		CREATE TABLE w (k TEXT PRIMARY KEY, v) WITHOUT ROWID;
		INSERT INTO t VALUES (1, 'x', 1), (2, 'y', 2), (3, 'z', -3);
		INSERT INTO w VALUES ('k', 1)`);
	const idOf = (name: string) => sql.prepare("SELECT rootpage FROM sqlite_schema WHERE name = ?").pluck().get(name);
	const keysOf = (name: string) =>
		store
			.entries(Keyspace.sql)
			.map(({ key }) => key)
			.filter((key) => key.length > OBJECT_ID_BYTES && key[3] === idOf(name));
	const change = (body: (transaction: ReturnType<MemoryStore["begin"]>) => void) => {
		const transaction = store.begin();
		body(transaction);
		transaction.commit();
	};
	const check = (pragma = "integrity_check") => sql.prepare(`PRAGMA ${pragma}`).pluck().all();
	return { sql, store, keysOf, change, check };
}

test("sound data is ok", () => {
	const { check } = database();
	assert.equal(check(), ["ok"]);
	assert.equal(check("integrity_check(w)"), ["ok"]);
	assert.equal(check("quick_check(10)"), ["ok"]);
});

test("an entry that is missing, one that is too many, one that points elsewhere", () => {
	const { sql, keysOf, change, check } = database();
	const [first] = keysOf("ta") as [Uint8Array];
	change((transaction) => transaction.delete(Keyspace.sql, first));
	assert.equal(check(), ["row 1 missing from index ta", "wrong # of entries in index ta"]);
	assert.equal(check("quick_check"), ["ok"]);
	assert.equal(check("integrity_check(1)"), ["row 1 missing from index ta"]);
	sql.exec("REINDEX ta");
	assert.equal(check(), ["ok"]);
	const [anew] = keysOf("ta") as [Uint8Array];
	const extra = new Uint8Array([...anew.subarray(0, OBJECT_ID_BYTES), 0x20, 1, 2, 3]);
	change((transaction) => transaction.put(Keyspace.sql, extra, new Uint8Array(8)));
	assert.equal(check(), ["wrong # of entries in index ta"]);
	sql.exec("REINDEX");
	const [unique] = keysOf("tb") as [Uint8Array];
	change((transaction) => transaction.put(Keyspace.sql, unique, new Uint8Array(8)));
	assert.equal(check(), ["non-unique entry in index tb"]);
	sql.exec("REINDEX t");
	assert.equal(check(), ["ok"]);
});

test("a row that cannot be read, or is under the wrong key", () => {
	const { keysOf, change, check, store } = database();
	const [row] = keysOf("t") as [Uint8Array];
	change((transaction) => transaction.put(Keyspace.sql, row, new Uint8Array([1, 0, 3, 0, 0, 5, 1])));
	assert.equal(check("quick_check"), ["row 1 of t cannot be read"]);
	const other = database();
	const [key] = other.keysOf("w") as [Uint8Array];
	const bytes = other.store.entries(Keyspace.sql).find((entry) => entry.key.join() === key.join())?.value;
	const moved = key.slice();
	moved[OBJECT_ID_BYTES + 1] = 0x61;
	other.change((transaction) => {
		transaction.delete(Keyspace.sql, key);
		transaction.put(Keyspace.sql, moved, bytes as Uint8Array);
	});
	assert.equal(other.check(), ["row 1 of w is not under its key"]);
	assert.is(store.open, 0);
});

test.run();
