import { Buffer } from "node:buffer";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { decodeEdit, encodeEdit, type TableRecord, type VersionEdit } from "../../host/engine/version-edit.js";
import { xxh64 } from "../format/xxh64.js";
import { thrown } from "../support/database.js";
import { fileSeed, manifestSeed, recordsOf, resealRecord } from "../support/forge.js";
import { victim } from "../support/hostile.js";
import { IMAGE_DIRECTORY, storageOf, takeImage, withFile } from "../support/image.js";
import { overKernels } from "../support/openers.js";

/* Manifests and logs whose checksums are right and whose contents are not. Random ones are in test/reliability/hostile.ts. */
const forged = suite("forged logs");
const { image } = await victim("crash");
const manifestName = [...image.keys()].find((name) => name.startsWith("MANIFEST")) as string;
const logName = [...image.keys()].find((name) => name.endsWith(".wal")) as string;
const manifest = image.get(manifestName) as Uint8Array;
// The first edit starts with the database's id: a tag, a length, eight bytes.
const databaseId = manifest.slice(40 + 32 + 5, 40 + 32 + 13);
const seeds = { [manifestName]: manifestSeed(1), [logName]: fileSeed(databaseId, Number.parseInt(logName, 10)) };

overKernels(forged, "a tail that no file could have is damage, and names the table", async (openers) => {
	const bytes = (image.get(manifestName) as Uint8Array).slice();
	const edits = recordsOf(bytes).map((record) => {
		const at = record.offset + 32;
		return { record, at, edit: decodeEdit(Buffer.from(bytes.slice(at, at + record.payloadLength))) };
	});
	const last = edits.findLast(({ edit }) => (edit.added ?? []).length > 0);
	if (last === undefined) throw new Error("no edit adds a table");
	const { record, at, edit } = last;
	for (const tailLength of [3 << 20, 0x7fffffff, 0xffffffff]) {
		const added = (edit.added ?? []).map(({ level, table }) => ({
			level,
			table: { ...table, size: 2 ** 33, tailLength },
		}));
		const payload = encodeEdit({ ...edit, added });
		assert.is(payload.length, record.payloadLength);
		bytes.set(payload, at);
		resealRecord(bytes, record, seeds[manifestName] as bigint);
		const storage = storageOf(withFile(image, manifestName, bytes));
		const error = thrown(() => openers.openStorage(storage, IMAGE_DIRECTORY), "WLSM_CORRUPTION");
		assert.match(error.file ?? "", /\.sst$/);
	}
});

/** Stands for a number that the encoder would not write. */
const FORGED = 0x0012_3456_789a_bcde;

/** The manifest with one more edit, in which `FORGED` is the number. */
function withEdit(edit: VersionEdit, number: bigint): Uint8Array {
	const payload = encodeEdit(edit);
	const sentinel = Buffer.alloc(8);
	sentinel.writeBigUInt64LE(BigInt(FORGED));
	const at = payload.indexOf(sentinel);
	if (at !== -1) payload.writeBigUInt64LE(number, at);
	const record = Buffer.alloc(32 + 8 * Math.ceil(payload.length / 8));
	record.writeUInt32LE(payload.length, 4);
	record.writeBigUInt64LE(BigInt(recordsOf(manifest).length), 16);
	record.set(payload, 32);
	resealRecord(record, { offset: 0, length: record.length }, manifestSeed(1));
	return Buffer.concat([manifest, record]);
}

/** A table of the manifest's. */
const existing = recordsOf(manifest)
	.map(({ offset, payloadLength }) => decodeEdit(Buffer.from(manifest.slice(offset + 32, offset + 32 + payloadLength))))
	.flatMap(({ added }) => added ?? [])
	.at(-1) as NonNullable<VersionEdit["added"]>[number];

function replaced(change: Partial<TableRecord>, level = existing.level): VersionEdit {
	const removed = [{ level: existing.level, file: existing.table.file }];
	return { removed, added: [{ level, table: { ...existing.table, ...change } }] };
}

