/* Methods of declared tables. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openSync } from "../../host/index.js";
import { bigint, boolean, integer, migrate, real, table, text } from "../../host/typed/index.js";
import { thrown, withDirectory } from "../support/database.js";
import { overKernels } from "../support/openers.js";

const users = table("users", {
	id: integer().primaryKey(),
	name: text().notNull(),
	email: text().unique().collate("nocase"),
	age: integer(),
	active: boolean().notNull().default(true),
});

const places = table(
	"places",
	{ row: integer().notNull(), column: integer().notNull(), label: text(), weight: real() },
	{ primaryKey: ["row", "column"], unique: [["label"]], withoutRowid: true },
);

const notes = table("notes", { words: text().notNull(), author: integer().index() });

function opened() {
	const db = openSync(":memory:");
	for (const declared of [users, places, notes]) declared.create(db);
	return db;
}

const test = suite("declared tables");

test("have methods that need no this, and cannot be changed", () => {
	const db = opened();
	const { insert, findByName, where } = users;
	insert(db, { name: "Ada" });
	insert(db.sql, { name: "Bob", email: "b@x" });
	assert.equal(findByName(db, "Ada"), [{ id: 1, name: "Ada", email: null, age: null, active: true }]);
	assert.is(where({ active: true }).count(db.sql), 2);
	assert.is(users.tableName, "users");
	assert.is(users.id, users.columns.id);
	assert.equal([users.id.table, users.id.name], ["users", "id"]);
	assert.throws(() => Object.assign(users, { insert: null }), TypeError);
	assert.throws(() => Object.assign(users.columns, { id: null }), TypeError);
	db.closeSync();
});

test("a unique column finds a row or undefined, another one rows; null finds NULL where that is no key", () => {
	const db = opened();
	users.insertMany(db, [{ name: "Ada", email: "A@x" }, { name: "Ada", age: 5 }, { name: "Eve" }]);
	places.insertMany(db, [
		{ row: 1, column: 2, label: "a" },
		{ row: 1, column: 3 },
	]);
	assert.is(users.findById(db, 2)?.age, 5);
	assert.is(users.findById(db, 9), undefined);
	assert.is(users.findByEmail(db, "a@X")?.id, 1);
	assert.equal(
		users.findByName(db, "Ada").map(({ id }) => id),
		[1, 2],
	);
	assert.equal(
		users.findByAge(db, null).map(({ id }) => id),
		[1, 3],
	);
	assert.equal(users.findByActive(db, false), []);
	assert.is(places.findByLabel(db, "a")?.column, 2);
	assert.is(places.findByRow(db, 1).length, 2);
	assert.match(thrown(() => users.findByEmail(db, null as never), "WLSM_INVALID_ARGUMENT").message, /cannot be null/);
	assert.match(thrown(() => users.findById(db, undefined as never), "WLSM_INVALID_ARGUMENT").message, /is undefined/);
	db.closeSync();
});

test("rows are looked up, changed and deleted by their key, of one column or several", () => {
	const db = opened();
	users.insert(db, { name: "Ada" });
	assert.equal(users.get(db, 1), users.findById(db, 1));
	assert.equal(users.update(db, 1, { name: "Eve", age: null }), {
		id: 1,
		name: "Eve",
		email: null,
		age: null,
		active: true,
	});
	assert.is(users.update(db, 2, { name: "Eve" }), undefined);
	assert.is(users.update(db, 1, { id: 7 })?.id, 7);
	assert.equal([users.delete(db, 1), users.delete(db, 7), users.count(db)], [false, true, 0]);
	places.insert(db, { row: 1, column: 2 });
	assert.equal(places.get(db, { row: 1, column: 2 }), { row: 1, column: 2, label: null, weight: null });
	assert.equal(places.get(db, { column: 1, row: 2 }), undefined);
	assert.is(places.update(db, { column: 2, row: 1 }, { weight: 0.5 })?.weight, 0.5);
	for (const key of [
		1,
		null,
		undefined,
		{},
		{ row: 1 },
		{ row: 1, column: 2, label: "a" },
		{ row: 1, columns: 2 },
		[1, 2],
	])
		assert.match(
			thrown(() => places.get(db, key as never), "WLSM_INVALID_ARGUMENT").message,
			/an object with row, column/,
		);
	assert.match(
		thrown(() => places.delete(db, { row: 1, column: null as never }), "WLSM_INVALID_ARGUMENT").message,
		/null/,
	);
	assert.is(places.delete(db, { row: 1, column: 2 }), true);
	for (const use of [
		() => notes.get(db, 1 as never),
		() => notes.update(db, 1 as never, { words: "a" }),
		() => notes.delete(db, 1 as never),
		() => notes.upsert(db, { words: "a" }),
	])
		assert.match(thrown(use, "WLSM_INVALID_ARGUMENT").message, /no primary key/);
	db.closeSync();
});

test("insert answers what is stored, insertMany takes all or nothing", () => {
	const db = opened();
	assert.equal(users.insert(db, { name: "Ada", id: 40 }), {
		id: 40,
		name: "Ada",
		email: null,
		age: null,
		active: true,
	});
	assert.is(users.insert(db, { name: "Eve" }).id, 41);
	assert.is(users.insertMany(db, []), 0);
	assert.is(
		users.insertMany(
			db,
			new Set([
				{ name: "A", email: "a" },
				{ name: "B", age: 3 },
			]),
		),
		2,
	);
	function* broken() {
		yield { name: "C" };
		throw new Error("the source ends");
	}
	assert.throws(() => users.insertMany(db, broken()), /the source ends/);
	const twice = [
		{ name: "D", email: "d" },
		{ name: "E", email: "D" },
	];
	assert.match(thrown(() => users.insertMany(db, twice), "WLSM_SQL").message, /UNIQUE constraint failed: users\.email/);
	assert.match(
		thrown(() => users.insert(db, {} as never), "WLSM_SQL").message,
		/NOT NULL constraint failed: users\.name/,
	);
	assert.is(users.count(db), 4);
	for (const rows of [5, null, undefined, {}])
		thrown(() => users.insertMany(db, rows as never), "WLSM_INVALID_ARGUMENT");
	for (const row of [5, null, undefined, [], "a"])
		thrown(() => users.insert(db, row as never), "WLSM_INVALID_ARGUMENT");
	assert.match(
		thrown(() => users.insert(db, { name: "a", nam: 1 } as never), "WLSM_INVALID_ARGUMENT").message,
		/no column "nam".*id, name, email/,
	);
	db.closeSync();
});

test("a row that a trigger ignores is an error, as there is none to answer", () => {
	const db = opened();
	for (const what of ["INSERT", "UPDATE"])
		db.sql.exec(
			`CREATE TRIGGER no_${what} BEFORE ${what} ON users WHEN new.name = 'no' BEGIN SELECT RAISE(IGNORE); END`,
		);
	users.insert(db, { id: 1, name: "Ada" });
	for (const write of [
		() => users.insert(db, { name: "no" }),
		() => users.upsert(db, { id: 2, name: "no" }),
		() => users.upsert(db, { id: 1, name: "no" }),
	])
		assert.match(thrown(write, "WLSM_SQL").message, /a trigger of table "users" ignores it/);
	assert.is(users.update(db, 1, { name: "no" }), undefined);
	assert.equal(
		users.all(db).map(({ name }) => name),
		["Ada"],
	);
	db.closeSync();
});

test("numbers of rows that are gone are given out again, but for autoincrement", () => {
	const db = openSync(":memory:");
	const again = table("again", { id: integer().primaryKey(), name: text() });
	const never = table("never", { id: bigint().primaryKey({ autoincrement: true }), name: text() });
	assert.match(migrate(db, [again, never]).changes[1]?.sql ?? "", /"id" INTEGER PRIMARY KEY AUTOINCREMENT,/);
	assert.equal(migrate(db, [again, never]).changes, []);
	assert.is(again.insert(db, {}).id, 1);
	assert.is(never.insert(db, {}).id, 1n);
	again.delete(db, 1);
	never.delete(db, 1n);
	assert.is(again.insert(db, {}).id, 1);
	assert.is(never.insert(db, {}).id, 2n);
	db.closeSync();
});

test("upsert changes what is given of the row that is there", () => {
	const db = opened();
	users.insert(db, { name: "Ada", email: "a@x", age: 5 });
	assert.equal(users.upsert(db, { id: 1, name: "Eve" }), { id: 1, name: "Eve", email: "a@x", age: 5, active: true });
	assert.is(users.upsert(db, { id: 2, name: "Bob" }).active, true);
	assert.equal(users.upsert(db, { email: "A@X", name: "Zoë", active: false }, { target: "email" }), {
		id: 1,
		name: "Zoë",
		email: "a@x",
		age: 5,
		active: false,
	});
	places.upsert(db, { row: 1, column: 1, label: "a" });
	// Nothing but the key: the row stays as it is.
	assert.equal(places.upsert(db, { column: 1, row: 1 }), { row: 1, column: 1, label: "a", weight: null });
	assert.is(places.upsert(db, { row: 1, column: 1, weight: 2 }, { target: ["column", "row"] }).weight, 2);
	assert.is(places.upsert(db, { row: 5, column: 5, label: "a" }, { target: "label" }).row, 5);
	assert.is(places.count(db), 1);
	const refused = (use: () => unknown, message: RegExp) =>
		assert.match(thrown(use, "WLSM_INVALID_ARGUMENT").message, message);
	refused(() => users.upsert(db, { name: "a" } as never), /has "id", which it looks for/);
	refused(() => users.upsert(db, { name: "a", email: null } as never, { target: "email" }), /cannot be null/);
	refused(
		() => users.upsert(db, { name: "a" } as never, { target: "name" as never }),
		/is the primary key of table "users", or what is unique, not "name"/,
	);
	refused(() => users.upsert(db, { id: 1, name: "a" }, { target: "nam" as never }), /no column "nam"/);
	refused(() => users.upsert(db, { id: 1, name: "a" }, { targets: "id" } as never), /options of an upsert/);
	refused(() => users.upsert(db, { id: 1, name: "a" }, { target: undefined as never }), /options of an upsert/);
	refused(() => places.upsert(db, { row: 1, column: 1 }, { target: ["row"] as never }), /not "row"/);
	db.closeSync();
});

test("changes that are none, and calls without a database, are refused", () => {
	const db = opened();
	for (const changes of [{}, null, undefined, [], 5]) {
		thrown(() => users.update(db, 1, changes as never), "WLSM_INVALID_ARGUMENT");
		thrown(() => users.where({}).update(db, changes as never), "WLSM_INVALID_ARGUMENT");
	}
	for (const nothing of [undefined, null, 5, {}, { sql: {} }, { sql: undefined }])
		assert.match(thrown(() => users.count(nothing as never), "WLSM_INVALID_ARGUMENT").message, /open database/);
	db.closeSync();
	thrown(() => users.count(db), "WLSM_CLOSED");
	thrown(() => users.findById(db, 1), "WLSM_CLOSED");
});

test("a table that is not there is an error of SQL that names it", () => {
	const db = openSync(":memory:");
	for (const use of [() => users.findById(db, 1), () => users.insert(db, { name: "a" }), () => users.all(db)])
		assert.match(thrown(use, "WLSM_SQL").message, /no such table: main\.users/);
	// Statements that failed to be prepared are prepared once it is there, and follow the schema from then on.
	users.create(db);
	assert.is(users.findById(db, 1), undefined);
	db.sql.exec("DROP TABLE users");
	assert.match(thrown(() => users.findById(db, 1), "WLSM_SQL").message, /no such table/);
	users.create(db);
	assert.is(users.insert(db, { name: "a" }).id, 1);
	// A temporary table of the same name is another one.
	db.sql.exec(
		"CREATE TEMP TABLE users (id INTEGER PRIMARY KEY, name, email, age, active); INSERT INTO users VALUES (9, 'other', 1, 1, 1)",
	);
	assert.equal(
		users.all(db).map(({ id }) => id),
		[1],
	);
	assert.is(users.delete(db, 9), false);
	db.closeSync();
});

overKernels(test, "one declaration serves any number of databases", ({ openSync }) => {
	const databases = [openSync(":memory:"), openSync(":memory:")];
	for (const [i, db] of databases.entries()) {
		users.create(db);
		users.insert(db, { name: `of ${i}` });
	}
	for (const [i, db] of databases.entries()) {
		assert.is(users.findById(db, 1)?.name, `of ${i}`);
		db.closeSync();
	}
});

overKernels(test, "transactions take tables and key-value data together, or nothing of either", ({ openSync }) =>
	withDirectory((directory) => {
		const db = openSync(directory);
		users.create(db);
		const both = db.sql.transaction((name: string) => {
			const { id } = users.insert(db, { name });
			db.sql.prepare("INSERT INTO kv VALUES (?, ?)").run(`user/${id}`, name);
			users.insertMany(db, [{ name: `${name} 2` }]);
			if (name === "Eve") throw new Error("not her");
			return id;
		});
		assert.is(both("Ada"), 1);
		assert.throws(() => both("Eve"), /not her/);
		assert.equal(
			users.all(db).map(({ name }) => name),
			["Ada", "Ada 2"],
		);
		assert.equal([...db.entries()], [["user/1", "Ada"]]);
		db.closeSync();
		const readOnly = openSync(directory, { readOnly: true });
		assert.is(users.findByName(readOnly, "Ada").length, 1);
		assert.equal(users.create(readOnly).changes, []);
		for (const write of [
			() => users.insert(readOnly, { name: "a" }),
			() => users.insertMany(readOnly, [{ name: "a" }]),
			() => users.update(readOnly, 1, { name: "a" }),
			() => users.delete(readOnly, 1),
			() => users.where({}).delete(readOnly),
			() => notes.create(readOnly),
		])
			thrown(write, "WLSM_READ_ONLY");
		readOnly.closeSync();
	}),
);

test("a transaction of keys and values is another one than that of SQL", async () => {
	const db = openSync(":memory:");
	users.create(db);
	const failed = db.transaction(async (tx) => {
		tx.put("key", "value");
		users.insert(db, { name: "Ada" });
		throw new Error("undone");
	});
	await failed.then(
		() => assert.unreachable(),
		(error: Error) => assert.is(error.message, "undone"),
	);
	// What is to be undone with it goes through kv in a transaction of SQL.
	assert.equal([db.getSync("key"), users.count(db)], [undefined, 1]);
	await db.transaction((tx) => tx.put("key", users.findById(db, 1)?.name ?? ""));
	assert.is(db.getSync("key"), "Ada");
	await db.close();
});

test.run();
