import { Buffer } from "node:buffer";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ENTRY_KEY_LENGTH, RECORD_HEADER_BYTES } from "../../assembly/shared/format.js";
import { repairOn } from "../../host/engine/repair/repair.js";
import { decodeEdit, encodeEdit } from "../../host/engine/version-edit.js";
import { resolveOptions } from "../../host/options.js";
import { thrown } from "../support/database.js";
import { fileSeed, manifestSeed, type Part, partsOf, recordsOf, reseal, resealRecord } from "../support/forge.js";
import { victim } from "../support/hostile.js";
import { IMAGE_DIRECTORY, type Image, storageOf, takeImage, withFile } from "../support/image.js";
import { type Openers, overKernels } from "../support/openers.js";

/* Repairs of files whose checksums are right and whose contents are not: what they make opens, and is sound. */
const options = resolveOptions({ memtableBytes: 16 << 10, blockBytes: 256 });
const crashed = await victim("crash");
const { image } = crashed;
const manifestName = [...image.keys()].find((name) => name.startsWith("MANIFEST")) as string;
const logName = [...image.keys()].find((name) => name.endsWith(".wal")) as string;
const manifest = image.get(manifestName) as Uint8Array;
/** The first edit starts with the database's id: a tag, a length, eight bytes. */
const idIn = (bytes: Uint8Array) => bytes.slice(40 + RECORD_HEADER_BYTES + 5, 40 + RECORD_HEADER_BYTES + 13);
const final = crashed.states.at(-1) as ReadonlyMap<string, string>;

const repairs = suite("repair of forged files");

/** Repairs, opens, verifies, writes and opens again; answers what is there and what was left out. */
async function repaired(openers: Openers, damaged: Image) {
	const storage = storageOf(damaged);
	const { leftOut } = repairOn(storage, IMAGE_DIRECTORY, { ...options, kernel: openers.kernel });
	const open = () => openers.openStorage(storage, IMAGE_DIRECTORY, { createIfMissing: false, background: "inline" });
	const db = open();
	assert.equal((await db.verify()).problems, []);
	db.putSync("after", "the repair");
	db.closeSync();
	const again = open();
	const entries = new Map([...again.entries()]);
	again.closeSync();
	assert.ok(entries.delete("after"));
	return { entries, reasons: leftOut.map(({ reason }) => reason) };
}

const KEYS = Array.from({ length: 20 }, (_, index) => `key ${String(index).padStart(2, "0")}`);

/** A database of one table, the first block of which was changed; its blocks are as they are in memory. */
async function tableWith({ openStorage }: Openers, change: (table: Buffer, block: Part) => void): Promise<Image> {
	const storage = storageOf(new Map());
	const db = openStorage(storage, IMAGE_DIRECTORY, { compression: "none", blockBytes: 128, background: "inline" });
	for (const key of KEYS) db.putSync(key, `value of ${key}`);
	await db.flush();
	db.closeSync();
	const sound = takeImage(storage);
	const [name, bytes] = [...sound].find(([file]) => file.endsWith(".sst")) as [string, Uint8Array];
	const table = Buffer.from(bytes);
	const block = partsOf(table).find((part) => part.name === "data") as Part;
	change(table, block);
	reseal(table, block, fileSeed(idIn(sound.get("MANIFEST-000001") as Uint8Array), Number.parseInt(name, 10)));
	return withFile(sound, name, table);
}

overKernels(repairs, "a table that the kernel refuses, though what reads it without finds nothing", async (openers) => {
	// The head of the first entry: its key, which is there as a whole too, does not begin so.
	const damaged = await tableWith(openers, (table, block) => table.fill(0, block.offset + 8, block.offset + 16));
	const { entries, reasons } = await repaired(openers, damaged);
	assert.equal([...entries.keys()], KEYS);
	assert.equal(reasons, [`a block is malformed; ${KEYS.length} entries of it were kept`]);
});

overKernels(repairs, "an entry without a key", async (openers) => {
	const damaged = await tableWith(openers, (table, block) => {
		const count = table.readUInt32LE(block.offset);
		const entry = block.offset + table.readUInt32LE(block.offset + 8 + 8 * count);
		table.writeUInt32LE(0, entry + ENTRY_KEY_LENGTH);
	});
	const { entries, reasons } = await repaired(openers, damaged);
	assert.match(
		reasons[0] ?? "",
		/^a block is malformed, offset 0; 1 of \d+ blocks are damaged; \d+ entries of it were kept$/,
	);
	assert.equal([...entries.keys()], KEYS.slice(-entries.size));
	assert.ok(entries.size > 10);
});

