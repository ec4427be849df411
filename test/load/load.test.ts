import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type LoadOptions, loadCsv, TooManyRejectsError } from "../../host/load/index.js";
import { fails, type LoadContext, loadFiles, rows, withContext } from "./context.js";

const test = suite<LoadContext>("loading CSV");

withContext(test);

const load = (context: LoadContext, content: string | Uint8Array, options?: LoadOptions) =>
	loadFiles(context, { "in.csv": content }, options);

function tables({ db }: LoadContext): unknown[] {
	return db.sql.prepare("PRAGMA table_info('t')").all();
}

test("types are found out, and values stored by them", async (context) => {
	const content = "\ufeffid,price,zip,note,big\n1,1.5,007,,9007199254740993\n,2,94103,NULL,2\n";
	const summary = await load(context, content);
	assert.equal(
		summary.columns.map(({ name, type }) => `${name} ${type}`),
		["id integer", "price real", "zip text", "note text", "big integer"],
	);
	assert.equal(rows(context), [
		[1, 1.5, "007", "", 9007199254740993n],
		[null, 2, "94103", "NULL", 2],
	]);
	assert.equal([summary.read, summary.loaded, summary.rejected, summary.widened], [2, 2, 0, []]);
	assert.equal(rows(context, "SELECT typeof(id), typeof(price), typeof(zip) FROM t LIMIT 1"), [
		["integer", "real", "text"],
	]);
});

test("a value far behind that does not fit widens its column, and nothing is lost", async (context) => {
	const many = Array.from({ length: 60_000 }, (_, i) => `${i},${i}.50,${i}`).join("\n");
	const phases = new Set<string>();
	const summary = await load(context, `a,b,c\n${many}\n1.5,x,\n`, {
		onProgress: ({ phase }) => void phases.add(phase),
	});
	assert.equal(summary.widened, [
		{ column: "a", from: "integer", to: "real" },
		{ column: "b", from: "real", to: "text" },
	]);
	assert.equal([summary.read, summary.loaded], [60_001, 60_001]);
	// As a double 7.50 would have become 7.5.
	assert.equal(rows(context, "SELECT b FROM t WHERE a = 7"), [["7.50"]]);
	assert.equal(rows(context, "SELECT COUNT(*), SUM(a) FROM t"), [[60_001, 1_799_970_001.5]]);
	assert.equal([...phases].sort(), ["load", "scan"]);
});

test("names from Object.prototype are ordinary columns", async (context) => {
	await load(context, "__proto__,constructor,toString,,a,A\n1,2,3,4,5,6\n");
	assert.equal(rows(context, "SELECT __proto__, constructor, toString, column_4, a, A_2 FROM t"), [[1, 2, 3, 4, 5, 6]]);
});

test("rows that cannot be loaded are told with line, column, value and reason", async (context) => {
	const rejects = path.join(context.directory, "rejects.csv");
	const file = path.join(context.directory, "in.csv");
	writeFileSync(rejects, `line,column,value,reason\n${"1,a,b,of an earlier load\n".repeat(100)}`);
	const text = new TextEncoder().encode('id,n\n1,2\n"multi\nline",3\n4\n5,6,7\n8,?\n9,x\n1,10\n,11\n12,"a"b\n13,14\n');
	text[text.indexOf(63)] = 0xff;
	const summary = await load(context, text, { types: { ID: "integer", n: "integer" }, primaryKey: "id", rejects });
	assert.equal(rows(context), [
		[1, 2],
		[13, 14],
	]);
	assert.equal([summary.read, summary.loaded, summary.rejected], [10, 2, 8]);
	const lines = readFileSync(rejects, "utf8");
	assert.is(
		lines
			.split("\n")
			.filter((line) => !line.includes("UNIQUE"))
			.join("\n"),
		[
			"line,offset,column,value,reason,record,file",
			'3,9,id,"multi',
			'line",not an integer of 64 bits,"""multi',
			`line"",3",${file}`,
			`5,24,,4,1 field where 2 are expected,4,${file}`,
			`6,26,,"5,6,7",3 fields where 2 are expected,"5,6,7",${file}`,
			`7,32,n,\ufffd,not valid UTF-8,"8,\ufffd",${file}`,
			`8,36,n,x,not an integer of 64 bits,"9,x",${file}`,
			`10,45,id,,the primary key is empty,",11",${file}`,
			`11,49,,"12,""""""a""""b""",text after a closing quote,"12,""a""b",${file}`,
			"",
		].join("\n"),
	);
	assert.ok(lines.includes(`9,40,,"1,10",UNIQUE constraint failed: t.id,"1,10",${file}\n`));
	assert.is(summary.firstRejected.length, 8);
});

