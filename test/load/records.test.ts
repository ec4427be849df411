import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Dialect } from "../../host/csv/dialect.js";
import { type CsvRecord, readRecords } from "../../host/load/records.js";

const standard: Dialect = { delimiter: ",", quote: '"', maxRecordBytes: 1 << 20 };

/** Reads a text that comes in chunks of the given lengths, the last one repeated. */
async function read(content: string | Uint8Array, dialect = standard, lengths = [1 << 16]): Promise<CsvRecord[]> {
	const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
	const records: CsvRecord[] = [];
	async function* chunks() {
		for (let at = 0, i = 0; at < bytes.length; i++) {
			const length = lengths[Math.min(i, lengths.length - 1)] ?? 1;
			yield bytes.slice(at, at + length);
			at += length;
		}
	}
	const sink = { record: (record: CsvRecord) => void records.push(record), progress: () => {} };
	await readRecords({ head: bytes.subarray(0, 65536), chunks }, dialect, sink, undefined);
	return records;
}

const fieldsOf = (records: CsvRecord[]) => records.map((record) => record.fields);
const linesOf = (records: CsvRecord[]) => records.map((record) => record.line);
const flawsOf = (records: CsvRecord[]) => records.map((record) => record.flaw?.reason);

test("line ends, quotes, empty fields and blank lines", async () => {
	const records = await read('a,b\r\n"x ""y""","1\n2"\n\r\n,\n"",z\nlast,"end"');
	assert.equal(fieldsOf(records), [
		["a", "b"],
		['x "y"', "1\n2"],
		["", ""],
		["", "z"],
		["last", "end"],
	]);
	assert.equal(linesOf(records), [1, 2, 5, 6, 7]);
	assert.equal(flawsOf(records), Array(5).fill(undefined));
	assert.equal(fieldsOf(await read("a,b\r1,2\r3,4\r")), [
		["a", "b"],
		["1", "2"],
		["3", "4"],
	]);
	assert.equal(await read(""), []);
	assert.equal(await read("\n\r\n\n"), []);
});

test("NUL, formulas, other delimiters, and no quoting", async () => {
	assert.equal(fieldsOf(await read("a\0b,=cmd()\n")), [["a\0b", "=cmd()"]]);
	assert.equal(fieldsOf(await read("a;b,c\n'x;y';z\n", { ...standard, delimiter: ";", quote: "'" })), [
		["a", "b,c"],
		["x;y", "z"],
	]);
	const plain = await read('5" pipe,"a\n', { ...standard, quote: "" });
	assert.equal(fieldsOf(plain), [['5" pipe', '"a']]);
	assert.is(plain[0]?.flaw, undefined);
});

test("misplaced quotes are flaws, with the line of the record", async () => {
	const stray = await read('a,b\n1,5" pipe\n2,3" pipe\n4,5\n');
	assert.match(flawsOf(stray)[1] ?? "", /a quote inside a field/);
	assert.equal(stray[2], { line: 4, fields: ["4", "5"], flaw: undefined });
	const behind = await read('a,b\n"1" x,2\n"3","4"\n');
	assert.equal(flawsOf(behind), [undefined, "text after a closing quote", undefined]);
	const returns = await read('h\n"a"\r,b\n"a"\rx\n"a"\r"\n"\n"a"\r\r\n"a"\r\n"a"\r');
	const text = "text after a closing quote";
	assert.equal(flawsOf(returns), [undefined, text, text, text, text, undefined, undefined]);
	const open = await read('a\n"b\nc"\nd,"e\nf\n');
	assert.equal(linesOf(open), [1, 2, 4]);
	assert.is(flawsOf(open)[2], "the quote opened on line 4 is never closed");
});

test("invalid UTF-8 is a flaw of its field; the replacement character itself is not", async () => {
	const bytes = new TextEncoder().encode("a,b\n1,??\n2,\ufffd\n");
	bytes.set([0xc3, 0x28], bytes.indexOf(63));
	const records = await read(bytes);
	assert.equal(records[1]?.flaw, { reason: "not valid UTF-8", field: 1 });
	assert.equal(records[2], { line: 3, fields: ["2", "\ufffd"], flaw: undefined });
});

