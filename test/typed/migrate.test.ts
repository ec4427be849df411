/* What is done to tables that are there: cases of their own. Random ones are in migrate-random.test.ts, what is refused in migrate-refusals.test.ts. */
import * as path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openSync } from "../../host/index.js";
import { loadCsv } from "../../host/load/index.js";
import { integer, migrate, real, type TableColumn, table, text, timestamp } from "../../host/typed/index.js";
import { thrown, withDirectory } from "../support/database.js";
import { namesOf, openedWith, refusal, statements, users } from "../support/migrations.js";
import { overKernels } from "../support/openers.js";

const test = suite("migrations of declared tables");

overKernels(test, "tables, columns and indexes come and go, in one transaction, and once", ({ openSync: open }) => {
	const db = open(":memory:");
	const first = migrate(db, [users]);
	assert.equal(
		first.changes.map(({ table: of, action, name }) => `${action} ${name} of ${of}`),
		["create table users of users", "create index users__email__unique of users"],
	);
	assert.equal(migrate(db, [users, users]).changes, []);
	users.insert(db, { name: "Ada", email: "a@x" });
	const later = table(
		"users",
		{
			id: integer().primaryKey(),
			age: integer().check("age >= 0"),
			name: text().notNull().index(),
			state: text().notNull().default("it's"),
			email: text(),
			boss: integer().references((): TableColumn<number> => later.id, { onDelete: "set null" }),
		},
		{ indexes: [["state", "age"]] },
	);
	const dry = migrate(db, [later], { dryRun: true });
	assert.equal(users.findByEmail(db, "a@x"), { id: 1, name: "Ada", email: "a@x" });
	assert.equal(migrate(db, [later]), dry);
	assert.equal(
		dry.changes.map(({ sql }) => sql),
		[
			'DROP INDEX main."users__email__unique"',
			'ALTER TABLE main."users" ADD COLUMN "age" INTEGER CHECK (age >= 0)',
			`ALTER TABLE main."users" ADD COLUMN "state" TEXT NOT NULL DEFAULT 'it''s'`,
			'ALTER TABLE main."users" ADD COLUMN "boss" INTEGER REFERENCES "users" ("id") ON DELETE SET NULL',
			'CREATE INDEX main."users__name__index" ON "users" ("name")',
			'CREATE INDEX main."users__state__age__index" ON "users" ("state", "age")',
		],
	);
	assert.equal(later.findById(db, 1), { id: 1, age: null, name: "Ada", state: "it's", email: "a@x", boss: null });
	assert.equal(migrate(db, [later]).changes, []);
	db.closeSync();
});

test("tables may refer to each other, and to several columns", () => {
	const db = openedWith("PRAGMA foreign_keys = ON");
	const clubs = table("clubs", {
		id: integer().primaryKey(),
		captain: integer().references((): TableColumn<number> => members.id, { onUpdate: "cascade" }),
	});
	const members = table(
		"members",
		{
			id: integer().primaryKey(),
			club: integer()
				.notNull()
				.references((): TableColumn<number> => clubs.id),
			seat: integer().notNull(),
		},
		{ unique: [["club", "seat"]] },
	);
	const visits = table(
		"visits",
		{ id: integer().primaryKey(), club: integer(), seat: integer() },
		{
			foreignKeys: [{ columns: ["seat", "club"], references: () => [members.seat, members.club], onDelete: "cascade" }],
		},
	);
	migrate(db, [clubs, members, visits]);
	assert.equal(migrate(db, [visits, members, clubs]).changes, []);
	clubs.insert(db, { id: 1 });
	members.insert(db, { id: 5, club: 1, seat: 3 });
	clubs.update(db, 1, { captain: 5 });
	visits.insert(db, { club: 1, seat: 3 });
	assert.match(
		thrown(() => visits.insert(db, { club: 1, seat: 4 }), "WLSM_SQL").message,
		/FOREIGN KEY constraint failed/,
	);
	members.update(db, 5, { id: 6 });
	assert.is(clubs.findById(db, 1)?.captain, 6);
	clubs.update(db, 1, { captain: null });
	members.delete(db, 6);
	assert.is(visits.count(db), 0);
	db.closeSync();
});

test("a reference has to lead to what is unique in a declared table", () => {
	const db = openedWith("");
	const refused = (target: () => unknown, message: RegExp) => {
		const declared = table("t", {
			id: integer().primaryKey(),
			other: text().references(target as () => TableColumn<string>),
		});
		assert.match(thrown(() => declared.create(db), "WLSM_INVALID_ARGUMENT").message, message);
	};
	refused(() => users.name, /refers to "name" of table "users", which is not its primary key and not unique/);
	refused(() => text(), /a column of a declared table/);
	refused(() => undefined, /a column of a declared table/);
	refused(() => "users.id", /a column of a declared table/);
	const pair = table(
		"pair",
		{ a: integer(), b: text() },
		{ foreignKeys: [{ columns: ["a", "b"], references: () => [users.id] }] },
	);
	assert.match(thrown(() => pair.create(db), "WLSM_INVALID_ARGUMENT").message, /"a", "b" of table "pair"/);
	assert.equal(namesOf(db, "table"), []);
	db.closeSync();
});

