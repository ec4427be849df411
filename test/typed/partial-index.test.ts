/* Indexes over some of the rows: what they become, and how migrations follow them. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openSync } from "../../host/index.js";
import { integer, json, migrate, type PartialIndex, table, text } from "../../host/typed/index.js";
import { thrown } from "../support/database.js";
import { byHand, namesOf, openedWith, refusal, statements } from "../support/migrations.js";
import { overKernels } from "../support/openers.js";

const test = suite("partial indexes of declared tables");

const id = integer().primaryKey();
const columns = { id, email: text(), state: text().notNull().default("new"), deletedAt: text().named("deleted_at") };

type Indexes = readonly (readonly (keyof typeof columns)[] | PartialIndex<keyof typeof columns>)[];

const users = (indexes: Indexes) => table("users", columns, { indexes });

overKernels(test, "are made, kept to, and not made again", ({ openSync: open }) => {
	const db = open(":memory:");
	const declared = users([
		["email"],
		{ columns: ["email"], where: "deleted_at IS NULL", unique: true },
		{ columns: ["state", "id"], where: "state <> 'It''s done'" },
	]);
	assert.equal(
		declared
			.create(db)
			.changes.slice(1)
			.map(({ sql }) => sql),
		[
			'CREATE INDEX main."users__email__index" ON "users" ("email")',
			'CREATE UNIQUE INDEX main."users__email__where_deleted_at_is_null__unique" ON "users" ("email") WHERE deleted_at IS NULL',
			`CREATE INDEX main."users__state__id__where_state_It_s_done__index" ON "users" ("state", "id") WHERE state <> 'It''s done'`,
		],
	);
	assert.equal(declared.create(db).changes, []);
	declared.insert(db, { email: "a@x", deletedAt: "2024-01-01" });
	declared.insert(db, { email: "a@x", deletedAt: "2024-01-02" });
	declared.insert(db, { email: "a@x" });
	thrown(() => declared.insert(db, { email: "a@x" }), "WLSM_SQL");
	// It is no key: there may be several rows.
	assert.is(declared.findByEmail(db, "a@x").length, 3);
	db.closeSync();
});

test("go and come with their conditions, which are compared by their words", () => {
	const db = openSync(":memory:");
	users([{ columns: ["email"], where: "state = 'new'" }]).create(db);
	assert.equal(statements(db, [users([{ columns: ["email"], where: "(\"state\"  = 'new') -- all\n" }])]), []);
	assert.equal(statements(db, [users([{ columns: ["email"], where: "state = 'old'", unique: true }])]), [
		'DROP INDEX main."users__email__where_state_new__index"',
		`CREATE UNIQUE INDEX main."users__email__where_state_old__unique" ON "users" ("email") WHERE state = 'old'`,
	]);
	assert.equal(statements(db, [users([["email"]])]), [
		'DROP INDEX main."users__email__where_state_old__unique"',
		'CREATE INDEX main."users__email__index" ON "users" ("email")',
	]);
	assert.equal(statements(db, [users([])]), ['DROP INDEX main."users__email__index"']);
	// What somebody else made serves where it has the same rows, and stays where it has not.
	db.sql.exec("CREATE UNIQUE INDEX mine ON users (email) WHERE deleted_at is null");
	assert.equal(statements(db, [users([{ columns: ["email"], where: "deleted_at IS NULL" }])]), []);
	assert.equal(statements(db, [users([{ columns: ["email"], where: "deleted_at IS NOT NULL" }])]), [
		'CREATE INDEX main."users__email__where_deleted_at_is_not_null__index" ON "users" ("email") WHERE deleted_at IS NOT NULL',
	]);
	assert.equal(namesOf(db, "index"), ["mine", "users__email__where_deleted_at_is_not_null__index"]);
	db.closeSync();
});

test("that are unique are refused where rows with the condition are the same, and made anew with the table", () => {
	const db = openedWith(`
		CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT, state TEXT NOT NULL DEFAULT 'new', deleted_at TEXT);
		INSERT INTO users (email, deleted_at) VALUES ('a@x', 'x'), ('a@x', NULL), ('b@x', NULL)`);
	const unique = { columns: ["email"], where: "deleted_at IS NULL", unique: true } as const;
	assert.is(migrate(db, [users([unique])], { dryRun: true }).changes.length, 1);
	db.sql.exec("INSERT INTO users (email) VALUES ('b@x')");
	const message = refusal(db, users([unique]));
	assert.match(message, /"email" is declared unique where deleted_at IS NULL, and there are rows with the same/);
	const found = db.sql.prepare(byHand(message).replace(/;$/, "")).raw().all();
	assert.equal(found, [["b@x", 2]]);
	db.sql.exec("DELETE FROM users WHERE id = 4; ALTER TABLE users ADD COLUMN more");
	db.sql.exec(byHand(refusal(db, table("users", { ...columns, id: integer().primaryKey() }, { strict: true }))));
	assert.equal(statements(db, [table("users", columns, { strict: true, indexes: [unique] })]).length, 1);
	db.closeSync();
});

test("may be about columns that are added with them", () => {
	const db = openedWith(
		"CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT); INSERT INTO users (email) VALUES ('a'), ('a')",
	);
	const whole = users([{ columns: ["email"], where: "state = 'new'", unique: true }]);
	// All rows are new: nothing of the migration stays.
	thrown(() => migrate(db, [whole]), "WLSM_SQL");
	assert.equal(db.sql.prepare("SELECT name FROM pragma_table_info('users')").pluck().all(), ["id", "email"]);
	const part = users([{ columns: ["email"], where: "state = 'old'", unique: true }]);
	assert.is(migrate(db, [part]).changes.length, 3);
	assert.equal(migrate(db, [part]).changes, []);
	db.closeSync();
});

test("that cannot be are refused, and say why", () => {
	const refused = (index: unknown, message: RegExp) =>
		assert.match(thrown(() => users([index] as Indexes), "WLSM_INVALID_ARGUMENT").message, message);
	refused({ columns: ["nope"], where: "1" }, /names "nope"/);
	refused({ columns: [], where: "1" }, /empty/);
	refused({ columns: ["id"] }, /expression of a partial index is a string/);
	refused({ columns: ["id"], where: "1; DROP TABLE users" }, /semicolon/);
	refused({ columns: ["id"], where: "1) --" }, /brackets|comment/);
	refused({ columns: ["id"], where: "1", unique: 1 }, /true or false/);
	refused({ columns: ["id"], where: "1", name: "x" }, /no "name"/);
	refused("id", /lists of columns|empty/);
	const ofJson = { indexes: [{ columns: ["data"], where: "1", unique: true }] } as const;
	assert.match(thrown(() => table("t", { data: json() }, ofJson), "WLSM_INVALID_ARGUMENT").message, /json/);
	const db = openSync(":memory:");
	const twice = users([
		{ columns: ["email"], where: "state = 'a'" },
		{ columns: ["email"], where: "state = 'A'" },
	]);
	assert.match(thrown(() => twice.create(db), "WLSM_INVALID_ARGUMENT").message, /say its condition in other words/);
	// What is no condition is for SQL to say; nothing is made.
	thrown(() => users([{ columns: ["email"], where: "nope = 1" }]).create(db), "WLSM_SQL");
	assert.equal(namesOf(db, "table"), []);
	db.closeSync();
});

test.run();
