import { suite } from "uvu";
import * as assert from "uvu/assert";
import { RECORD_HEADER_BYTES } from "../../assembly/shared/format.js";
import { ByteWriter } from "../../host/engine/bytes.js";
import type { MemoryStorage } from "../../host/storage/index.js";
import { withDirectory } from "../support/database.js";
import { fileSeed, manifestSeed, recordsOf, resealRecord } from "../support/forge.js";
import { victim } from "../support/hostile.js";
import { IMAGE_DIRECTORY, storageOf, takeImage, withFile } from "../support/image.js";
import { type Openers, overKernels } from "../support/openers.js";

const verify = suite("verify");
const closed = await victim("close");
const manifest = [...closed.image.keys()].find((name) => name.startsWith("MANIFEST")) as string;

async function problemsOf(openers: Openers, storage: MemoryStorage, readOnly = false) {
	const db = openers.openStorage(storage, IMAGE_DIRECTORY, { background: "inline", readOnly });
	try {
		return (await db.verify()).problems;
	} finally {
		db.closeSync();
	}
}

/** The files of a database that is open, put back as something else. */
function replaceFile(storage: MemoryStorage, name: string, bytes: Uint8Array): void {
	const path = storage.join(IMAGE_DIRECTORY, name);
	if (storage.exists(path)) storage.remove(path);
	const file = storage.create(path);
	file.writeSync(bytes, 0, bytes.length);
	file.close();
}

overKernels(verify, "finds nothing in a sound database, whatever is going on in it", async (openers) => {
	for (const readOnly of [false, true]) assert.equal(await problemsOf(openers, storageOf(closed.image), readOnly), []);
	await withDirectory(async (directory) => {
		const db = await openers.open(directory, { memtableBytes: 32 << 10 });
		const writing = (async () => {
			for (let index = 0; index < 5000; index++) await db.put(`key ${index % 700}`, "x".repeat(100));
		})();
		for (let round = 0; round < 5; round++) assert.equal((await db.verify()).problems, []);
		await writing;
		const { ok, tables, bytes } = await db.verify();
		assert.ok(ok && tables > 0 && bytes > 0);
		await db.close();
	});
});

overKernels(verify, "figures of the manifest that are not the table's", async (openers) => {
	const bytes = closed.image.get(manifest) as Uint8Array;
	const view = new DataView(bytes.buffer, bytes.byteOffset);
	for (const [field, at] of Object.entries({ entries: 16, deletions: 24, minSequence: 32, maxSequence: 40 })) {
		const forged = bytes.slice();
		// A field "added" of a flush: tag 5, level, file, size, tailLength, then the figures.
		const record = recordsOf(bytes).findLast(({ offset, length }) => addedAt(bytes, offset, length) !== -1);
		assert.ok(record !== undefined);
		const start = addedAt(bytes, record.offset, record.length) + 2;
		const file = view.getUint32(start, true);
		const value = forged[start + at] as number;
		forged[start + at] = field === "minSequence" ? value - 1 : value + 1;
		resealRecord(forged, record, manifestSeed(Number(manifest.slice(9))));
		const problems = await problemsOf(openers, storageOf(withFile(closed.image, manifest, forged)));
		assert.ok(problems.length > 0, field);
		const told = problems.find(({ message }) => message.includes(`the manifest says another ${field}`));
		assert.ok(told?.file.endsWith(`${String(file).padStart(6, "0")}.sst`), `${field}: ${JSON.stringify(problems)}`);
	}
});

/** Where an edit's field "added" starts that begins with the newest table's file; -1 where it has none. */
function addedAt(bytes: Uint8Array, offset: number, length: number): number {
	const newest = [...closed.image.keys()]
		.filter((name) => name.endsWith(".sst"))
		.sort()
		.at(-1) as string;
	const number = new ByteWriter().u8(5).u8(0).u32(Number.parseInt(newest, 10)).finish();
	const at = Buffer.from(bytes.subarray(offset, offset + length)).indexOf(number);
	return at === -1 ? -1 : offset + at;
}

overKernels(verify, "says the file and the offset of damage that came after opening", async (openers) => {
	const storage = storageOf(closed.image);
	const db = openers.openStorage(storage, IMAGE_DIRECTORY, { background: "inline" });
	const [name, bytes] = [...closed.image].find(([file]) => file.endsWith(".sst")) as [string, Uint8Array];
	const damaged = bytes.slice();
	damaged[20] = (damaged[20] as number) ^ 4;
	replaceFile(storage, name, damaged);
	const { ok, problems } = await db.verify();
	assert.not(ok);
	assert.equal(
		problems.map(({ file, offset }) => [file, offset]),
		[[`${IMAGE_DIRECTORY}/${name}`, 0]],
	);
	assert.match(problems[0]?.message ?? "", "checksum");
	storage.remove(storage.join(IMAGE_DIRECTORY, name));
	const missing = (await db.verify()).problems;
	assert.is(missing[0]?.file, `${IMAGE_DIRECTORY}/${name}`);
	db.closeSync();
});