test("a record that is too long is refused, with the line of the quote", async () => {
	const dialect = { ...standard, maxRecordBytes: 1000 };
	const refused = async (content: string, message: RegExp) => {
		try {
			await read(content, dialect, [100]);
			assert.unreachable();
		} catch (error) {
			assert.match((error as Error).message, message);
		}
	};
	await refused(
		`a,b\nx,"open\n${"line\n".repeat(1000)}`,
		/line 2 is longer than 1000 bytes: the quote opened on line 2/,
	);
	await refused(`a,b\nx,${"y".repeat(2000)}\n`, /line 2 is longer than 1000 bytes$/);
	assert.is((await read(`${"x".repeat(999)}\n${"y".repeat(999)}\n`, dialect, [100])).length, 2);
});

test("a record may be as long as is said, its line end not counted, wherever the chunks are cut", async () => {
	const dialect = { ...standard, maxRecordBytes: 10 };
	const full = "x".repeat(10);
	const [plain, open] = [
		"The record on line 2 is longer than 10 bytes",
		": the quote opened on line 2 is not closed by then",
	];
	const cases: [string, string | undefined][] = [
		...["", "\n", "\r\n", "\r", "\nz\n"].map((end): [string, undefined] => [`${full}${end}`, undefined]),
		...["x", "x\n", "\r\r\n", "\rx", ",\n", '"'].map((end): [string, string] => [`${full}${end}`, plain]),
		...["", "\n", "\r\n"].map((end): [string, undefined] => [`"12345678"${end}`, undefined]),
		['"12345678""', plain],
		['"12345678"",', plain],
		['"123456789"\n', `${plain}${open}`],
		['"12345678\n"\n', `${plain}${open}`],
		['"1234567"""', `${plain}${open}`],
		['"123456789\n', `${plain}${open}`],
		['"123456789\r\n', `${plain}${open}`],
		['"1\n3"x"67890', `${plain}: the quote opened on line 3 is not closed by then`],
	];
	for (const [text, message] of cases) {
		for (const length of [1, 2, 3, 5, 11, 12, 13, 1000]) {
			let found: string | undefined;
			try {
				await read(`a\n${text}`, dialect, [length]);
			} catch (error) {
				found = (error as Error).message;
			}
			assert.is(found, message, `${JSON.stringify(text)} in chunks of ${length}`);
		}
	}
});

test("10,000 columns and a field of a megabyte", async () => {
	const wide = await read(`${Array(10_000).fill("x").join(",")}\n`);
	assert.is(wide[0]?.fields.length, 10_000);
	const long = await read(`"${"é\n".repeat(300_000)}"\n`, standard, [65_537]);
	assert.is(long[0]?.fields[0]?.length, 600_000);
	assert.is(long[0]?.flaw, undefined);
});

/** mulberry32 */
function random(seed: number): (below: number) => number {
	let state = seed;
	return (below) => {
		state = (state + 0x6d2b79f5) | 0;
		let t = Math.imul(state ^ (state >>> 15), 1 | state);
		t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
		return ((t ^ (t >>> 14)) >>> 0) % below;
	};
}

test("what is written as CSV is read back, wherever the chunks are cut", async () => {
	const pieces = ["a", "é", "😀", '"', ",", "\n", "\r\n", "\r", " ", "", "1", "\0", "\ufffd", "x".repeat(50)];
	for (let seed = 0; seed < 400; seed++) {
		const next = random(seed);
		const newline = ["\n", "\r\n"][next(2)] ?? "\n";
		let text = "";
		let line = 1;
		const expected: { line: number; fields: string[] }[] = [];
		for (let row = next(8); row >= 0; row--) {
			const fields = Array.from({ length: 1 + next(5) }, () =>
				Array.from({ length: next(4) }, () => pieces[next(pieces.length)]).join(""),
			);
			const written = fields.map((field) =>
				/[",\r\n]/.test(field) || next(3) === 0 || fields.length === 1 ? `"${field.replaceAll('"', '""')}"` : field,
			);
			const record = written.join(",") + (row === 0 && next(2) === 0 ? "" : newline);
			expected.push({ line, fields });
			line += record.split("\n").length - 1;
			text += record;
		}
		const lengths = Array.from({ length: 40 }, () => 1 + next(20));
		const records = await read(text, standard, lengths);
		assert.equal(
			records,
			expected.map((record) => ({ ...record, flaw: undefined })),
			`seed ${seed}: ${JSON.stringify(text)}`,
		);
	}
});

test.run();
