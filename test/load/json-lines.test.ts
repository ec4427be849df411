import { readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { gzipSync } from "node:zlib";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type LoadOptions, loadCsv } from "../../host/load/index.js";
import { fails, type LoadContext, loadFiles, rows, withContext } from "./context.js";

const test = suite<LoadContext>("loading JSON Lines");

withContext(test);

const load = (context: LoadContext, content: string | Uint8Array, options?: LoadOptions, name = "in.jsonl") =>
	loadFiles(context, { [name]: content }, options);

const columnsOf = ({ columns }: { columns: readonly { name: string; type: string }[] }) =>
	columns.map(({ name, type }) => `${name} ${type}`).join(", ");

test("keys become columns in the order in which they come, with types", async (context) => {
	const content = [
		'\ufeff{"id": 1, "price": 1.5, "name": "a\\u00e9\\n\\"b\\"", "ok": true, "zip": "007"}\r',
		'{"price":2,"id":9007199254740993,"ok":false,"extra":{"a": [1, 2.50, "}"]},"zip":5}',
		"",
		'{ "id" : -9223372036854775808 , "list" : [ ] , "name" : null , "price" : -0 }',
	].join("\n");
	const summary = await load(context, content);
	assert.is(columnsOf(summary), "id integer, price real, name text, ok integer, zip text, extra text, list text");
	assert.equal(rows(context), [
		[1, 1.5, 'aé\n"b"', 1, "007", null, null],
		[9007199254740993n, 2, null, 0, "5", '{"a": [1, 2.50, "}"]}', null],
		[-9223372036854775808n, -0, null, null, null, null, "[ ]"],
	]);
	assert.equal([summary.read, summary.rejected], [3, 0]);
});

test("no digit is lost, and words and numbers in one column stay what they are", async (context) => {
	const content =
		'{"a":12345678901234567890123,"b":1e400,"c":1,"d":true,"e":1.10}\n{"a":1,"b":1,"c":"1","d":"true","e":"x"}\n{"c":true,"d":1.5}\n';
	assert.is(columnsOf(await load(context, content)), "a text, b text, c text, d text, e text");
	assert.equal(rows(context), [
		["12345678901234567890123", "1e400", "1", "true", "1.10"],
		["1", "1", "1", "true", "x"],
		[null, null, "true", "1.5", null],
	]);
	await load(context, '{"r":1.5,"s":""}\n{"r":true}\n', { ifExists: "replace" });
	assert.equal(rows(context), [
		[1.5, ""],
		[1, null],
	]);
});