test("too many rejected rows undo the load", async (context) => {
	const content = `a,b\n${"1,2\n".repeat(5000)}${"3\n".repeat(10)}`;
	await fails(load(context, content, { maxErrors: 9, batchSize: 100 }), /More than 9 rows/);
	assert.equal(tables(context), []);
	try {
		await load(context, content, { maxErrors: 3 });
	} catch (error) {
		assert.instance(error, TooManyRejectsError);
		assert.is((error as TooManyRejectsError).firstRejected[0]?.line, 5002);
	}
	assert.is((await load(context, content, { maxErrors: 10 })).rejected, 10);
});

test("an existing table is refused, appended to or replaced", async (context) => {
	await load(context, "a,b\n1,x\n");
	await fails(load(context, "a,b\n2,y\n"), /table "t" already/, "WLSM_EXISTS");
	const appended = await load(context, "B,a\ny,2\nz,no integer\n", { ifExists: "append" });
	assert.equal([appended.loaded, appended.rejected], [1, 1]);
	assert.equal(rows(context), [
		[1, "x"],
		[2, "y"],
	]);
	await fails(load(context, "a,c\n3,z\n", { ifExists: "append" }), /no column "c"; the columns are a, b/);
	await fails(load(context, "a\nx\ny,z\n", { ifExists: "replace", maxErrors: 0 }), /More than 0/);
	assert.is(rows(context).length, 2, "the old rows stay where replacing them fails");
	await load(context, "only\nnew\n", { ifExists: "replace" });
	assert.equal(rows(context), [["new"]]);
	assert.is(context.db.sql.inTransaction, false);
});

test("within an open transaction a load is a part of it, and one that fails leaves it open", async (context) => {
	const { sql } = context.db;
	sql.exec("CREATE TABLE t (a PRIMARY KEY, b); INSERT INTO t VALUES ('0', 'before')");
	const outcomes = { COMMIT: ["before", "mine", "theirs"], ROLLBACK: ["before"] };
	for (const [end, left] of Object.entries(outcomes).reverse()) {
		sql.exec("BEGIN; INSERT INTO t VALUES ('1', 'mine')");
		await fails(
			load(context, "a,b\n2,x\n1,y\n", { ifExists: "append", onConflict: "fail" }),
			/UNIQUE constraint failed/,
		);
		await fails(load(context, "a,nope\n2,x\n", { ifExists: "append" }), /no column "nope"/);
		await fails(load(context, "c\nx\ny,z\n", { ifExists: "replace", maxErrors: 0 }), /More than 0/);
		assert.is(sql.inTransaction, true);
		await load(context, "a,b\n2,theirs\n", { ifExists: "append" });
		assert.equal(rows(context, "SELECT b FROM t ORDER BY a"), [["before"], ["mine"], ["theirs"]]);
		sql.exec(end);
		assert.equal(
			rows(context, "SELECT b FROM t ORDER BY a"),
			left.map((b) => [b]),
		);
	}
});

test("key-value pairs", async (context) => {
	const long = "k".repeat(70_000);
	const content = `id,name,rest\n1,one,x\n2,two,y\n1,uno,z\n,empty,\n${long},long,\n`;
	const summary = await load(context, content, { schema: ["id", "NAME"], batchSize: 2 });
	assert.equal(
		[...context.db.entries()],
		[
			["1", "uno"],
			["2", "two"],
		],
	);
	assert.equal([summary.read, summary.loaded, summary.rejected, summary.table], [5, 3, 2, undefined]);
	assert.equal(
		summary.firstRejected.map((row) => row.reason),
		["the key is empty", "the key is longer than 65535 bytes"],
	);
});

