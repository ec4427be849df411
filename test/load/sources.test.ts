import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import * as zlib from "node:zlib";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openSync } from "../../host/index.js";
import { loadCsv } from "../../host/load/index.js";
import { type Files, fails, type LoadContext, loadFiles as load, rows, withContext } from "./context.js";

interface Context extends LoadContext {
	/** The temporary directory of the process, which others use too. */
	shared: string;
}
const test = suite<Context>("sources of a load");
// Before the directory is removed.
test.after.each(({ shared }) => {
	const left = readdirSync(tmpdir());
	process.env.TMPDIR = shared;
	assert.equal(left, [], "nothing is left in the temporary directory");
});
withContext(test);
test.before.each((context) => {
	context.shared = tmpdir();
	process.env.TMPDIR = path.join(context.directory, "tmp");
	mkdirSync(process.env.TMPDIR);
});

const noTable = (context: LoadContext) => assert.equal(rows(context, "SELECT name FROM sqlite_schema"), []);

test("several files become one table", async (context) => {
	const files = {
		"a.csv": "\ufeffid,name\n1,a\n",
		"b.csv": '"id",name\r\n2,"b\r\nb"',
		"c.csv": "\n\nid, name\n\n3,c\n",
	};
	const summary = await load(context, files);
	assert.equal(rows(context), [
		[1, "a"],
		[2, "b\r\nb"],
		[3, "c"],
	]);
	assert.equal([summary.read, summary.files.map((file) => path.basename(file))], [3, ["a.csv", "b.csv", "c.csv"]]);
	await load(context, { "a.csv": "1,x\n", "b.csv": "", "c.csv": "2,y" }, { header: false, ifExists: "replace" });
	assert.equal(rows(context), [
		[1, "x"],
		[2, "y"],
	]);
});

