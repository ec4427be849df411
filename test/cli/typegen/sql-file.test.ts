import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readSqlFile } from "../../../cli/typegen/sql-file.js";

const test = suite("files of queries");

function queries(text: string, path = "/x/find-all_users.sql") {
	const { queries: found, problems } = readSqlFile(path, text);
	return {
		queries: found.map(({ name, kind, text: query, documentation }) => [name, kind, query, documentation.join("|")]),
		problems: problems.map(({ offset, message }) => `${offset}: ${message}`),
	};
}

test("have a line with a name before each query, and comments behind it", () => {
	const text = `-- What stands here is nobody's.
-- name: findUser :one
-- By its key.
--   Or none.
SELECT * FROM users /* all */ WHERE id = {id};

  --name:users
SELECT '
-- name: notThis
' AS a
-- name: addUser :run
/* with */ INSERT INTO users VALUES (1);`;
	assert.equal(queries(text), {
		queries: [
			["findUser", "one", "SELECT * FROM users /* all */ WHERE id = {id}", "By its key.|  Or none."],
			["users", undefined, "SELECT '\n-- name: notThis\n' AS a\n", ""],
			["addUser", "run", "INSERT INTO users VALUES (1)", ""],
		],
		problems: [],
	});
	const [first] = readSqlFile("/a.sql", text).queries;
	assert.ok(text.slice(first?.places[0]).startsWith("SELECT * FROM users"));
	assert.is(text[first?.places.at(-1) ?? 0], ";");
});

test("are the same with lines that end as on Windows, and problems stand where they are", () => {
	const text = "-- name: a :one\n-- Says\n-- more.\nSELECT 'x\ny',\n\tz\nFROM t;\n-- name: b\nSELECT 2\n";
	const windows = text.replaceAll("\n", "\r\n");
	assert.equal(queries(windows), queries(text));
	const [query] = readSqlFile("/a.sql", windows).queries;
	assert.is(windows[query?.places[query.text.indexOf("z")] ?? 0], "z");
	assert.is(windows[query?.places.at(-1) ?? 0], ";");
});

test("without such lines are one query, called after the file, or a script", () => {
	assert.equal(queries("-- all\nSELECT 1;").queries, [["findAll_users", undefined, "SELECT 1", ""]]);
	assert.equal(queries("with a as (select 1) select * from a").queries.length, 1);
	for (const script of ["", "-- nothing", "CREATE TABLE t (a);", "SELECT 1; SELECT 2;", "BEGIN; DELETE FROM t; COMMIT"])
		assert.equal(queries(script), { queries: [], problems: [] }, script);
	for (const name of ["2024-report", "delete", "prepared", "DB"])
		assert.match(queries("SELECT 1", `/x/${name}.sql`).problems[0] ?? "", /^0: the file's name makes no name/);
});

test("say what is wrong with them where it is", () => {
	const cases: readonly (readonly [text: string, ...problems: string[]])[] = [
		["-- name: delete :run\nDELETE FROM t", '0: "delete" is no name of a function'],
		[
			"-- name: prepared\nSELECT 1",
			"0: prepared is a name that the generated file has itself: give the function another one",
		],
		["-- name:\nSELECT 1", '0: "" is no name of a function'],
		["-- name: a :all\nSELECT 1", "0: behind the name may stand :one, :many or :run, not :all"],
		["-- name: a :one more\nSELECT 1", "0: behind the name may stand :one, :many or :run, not :one more"],
		["-- name: a\n-- nothing\n", "0: there is no statement behind the name a"],
		[
			"-- name: a\nSELECT 1;\n-- b\nSELECT 2;",
			"26: a has a second statement: give it a line of its own, as in -- name: other",
		],
	];
	for (const [text, ...problems] of cases) assert.equal(queries(text), { queries: [], problems }, text);
});

test.run();
