/* Names and values that mean harm, through every path: they are names and values, and nothing else. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Database, openSync, type SqlDatabase } from "../../host/index.js";
import { blob, integer, json, type TableColumn, table, text } from "../../host/typed/index.js";
import { thrown } from "../support/database.js";
import { kernels } from "../support/kernels.js";
import { Random } from "../support/random.js";

const HOSTILE = [
	"it's",
	'a "quoted" one',
	'"',
	"'",
	"`back[ticks]`",
	"'; DROP TABLE victim; --",
	'"; DROP TABLE victim; --',
	'" TEXT); DROP TABLE victim; --',
	") OR 1 = 1 --",
	"/* comment",
	"*/",
	"-- comment",
	"a;b",
	"a\0b",
	"\0",
	"a\nb\r\n",
	"\\",
	"../../x",
	"?",
	"?1",
	":name",
	"$x",
	"{id}",
	"%_%",
	" ",
	"1",
	"NULL",
	"select",
	"rowid",
	"constructor",
	"toString",
	"hasOwnProperty",
	"valueOf",
	"then",
	"where",
	"insert",
	"columns",
	"tableName",
	"findById",
	"create",
	"é",
	"😀",
	"\u202e",
	"x".repeat(300),
];

const ROUNDS = 12;

/** Some of them, whose names differ in SQL and whose methods do. */
function names(random: Random): string[] {
	const found = new Map<string, string>();
	for (let count = random.between(2, 6); count > 0; count--) {
		const name = random.once(3) ? `${random.pick(HOSTILE)}${random.pick(HOSTILE)}` : random.pick(HOSTILE);
		found.set(name.toLowerCase(), name);
	}
	return [...found.values()];
}

/** The connection, and every text that it was given. */
function watched(sql: SqlDatabase): { readonly sql: SqlDatabase; readonly texts: string[] } {
	const texts: string[] = [];
	const prepare = (given: string) => {
		texts.push(given);
		return sql.prepare(given);
	};
	const others = { transaction: sql.transaction.bind(sql), pragma: sql.pragma.bind(sql), readonly: false };
	return { sql: { prepare, ...others } as unknown as SqlDatabase, texts };
}

interface AnyTable {
	create(db: SqlDatabase): { readonly changes: readonly unknown[] };
	get(db: SqlDatabase, key: unknown): unknown;
	insert(db: SqlDatabase, row: object): unknown;
	insertMany(db: SqlDatabase, rows: readonly object[]): number;
	update(db: SqlDatabase, key: unknown, changes: object): unknown;
	upsert(db: SqlDatabase, row: object, options: object): unknown;
	delete(db: SqlDatabase, key: unknown): boolean;
	all(db: SqlDatabase): unknown[];
	where(condition: object): {
		orderBy(name: string): { all(db: SqlDatabase): unknown[] };
		limit(count: number): { update(db: SqlDatabase, changes: object): number };
		count(db: SqlDatabase): number;
		update(db: SqlDatabase, changes: object): number;
	};
	readonly columns: Readonly<Record<string, TableColumn<string>>>;
}

function objects(db: Database): unknown[] {
	return db.sql.prepare("SELECT type, tbl_name FROM sqlite_master ORDER BY rowid").raw().all();
}

const test = suite("hostile names and values in declared tables");

for (const kernel of kernels) {
	test(`are stored and found as they are (${kernel})`, () => {
		const random = new Random(7);
		const db = openSync(":memory:", { kernel });
		db.sql.exec("CREATE TABLE victim (a); INSERT INTO victim VALUES (1)");
		const before = objects(db);
		for (let round = 0; round < ROUNDS; round++) everything(db, random, before);
		assert.is(db.sql.prepare("SELECT count(*) FROM victim").pluck().get(), 1);
		db.closeSync();
	});
}