overKernels(repairs, "a sequence number that no manifest can hold", async (openers) => {
	const log = Uint8Array.from(image.get(logName) as Uint8Array);
	const record = recordsOf(log).at(-1) as ReturnType<typeof recordsOf>[number];
	new DataView(log.buffer).setBigUint64(record.offset + 16, 2n ** 53n, true);
	resealRecord(log, record, fileSeed(idIn(manifest), Number.parseInt(logName, 10)));
	const { entries, reasons } = await repaired(openers, withFile(image, logName, log));
	assert.equal([...entries].sort(), [...(crashed.states.at(-2) as ReadonlyMap<string, string>)].sort());
	assert.equal(reasons, [`the operations of the record at ${record.offset} are malformed`]);
});

overKernels(repairs, "a manifest whose levels overlap, or whose numbers are used up", async (openers) => {
	const forged = (change: (edit: ReturnType<typeof decodeEdit>) => ReturnType<typeof decodeEdit>) => {
		const bytes = Uint8Array.from(manifest);
		for (const record of recordsOf(bytes)) {
			const at = record.offset + RECORD_HEADER_BYTES;
			const payload = encodeEdit(change(decodeEdit(Buffer.from(bytes.slice(at, at + record.payloadLength)))));
			assert.is(payload.length, record.payloadLength);
			bytes.set(payload, at);
			resealRecord(bytes, record, manifestSeed(1));
		}
		return withFile(image, manifestName, bytes);
	};
	const level = 3;
	const overlapping = forged(({ added, removed, ...edit }) => ({
		...edit,
		added: (added ?? []).map(({ table }) => ({ level, table })),
		removed: (removed ?? []).map(({ file }) => ({ level, file })),
	}));
	thrown(() => openers.openStorage(storageOf(overlapping), IMAGE_DIRECTORY), "WLSM_CORRUPTION");
	const usedUp = forged((edit) => (edit.nextFile === undefined ? edit : { ...edit, nextFile: 2 ** 31 }));
	for (const damaged of [overlapping, usedUp]) {
		const { entries, reasons } = await repaired(openers, damaged);
		assert.equal([...entries].sort(), [...final].sort());
		assert.equal(reasons, []);
	}
});

overKernels(repairs, "a stray file with the last of all numbers leaves numbers to give", async (openers) => {
	for (const stray of ["2147483647.sst", "2147483647.wal", "MANIFEST-2147483647"]) {
		const crowded = withFile(image, stray, Buffer.from("not ours"));
		const { entries } = await repaired(openers, crowded);
		assert.equal([...entries].sort(), [...final].sort(), stray);
		const storage = storageOf(crowded);
		if (stray.endsWith(".wal")) {
			// Later logs would have smaller numbers.
			for (const readOnly of [true, false]) {
				const error = thrown(() => openers.openStorage(storage, IMAGE_DIRECTORY, { readOnly }), "WLSM_CORRUPTION");
				assert.is(error.file, `${IMAGE_DIRECTORY}/${stray}`);
			}
			continue;
		}
		for (const key of ["one", "two"]) {
			const db = openers.openStorage(storage, IMAGE_DIRECTORY, { background: "inline" });
			db.putSync(key, "value");
			await db.flush();
			db.closeSync();
		}
		const db = openers.openStorage(storage, IMAGE_DIRECTORY);
		assert.equal(db.getManySync(["one", "two"]), ["value", "value"], stray);
		db.closeSync();
	}
});

overKernels(repairs, "a log under the last of all numbers is set aside, and stays as it was", (openers) => {
	const stray = "2147483647.wal";
	const log = image.get(logName) as Uint8Array;
	for (const content of [log, log.subarray(0, 60), new Uint8Array(1024).fill(7)]) {
		const storage = storageOf(withFile(image, stray, content));
		const { leftOut } = repairOn(storage, IMAGE_DIRECTORY, { ...options, kernel: openers.kernel });
		assert.ok(leftOut.some(({ file }) => file.endsWith(stray)));
		for (const value of ["one", "two"]) {
			const db = openers.openStorage(storage, IMAGE_DIRECTORY, { background: "inline" });
			assert.equal([...db.entries()].filter(([key]) => key !== "after").sort(), [...final].sort());
			db.putSync("after", value);
			db.closeSync();
		}
		assert.not.ok(storage.exists(`${IMAGE_DIRECTORY}/${stray}`));
		const aside = takeImage(storage, `${IMAGE_DIRECTORY}/lost`).get(stray);
		assert.equal(Buffer.from(aside ?? []), Buffer.from(content));
	}
});

repairs.run();
