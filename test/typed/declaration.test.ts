/* What can be declared, and what SQL it becomes. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openSync } from "../../host/index.js";
import { integer, json, table, text } from "../../host/typed/index.js";
import { bracketed, normalForm, partsOf, wordsOf } from "../../host/typed/words.js";
import { thrown } from "../support/database.js";

const test = suite("declarations of tables");

test("become CREATE TABLE", () => {
	const db = openSync(":memory:");
	const parents = table("parents", { id: integer().primaryKey(), a: text(), b: text() }, { unique: [["a", "b"]] });
	const declared = table(
		"t",
		{
			id: integer().primaryKey(),
			name: text().notNull().collate("nocase").default("it's").check("name <> ''").check("length(name) < 9"),
			parent: integer()
				.references(() => parents.id, { onDelete: "set null", onUpdate: "no action" })
				.index(),
			unique: text().unique().index().named("the one"),
		},
		{
			checks: ["id > 0"],
			foreignKeys: [{ columns: ["name", "unique"], references: () => [parents.a, parents.b], onUpdate: "cascade" }],
			indexes: [["name"], ["id"], ["name", "parent"]],
			unique: [["unique"], ["name", "parent"], ["parent", "name"]],
			strict: true,
		},
	);
	parents.create(db);
	assert.equal(
		declared.create(db).changes.map(({ sql }) => sql),
		[
			`CREATE TABLE main."t" (
	"id" INTEGER PRIMARY KEY,
	"name" TEXT NOT NULL COLLATE NOCASE DEFAULT 'it''s' CHECK (name <> '') CHECK (length(name) < 9),
	"parent" INTEGER REFERENCES "parents" ("id") ON DELETE SET NULL,
	"the one" TEXT,
	CHECK (id > 0),
	FOREIGN KEY ("name", "the one") REFERENCES "parents" ("a", "b") ON UPDATE CASCADE
) STRICT`,
			'CREATE UNIQUE INDEX main."t__the one__unique" ON "t" ("the one")',
			'CREATE UNIQUE INDEX main."t__name__parent__unique" ON "t" ("name", "parent")',
			'CREATE INDEX main."t__parent__index" ON "t" ("parent")',
			'CREATE INDEX main."t__name__index" ON "t" ("name")',
		],
	);
	assert.equal(declared.create(db).changes, []);
	const keyed = table("keyed", { a: text(), b: text() }, { primaryKey: ["b", "a"], withoutRowid: true, strict: true });
	assert.equal(
		keyed.create(db, { dryRun: true }).changes.map(({ sql }) => sql),
		[
			'CREATE TABLE main."keyed" (\n\t"a" TEXT NOT NULL,\n\t"b" TEXT NOT NULL,\n\tPRIMARY KEY ("b", "a")\n) WITHOUT ROWID, STRICT',
		],
	);
	db.closeSync();
});

test("columns and steps can be used again", () => {
	const db = openSync(":memory:");
	const name = text().notNull();
	const required = name.unique();
	const one = table("one", { id: integer().primaryKey(), name });
	const two = table("two", { id: integer().primaryKey(), name: required, other: required });
	one.create(db);
	two.create(db);
	assert.equal(one.findByName(db, "a"), []);
	assert.is(two.findByName(db, "a"), undefined);
	assert.equal([one.name.table, two.name.table, two.other.name], ["one", "two", "other"]);
	db.closeSync();
});

test("a declaration that cannot be is refused, and says why", () => {
	const id = integer().primaryKey();
	const refused = (work: () => unknown, message: RegExp) =>
		assert.match(thrown(work, "WLSM_INVALID_ARGUMENT").message, message);
	const loose = table as unknown as (name: unknown, columns: unknown, options?: unknown) => unknown;
	refused(() => loose("", { id }), /name of a table is empty/);
	refused(() => loose(5, { id }), /name of a table is a string/);
	refused(() => loose("\ud800", { id }), /surrogate/);
	refused(() => loose("t", {}), /has no columns/);
	for (const columns of [null, undefined, 5, [id], new Map(), { __proto__: id }])
		refused(() => loose("t", columns), /plain object/);
	refused(() => loose("t", JSON.parse('{ "__proto__": 1 }')), /cannot have __proto__/);
	for (const name of ["and", "or", "not"]) refused(() => loose("t", { [name]: text() }), /\.named\(\)/);
	refused(() => loose("t", { [Symbol("s")]: id }), /Symbol\(s\)/);
	refused(() => loose("t", { id: integer }), /made by integer\(\)/);
	refused(() => loose("t", { id: "integer" }), /made by integer\(\)/);
	refused(() => loose("t", { "": id }), /name of a column is empty/);
	refused(() => loose("t", { name: text(), NAME: text() }), /same name in SQL/);
	refused(() => loose("t", { a: text(), b: text().named("A") }), /same name in SQL/);
	refused(() => loose("t", { name: text(), Name: text().named("other") }), /found by findByName/);
	refused(() => loose("t", { a: id, b: id }), /more than one primary key/);
	refused(() => loose("t", { a: id, b: text(), c: text() }, { primaryKey: ["b", "c"] }), /more than one primary key/);
	refused(() => loose("t", { a: text() }, { primaryKey: ["a"] }), /several columns/);
	refused(() => loose("t", { a: text(), b: json() }, { primaryKey: ["a", "b"] }), /json/);
	refused(() => text().primaryKey({ autoincrement: true } as never), /only those of integer and bigint/);
	refused(() => integer().primaryKey({ autoincrement: 1 } as never), /true or false, not 1/);
	refused(() => integer().primaryKey({ increment: true } as never), /no option "increment"/);
	refused(() => integer().primaryKey(5 as never), /options of a primary key/);
	const numbered = integer().primaryKey({ autoincrement: true });
	refused(() => loose("t", { numbered }, { withoutRowid: true }), /no rowid that autoincrement/);
	refused(() => loose("t", { a: text(), b: json() }, { unique: [["a", "b"]] }), /json/);
	refused(() => loose("t", { a: text() }, { withoutRowid: true }), /needs a primary key/);
	refused(() => loose("t", { id }, { strict: 1 }), /true or false/);
	refused(() => loose("t", { id }, { uniqe: [] }), /no option "uniqe"/);
	refused(() => loose("t", { id }, 5), /Options of table "t"/);
	refused(() => loose("t", { id }, { unique: [["nope"]] }), /names "nope"/);
	refused(() => loose("t", { id }, { unique: ["id"] }), /lists of columns/);
	refused(() => loose("t", { id }, { indexes: [[]] }), /empty/);
	refused(() => loose("t", { id }, { indexes: [["id", "id"]] }), /names one twice/);
	refused(() => loose("t", { id }, { checks: "id > 0" }), /list of expressions/);
	refused(() => loose("t", { id }, { checks: ["id > 0;"] }), /semicolon/);
	refused(() => loose("t", { id }, { foreignKeys: [5] }), /columns and references/);
	const twins = table("t", { a: text().index(), b: text(), a__b: text() }, { indexes: [["a", "b"], ["a__b"]] });
	refused(() => twins.create(openSync(":memory:")), /Two indexes of table "t" would be called "t__a__b__index"/);
});

test("texts of SQL are compared by their words", () => {
	const form = (sql: string) => normalForm(wordsOf(sql) ?? []);
	assert.is(form('(("Age" >= 18))'), "age >= 18");
	assert.is(form("age>=18 -- grown up\n"), "age >= 18");
	assert.is(form("(a) + (b)"), "( a ) + ( b )");
	assert.is(form("a == 'It''s' AND b != x'0F' OR [C d]<>`e`"), "a = 'It''s' and b <> x'0f' or c d <> e");
	assert.is(form("1.5e+3+.5 || 0XfF -> $x"), "1.5e+3 + .5 || 0xff -> $ x");
	assert.is(form("/* a */ é/*b*/"), "é");
	for (const open of ["'a", '"a', "`a", "[a", "/* a", "-- a", "x'0"]) assert.is(wordsOf(open), undefined, open);
	assert.equal(wordsOf("")?.length, 0);
	const parts = partsOf(bracketed(wordsOf("(a, f(b, c), 'd,e', \"f,\")) x") ?? []));
	assert.equal(
		parts.map((part) => normalForm(part)),
		["a", "f ( b , c )", "'d,e'", "f,"],
	);
	const long = "'".repeat(100_000);
	assert.is(wordsOf(long)?.length, 1);
});

test.run();
