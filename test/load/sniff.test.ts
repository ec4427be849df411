import { gzipSync } from "node:zlib";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openSync, WlsmError } from "../../host/index.js";
import { type LoadOptions, loadCsv, type SniffedCsv, type SniffOptions, sniffCsv } from "../../host/load/index.js";

const test = suite("sniffing");

function pieces(content: string | Uint8Array): AsyncIterable<Uint8Array> {
	async function* all() {
		yield typeof content === "string" ? new TextEncoder().encode(content) : content;
	}
	return all();
}

const sniff = (content: string | Uint8Array, options?: SniffOptions) => sniffCsv(pieces(content), options);

function said({ delimiter, quote, header, columns }: SniffedCsv): string {
	return `${delimiter} ${quote} ${header} ${columns.map(({ name, type }) => `${name}:${type}`).join(" ")}`;
}

test("delimiters, quotes and headers", async () => {
	const cases: [content: string, expected: string][] = [
		["a,b\n1,2\n", `, " true a:integer b:integer`],
		["a;b\n1;2\n", `; " true a:integer b:integer`],
		["a;b\n1,5;2,5\nx;y\n", `; " true a:text b:text`],
		["a\tb\n1\t2,3\n", `\t " true a:integer b:text`],
		['a|b\n"1|2"|3\n', `| " true a:text b:integer`],
		["'a';'b'\n'x;y';'it''s'\n'z';''\n", `; ' true a:text b:text`],
		["'a','b'\n'x',1\n'z',\n", `, ' true a:text b:integer`],
		["1,x\n2,y\n3,z\n", `, " false column_1:integer column_2:text`],
		["2024-01-01,x\n2024-01-02,y\n", `, " false column_1:date column_2:text`],
		['d,ok,t,j\n2024-02-29,TRUE,2024-02-29T23:59Z,"{""a"":[]}"\n', `, " true d:date ok:boolean t:timestamp j:json`],
		["a\r\n1\r\n", `, " true a:integer`],
	];
	for (const [content, expected] of cases) assert.is(said(await sniff(content)), expected, JSON.stringify(content));
});

test("where nothing is sure all is as ever: commas, double quotes, a header", async () => {
	const cases: [content: string, expected: string][] = [
		["a;b\n1\n", `, " true a;b:integer`],
		["a;b\n", `, " true a;b:text`],
		["a;b,c\n1;2,3\n", `, " true a;b:text c:integer`],
		// One column stays one column.
		["1\n2\n3\n", `, " true 1:integer`],
		["text\nso; it is\nand | not\nthis; here; too\n", `, " true text:text`],
		["a,b\n'x',y\n'z',w\n", `, " true a:text b:text`],
		["name,note\n'tis,x\ny,'z\n", `, " true name:text note:text`],
		// Years, and numbers that count, name columns.
		["name,1960,1961\nAruba,54211,55438\n", `, " true name:text 1960:integer 1961:integer`],
		["0,1,2\n5,x,1.5\n", `, " true 0:integer 1:text 2:real`],
		["x,y\na,b\n", `, " true x:text y:text`],
		["1,2\n", `, " true 1:text 2:text`],
		["id,n\n1,\n2,x\n", `, " true id:integer n:text`],
	];
	for (const [content, expected] of cases) assert.is(said(await sniff(content)), expected, JSON.stringify(content));
});

test("what is given is not found out, and asked for columns are a header", async () => {
	assert.is(said(await sniff("a;b,c\n1;2,3\n", { delimiter: ";" })), `; " true a:integer b,c:text`);
	assert.is(said(await sniff("a;|b;c|\n1;|2|\n", { quote: "|" })), "; | true a:integer b;c:integer");
	assert.is(said(await sniff("a'b\n1'2\n", { delimiter: "'" })), `' " true a:integer b:integer`);
	assert.is(said(await sniff("1,2\n3,4\n", { header: true })), `, " true 1:integer 2:integer`);
	assert.is(said(await sniff("a,b\n3,4\n", { header: false })), `, " false column_1:text column_2:text`);
	assert.is(said(await sniff("a,b\n3,NULL\n", { nullValues: ["NULL"] })), `, " true a:integer b:text`);
	assert.is(said(await sniff('a,b\n3,NULL\n1,"NULL"\n2,5\n', { nullValues: ["NULL"] })), `, " true a:integer b:text`);
	assert.is(said(await sniff("a,b\n3,NULL\n2,5\n", { nullValues: ["NULL"] })), `, " true a:integer b:integer`);
});

test("the whole file is looked at, also where a place begins inside quotes", async () => {
	const note = `"a long; note\nof ""several"" lines, and; more\n${"and so on; ".repeat(30)}"`;
	const rows = (n: number, end: string) => Array.from({ length: n }, (_, i) => `${i};${note};${i}${end}\n`).join("");
	const content = `id;note;n\n${rows(1500, "")}${rows(1500, ".5")}`;
	assert.is(said(await sniff(content)), `; " true id:integer note:text n:real`);
	const late = `id;n\n${"1;2\n".repeat(200_000)}1;x\n`;
	assert.is(said(await sniff(late)), `; " true id:integer n:text`);
});

