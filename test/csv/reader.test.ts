import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { DEFAULT_DIALECT, type Dialect } from "../../host/csv/dialect.js";
import { CsvReader } from "../../host/csv/reader.js";
import { Random } from "../support/random.js";

const test = suite<{ directory: string }>("CSV reader");

test.before((context) => {
	context.directory = mkdtempSync(path.join(tmpdir(), "wlsm-csv-"));
});
test.after(({ directory }) => rmSync(directory, { recursive: true }));

interface Read {
	readonly line: number;
	readonly fields: readonly string[];
}

function read(file: string, dialect: Partial<Dialect> = {}): Read[] {
	const reader = new CsvReader(file, { ...DEFAULT_DIALECT, ...dialect });
	try {
		const found: Read[] = [];
		while (reader.next()) {
			found.push({ line: reader.line, fields: Array.from({ length: reader.count }, (_, i) => reader.text(i)) });
		}
		return found;
	} finally {
		reader.close();
	}
}

function written(directory: string, content: string | Uint8Array): string {
	const file = path.join(directory, "file.csv");
	writeFileSync(file, content);
	return file;
}

function failure(body: () => unknown): { code: string; message: string; line?: number } {
	try {
		body();
	} catch (error) {
		return error as ReturnType<typeof failure>;
	}
	throw new Error("expected a failure");
}

test("records as RFC 4180 has them", ({ directory }) => {
	const of = (content: string, dialect?: Partial<Dialect>) => read(written(directory, content), dialect);
	const fields = (content: string, dialect?: Partial<Dialect>) => of(content, dialect).map((record) => record.fields);
	assert.equal(fields("a,b\n1,2\n"), [
		["a", "b"],
		["1", "2"],
	]);
	assert.equal(fields("a,b\r\n1,2"), [
		["a", "b"],
		["1", "2"],
	]);
	assert.equal(fields("a,b\r1,2\r"), [
		["a", "b"],
		["1", "2"],
	]);
	assert.equal(fields("\ufeffa,b\n"), [["a", "b"]]);
	assert.equal(fields('\ufeff"a",b\n'), [["a", "b"]]);
	assert.equal(fields('"x ""y"" z","",","\r\n""""\n'), [['x "y" z', "", ","], ['"']]);
	assert.equal(fields(",\n,,\n"), [
		["", ""],
		["", "", ""],
	]);
	assert.equal(fields("é,漢字,😀\n"), [["é", "漢字", "😀"]]);
	assert.equal(fields("a;b|c\n", { delimiter: ";" }), [["a", "b|c"]]);
	assert.equal(fields("'a;''b';c\n", { delimiter: ";", quote: "'" }), [["a;'b", "c"]]);
	assert.equal(fields('5" pipe,x\n', { quote: "" }), [['5" pipe', "x"]]);
	assert.equal(fields(""), []);
	assert.equal(fields("\n\r\n\n"), []);
	assert.equal(fields('""\n'), [[""]]);
	assert.equal(of('a\n\n"b\nc\r\nd"\n\ne\n'), [
		{ line: 1, fields: ["a"] },
		{ line: 3, fields: ["b\nc\r\nd"] },
		{ line: 7, fields: ["e"] },
	]);
});

test("what is wrong is said with its line", ({ directory }) => {
	const of = (content: string | Uint8Array, dialect?: Partial<Dialect>) =>
		failure(() => read(written(directory, content), dialect));
	for (const [content, line, message] of [
		['a,b\n1,"2\n3,4\n', 2, /quote of field 2 is never closed/],
		['a\n"b" c\n', 2, /text after the closing quote of field 1/],
		['a\n"b\n"\nx,5" pipe\n', 4, /field 2 has a quote but is not quoted/],
		[Buffer.from("a\nb\n\xff\n", "latin1"), 3, /field 1 is not valid UTF-8/],
		[Buffer.from('a\n"\xc3\n"', "latin1"), 2, /not valid UTF-8/],
		[Buffer.from("\xff\xfea\0", "latin1"), 1, /UTF-16/],
	] as const) {
		const error = of(content);
		assert.is(error.code, "WLSM_INVALID_ARGUMENT");
		assert.is(error.line, line, error.message);
		assert.match(error.message, message);
	}
	const long = of(`a\n"${"x".repeat(300_000)}`, { maxRecordBytes: 100_000 });
	assert.is(long.line, 2);
	assert.match(long.message, /longer than 100000 bytes/);
	assert.match(of(new Uint8Array([0x1f, 0x8b, 8])).message, /gzip/);
	assert.is(failure(() => read(path.join(directory, "none.csv"))).code, "WLSM_INVALID_ARGUMENT");
	assert.match(failure(() => read(directory)).message, /is a directory/);
});

test("short integers are those that are written as such", ({ directory }) => {
	const reader = new CsvReader(
		written(directory, '0,-1,7,007,-0,-,,1.0,123456789012345,1234567890123456,x,+1,"12"\n'),
		DEFAULT_DIALECT,
	);
	assert.ok(reader.next());
	const found = Array.from({ length: reader.count }, (_, i) => reader.shortInteger(i));
	const none = undefined;
	assert.equal(found, [0, -1, 7, none, none, none, none, none, 123456789012345, none, none, none, 12]);
	reader.close();
});

/** Each place of the file is at some chunk's end: fields of all kinds are pushed over it. */
test("records that lie across the ends of chunks", ({ directory }) => {
	const random = new Random(7);
	const pieces = ["a", "é", "漢", '"', ",", "\n", "\r\n", "😀", "x".repeat(40)];
	for (let round = 0; round < 40; round++) {
		const newline = random.pick(["\n", "\r\n"]);
		const records: string[][] = [["x".repeat(65_500 + round)]];
		for (let i = 0; i < 60; i++) {
			const count = 1 + random.below(4);
			const field = () => Array.from({ length: random.below(6) }, () => random.pick(pieces)).join("");
			records.push(Array.from({ length: count + 1 }, field));
		}
		records.push(["y".repeat(random.below(400_000)), "end"]);
		const quoted = (text: string) =>
			/[",\r\n]/.test(text) || random.below(3) === 0 ? `"${text.replaceAll('"', '""')}"` : text;
		const text = records.map((fields) => fields.map(quoted).join(",")).join(newline);
		const found = read(written(directory, text + (round % 2 === 0 ? newline : "")));
		assert.equal(
			found.map((record) => record.fields),
			records,
		);
		let line = 1;
		for (const [i, record] of found.entries()) {
			assert.is(record.line, line);
			line += 1 + (records[i]?.join("").split("\n").length ?? 1) - 1;
		}
	}
});

test.run();