const LARGEST = 2n ** 64n - 1n;
const NO_FILES = [2 ** 31, 2 ** 32 - 1];
/** Of every number that an edit has, some that no database can have come to. */
const OUT_OF_RANGE: readonly (readonly [field: string, edit: VersionEdit, numbers: readonly bigint[]])[] = [
	["nextFile", { nextFile: FORGED }, [2n ** 31n + 1n, 2n ** 32n, 2n ** 37n + 25n, 2n ** 53n, LARGEST]],
	["firstLog", { firstLog: FORGED }, [2n ** 31n, 2n ** 32n, 2n ** 53n, LARGEST]],
	["flushedSequence", { flushedSequence: FORGED }, [2n ** 52n, 2n ** 53n - 1n, 2n ** 53n, LARGEST]],
	["closedLog's bytes", { closedLog: { number: 1, bytes: FORGED } }, [2n ** 53n, LARGEST]],
	...NO_FILES.flatMap((file) => [
		["closedLog's number", { closedLog: { number: file, bytes: 40 } }, [0n]] as const,
		["removed file", { removed: [{ level: 0, file }] }, [0n]] as const,
		["file", replaced({ file }), [0n]] as const,
	]),
	["removed level", { removed: [{ level: 7, file: existing.table.file }] }, [0n]],
	["level", replaced({}, 7), [0n]],
	["level", replaced({}, 255), [0n]],
	["size", replaced({ size: FORGED }), [0n, 2n ** 40n, 2n ** 50n, 2n ** 53n, LARGEST]],
	["tailLength", replaced({ tailLength: 0 }), [0n]],
	["tailLength", replaced({ tailLength: existing.table.size + 1 }), [0n]],
	["entries", replaced({ entries: FORGED }), [2n ** 53n, LARGEST]],
	["deletions", replaced({ deletions: FORGED }), [BigInt(existing.table.entries) + 1n, 2n ** 53n, LARGEST]],
	["minSequence", replaced({ minSequence: FORGED }), [BigInt(existing.table.maxSequence) + 1n, 2n ** 53n, LARGEST]],
	["maxSequence", replaced({ maxSequence: FORGED }), [0n, 2n ** 52n, 2n ** 53n, LARGEST]],
	["firstExpiry", replaced({ firstExpiry: FORGED }), [2n ** 53n, LARGEST]],
	["rangeDeletions", replaced({ rangeDeletions: FORGED }), [2n ** 53n, LARGEST]],
];

overKernels(forged, "numbers out of range in a manifest are damage, and name manifest and edit", (openers) => {
	const path = `${IMAGE_DIRECTORY}/${manifestName}`;
	for (const [field, edit, numbers] of OUT_OF_RANGE) {
		for (const number of numbers) {
			for (const readOnly of [true, false]) {
				const storage = storageOf(withFile(image, manifestName, withEdit(edit, number)));
				const error = thrown(() => openers.openStorage(storage, IMAGE_DIRECTORY, { readOnly }), "WLSM_CORRUPTION");
				assert.is(error.file, path, `${field} ${number}`);
				assert.is(error.offset, manifest.length, `${field} ${number}`);
				assert.match(error.message, "the edit is malformed");
			}
		}
	}
});

overKernels(
	forged,
	"a table that is much larger by the manifest than its file is damage before anything is made of it",
	(openers) => {
		const damaged = withEdit(replaced({ size: FORGED }), 2n ** 39n);
		const storage = storageOf(withFile(image, manifestName, damaged));
		const error = thrown(() => openers.openStorage(storage, IMAGE_DIRECTORY), "WLSM_CORRUPTION");
		assert.match(error.file ?? "", /\.sst$/);
	},
);