overKernels(verify, "logs that do not lead up to the state of the database", async (openers) => {
	const storage = storageOf(closed.image);
	const db = openers.openStorage(storage, IMAGE_DIRECTORY, { background: "inline" });
	db.putSync("one", "1");
	const log = [...takeImage(storage)].filter(([file]) => file.endsWith(".wal")).at(-1) as [string, Uint8Array];
	db.putSync("two", "2");
	assert.ok((await db.verify()).ok);
	const whole = takeImage(storage).get(log[0]) as Uint8Array;
	replaceFile(storage, log[0], log[1]);
	assert.match(
		(await db.verify()).problems[0]?.message ?? "",
		/the logs end with operation \d+, the database with \d+/,
	);
	const records = recordsOf(whole);
	const last = records.at(-1) as { offset: number; length: number };
	const before = records.at(-2) as { offset: number };
	replaceFile(storage, log[0], new Uint8Array([...whole.subarray(0, before.offset), ...whole.subarray(last.offset)]));
	const { problems } = await db.verify();
	assert.match(problems[0]?.message ?? "", "records before this one are missing");
	assert.is(problems[0]?.offset, before.offset);
	replaceFile(storage, log[0], whole);
	assert.ok((await db.verify()).ok);
	db.closeSync();
});

overKernels(verify, "logs that are changed or cut while the database is open", async (openers) => {
	const storage = storageOf(closed.image);
	const db = openers.openStorage(storage, IMAGE_DIRECTORY, { background: "inline" });
	db.putSync("one", "1");
	const name = [...takeImage(storage).keys()].filter((file) => file.endsWith(".wal")).at(-1) as string;
	const whole = takeImage(storage).get(name) as Uint8Array;
	const first = closed.image.get(manifest) as Uint8Array;
	const seed = fileSeed(first.slice(40 + 32 + 5, 40 + 32 + 13), Number.parseInt(name, 10));
	const last = recordsOf(whole).at(-1) as ReturnType<typeof recordsOf>[number];
	const forged = whole.slice();
	forged[last.offset + RECORD_HEADER_BYTES + 3] = 0x7f;
	resealRecord(forged, last, seed);
	const headless = whole.slice();
	headless[3] = 0;
	for (const [bytes, what] of [
		[forged, "the record's operations are malformed"],
		[whole.subarray(0, whole.length - 4), "the log is damaged"],
		[headless, /header/i],
	] as const) {
		replaceFile(storage, name, bytes);
		const { problems } = await db.verify();
		assert.match(problems[0]?.message ?? "nothing", what);
		assert.is(problems[0]?.file, `${IMAGE_DIRECTORY}/${name}`);
	}
	replaceFile(storage, name, whole);
	assert.ok((await db.verify()).ok);
	db.closeSync();
});

overKernels(verify, "files that nothing names and that are not ours, or not whole, are nobody's", async (openers) => {
	const other = storageOf(new Map());
	const theirs = openers.openStorage(other, IMAGE_DIRECTORY, { background: "inline" });
	for (let index = 0; index < 500; index++) theirs.putSync(`theirs ${index}`, "x");
	await theirs.flush();
	const [, table] = [...takeImage(other)].find(([file]) => file.endsWith(".sst")) as [string, Uint8Array];
	theirs.closeSync();
	const storage = storageOf(closed.image);
	const db = openers.openStorage(storage, IMAGE_DIRECTORY, { background: "inline" });
	replaceFile(storage, "000901.sst", table);
	replaceFile(storage, "000001.wal", new Uint8Array(100));
	assert.equal((await db.verify()).problems, []);
	db.closeSync();
});

overKernels(verify, "tables of a later state than the database's", async (openers) => {
	// The database goes on in another copy of it, and a table of there comes back.
	const later = storageOf(closed.image);
	const ahead = openers.openStorage(later, IMAGE_DIRECTORY, { background: "inline" });
	for (let index = 0; index < 50; index++) ahead.putSync(`later ${index}`, "x");
	await ahead.flush();
	const [name, bytes] = [...takeImage(later)].filter(([file]) => file.endsWith(".sst")).at(-1) as [string, Uint8Array];
	ahead.closeSync();
	const storage = storageOf(closed.image);
	const db = openers.openStorage(storage, IMAGE_DIRECTORY, { background: "inline" });
	replaceFile(storage, "notes.txt", bytes);
	replaceFile(storage, "000900.sst", new Uint8Array(10));
	assert.ok((await db.verify()).ok, "foreign files and outputs of jobs that never ended are nobody's");
	replaceFile(storage, name, bytes);
	const { problems } = await db.verify();
	assert.equal(
		problems.map(({ file }) => file),
		[`${IMAGE_DIRECTORY}/${name}`],
	);
	assert.match(problems[0]?.message ?? "", /holds operations up to \d+, and the database ends with \d+/);
	db.closeSync();
});

verify.run();