test("archives, encodings, empty files, and a record too long to be seen", async () => {
	assert.is(said(await sniff(gzipSync("a;b\n1;2\n"))), `; " true a:integer b:integer`);
	assert.is(said(await sniff(Buffer.from("\ufeffä;b\n1;2\n", "utf16le"))), `; " true ä:integer b:integer`);
	for (const content of ["", "\n\n", `a,"${"x".repeat(200_000)}"\n`]) {
		try {
			await sniff(content);
			assert.unreachable();
		} catch (error) {
			assert.instance(error, WlsmError);
			assert.match((error as WlsmError).message, /is empty, or its first record is too long/);
		}
	}
});

async function loaded(content: string, options: LoadOptions = {}) {
	const db = openSync(":memory:");
	try {
		const summary = await loadCsv(db, pieces(content), { table: "t", ...options });
		const rows = db.sql.prepare("SELECT * FROM t").raw().all();
		return { summary, rows, reasons: summary.firstRejected.map(({ reason }) => reason) };
	} finally {
		db.closeSync();
	}
}

test("a load finds out what is not given", async () => {
	assert.equal((await loaded("a;b\n1;x,y\n")).rows, [[1, "x,y"]]);
	assert.equal((await loaded("1\tx\n2\ty\n")).rows, [
		[1, "x"],
		[2, "y"],
	]);
	assert.equal((await loaded("'a','b'\n'x','y,z'\n")).rows, [["x", "y,z"]]);
	assert.equal((await loaded("1,2\n3,4\n", { primaryKey: "1" })).rows, [[3, 4]], "its columns are asked for by name");
	const long = "x".repeat(300_000);
	assert.equal((await loaded(`a,b\n1,${long}\n`)).rows, [[1, long]]);
	assert.equal((await loaded(`"${long}",b\n1,2\n`)).rows, [[1, 2]]);
});

test("declared types leave values as they are, and reject what has not their form", async () => {
	const content =
		'd,t,ok,j\n2024-02-29,2024-01-01 00:00:00.5+01:00,True,"{""a"": 1}"\n2024,2024-01-01,1,1\n,,,\n2023-02-29,,,\n';
	const types = { d: "date", t: "timestamp", ok: "boolean", j: "json" } as const;
	const { summary, rows, reasons } = await loaded(content, { types });
	assert.equal(rows, [
		["2024-02-29", "2024-01-01 00:00:00.5+01:00", "True", '{"a": 1}'],
		[null, null, null, null],
	]);
	assert.equal(reasons, Array(2).fill("not a date of the form 2024-12-31"));
	assert.equal(
		summary.columns.map(({ type }) => type),
		["date", "timestamp", "boolean", "json"],
	);
	// All of them have affinity NUMERIC, which would make a number of a year.
	const db = openSync(":memory:");
	db.sql.exec("CREATE TABLE t (d DATE, t TIMESTAMP, ok BOOLEAN, j JSON)");
	db.sql.exec("INSERT INTO t VALUES ('2024', '1', '0', '17'), ('2024-01-01', '2024-01-01T00:00Z', 'true', '[1]')");
	assert.equal(db.sql.prepare("SELECT typeof(d), typeof(t), typeof(ok), typeof(j) FROM t").raw().all(), [
		Array(4).fill("integer"),
		Array(4).fill("text"),
	]);
	db.closeSync();
});

test("what stands for NULL, where it is not quoted", async () => {
	const content = 'a,b\n1,NULL\n\\N,"NULL"\nNULL,NULLs\n"NULL",""\n';
	const { rows, summary } = await loaded(content, { nullValues: ["NULL", "\\N"], types: { a: "integer" } });
	assert.equal(rows, [
		[1, null],
		[null, "NULL"],
		[null, "NULLs"],
	]);
	assert.equal([summary.rejected, summary.columns[1]?.type], [1, "text"]);
	const many = `a,b\n${"1,NULL\n".repeat(60_000)}2,x\n`;
	const nulls = await loaded(many, { nullValues: ["NULL"] });
	assert.is(nulls.rows.filter((row) => JSON.stringify(row) === "[1,null]").length, 60_000);
	const pairs = openSync(":memory:");
	const { firstRejected } = await loadCsv(pairs, pieces("k,v\na,NULL\nNULL,b\nc,d\n"), {
		schema: ["k", "v"],
		nullValues: ["NULL"],
	});
	assert.equal(
		firstRejected.map(({ column, reason }) => [column, reason]),
		[
			["v", "keys and values cannot be NULL"],
			["k", "keys and values cannot be NULL"],
		],
	);
	pairs.closeSync();
});

test.run();