test("bad lines are rejected with line, offset and reason", async (context) => {
	const bytes = new TextEncoder().encode(
		[
			'{"a":1}',
			"{",
			"[1]",
			'{"a":1,"a":2}',
			'{"a":"\\ud800"}',
			'{"a":"?"}',
			"null",
			'{"a":1} {"a":2}',
			'{"b":NaN}',
			'{"a":2}',
		].join("\n"),
	);
	bytes[bytes.indexOf(63)] = 0xff;
	const rejects = path.join(context.directory, "r.csv");
	const summary = await load(context, bytes, { rejects });
	assert.equal(rows(context), [[1], [2]]);
	assert.equal(
		summary.firstRejected.map(({ line, reason }) => `${line} ${reason.slice(0, 9)}`),
		[
			// What the runtime says follows.
			"2 not JSON:",
			"3 not an ob",
			'4 the key "',
			"5 half a ch",
			"6 not valid",
			"7 not an ob",
			"8 not JSON:",
			"9 not JSON:",
		],
	);
	assert.match(readFileSync(rejects, "utf8"), /\n3,10,,\[1\],"?not an object[^\n]*,\[1\],.*in\.jsonl\n/);
});

test("a key that comes late makes a column, and nothing is lost", async (context) => {
	const early = Array.from({ length: 30_000 }, (_, i) => `{"i":${i}}\n`).join("");
	const content = `${early}{"i":1.5,"late":"x","B":1}\n{"b":2}\n${early}`;
	const phases = new Set<string>();
	const summary = await load(context, content, { onProgress: ({ phase }) => void phases.add(phase) });
	assert.is(columnsOf(summary), "i real, late text, B integer, b_2 integer");
	assert.equal([summary.read, summary.loaded, phases.has("scan")], [60_002, 60_002, true]);
	assert.equal(rows(context, "SELECT count(*), count(i), count(late), sum(B), sum(b_2) FROM t"), [
		[60_002, 60_001, 1, 1, 2],
	]);
	assert.equal(summary.widened, [{ column: "i", from: "integer", to: "real" }]);
	const keys = Array.from({ length: 10_001 }, (_, i) => `{"k${i}":1}\n`).join("");
	await fails(load(context, keys, { ifExists: "replace" }), /more than 10000 different keys/);
	assert.is(rows(context, "SELECT count(*) FROM t").join(), "60002");
});

test("appended rows may have any of the table's columns, and no other", async (context) => {
	context.db.sql.exec("CREATE TABLE t (id INTEGER PRIMARY KEY, Name TEXT, n INTEGER DEFAULT 7)");
	const many = Array.from({ length: 21_000 }, () => '{"name":"x"}\n').join("");
	const content = `{"name":"a"}\n{"nope":1}\n${many}{"NAME":"b","n":true}\n{"name":"c","Name":"d"}\n{"other":null}\n`;
	const summary = await load(context, content, { ifExists: "append" });
	assert.equal(
		summary.firstRejected.map(({ line, reason }) => [line, reason]),
		[
			[2, 'the table has no column "nope"'],
			[21_004, 'the key "Name" is there twice, in another spelling'],
			[21_005, 'the table has no column "other"'],
		],
	);
	assert.equal(rows(context, "SELECT id, name, n FROM t WHERE name <> 'x'"), [
		[1, "a", null],
		[21_002, "b", 1],
	]);
});

test("fixed types, primary keys and pairs", async (context) => {
	const content = '{"k":"a","v":"1","d":"2024-01-01"}\n{"k":"b","v":2,"d":"2024"}\n{"v":"3"}\n{"k":"c"}\n';
	const summary = await load(context, content, { types: { v: "integer", d: "date" }, primaryKey: "k" });
	assert.equal(
		summary.firstRejected.map(({ line, column, reason }) => `${line} ${column} ${reason}`),
		["1 v not an integer of 64 bits", "2 d not a date of the form 2024-12-31", "3 v not an integer of 64 bits"],
	);
	assert.equal(rows(context), [["c", null, null]]);
	const pairs = await load(context, content, { schema: ["k", "v"] });
	assert.equal(
		pairs.firstRejected.map(({ line, reason }) => `${line} ${reason}`),
		["3 keys and values cannot be NULL", "4 keys and values cannot be NULL"],
	);
	assert.equal(
		[...context.db.entries()],
		[
			["a", "1"],
			["b", "2"],
		],
	);
});

test("archives and several files, the format by name or by option", async (context) => {
	const summary = await load(context, gzipSync('{"a":1}\n'), {}, "in.NDJSON.gz");
	assert.is(columnsOf(summary), "a integer");
	const files = ["a.jsonl", "b.jsonl"].map((name) => path.join(context.directory, name));
	writeFileSync(files[0] as string, '{"a":"\\""}');
	writeFileSync(files[1] as string, '{"b":2}\n{"a":"3"}\n"');
	const both = await loadCsv(context.db, files, { table: "t", ifExists: "replace" });
	assert.equal(rows(context), [
		['"', null],
		[null, 2],
		["3", null],
	]);
	assert.equal([both.firstRejected[0]?.file, both.firstRejected[0]?.line], [files[1], 3]);
	await load(context, '{"a":4}\n[1]\n', { ifExists: "replace" }, "in.json");
	assert.equal(rows(context), [[4]]);
	assert.is((await load(context, '[1]\n{"a":4}', { ifExists: "replace" })).rejected, 1);
	await load(context, '{"a":5}', { format: "jsonl", ifExists: "replace" }, "in.txt");
	assert.equal(rows(context), [[5]]);
	await load(context, "a,b\n1,2\n", { format: "csv", ifExists: "replace" });
	assert.equal(rows(context), [[1, 2]]);
});

test("what makes no sense is refused", async (context) => {
	await fails(load(context, ""), /is empty/);
	await fails(load(context, "\n\n"), /is empty/);
	await fails(load(context, "{,}\n[1]\n"), /has no row that can be loaded; the first one is not JSON/);
	for (const array of [
		'[\n{"a":1},\n{"a":2}\n]\n',
		' [{"a":1}]',
		'[{"a":1},\n{"a":2}]',
		`[${'{"a":1},'.repeat(20_000)}{}]`,
	])
		await fails(load(context, array, {}, "in.json"), /in\.json is one JSON array.* jq -c '\.\[\]'/);
	await fails(load(context, "{}\n{}\n"), /is empty/);
	await fails(load(context, '{"a":1}', { delimiter: ";" }), /are for CSV, not for JSON Lines/);
	await fails(load(context, '{"a":1}', { nullValues: ["NULL"] }), /are for CSV/);
	await fails(load(context, '{"a":1}', { format: "json" as "jsonl" }), /format must be csv or jsonl/);
	await fails(load(context, `{"a":"${"x".repeat(2000)}"}`, { maxRecordBytes: 1000 }), /line 1 is longer than 1000/);
	await fails(
		load(context, `\n{"a":"${"x".repeat(2_000_000)}`, { maxRecordBytes: 1000 }),
		/line 2 is longer than 1000/,
	);
	const nested = `{"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}\n`;
	await load(context, nested, { ifExists: "replace" });
	assert.equal(rows(context, "SELECT length(a) FROM t"), [[200_000]]);
});

test.run();