test("another header is an error that names both files and the column, and nothing is loaded", async (context) => {
	const first = "id,name\n1,a\n";
	const differ = /headers of .*a\.csv and .*b\.csv differ: column 2 is "name" in .*a\.csv and/;
	await fails(load(context, { "a.csv": first, "b.csv": "id,Name\n2,b\n" }), differ);
	const missing = await fails(load(context, { "a.csv": first, "b.csv": "id\n2\n" }), differ);
	assert.match(missing.message, /is missing in .*b\.csv/);
	await fails(load(context, { "a.csv": first, "b.csv": "id,name,more\n2\n" }), /column 3 is missing in .*is "more" in/);
	await fails(load(context, { "a.csv": first, "b.csv": "" }), /b\.csv is empty/);
	await fails(load(context, { "a.csv": first, "b.csv": "id,name\r2,b\r" }), /Lines of .* end with LF/);
	const open = { "a.csv": `${first}2,"open\n`, "b.csv": first };
	await fails(load(context, open), /In .*a\.csv a quote \("\) is opened and never closed/);
	const flawed = { "a.csv": first, "b.csv.gz": zlib.gzipSync('id,na"me\n') };
	await fails(load(context, flawed), /^[^ ]*b\.csv\.gz, line 1: field 2 has a quote/);
	const missingFile = path.join(context.directory, "nowhere.csv");
	await fails(loadCsv(context.db, [missingFile], { table: "t" }), /There is no file/);
	await fails(loadCsv(context.db, [], { table: "t" }), /no file to load/);
	noTable(context);
});

test("rejected rows are told with file, line and offset, whoever makes the rows", async (context) => {
	for (const kernel of ["wasm", "ts"] as const) {
		const many = Array.from({ length: 60_000 }, (_, i) => `${i},some text number ${i}\n`).join("");
		const rejects = path.join(context.directory, "rejects.csv");
		const db = openSync(path.join(context.directory, kernel), { kernel });
		const files = { "a.csv": `id,name\n${many}`, "b.csv": "id,name\n1,x\nonly one\n", "c.csv": "id,name\n\n1\n2,b,c" };
		try {
			const summary = await load({ ...context, db }, files, { rejects });
			assert.equal(
				summary.firstRejected.map(({ file, line, reason }) => [path.basename(file), line, reason]),
				[
					["b.csv", 3, "1 field where 2 are expected"],
					["c.csv", 3, "1 field where 2 are expected"],
					["c.csv", 4, "3 fields where 2 are expected"],
				],
			);
			const at = (name: string) => path.join(context.directory, name);
			assert.is(
				readFileSync(rejects, "utf8"),
				[
					"line,offset,column,value,reason,record,file",
					`3,12,,only one,1 field where 2 are expected,only one,${at("b.csv")}`,
					`3,9,,1,1 field where 2 are expected,1,${at("c.csv")}`,
					`4,11,,"2,b,c",3 fields where 2 are expected,"2,b,c",${at("c.csv")}`,
					"",
				].join("\n"),
				kernel,
			);
		} finally {
			db.closeSync();
		}
	}
});

test("more rejected rows than may be undo all files", async (context) => {
	const files = { "a.csv": "a,b\n1,2\n", "b.csv": "a,b\n3\n" };
	await fails(load(context, files, { maxErrors: 0 }), /More than 0 rows/);
	noTable(context);
});

const text = `id,name\n${Array.from({ length: 5000 }, (_, i) => `${i},Äpfel ${i}\n`).join("")}`;

test("gzip is unpacked, by its name or by its first bytes, also from a stream and several archives in one", async (context) => {
	const packed = zlib.gzipSync(text);
	const members = [zlib.gzipSync(text.slice(0, 1000)), zlib.gzipSync(text.slice(1000)), new Uint8Array(512)];
	const phases = new Set<string>();
	const onProgress = ({ phase }: { phase: string }) => void phases.add(phase);
	for (const files of [{ "a.csv.gz": packed }, { "a.csv": packed }, { "a.gz": Buffer.concat(members) }] as Files[]) {
		const summary = await load(context, files, { ifExists: "replace", onProgress });
		assert.equal([summary.loaded, summary.bytes], [5000, Buffer.byteLength(text)]);
	}
	assert.ok(phases.has("read"));
	async function* stream() {
		for (let at = 0; at < packed.length; at += 7) yield packed.subarray(at, at + 7);
	}
	await loadCsv(context.db, stream(), { table: "t", ifExists: "replace" });
	assert.equal(rows(context, "SELECT count(*), max(name) FROM t"), [[5000, "Äpfel 999"]]);
	const both = { "a.csv.gz": packed, "b.csv": "id,name\n5000,x\n" };
	assert.is((await load(context, both, { ifExists: "replace" })).loaded, 5001);
});

test("archives that are cut off, damaged, followed by something or none at all are refused", async (context) => {
	const packed = zlib.gzipSync(text);
	for (const length of [2, 3, 10, packed.length >> 1, packed.length - 8, packed.length - 1]) {
		await fails(
			load(context, { "a.gz": packed.subarray(0, length) }),
			/a\.gz cannot be unpacked: .*cut off or damaged/,
		);
	}
	const damaged = Uint8Array.from(packed);
	for (const at of [20, packed.length >> 1, packed.length - 5]) {
		damaged[at] = (damaged[at] as number) ^ 0xff;
		await fails(load(context, { "a.gz": damaged }), /cannot be unpacked/);
		damaged[at] = packed[at] as number;
	}
	await fails(load(context, { "a.gz": Buffer.concat([packed, Buffer.from("0,more\n")]) }), /cannot be unpacked/);
	await fails(load(context, { "a.gz": Buffer.concat([packed, Buffer.from("\0,more\n")]) }), /something else follows/);
	await fails(load(context, { "a.gz": text }), /is no gzip archive: it is damaged, or has the wrong name/);
	await fails(load(context, { "a.gz": zlib.gzipSync(packed) }), /compressed by gzip; unpack it/);
	await fails(load(context, { "a.gz": zlib.gzipSync("") }), /is empty/);
	noTable(context);
});

test("zstd is unpacked where the runtime can, and named where it cannot", async (context) => {
	const { zstdCompressSync } = zlib as { zstdCompressSync?: (text: string) => Uint8Array };
	if (zstdCompressSync === undefined) {
		const archive = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x20, 0, 1, 0, 0);
		await fails(load(context, { "a.zst": archive }), /packed by zstd, which this runtime cannot/, "WLSM_UNSUPPORTED");
		return;
	}
	const packed = zstdCompressSync(text);
	assert.is((await load(context, { "a.csv.zst": packed })).loaded, 5000);
	for (const length of [4, packed.length >> 1, packed.length - 1]) {
		await fails(load(context, { "a.zst": packed.subarray(0, length) }, { table: "u" }), /cannot be unpacked/);
	}
	await fails(
		load(context, { "a.zst": Buffer.concat([packed, Buffer.from("x")]) }, { table: "u" }),
		/cannot be unpacked/,
	);
	// Bun reads the second frame too, the others would leave it out.
	const both = load(context, { "a.zst": Buffer.concat([packed, zstdCompressSync("5000,more\n")]) }, { table: "u" });
	const outcome = await both.then(
		({ loaded }) => loaded,
		({ message }: Error) => message,
	);
	assert.match(String(outcome), /^5001$|something else follows/);
});

test("UTF-16, Latin-1 and windows-1252 become UTF-8", async (context) => {
	const sample = "id,name\n1,Grüße 😀 café\n2,x\n";
	const little = Buffer.from(`\ufeff${sample}`, "utf16le");
	const big = Buffer.from(little).swap16();
	const expected = [
		[1, "Grüße 😀 café"],
		[2, "x"],
	];
	for (const content of [little, big]) {
		await load(context, { "a.csv": content }, { ifExists: "replace" });
		assert.equal(rows(context), expected);
		async function* bytes() {
			for (const byte of content) yield Uint8Array.of(byte);
		}
		await loadCsv(context.db, bytes(), { table: "t", ifExists: "replace" });
		assert.equal(rows(context), expected);
	}
	const packed = zlib.gzipSync(little);
	await load(context, { "a.csv.gz": packed }, { ifExists: "replace", encoding: "utf-16" });
	assert.equal(rows(context), expected);
	await load(
		context,
		{ "a.csv": Buffer.from("id,name\n1,é\n", "latin1") },
		{ ifExists: "replace", encoding: "latin1" },
	);
	assert.equal(rows(context), [[1, "é"]]);
	const western = Buffer.concat([Buffer.from("id,name\n1,"), Buffer.of(0x80, 0x93, 0x9f, 0xe9, 0x0a)]);
	await load(context, { "a.csv": western }, { ifExists: "replace", encoding: "windows-1252" });
	assert.equal(rows(context), [[1, "€“Ÿé"]]);
	// Without a byte order mark only where nothing else is possible.
	for (const content of [Buffer.from("id,b\n1,2\n", "utf16le"), Buffer.from("id,b\n1,2\n", "utf16le").swap16()]) {
		await load(context, { "a.csv": content }, { ifExists: "replace" });
		assert.equal(rows(context, "SELECT id, b FROM t"), [[1, 2]]);
	}
	await load(context, { "a.csv": "a\0,b\n1,2\n" }, { ifExists: "replace" });
	assert.equal(rows(context), [[1, 2]]);
});

test("text that is not in its encoding is refused", async (context) => {
	const little = Buffer.from("\ufeffid,name\n1,a\n", "utf16le");
	await fails(load(context, { "a.csv": little.subarray(0, -1) }), /not valid UTF-16/);
	await fails(load(context, { "a.csv": Buffer.concat([little, Buffer.of(0, 0xd8)]) }), /not valid UTF-16/);
	await fails(load(context, { "a.csv": little }, { encoding: "utf-8" }), /is UTF-16, not UTF-8/);
	await fails(load(context, { "a.csv": "\ufeffa,b\n" }, { encoding: "latin1" }), /is UTF-8, not latin1/);
	await fails(load(context, { "a.csv": Buffer.of(0xff, 0xfe, 0, 0, 97, 0, 0, 0) }), /is UTF-32/);
	await fails(load(context, { "a.csv": "a" }, { encoding: "ebcdic" as "utf-8" }), /must be one of utf-8/);
	noTable(context);
});

test("offsets of converted text are not told, lines are", async (context) => {
	const rejects = path.join(context.directory, "r.csv");
	const content = Buffer.from("id,name\n1,é\n2\n", "latin1");
	const { rejected } = await load(context, { "a.csv": content }, { rejects, encoding: "latin1" });
	assert.is(rejected, 1);
	assert.match(readFileSync(rejects, "utf8"), /\n3,,,2,1 field where 2 are expected,2,.*a\.csv\n$/);
});

test("an abort while a source is read ends the load", async (context) => {
	const controller = new AbortController();
	const reason = new Error("enough");
	async function* endless() {
		for (;;) yield new TextEncoder().encode("a,b\n1,2\n");
	}
	const onProgress = () => controller.abort(reason);
	try {
		await loadCsv(context.db, endless(), { table: "t", signal: controller.signal, onProgress });
		assert.unreachable();
	} catch (error) {
		assert.is(error, reason);
	}
	noTable(context);
});

test.run();
