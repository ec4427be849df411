/** read_csv in FROM: files of CSV as tables. */

import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openSync, type SqlDatabase, type WlsmError } from "../../host/index.js";
import { sqlStores } from "../support/sql-stores.js";

const directory = mkdtempSync(path.join(tmpdir(), "wlsm-read-csv-"));

function file(name: string, content: string | Uint8Array): string {
	const at = path.join(directory, name);
	writeFileSync(at, content);
	return at;
}

const PEOPLE = file(
	"people.csv",
	'id,name,score,zip,born\r\n1,"Ada, ""the first""",1.5,00123,1815\r\n2,"two\r\nlines",2,00456,\r\n\r\n3,,,99,1900\r\n',
);
const CITIES = file("cities.csv", "person;city\n1;London\n3;Łódź\n3;Kraków\n9;nowhere\n");

function failure(body: () => unknown): WlsmError {
	try {
		body();
	} catch (error) {
		return error as WlsmError;
	}
	throw new Error("expected a failure");
}

/** Files of this folder that this process holds open. */
function openFiles(): number {
	return readdirSync("/proc/self/fd").length;
}

for (const store of await sqlStores()) {
	const test = suite(`read_csv over the ${store.name}`);
	const with_ = (name: string, body: (sql: SqlDatabase) => void) =>
		test(name, () => {
			const { sql, close } = store.open();
			body(sql);
			close();
		});
	const rows = (sql: SqlDatabase, text: string) => sql.prepare(text).raw().all();
	const fails = (sql: SqlDatabase, text: string) => failure(() => sql.prepare(text).all());

	with_("columns have the names of the header and the types of their values", (sql) => {
		const statement = sql.prepare(`SELECT * FROM read_csv('${PEOPLE}')`).raw();
		assert.equal(
			statement.columns().map(({ name }) => name),
			["id", "name", "score", "zip", "born"],
		);
		assert.equal(statement.all(), [
			[1, 'Ada, "the first"', 1.5, "00123", 1815],
			[2, "two\r\nlines", 2, "00456", null],
			[3, "", null, "99", 1900],
		]);
		const types = "SELECT typeof(id), typeof(name), typeof(score), typeof(zip), typeof(born)";
		assert.equal(rows(sql, `${types} FROM read_csv('${PEOPLE}') WHERE id = 2`), [
			["integer", "text", "real", "text", "null"],
		]);
		// Affinities are those of the types.
		assert.equal(rows(sql, `SELECT id FROM read_csv('${PEOPLE}') WHERE zip = 99 AND id = '3'`), [[3]]);
	});

	with_("options by name and in JSON", (sql) => {
		const cities = (options: string) => rows(sql, `SELECT * FROM read_csv('${CITIES}', ${options}) LIMIT 2`);
		assert.equal(cities("delimiter = ';'"), [
			[1, "London"],
			[3, "Łódź"],
		]);
		assert.equal(cities(`'{"delim": ";", "header": false}'`), [
			["person", "city"],
			["1", "London"],
		]);
		assert.equal(cities("sep = ';', header = false, nullstr = 'city'"), [
			["person", null],
			["1", "London"],
		]);
		assert.equal(cities("delimiter = ';', all_varchar = true"), [
			["1", "London"],
			["3", "Łódź"],
		]);
		assert.equal(cities(`delimiter = ';', types = '{"person": "text"}'`), [
			["1", "London"],
			["3", "Łódź"],
		]);
		assert.equal(cities(`'{"delimiter": ";", "types": {"PERSON": "real"}}'`), [
			[1, "London"],
			[3, "Łódź"],
		]);
		const quotes = file("quotes.csv", "a,b\n'x,y',\n'NA',NA\nNA,'3'\n");
		assert.equal(rows(sql, `SELECT * FROM read_csv('${quotes}', quote = '''', nullstr = 'NA')`), [
			["x,y", null],
			["NA", null],
			[null, 3],
		]);
		const nothing = file("nothing.csv", "a,b\n,\n1,x\n");
		assert.equal(rows(sql, `SELECT * FROM read_csv('${nothing}')`), [
			[null, ""],
			[1, "x"],
		]);
		assert.equal(rows(sql, `SELECT * FROM read_csv('${nothing}', nullstr = '')`), [
			[null, null],
			[1, "x"],
		]);
		assert.equal(rows(sql, `SELECT column_2 FROM read_csv('${nothing}', header = 0)`), [["b"], [""], ["x"]]);
	});

	with_("numbers of any size are what they are in the file", (sql) => {
		const numbers = file("numbers.csv", "i,r,t\n1,1e300,1\n-9223372036854775808,-0.5,1e400\n9007199254740993,3,\n");
		assert.equal(rows(sql, `SELECT * FROM read_csv('${numbers}')`), [
			[1, 1e300, "1"],
			[-9223372036854775808n, -0.5, "1e400"],
			[9007199254740993n, 3, ""],
		]);
		assert.equal(rows(sql, `SELECT typeof(r) FROM read_csv('${numbers}')`).flat(), ["real", "real", "real"]);
	});

	with_("in joins, aggregates, subqueries and views of one's own queries", (sql) => {
		sql.exec(
			"CREATE TABLE t (id INTEGER PRIMARY KEY, note); INSERT INTO t VALUES (1, 'one'), (3, 'three'), (4, 'four')",
		);
		const people = `read_csv('${PEOPLE}')`;
		const cities = `read_csv('${CITIES}', delimiter = ';')`;
		assert.equal(
			rows(
				sql,
				`SELECT p.id, c.city, t.note FROM ${people} p JOIN ${cities} c ON c.person = p.id JOIN t USING (id) ORDER BY 1, 2`,
			),
			[
				[1, "London", "one"],
				[3, "Kraków", "three"],
				[3, "Łódź", "three"],
			],
		);
		assert.equal(rows(sql, `SELECT t.id, p.name FROM t LEFT JOIN ${people} AS p ON p.id = t.id ORDER BY 1`), [
			[1, 'Ada, "the first"'],
			[3, ""],
			[4, null],
		]);
		assert.equal(rows(sql, `SELECT count(*), sum(score) FROM ${people} WHERE id IN (SELECT person FROM ${cities})`), [
			[2, 1.5],
		]);
		assert.equal(
			rows(sql, `WITH c AS (SELECT * FROM ${cities}) SELECT max(x.city) FROM c AS x, c AS y WHERE x.person = y.person`),
			[["Łódź"]],
		);
		assert.match(sql.explain(`SELECT * FROM t JOIN ${cities} c ON c.person = t.note`), "Hash join");
		assert.equal(
			rows(sql, `SELECT (SELECT count(*) FROM ${cities} WHERE person = p.id) FROM ${people} p`).flat(),
			[1, 0, 2],
		);
	});

	with_("columns that a statement does not look at are not looked at", (sql) => {
		const late = file("unread.csv", `a,b,c\n${"1,2,3\n".repeat(21_000)}x,2,3\n`);
		assert.equal(rows(sql, `SELECT count(*), sum(c) FROM read_csv('${late}') WHERE b = 2`), [[21_001, 63_003]]);
		assert.match(fails(sql, `SELECT count(*) FROM read_csv('${late}') WHERE a > 0`).message, /is no integer/);
		assert.match(
			fails(sql, `SELECT count(*) FROM read_csv('${late}') AS x JOIN read_csv('${CITIES}', sep = ';') ON x.a = person`)
				.message,
			/is no integer/,
		);
	});

	with_("as the source of a table", (sql) => {
		sql.exec(`CREATE TABLE people AS SELECT * FROM read_csv('${PEOPLE}')`);
		assert.is(
			sql.prepare("SELECT sql FROM sqlite_schema").pluck().get(),
			"CREATE TABLE people(\n  id INT,\n  name TEXT,\n  score REAL,\n  zip TEXT,\n  born INT\n)",
		);
		assert.equal(rows(sql, "SELECT id, zip FROM people"), [
			[1, "00123"],
			[2, "00456"],
			[3, "99"],
		]);
		const insert = sql.prepare(
			`INSERT INTO people (id, name) SELECT person, city FROM read_csv('${CITIES}', delimiter = ';') WHERE person = 3`,
		);
		assert.is(insert.run().changes, 2);
		assert.is(insert.run().changes, 2);
		assert.is(sql.prepare("SELECT count(*) FROM people").pluck().get(), 7);
		sql.exec(
			`UPDATE people SET name = c.city FROM read_csv('${CITIES}', delimiter = ';') AS c WHERE c.person = people.id AND c.person = 1`,
		);
		assert.is(sql.prepare("SELECT name FROM people WHERE id = 1").pluck().get(), "London");
	});

	with_("a file that is wrong fails the statement, with its line", (sql) => {
		sql.exec("CREATE TABLE t (a, b)");
		const many = Array.from({ length: 30_000 }, (_, i) => `${i},x`).join("\n");
		for (const [content, line, message] of [
			["a,b\n1,2\n3\n", 3, /record has 1 field, but there are 2 columns/],
			["a,b\n1,2\n\n3,4,5\n", 4, /record has 3 fields, but there are 2 columns/],
			['a,b\n1,"2', 2, /never closed/],
			['a,b\n1,"2"3\n', 2, /text after the closing quote/],
			[Buffer.from("a,b\n1,\xe9\n", "latin1"), 2, /not valid UTF-8/],
			[`a,b\n${many}\nNA,x\n`, 30_002, /"NA" in column a is no integer.*nullstr/],
			["", undefined, /is empty/],
		] as const) {
			const at = file("wrong.csv", content);
			for (const text of [
				`SELECT * FROM read_csv('${at}')`,
				`INSERT INTO t SELECT * FROM read_csv('${at}')`,
				`CREATE TABLE u AS SELECT * FROM read_csv('${at}')`,
			]) {
				const error = failure(() => sql.exec(text));
				assert.is(error.code, "WLSM_INVALID_ARGUMENT", error.message);
				assert.match(error.message, message);
				assert.is(error.file, at);
				assert.is(error.line, line, error.message);
			}
		}
		assert.is(sql.prepare("SELECT count(*) FROM t").pluck().get(), 0);
		assert.is(sql.prepare("SELECT count(*) FROM sqlite_schema").pluck().get(), 1);
		// What comes before it can be had.
		const ragged = file("wrong.csv", "a,b\n1,2\n3\n");
		assert.equal(sql.prepare(`SELECT * FROM read_csv('${ragged}')`).raw().get(), [1, 2]);
		const late = file("late.csv", `a,b\n${many}\n1.5,x\nNA,x\n`);
		assert.is(rows(sql, `SELECT a FROM read_csv('${late}', nullstr = 'NA') WHERE a IS NULL OR a = 1.5`).length, 2);
		assert.is(rows(sql, `SELECT a FROM read_csv('${late}', types = '{"a": "text"}') WHERE a = 'NA'`).length, 1);
	});

	with_("what a statement says is wrong is an error of its own", (sql) => {
		const of = (text: string, code: string, message: RegExp) => {
			const error = fails(sql, text);
			assert.is(error.code, code, `${text}: ${error.message}`);
			assert.match(error.message, message);
		};
		of("SELECT * FROM read_csv('/no/such/file.csv')", "WLSM_INVALID_ARGUMENT", /There is no file/);
		of(`SELECT * FROM read_csv('${directory}')`, "WLSM_INVALID_ARGUMENT", /is a directory/);
		of("SELECT * FROM read_csv(?)", "WLSM_SQL", /parameters are not known yet/);
		of("SELECT * FROM read_csv('a' || 'b')", "WLSM_SQL", /must be literals/);
		of("SELECT * FROM read_csv", "WLSM_SQL", /not enough arguments/);
		of("SELECT * FROM read_csv(7)", "WLSM_SQL", /path of a file/);
		of("SELECT * FROM read_csv('')", "WLSM_SQL", /path of a file/);
		of(`SELECT * FROM read_csv('${PEOPLE}', '{}', 3)`, "WLSM_SQL", /too many arguments/);
		of(`SELECT * FROM read_csv('${PEOPLE}', 3)`, "WLSM_SQL", /object in JSON/);
		of(`SELECT * FROM read_csv('${PEOPLE}', '[1')`, "WLSM_SQL", /no JSON/);
		of(`SELECT * FROM read_csv('${PEOPLE}', headers = 1)`, "WLSM_SQL", /has no option headers/);
		of(`SELECT * FROM read_csv('${PEOPLE}', constructor = 1)`, "WLSM_SQL", /has no option constructor/);
		of(`SELECT * FROM read_csv('${PEOPLE}', header = 'yes')`, "WLSM_SQL", /true or false/);
		of(`SELECT * FROM read_csv('${PEOPLE}', header = 1, '{}')`, "WLSM_SQL", /options stand behind/);
		of(`SELECT * FROM read_csv('${PEOPLE}', delimiter = 'ab')`, "WLSM_INVALID_ARGUMENT", /one ASCII character/);
		of(`SELECT * FROM read_csv('${PEOPLE}', types = '{"id": "date"}')`, "WLSM_SQL", /must be integer, real or text/);
		of(
			`SELECT * FROM read_csv('${PEOPLE}', types = '{"ids": "text"}')`,
			"WLSM_INVALID_ARGUMENT",
			/no column "ids"; it has id, name/,
		);
		of(`SELECT zipp FROM read_csv('${PEOPLE}')`, "WLSM_SQL", /no such column/);
	});

	with_("the schema of a database names no other files", (sql) => {
		const select = `SELECT * FROM read_csv('${PEOPLE}')`;
		sql.exec("CREATE TABLE t (a)");
		const names = (text: string) => assert.match(failure(() => sql.exec(text)).message, /may not stand in the schema/);
		sql.exec(`CREATE VIEW v AS ${select}`);
		names("SELECT * FROM v");
		sql.exec(`CREATE TRIGGER r AFTER INSERT ON t BEGIN INSERT INTO t SELECT id FROM read_csv('${PEOPLE}'); END`);
		names("INSERT INTO t VALUES (1)");
		sql.exec(`DROP VIEW v; CREATE TEMP VIEW v AS ${select}`);
		assert.is(rows(sql, "SELECT * FROM v").length, 3);
	});

	with_("a file that changes is read anew, as long as its columns are the same", (sql) => {
		const at = file("changing.csv", "a,b\n1,2\n");
		const statement = sql.prepare(`SELECT * FROM read_csv('${at}')`).raw();
		assert.equal(statement.all(), [[1, 2]]);
		file("changing.csv", "a,b\n3,4\n5,6\n");
		assert.equal(statement.all(), [
			[3, 4],
			[5, 6],
		]);
		file("changing.csv", "a,c\n3,4\n");
		assert.match(failure(() => statement.all()).message, /has other columns/);
	});

	with_("files are closed however a statement ends", (sql) => {
		const big = file("big.csv", `a,b\n${"1,some text that is repeated\n".repeat(20_000)}x,y\n`);
		if (process.platform !== "linux") return;
		const before = openFiles();
		const select = `SELECT * FROM read_csv('${big}')`;
		failure(() => sql.prepare(select).all());
		sql.prepare(select).get();
		for (const _ of sql.prepare(select).iterate()) break;
		for (const _ of sql.prepare(`${select} LIMIT 3`).iterate());
		failure(() =>
			sql.prepare(`SELECT count(*) FROM read_csv('${big}') AS x, read_csv('${big}') AS y`, { timeoutMs: 20 }).all(),
		);
		assert.is(openFiles(), before);
	});

	test.run();
}