test("empty files, headers alone, no header", async (context) => {
	for (const content of ["", "\ufeff", "\n\r\n"]) {
		await fails(load(context, content), /in\.csv is empty/);
	}
	assert.equal(tables(context), []);
	assert.is((await load(context, "a,b")).read, 0);
	assert.is(tables(context).length, 2);
	await load(context, "1,x\n2,y\n", { header: false, ifExists: "replace" });
	assert.equal(rows(context, "SELECT column_1, column_2 FROM t"), [
		[1, "x"],
		[2, "y"],
	]);
});

test("what does not make sense is refused before anything is done", async (context) => {
	const cases: [LoadOptions, RegExp][] = [
		[{ delimiter: ";;" }, /delimiter must be one ASCII character/],
		[{ delimiter: "é" }, /delimiter/],
		[{ delimiter: '"' }, /both/],
		[{ batchSize: 0 }, /batchSize/],
		[{ maxErrors: -1 }, /maxErrors/],
		[{ types: { a: "blob" as "text" } }, /type of column "a" must be one of integer, real, text/],
		[{ types: { nope: "text" } }, /no column "nope"; the columns are a, b/],
		[{ primaryKey: "nope" }, /no column "nope"/],
		[{ table: "t", schema: ["a", "b"] }, /not both/],
		[{ schema: ["a", "nope"] }, /no column "nope"/],
		[{ rejects: path.join(context.directory, "in.csv") }, /is the file to load/],
	];
	for (const [options, message] of cases) {
		await fails(load(context, "a,b\n1,2\n", options), message);
	}
	assert.equal(tables(context), []);
	const nowhere = path.join(context.directory, "nowhere.csv");
	await fails(loadCsv(context.db, nowhere, { table: "t" }), /no file .*nowhere\.csv/);
	await fails(loadCsv(context.db, context.directory, { table: "t" }), /is a directory/);
});

test("an unclosed quote is bounded, named, and undone", async (context) => {
	const content = `a,b\n1,2\n3,"open\n${"4,5\n".repeat(100_000)}`;
	await fails(load(context, content, { maxRecordBytes: 10_000 }), /line 3.*quote opened on line 3/);
	assert.equal(tables(context), []);
});

test("an abort undoes what was loaded", async (context) => {
	const controller = new AbortController();
	const content = `a\n${"1\n".repeat(500_000)}`;
	let progressed = 0;
	const onProgress = ({ rows: count, bytes, totalBytes }: { rows: number; bytes: number; totalBytes: number }) => {
		progressed++;
		assert.ok(bytes <= totalBytes);
		if (count > 100_000) controller.abort(new Error("enough"));
	};
	try {
		await load(context, content, { signal: controller.signal, onProgress });
		assert.unreachable();
	} catch (error) {
		assert.is((error as Error).message, "enough");
	}
	assert.ok(progressed > 1);
	assert.equal(tables(context), []);
});

test("a stream is loaded as a file is, and its temporary file goes", async (context) => {
	const shared = tmpdir();
	process.env.TMPDIR = path.join(context.directory, "tmp");
	mkdirSync(process.env.TMPDIR);
	async function* source() {
		for (const piece of ["a,", "b\n1", ",2\n", "3,x", "\n"]) yield new TextEncoder().encode(piece);
	}
	const summary = await loadCsv(context.db, source(), { table: "t" });
	assert.is(summary.loaded, 2);
	assert.equal(rows(context), [
		[1, "2"],
		[3, "x"],
	]);
	async function* failing() {
		yield new TextEncoder().encode("a\n");
		throw new Error("the network is gone");
	}
	await fails(loadCsv(context.db, failing(), { table: "u" }), /the network is gone/, "WLSM_IO");
	assert.equal(readdirSync(tmpdir()), []);
	process.env.TMPDIR = shared;
});

test("a real file", async (context) => {
	const file = new URL("../../../examples/zipcodes.csv", import.meta.url);
	assert.ok(existsSync(file));
	const { fileURLToPath } = await import("node:url");
	const summary = await loadCsv(context.db, fileURLToPath(file), { table: "t", primaryKey: "zip_code" });
	assert.equal([summary.read, summary.loaded, summary.rejected], [42_049, 42_049, 0]);
	assert.equal(rows(context, "SELECT city, latitude FROM t WHERE zip_code = '00501'"), [["Holtsville", 40.922326]]);
	assert.equal(rows(context, "SELECT COUNT(*) FROM t WHERE state = 'NY'"), [[2232]]);
});

test.run();