function everything(db: Database, random: Random, before: readonly unknown[]): void {
	const { sql, texts } = watched(db.sql);
	const tableName = `${random.pick(HOSTILE)}${round(random)}`;
	const [key, ...others] = names(random) as [string, ...string[]];
	const columns = others.map((name) => [name, text().default(random.pick(HOSTILE)).index()] as const);
	const declared = table(tableName, Object.fromEntries([[key, text().primaryKey()], ...columns]), {
		unique: [[key, ...others]],
	}) as unknown as AnyTable;
	declared.create(sql);
	assert.equal(declared.create(sql).changes, []);
	const indexes = others.length + (others.length > 0 ? 1 : 0);
	assert.is(objects(db).length, before.length + 1 + 1 + indexes, "a table, its key's index and the others");
	// From here on a text of SQL holds names alone.
	texts.length = 0;
	const mark = `mark${random.word()}`;
	const value = () => `${random.pick(HOSTILE)}${mark}${random.pick(HOSTILE)}`;
	const row = Object.fromEntries([key, ...others].map((name) => [name, value()]));
	assert.equal(declared.insert(sql, row), row);
	assert.equal(declared.get(sql, row[key]), row);
	for (const name of others) assert.equal(finder(declared, name)(sql, row[name]), [row], name);
	assert.equal(finder(declared, key)(sql, row[key]), row);
	const wanted = {
		...row,
		[key]: { in: [row[key], value()] },
		or: [{ [key]: { like: "%" } }, { [key]: { lt: value() } }],
	};
	assert.equal(declared.where(wanted).orderBy(key).all(sql), [row]);
	assert.is(declared.where({ [key]: { notIn: [row[key]] } }).count(sql), 0);
	const [some] = others;
	if (some !== undefined) {
		const changed = { ...row, [some]: value() };
		assert.equal(declared.update(sql, row[key], { [some]: changed[some] }), changed);
		assert.equal(declared.upsert(sql, row, { target: key }), row);
		assert.is(declared.where({ [key]: row[key] }).update(sql, { [some]: changed[some] }), 1);
		assert.is(
			declared
				.where({})
				.limit(5)
				.update(sql, { [some]: row[some] }),
			1,
		);
	}
	assert.is(declared.insertMany(sql, [{ ...row, [key]: `${row[key]}2` }]), 1);
	assert.is(declared.delete(sql, `${row[key]}2`), true);
	assert.equal(declared.all(sql), [row]);
	assert.ok(texts.length > 5);
	for (const given of texts) assert.not.match(given, mark);
	db.sql.exec(`DROP TABLE "${tableName.replaceAll('"', '""')}"`);
	assert.equal(objects(db), before);
}

function round(random: Random): string {
	return random.once(2) ? "" : String(random.below(9));
}

function finder(declared: object, name: string): (sql: SqlDatabase, value: unknown) => unknown {
	const found = (declared as Record<string, unknown>)[`findBy${name.charAt(0).toUpperCase()}${name.slice(1)}`];
	return found as (sql: SqlDatabase, value: unknown) => unknown;
}

test("columns that are called like methods or like what every object has are in columns", () => {
	const odd = table("odd", {
		id: integer().primaryKey(),
		where: text(),
		toString: text(),
		constructor: text(),
		findById: text(),
	});
	assert.is(odd.columns.where.name, "where");
	assert.is(odd.columns.constructor.name, "constructor");
	assert.type(odd.where, "function");
	assert.type(odd.findById, "function");
	assert.is(odd.toString, Object.prototype.toString);
	const db = openSync(":memory:");
	odd.create(db);
	const row = { id: 1, where: "a", toString: "b", constructor: "c", findById: "d" };
	assert.equal(odd.insert(db, row), row);
	assert.equal(odd.findByFindById(db, "d"), [row]);
	assert.equal(odd.where({ toString: "b", constructor: { ne: "d" } }).all(db), [row]);
	// What an object inherits is no column, and none of what is given.
	assert.is(odd.count(db), 1);
	const plain = table("plain", { id: integer().primaryKey() });
	for (const name of ["toString", "constructor", "__proto__", "hasOwnProperty"]) {
		const condition = JSON.parse(`{ ${JSON.stringify(name)}: "x" }`) as object;
		assert.match(thrown(() => plain.where(condition), "WLSM_INVALID_ARGUMENT").message, /has no column/);
		assert.match(thrown(() => plain.insert(db, condition), "WLSM_INVALID_ARGUMENT").message, /has no column/);
	}
	assert.match(
		thrown(() => plain.where({ id: JSON.parse('{ "toString": 1 }') }), "WLSM_INVALID_ARGUMENT").message,
		/not compared by/,
	);
	db.closeSync();
});

test("values come back as they were, whatever bytes they have", () => {
	const db = openSync(":memory:");
	const values = table(
		"values",
		{ id: integer().primaryKey(), word: text(), bytes: blob(), tree: json<unknown>() },
		{ strict: true },
	);
	values.create(db);
	const random = new Random(3);
	for (const word of HOSTILE) {
		const bytes = random.bytes(random.below(40));
		const tree = JSON.parse(
			`{ "__proto__": ${JSON.stringify(word)}, "list": [${JSON.stringify(word)}, null] }`,
		) as unknown;
		const { id } = values.insert(db, { word, bytes, tree });
		const row = values.findById(db, id);
		assert.is(row?.word, word);
		assert.ok(row?.bytes?.equals(bytes));
		assert.is(JSON.stringify(row?.tree), JSON.stringify(tree));
		assert.is(
			values.findByBytes(db, bytes).some((one) => one.id === id),
			true,
		);
	}
	assert.is(({} as { list?: unknown }).list, undefined);
	db.closeSync();
});

test.run();
