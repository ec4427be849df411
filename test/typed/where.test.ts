/* Selections: conditions, orders, limits. What they mean is compared with a model in model.test.ts; here are the edges. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openSync } from "../../host/index.js";
import { blob, boolean, date, integer, json, table, text } from "../../host/typed/index.js";
import { thrown } from "../support/database.js";
import { overKernels } from "../support/openers.js";

const users = table("users", {
	id: integer().primaryKey(),
	name: text().notNull(),
	state: text(),
	age: integer(),
	active: boolean().notNull().default(true),
	born: date(),
	bio: json<{ readonly likes: string }>(),
	photo: blob(),
});

const ROWS = [
	{ name: "Ada", state: "WA", age: 36 },
	{ name: "Bob", state: "OR", age: 17, active: false },
	{ name: "Eve", state: null, age: null, bio: { likes: "apples" } },
	{ name: "Zoë", state: "WA", age: 5, born: new Date("2020-01-02T00:00:00Z"), photo: new Uint8Array([1]) },
];

function opened(open = openSync) {
	const db = open(":memory:");
	users.create(db);
	users.insertMany(db, ROWS);
	return db;
}

type Given = Parameters<typeof users.where>[0];

const test = suite("selections of declared tables");

overKernels(test, "find rows by values, comparisons and combinations of them", ({ openSync: open }) => {
	const db = opened(open);
	const found = (condition: Given) =>
		users
			.where(condition)
			.orderBy("id")
			.all(db)
			.map(({ name }) => name)
			.join(" ");
	assert.is(found({}), "Ada Bob Eve Zoë");
	assert.is(found({ state: "WA", age: { gt: 3 } }), "Ada Zoë");
	assert.is(found({ state: "WA", age: { gt: 3, lt: 10 } }), "Zoë");
	assert.is(found({ state: null }), "Eve");
	assert.is(found({ state: { ne: null } }), "Ada Bob Zoë");
	assert.is(found({ state: { ne: "WA" } }), "Bob");
	assert.is(found({ state: { in: ["OR", null] } }), "Bob Eve");
	assert.is(found({ state: { in: [] } }), "");
	assert.is(found({ state: { notIn: [] } }), "Ada Bob Eve Zoë");
	assert.is(found({ state: { notIn: ["OR", null] } }), "Ada Zoë");
	assert.is(found({ state: { notIn: [null] } }), "Ada Bob Zoë");
	assert.is(found({ state: { in: [null] } }), "Eve");
	assert.is(found({ age: { between: [5, 17] } }), "Bob Zoë");
	assert.is(found({ name: { like: "%o%" } }), "Bob Zoë");
	assert.is(found({ active: false }), "Bob");
	assert.is(found({ active: { ne: false }, id: { lte: 3 } }), "Ada Eve");
	assert.is(found({ born: { gte: new Date("2020-01-02T00:00:00Z") } }), "Zoë");
	assert.is(found({ photo: new Uint8Array([1]) }), "Zoë");
	assert.is(found({ bio: { isNull: false } }), "Eve");
	assert.is(found({ bio: null, photo: null }), "Ada Bob");
	assert.is(found({ or: [{ state: "OR" }, { age: { lt: 10 } }] }), "Bob Zoë");
	assert.is(found({ or: [] }), "");
	assert.is(found({ or: [{}] }), "Ada Bob Eve Zoë");
	assert.is(found({ and: [] }), "Ada Bob Eve Zoë");
	assert.is(found({ and: [{ state: "WA" }, { or: [{ age: 5 }, { age: 6 }] }] }), "Zoë");
	// Neither true nor false where age is NULL.
	assert.is(found({ not: { age: { gt: 10 } } }), "Zoë");
	assert.is(found({ not: {} }), "");
	assert.is(found({ not: { or: [] }, state: "WA" }), "Ada Zoë");
	db.closeSync();
});

test("are values: each step makes another one, and any database will do", () => {
	const [one, other] = [opened(), opened()];
	const adults = users.where({ age: { gte: 18 } });
	const named = adults.orderBy("name", "desc").limit(1);
	users.insert(one, { name: "Max", age: 50 });
	assert.equal([adults.count(one), adults.count(other), named.count(one)], [2, 1, 1]);
	assert.equal([named.first(one)?.name, named.first(other)?.name], ["Max", "Ada"]);
	assert.is(named.offset(1).first(one)?.name, "Ada");
	assert.is(named.offset(2).first(one), undefined);
	assert.is(named.limit(0).first(one), undefined);
	assert.equal(named.limit(0).all(one), []);
	assert.is(adults.offset(1).count(one), 1);
	one.closeSync();
	other.closeSync();
});

test("change and delete what they would find, also up to a limit", () => {
	const db = opened();
	const oldest = users.where({ age: { ne: null } }).orderBy("age", "desc");
	assert.is(oldest.limit(1).update(db, { state: "XX", age: 37 }), 1);
	assert.is(users.findByState(db, "XX")[0]?.name, "Ada");
	assert.is(oldest.offset(1).limit(1).delete(db), 1);
	assert.equal(
		users.all(db).map(({ name }) => name),
		["Ada", "Eve", "Zoë"],
	);
	assert.is(oldest.limit(0).delete(db), 0);
	assert.is(users.where({ or: [] }).delete(db), 0);
	assert.is(users.where({ name: { in: [] } }).update(db, { age: 0 }), 0);
	assert.is(users.where({}).update(db, { age: 1 }), 3);
	assert.is(users.where({}).delete(db), 3);
	const bare = table("bare", { rowid: text(), _rowid_: text() });
	bare.create(db);
	bare.insertMany(db, [{ rowid: "a" }, { rowid: "b" }]);
	assert.is(bare.where({}).orderBy("rowid", "desc").limit(1).delete(db), 1);
	assert.equal(bare.all(db), [{ rowid: "a", _rowid_: null }]);
	const full = table("full", { rowid: text(), _rowid_: text(), OID: text() });
	full.create(db);
	assert.match(
		thrown(() => full.where({}).limit(1).delete(db), "WLSM_INVALID_ARGUMENT").message,
		/no name for the rowid/,
	);
	db.closeSync();
});

test("iterate over the data of the call, and let go", () => {
	const db = opened();
	let seen = 0;
	for (const { id } of users.where({}).iterate(db)) {
		users.insert(db, { name: `after ${id}` });
		seen++;
	}
	assert.is(seen, ROWS.length);
	for (const { id } of users.iterate(db)) if (id === 2) break;
	assert.throws(() => {
		for (const _ of users.iterate(db)) throw new Error("out");
	}, /out/);
	const rows = users.where({ id: 1 }).iterate(db);
	assert.is(rows.next().value?.name, "Ada");
	assert.equal(rows.next(), { done: true, value: undefined });
	// Begins with the call, not with the first row.
	const before = users.where({ name: "Max" }).iterate(db);
	users.insert(db, { name: "Max" });
	assert.is(before.next().done, true);
	db.closeSync();
});

test("many values are one condition, up to a limit that is said", () => {
	const db = opened();
	const ids = Array.from({ length: 20_000 }, (_, i) => i + 3);
	assert.is(users.where({ id: { in: ids } }).count(db), 2);
	assert.is(
		users
			.where({ id: { notIn: ids.slice(0, 5000) } })
			.limit(5)
			.delete(db),
		2,
	);
	const many = Array.from({ length: 30_001 }, (_, i) => i);
	assert.match(
		thrown(() => users.where({ id: { in: many } }), "WLSM_INVALID_ARGUMENT").message,
		/at most 30000 values/,
	);
	const wide = { or: many.map((id) => ({ id })) };
	assert.match(thrown(() => users.where(wide), "WLSM_INVALID_ARGUMENT").message, /at most 30000 values/);
	assert.is(users.where({ or: many.slice(0, 2000).map((id) => ({ id })) }).count(db), 2);
	let deep: Given = { id: 3 };
	for (let depth = 0; depth < 64; depth++) deep = { not: deep };
	assert.is(users.where(deep).count(db), 1);
	for (let depth = 0; depth < 100_000; depth++) deep = { not: deep };
	assert.match(thrown(() => users.where(deep), "WLSM_INVALID_ARGUMENT").message, /at most 64 deep/);
	const cyclic: { and?: Given[] } = {};
	cyclic.and = [cyclic];
	thrown(() => users.where(cyclic), "WLSM_INVALID_ARGUMENT");
	db.closeSync();
});

test("what is no condition is refused, undefined above all", () => {
	const db = opened();
	const refused = (condition: unknown, message: RegExp) =>
		assert.match(thrown(() => users.where(condition as Given), "WLSM_INVALID_ARGUMENT").message, message);
	for (const condition of [undefined, null, 5, "id = 1", [], [{ id: 1 }], new Map(), () => true])
		refused(condition, /A condition .* is an object, not .*For all rows it is \{\}/);
	refused({ id: undefined }, /"id" of table "users" is undefined/);
	refused({ name: "Ada", id: undefined }, /is undefined/);
	for (const test of ["eq", "ne", "gt", "gte", "lt", "lte", "like"])
		refused({ name: { [test]: undefined } }, /is undefined/);
	for (const test of ["in", "notIn"]) {
		refused({ name: { [test]: undefined } }, /takes a list of values, not undefined/);
		refused({ name: { [test]: [undefined] } }, /is undefined/);
		refused({ name: { [test]: new Array(2) } }, /is undefined/);
		refused({ name: { [test]: "Ada" } }, /takes a list/);
	}
	for (const test of ["gt", "gte", "lt", "lte", "like"]) refused({ state: { [test]: null } }, /cannot be null here/);
	for (const test of ["and", "or", "not"]) refused({ [test]: undefined }, /not undefined/);
	refused({ or: [undefined] }, /not undefined/);
	refused({ or: [{ id: undefined }] }, /is undefined/);
	refused({ name: { between: ["a"] } }, /a list of 2/);
	refused({ state: { between: ["a", null] } }, /null/);
	refused({ state: { isNull: undefined } }, /true or false/);
	refused({ state: {} }, /without a comparison/);
	refused({ state: { equals: "WA" } }, /is not compared by "equals"/);
	refused({ state: ["WA", "OR"] }, /takes a string.*not an array/);
	refused({ nope: 1 }, /no column "nope"/);
	refused({ active: { gt: false } }, /not compared by "gt"/);
	refused({ age: { like: "1%" } }, /not compared by "like"/);
	refused({ bio: { likes: "apples" } }, /not compared by "likes"/);
	refused({ bio: "text" }, /is JSON/);
	refused({ bio: { eq: "text" } }, /not compared by "eq"/);
	const all = users.where({});
	for (const count of [-1, 0.5, Number.NaN, "1", null, undefined, 2 ** 53]) {
		thrown(() => all.limit(count as number), "WLSM_INVALID_ARGUMENT");
		thrown(() => all.offset(count as number), "WLSM_INVALID_ARGUMENT");
	}
	thrown(() => all.orderBy("nope" as never), "WLSM_INVALID_ARGUMENT");
	for (const direction of ["up", "toString", "desc; DROP TABLE users", null])
		thrown(() => all.orderBy("id", direction as never), "WLSM_INVALID_ARGUMENT");
	assert.is(users.count(db), ROWS.length);
	db.closeSync();
});

test("are planned with indexes, lists of few lengths being the same statement", () => {
	const db = openSync(":memory:");
	const indexed = table("indexed", { id: integer().primaryKey(), a: integer().index(), b: text().unique() });
	indexed.create(db);
	const texts = new Set<string>();
	const { sql } = db;
	const prepare = (text: string) => {
		texts.add(text);
		return sql.prepare(text);
	};
	const watched = { prepare } as unknown as typeof sql;
	for (let length = 1; length <= 64; length++)
		indexed.where({ a: { in: Array.from({ length }, (_, i) => i) } }).all(watched);
	assert.is(texts.size, 7);
	const [shortest] = texts;
	assert.match(sql.explain(shortest ?? ""), /Search indexed by (covering )?index indexed__a__index/);
	texts.clear();
	indexed.findByB(watched, "x");
	indexed.findById(watched, 1);
	for (const text of texts) assert.match(sql.explain(text), /\(~1 row\)/);
	db.closeSync();
});

test.run();