const databases = suite("read_csv of a database");

databases("a database may be opened so that statements read no files", () => {
	const db = openSync(":memory:", { sqlReadsFiles: false });
	const error = failure(() => db.sql.prepare(`SELECT * FROM read_csv('${PEOPLE}')`));
	assert.is(error.code, "WLSM_SQL");
	assert.match(error.message, /sqlReadsFiles: false/);
	db.closeSync();
});

databases("a file of many megabytes takes little memory", () => {
	const at = file(
		"large.csv",
		`id,name,value\n${Array.from({ length: 300_000 }, (_, i) => `${i},a name of some length ${i % 1000},${i / 8}`).join("\n")}\n`,
	);
	const db = openSync(":memory:");
	let peak = 0;
	const before = process.memoryUsage().arrayBuffers;
	let count = 0;
	for (const _ of db.sql.prepare(`SELECT * FROM read_csv('${at}')`).iterate()) {
		if (++count % 10_000 === 0) peak = Math.max(peak, process.memoryUsage().arrayBuffers - before);
	}
	assert.is(count, 300_000);
	assert.ok(peak < 8 << 20, `${peak} bytes`);
	assert.equal(
		db.sql.prepare(`SELECT count(*), sum(id), sum(value) FROM read_csv('${at}')`).raw().get(),
		[300_000, 44_999_850_000, 5_624_981_250],
	);
	db.closeSync();
});

databases.after(() => rmSync(directory, { recursive: true }));
databases.run();
