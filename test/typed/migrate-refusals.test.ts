/* Changes of tables that are refused, and the statements that do them by hand. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type AnyTable, integer, migrate, table, text, timestamp } from "../../host/typed/index.js";
import { thrown } from "../support/database.js";
import { byHand, openedWith, refusal, users } from "../support/migrations.js";

const test = suite("refused migrations of declared tables");

test("what would lose something is refused with each difference and what to run", () => {
	const db = openedWith(`
		CREATE TABLE users (id INTEGER PRIMARY KEY, title TEXT COLLATE NOCASE DEFAULT 'x' CHECK (length(title) > 0), email TEXT NOT NULL, extra BLOB);
		INSERT INTO users (title, email) VALUES ('a', 'a@x'), ('b', 'a@x')`);
	const declared = table("users", {
		id: text().primaryKey(),
		title: text().notNull().unique(),
		email: text().unique(),
		born: integer().notNull(),
		joined: timestamp().defaultNow(),
	});
	const message = refusal(db, declared);
	assert.is(
		message,
		`Table "users" is there, and not as it is declared:
- column "id" is INTEGER, and is declared as TEXT
- column "title" may be NULL, and is declared notNull()
- column "title" has DEFAULT 'x', and is declared with none
- column "title" has the collation nocase, and is declared with binary
- column "email" is NOT NULL, and is not declared so
- column "born" is declared and not there, and cannot be added: the table has rows, and it is notNull() without a default
- column "joined" is declared and not there, and cannot be added: the table has rows, and its default is computed for each
- column "extra" is there and not declared
- CHECK (length ( title ) > 0) is there and not declared
- "email" is declared unique, and there are rows with the same
To be read, and run by hand:
SELECT "email", count(*) FROM main."users" WHERE "email" IS NOT NULL GROUP BY "email" HAVING count(*) > 1;
PRAGMA foreign_keys = OFF;
BEGIN;
CREATE TEMP TABLE "users__copy" AS SELECT * FROM main."users";
DROP TABLE main."users";
CREATE TABLE main."users" (
	"id" TEXT PRIMARY KEY NOT NULL,
	"title" TEXT NOT NULL,
	"email" TEXT,
	"born" INTEGER NOT NULL,
	"joined" TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
);
INSERT INTO main."users" ("id", "title", "email", "born") SELECT "id", "title", "email", NULL /* a value for "born" */ FROM temp."users__copy";
DROP TABLE temp."users__copy";
CREATE UNIQUE INDEX main."users__title__unique" ON "users" ("title");
CREATE UNIQUE INDEX main."users__email__unique" ON "users" ("email");
COMMIT;`,
	);
	db.closeSync();
});

test("a column that is gone is dropped by hand, or renamed where it has another name now", () => {
	const db = openedWith("CREATE TABLE users (id INTEGER PRIMARY KEY, title TEXT NOT NULL, email TEXT)");
	db.sql.exec("INSERT INTO users VALUES (1, 'Ada', 'a@x')");
	const named = table("users", { id: integer().primaryKey(), name: text().notNull().default(""), email: text() });
	const message = refusal(db, named);
	const rename = 'ALTER TABLE main."users" RENAME COLUMN "title" TO "name"';
	assert.match(message, `column "title" is there and not declared. If it is "name" by another name: ${rename}`);
	assert.match(message, 'ALTER TABLE main."users" DROP COLUMN "title";');
	db.sql.exec(rename);
	assert.match(refusal(db, named), /column "name" has no default, and is declared with DEFAULT ''/);
	const plain = table("users", { id: integer().primaryKey(), name: text().notNull() });
	const drop = byHand(refusal(db, plain));
	assert.is(drop, 'ALTER TABLE main."users" DROP COLUMN "email";');
	db.sql.exec(drop);
	assert.equal(migrate(db, [plain]).changes, []);
	assert.equal(plain.all(db), [{ id: 1, name: "Ada" }]);
	// Something speaks of the column: the table has to be made anew, with that to be looked at.
	db.sql.exec("ALTER TABLE users ADD COLUMN age INTEGER; CREATE INDEX mine ON users (age)");
	assert.match(refusal(db, plain), /CREATE TEMP TABLE[\s\S]*CREATE INDEX mine/);
	db.closeSync();
});

test("by hand, rows of other tables stay where foreign keys are enforced, and triggers and views come along", () => {
	const db = openedWith(`
		PRAGMA foreign_keys = ON;
		CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, twice INTEGER AS (id * 2));
		CREATE TABLE posts (user INTEGER REFERENCES users ON DELETE CASCADE);
		CREATE TABLE log (name TEXT);
		CREATE VIEW everybody AS SELECT name FROM users;
		CREATE TRIGGER noted AFTER INSERT ON users BEGIN INSERT INTO log VALUES (new.name); END;
		INSERT INTO users VALUES (1, 'Ada'); INSERT INTO posts VALUES (1)`);
	db.sql.exec("ALTER TABLE users ADD COLUMN state TEXT");
	const declared = table(
		"users",
		{ id: integer().primaryKey(), name: text().notNull(), state: text().notNull().default("WA") },
		{ strict: true },
	);
	db.sql.exec(byHand(refusal(db, declared)));
	assert.equal(migrate(db, [declared]).changes, []);
	assert.is(db.sql.pragma("foreign_keys", { simple: true }), 1);
	declared.insert(db, { name: "Eve" });
	const all = (of: string) => db.sql.prepare(`SELECT * FROM ${of}`).raw().all();
	assert.equal([all("posts"), all("everybody"), all("log")], [[[1]], [["Ada"], ["Eve"]], [["Ada"], ["Eve"]]]);
	assert.equal(all("users"), [
		[1, "Ada", "WA", 2],
		[2, "Eve", "WA", 4],
	]);
	assert.match(thrown(() => db.sql.exec("INSERT INTO posts VALUES (9)"), "WLSM_SQL").message, /FOREIGN KEY/);
	db.closeSync();
});

test("a table that is to be numbered by autoincrement is made anew, and keeps the greatest number from then on", () => {
	const db = openedWith(
		"CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT); INSERT INTO users VALUES (7, 'Ada', NULL)",
	);
	const columns = { id: integer().primaryKey({ autoincrement: true }), name: text().notNull(), email: text() };
	const declared = table("users", columns);
	const message = refusal(db, declared);
	assert.match(message, /the primary key "id" is declared with autoincrement, and has none/);
	db.sql.exec(byHand(message));
	assert.equal(migrate(db, [declared]).changes, []);
	assert.is(declared.insert(db, { name: "Bob" }).id, 8);
	declared.where({}).delete(db);
	const strict = table("users", columns, { strict: true });
	db.sql.exec(byHand(refusal(db, strict)));
	assert.equal(migrate(db, [strict]).changes, []);
	assert.is(strict.insert(db, { name: "Eve" }).id, 9);
	assert.equal(db.sql.prepare("SELECT * FROM sqlite_sequence").raw().all(), [["users", 9]]);
	// Without being declared it does no harm.
	const plain = table("users", { ...columns, id: integer().primaryKey() }, { strict: true });
	assert.equal(migrate(db, [plain]).changes, []);
	db.closeSync();
});

test("other differences are told too", () => {
	const tells = (script: string, declared: AnyTable, message: RegExp) => {
		const db = openedWith(script);
		assert.match(refusal(db, declared), message);
		db.closeSync();
	};
	const id = integer().primaryKey();
	tells("CREATE TABLE t (id INT PRIMARY KEY)", table("t", { id }), /is not the rowid/);
	tells("CREATE TABLE t (id INTEGER)", table("t", { id }), /the primary key is nothing, and is declared as "id"/);
	tells(
		"CREATE TABLE t (a TEXT, b TEXT, PRIMARY KEY (b, a))",
		table("t", { a: text(), b: text() }, { primaryKey: ["a", "b"] }),
		/is "b", "a", and is declared as "a", "b"/,
	);
	tells(
		"CREATE TABLE t (id INTEGER PRIMARY KEY) STRICT",
		table("t", { id }),
		/the table is strict, and is not declared so/,
	);
	tells(
		"CREATE TABLE t (id INTEGER PRIMARY KEY)",
		table("t", { id }, { withoutRowid: true }),
		/is declared withoutRowid, and is not/,
	);
	tells(
		"CREATE TABLE t (id INTEGER PRIMARY KEY, a AS (id))",
		table("t", { id, a: integer() }),
		/is there as a generated one/,
	);
	tells(
		"CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER REFERENCES u)",
		table("t", { id, a: integer() }),
		/the foreign key \("a"\) REFERENCES "u".* is there and not declared/i,
	);
	tells(
		"CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)",
		table("t", {
			id,
			a: integer()
				.default(1)
				.references(() => users.id),
		}),
		/cannot be added: the table has rows, and it refers to others with a default/,
	);
	tells(
		"CREATE TABLE t (id INTEGER PRIMARY KEY)",
		table("t", { id }, { checks: ["id > 0"] }),
		/CHECK \(id > 0\) is declared and not there/,
	);
	tells(
		"CREATE TABLE t (id INTEGER PRIMARY KEY, a)",
		table("t", { id, a: text() }),
		/"a" is of no type, and is declared as TEXT/,
	);
	tells("CREATE VIEW t AS SELECT 1 AS id", table("t", { id }), /a view has this name[\s\S]*DROP VIEW main\."t"/);
	tells("", table("kv", { key: text().primaryKey() }), /is no table that can be declared/);
});

test.run();