test("a table from elsewhere serves where it behaves as it is declared", () => {
	const db = openedWith(`
		CREATE TABLE Users (ID INTEGER PRIMARY KEY, "name" VARCHAR(20) NOT NULL, Email CLOB UNIQUE, twice AS (id * 2));
		CREATE INDEX mine__index ON users (name); CREATE INDEX users__mine ON users (twice); CREATE TRIGGER mine_too AFTER INSERT ON users BEGIN SELECT 1; END`);
	const indexed = table("users", {
		id: integer().primaryKey(),
		name: text().notNull().index(),
		email: text().unique(),
	});
	assert.equal(migrate(db, [indexed]).changes, []);
	assert.equal(indexed.insert(db, { name: "Ada" }), { id: 1, name: "Ada", email: null });
	// What others made stays, also where nothing declared needs it.
	assert.match(
		refusal(db, table("users", { id: integer().primaryKey(), name: text().notNull(), email: text() })),
		/UNIQUE \("Email"\) is there and not declared/,
	);
	assert.equal(namesOf(db, "index"), ["mine__index", "sqlite_autoindex_Users_1", "users__mine"]);
	db.sql.exec("CREATE UNIQUE INDEX part ON users (name) WHERE id > 5");
	const unique = table("users", {
		id: integer().primaryKey(),
		name: text().notNull().unique(),
		email: text().unique(),
	});
	assert.equal(statements(db, [unique]), ['CREATE UNIQUE INDEX main."users__name__unique" ON "users" ("name")']);
	db.closeSync();
});

test("a temporary table of the same name is another one", () => {
	const db = openedWith("CREATE TEMP TABLE users (other TEXT)");
	assert.is(migrate(db, [users]).changes.length, 2);
	assert.equal(migrate(db, [users]).changes, []);
	assert.is(users.insert(db, { name: "Ada" }).id, 1);
	assert.equal(db.sql.prepare("SELECT count(*) FROM temp.users").pluck().get(), 0);
	db.closeSync();
});

test("a table of a CSV file can be declared", async () =>
	withDirectory(async (directory) => {
		const db = openSync(path.join(directory, "db"));
		async function* file() {
			yield Buffer.from("zip_code,city,latitude\n00501,Holtsville,40.8\n94103,San Francisco,37.7\n");
		}
		await loadCsv(db, file(), { table: "zipcodes", primaryKey: "zip_code" });
		const zipcodes = table("zipcodes", {
			zip: text().primaryKey().named("zip_code"),
			city: text().index(),
			latitude: real(),
			seen: timestamp(),
		});
		assert.equal(statements(db, [zipcodes]), [
			'ALTER TABLE main."zipcodes" ADD COLUMN "seen" TEXT',
			'CREATE INDEX main."zipcodes__city__index" ON "zipcodes" ("city")',
		]);
		assert.equal(zipcodes.findByZip(db, "00501"), { zip: "00501", city: "Holtsville", latitude: 40.8, seen: null });
		await db.close();
	}));

test("a failure half way undoes the whole migration, and one in a transaction is undone with it", () => {
	const db = openedWith(
		"CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT); INSERT INTO users VALUES (1, 'a', 'b')",
	);
	const other = table("other", { id: integer().primaryKey() });
	const checked = table("users", {
		id: integer().primaryKey(),
		name: text().notNull(),
		email: text(),
		age: integer().default(-1).check("age > 0"),
	});
	assert.match(thrown(() => migrate(db, [other, checked]), "WLSM_SQL").message, /CHECK constraint failed/);
	assert.equal(namesOf(db, "table"), ["users"]);
	const undone = db.sql.transaction(() => {
		migrate(db, [other, users]);
		other.insert(db, { id: 5 });
		throw new Error("no");
	});
	assert.throws(undone, /^no$/);
	assert.equal([namesOf(db, "table"), namesOf(db, "index")], [["users"], []]);
	// Several refusals are told together.
	db.sql.exec("CREATE TABLE other (id TEXT)");
	assert.match(
		thrown(
			() => migrate(db, [checked, other, table("users2", { id: integer() }), table("other ", { id: integer() })]),
			"WLSM_EXISTS",
		).message,
		/Table "other" is there/,
	);
	assert.equal(namesOf(db, "table"), ["other", "users"]);
	db.closeSync();
});

test("tables that are read alone are compared, and told what they lack", () =>
	withDirectory((directory) => {
		const db = openSync(directory);
		users.create(db);
		db.closeSync();
		const readOnly = openSync(directory, { readOnly: true });
		assert.equal(users.create(readOnly).changes, []);
		const more = table("users", {
			id: integer().primaryKey(),
			name: text().notNull(),
			email: text().unique(),
			age: integer(),
		});
		assert.is(more.create(readOnly, { dryRun: true }).changes.length, 1);
		assert.match(thrown(() => more.create(readOnly), "WLSM_READ_ONLY").message, /ADD COLUMN "age"/);
		readOnly.closeSync();
	}));

test("what is not a list of declared tables is refused", () => {
	const db = openedWith("");
	for (const tables of [users, undefined, null, [5], [{}], [undefined], ["users"]])
		thrown(() => migrate(db, tables as never), "WLSM_INVALID_ARGUMENT");
	const twin = table("USERS", { id: integer().primaryKey() });
	assert.match(thrown(() => migrate(db, [users, twin]), "WLSM_INVALID_ARGUMENT").message, /Two declarations/);
	for (const options of [5, null, { dry: true }, { dryRun: 1 }])
		thrown(() => migrate(db, [users], options as never), "WLSM_INVALID_ARGUMENT");
	thrown(() => migrate({} as never, [users]), "WLSM_INVALID_ARGUMENT");
	assert.equal(namesOf(db, "table"), []);
	db.closeSync();
});

test.run();