overKernels(
	forged,
	"a table whose keys end before they start, and an id of another length, are no edits",
	async (openers) => {
		const bytes = (image.get(manifestName) as Uint8Array).slice();
		const edits = recordsOf(bytes).map((record) => {
			const at = record.offset + 32;
			return { record, at, edit: decodeEdit(Buffer.from(bytes.slice(at, at + record.payloadLength))) };
		});
		const found = edits.findLast(({ edit }) => (edit.added ?? []).length > 0);
		if (found === undefined) throw new Error("no edit adds a table");
		const added = (found.edit.added ?? []).map(({ level, table }) => ({
			level,
			table: { ...table, smallest: table.largest, largest: table.smallest },
		}));
		bytes.set(encodeEdit({ ...found.edit, added }), found.at);
		resealRecord(bytes, found.record, seeds[manifestName] as bigint);
		const storage = storageOf(withFile(image, manifestName, bytes));
		const error = thrown(() => openers.openStorage(storage, IMAGE_DIRECTORY), "WLSM_CORRUPTION");
		assert.match(error.message, "the edit is malformed (a table whose keys end before they start)");
		assert.ok(error.file?.endsWith(manifestName));
		assert.throws(() => decodeEdit(Buffer.from(encodeEdit({ databaseId: new Uint8Array(7) }))), /not 8 bytes long/);
	},
);

overKernels(forged, "a manifest that ends before it names a log there is data in", (openers) => {
	const storage = storageOf(new Map());
	const db = openers.openStorage(storage, IMAGE_DIRECTORY, { background: "inline" });
	db.putSync("a", "1", { sync: true });
	const whole = takeImage(storage);
	db.closeSync();
	const bytes = whole.get("MANIFEST-000001") as Uint8Array;
	const [first, second] = recordsOf(bytes);
	assert.ok(first !== undefined && second !== undefined);
	const cut = withFile(whole, "MANIFEST-000001", bytes.subarray(0, first.offset + first.length));
	const error = thrown(() => openers.openStorage(storageOf(cut), IMAGE_DIRECTORY), "WLSM_CORRUPTION");
	assert.match(error.message, "the manifest ends early: there is data that it does not name");
	assert.ok(error.file?.endsWith("MANIFEST-000001"));
});

overKernels(forged, "a log that was closed counts on all of those before it", (openers) => {
	const storage = storageOf(new Map());
	const options = { background: "inline", memtableBytes: 16 << 10 } as const;
	const db = openers.openStorage(storage, IMAGE_DIRECTORY, options);
	const logs = () =>
		storage
			.list(IMAGE_DIRECTORY)
			.filter((name) => name.endsWith(".wal"))
			.sort();
	for (let index = 0; logs().length < 2; index++) db.putSync(`key ${index}`, "x".repeat(1000));
	db.closeSync();
	const [earlier, later] = logs();
	assert.ok(earlier !== undefined && later !== undefined);
	const whole = takeImage(storage);
	const bytes = whole.get(earlier) as Uint8Array;
	const record = recordsOf(bytes).at(-1) as { offset: number };
	const cut = withFile(whole, earlier, bytes.subarray(0, record.offset));
	const error = thrown(() => openers.openStorage(storageOf(cut), IMAGE_DIRECTORY, options), "WLSM_CORRUPTION");
	assert.match(error.message, "records before this one are missing");
	assert.ok(error.file?.endsWith(later));
});

overKernels(forged, "files of a later format are told apart from damaged ones", (openers) => {
	for (const [name, seed] of Object.entries(seeds)) {
		const bytes = (image.get(name) as Uint8Array).slice();
		const view = new DataView(bytes.buffer);
		view.setUint32(8, 2, true);
		view.setBigUint64(32, xxh64(bytes.subarray(0, 32), seed), true);
		const storage = storageOf(withFile(image, name, bytes));
		const error = thrown(() => openers.openStorage(storage, IMAGE_DIRECTORY), "WLSM_UNSUPPORTED");
		assert.match(error.message, name);
		assert.match(error.message, "version 2");
	}
});

forged.run();
