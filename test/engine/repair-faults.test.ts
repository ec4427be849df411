import { Buffer } from "node:buffer";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import * as format from "../../assembly/shared/format.js";
import type { Database } from "../../host/database.js";
import { repairOn } from "../../host/engine/repair/repair.js";
import { WlsmError } from "../../host/errors.js";
import { resolveOptions } from "../../host/options.js";
import { MemoryStorage, type Storage } from "../../host/storage/index.js";
import { openStorage } from "../support/database.js";
import { SimulatedDisk } from "../support/disk/simulated-disk.js";
import { fileSeed, type Part, partsOf, reseal, withParts } from "../support/forge.js";
import { victim } from "../support/hostile.js";
import { fill, IMAGE_DIRECTORY, type Image, storageOf, takeImage, withFile } from "../support/image.js";
import { type Openers, overKernels } from "../support/openers.js";

/* Repair on a failing disk, and of tables whose checksums are right and whose contents are not. */

const repairs = suite("repair of what is hard to repair");
const options = resolveOptions({ memtableBytes: 16 << 10, blockBytes: 256 });
const crashed = await victim("crash");

function mend(openers: Openers, storage: Storage) {
	return repairOn(storage, IMAGE_DIRECTORY, { ...options, kernel: openers.kernel });
}

function contents(openers: Openers, storage: Storage): Map<string, string> {
	const db = openers.openStorage(storage, IMAGE_DIRECTORY, { createIfMissing: false, background: "inline" });
	const entries = new Map<string, string>();
	for (const [key, value] of db.entries()) entries.set(key, value);
	db.closeSync();
	return entries;
}

for (const kind of ["EIO", "EMFILE", "ENOSPC"] as const) {
	overKernels(repairs, `${kind} at every operation of a repair`, (openers) => {
		const final = crashed.states.at(-1) as ReadonlyMap<string, string>;
		let [failed, leftOut] = [0, 0];
		for (let at = 1; ; at += openers.kernel === "wasm" ? 1 : 3) {
			const storage = fill(new SimulatedDisk(), crashed.image);
			storage.fault = { at: storage.operations + at, kind, lasting: false };
			let report: ReturnType<typeof mend> | undefined;
			try {
				report = mend(openers, storage);
			} catch (error) {
				if (!(error instanceof WlsmError) || error.code !== "WLSM_IO") throw error;
				failed += 1;
			}
			if (storage.failed.length === 0) break;
			storage.fault = undefined;
			const what = `${kind} at ${at}: ${storage.failed[0]}`;
			// What could not be read was put aside, and is named.
			if (report !== undefined && report.leftOut.length > 0) {
				leftOut += 1;
				for (const { file } of report.leftOut) assert.ok(file.startsWith(IMAGE_DIRECTORY), what);
				contents(openers, storage);
				continue;
			}
			// A repair that failed is done again; nothing is lost by that.
			if (report === undefined) assert.equal(mend(openers, storage).leftOut, [], what);
			const found = contents(openers, storage);
			assert.equal([...found].sort(), [...final].sort(), what);
		}
		assert.ok(failed > 5, `${failed}`);
		assert.ok(kind === "EIO" ? leftOut > 0 : true);
	});
}

/** A database with one table that has everything, and what it holds. */
async function single(): Promise<Image> {
	const storage = new MemoryStorage();
	const db = openStorage(storage, IMAGE_DIRECTORY, { ...options, compression: "lz4", background: "inline" });
	const snapshot = db.snapshot();
	for (let index = 0; index < 40; index++) db.putSync(`key ${String(index).padStart(3, "0")}`, "value ".repeat(8));
	db.putSync("expiring", "soon gone", { ttlMs: 1e10 });
	db.deleteRangeSync({ gte: "key 010", lt: "key 020" });
	db.deleteRangeSync({ gte: "key 030", lt: "key 035" });
	await db.flush();
	snapshot[Symbol.dispose]();
	db.closeSync();
	return takeImage(storage);
}

const image = await single();
const tableName = [...image.keys()].find((name) => name.endsWith(".sst")) as string;
const table = Buffer.from(image.get(tableName) as Uint8Array);
const footer = table.length - format.FOOTER_BYTES;
const seed = fileSeed(
	table.subarray(footer + format.FOOTER_DATABASE_ID, footer + format.FOOTER_DATABASE_ID + 8),
	table.readUInt32LE(footer + format.FOOTER_FILE_NUMBER),
);

/** The table with one part changed in place, and sealed again. */
function changed(name: Part["name"], change: (bytes: Buffer, part: Part) => void): Buffer {
	const bytes = Buffer.from(table);
	const part = partsOf(bytes).find((one) => one.name === name) as Part;
	change(bytes, part);
	reseal(bytes, part, seed);
	return bytes;
}

const short = (length: number) => Buffer.alloc(length).fill(1, 0, 1);
const trailer = ({ offset, length }: Part) => offset + length;

/** What is wrong, and what a repair says of it. */
const CRAFTED: Record<string, readonly [bytes: Buffer, reason: string]> = {
	"a short index": [withParts(table, { index: short(8) }, seed), "a block is malformed"],
	"an index entry that is cut short": [
		changed("index", (bytes, part) => {
			const offsets = part.offset + format.BLOCK_HEADS + 8 * bytes.readUInt32LE(part.offset);
			const length = part.offset + bytes.readUInt32LE(offsets) + format.ENTRY_KEY_LENGTH;
			bytes.writeUInt32LE(bytes.readUInt32LE(length) + 1, length);
		}),
		"the index is malformed",
	],
	"range deletions that overlap": [
		changed("ranges", (bytes, part) => bytes.write("key 031", bytes.indexOf("key 020", part.offset), "latin1")),
		"range deletions overlap",
	],
	"no index": [withParts(table, { index: Buffer.alloc(0) }, seed), "the index is malformed"],
	"short range deletions": [withParts(table, { ranges: short(11) }, seed), "a block is malformed"],
	"short properties": [withParts(table, { properties: short(79) }, seed), "the properties are malformed"],
	"an index that leaves something out": [
		changed("index", (bytes, part) => {
			const at = partsOf(bytes).filter((one) => one.name === "data")[1] as Part;
			const word = Buffer.alloc(8);
			word.writeBigUInt64LE(BigInt(at.offset));
			bytes[bytes.indexOf(word, part.offset)] = (at.offset + 1) & 255;
		}),
		"the index is malformed",
	],
	"a block of another type": [
		changed("data", (bytes, part) =>
			bytes.writeUInt8(format.BLOCK_TYPE_INDEX, trailer(part) + format.BLOCK_TRAILER_TYPE),
		),
		"a block is malformed",
	],
	"a block that claims to be longer": [
		changed("data", (bytes, part) => bytes.writeUInt32LE(part.length + 1, trailer(part))),
		"a block is malformed",
	],
	"a block that no compression made": [
		changed("data", (bytes, part) => {
			bytes.writeUInt8(format.COMPRESSION_LZ4, trailer(part) + format.BLOCK_TRAILER_COMPRESSION);
			bytes.fill(255, part.offset, trailer(part));
		}),
		"a block is malformed",
	],
	"a range deletion that ends before it begins": [
		changed("ranges", (bytes, part) => bytes.write("a", bytes.lastIndexOf("key 035", trailer(part)), "latin1")),
		"a block is malformed",
	],
	"figures that are not those of the entries": [
		changed("properties", (bytes, part) => bytes.writeUInt32LE(7, part.offset + format.PROPERTIES_ENTRIES)),
		"its properties say something else than it holds",
	],
	"properties of other lengths": [
		changed("properties", (bytes, part) => bytes.writeUInt32LE(7, part.offset + format.PROPERTIES_LARGEST_LENGTH)),
		"the properties are malformed",
	],
	"a table of another file": [
		changed("footer", (bytes, part) => bytes.writeUInt32LE(1, part.offset + format.FOOTER_FILE_NUMBER + 4)),
		"the footer is damaged",
	],
};

for (const [what, [bytes, reason]] of Object.entries(CRAFTED)) {
	overKernels(repairs, `${what} is found by verify, and a repair keeps what it can`, async (openers) => {
		const wrong = withFile(image, tableName, bytes);
		let db: Database | undefined;
		try {
			db = openers.openStorage(storageOf(wrong), IMAGE_DIRECTORY);
			const { problems } = await db.verify();
			assert.ok(
				problems.some(({ file }) => file.endsWith(tableName)),
				JSON.stringify(problems),
			);
			db.closeSync();
		} catch (error) {
			if (!(error instanceof WlsmError) || error.code !== "WLSM_CORRUPTION") throw error;
			assert.match(error.file ?? "", tableName);
		}
		const storage = storageOf(wrong);
		const { leftOut } = mend(openers, storage);
		assert.ok(
			leftOut.some((one) => one.file.endsWith(tableName) && one.reason.includes(reason)),
			JSON.stringify(leftOut),
		);
		const found = contents(openers, storage);
		for (const [key, value] of found) assert.ok(key === "expiring" || value === "value ".repeat(8), `${key}=${value}`);
	});
}

overKernels(
	repairs,
	"a damaged table that gets worse while it is repaired loses what can no longer be read",
	(openers) => {
		const { "a block that claims to be longer": crafted } = CRAFTED;
		const [bytes] = crafted as readonly [Buffer, string];
		let worse = 0;
		for (let at = 1; ; at++) {
			const inner = storageOf(withFile(image, tableName, bytes));
			let opened = 0;
			const { openRead } = inner;
			inner.openRead = (path) => {
				if (path.endsWith(tableName) && path.startsWith(`${IMAGE_DIRECTORY}/0`) && ++opened === at) {
					inner.remove(path);
					inner.create(path).close();
				}
				return openRead.call(inner, path);
			};
			const { leftOut, entries } = mend(openers, inner);
			assert.ok(
				leftOut.some(({ file }) => file.endsWith(tableName)),
				JSON.stringify(leftOut),
			);
			const found = contents(openers, inner);
			for (const [key, value] of found)
				assert.ok(key === "expiring" || value === "value ".repeat(8), `${key}=${value}`);
			if (opened < at) {
				assert.ok(entries > 0);
				break;
			}
			worse += 1;
		}
		assert.ok(worse > 1, `${worse}`);
	},
);

overKernels(repairs, "a table of a later version is no damage, and a repair leaves it alone", async (openers) => {
	const later = changed("footer", (bytes, part) => bytes.writeUInt32LE(2, part.offset + format.FOOTER_VERSION));
	const wrong = withFile(image, tableName, later);
	for (const work of [
		() => [...openers.openStorage(storageOf(wrong), IMAGE_DIRECTORY).entries()],
		() => mend(openers, storageOf(wrong)),
	]) {
		try {
			await work();
			assert.unreachable("a later version is read");
		} catch (error) {
			assert.is((error as WlsmError).code, "WLSM_UNSUPPORTED", (error as Error).message);
			assert.match((error as WlsmError).file ?? "", tableName);
		}
	}
	const db = openers.openStorage(storageOf(wrong), IMAGE_DIRECTORY);
	try {
		await db.verify();
		assert.unreachable("verify says nothing");
	} catch (error) {
		assert.is((error as WlsmError).code, "WLSM_UNSUPPORTED", (error as Error).message);
	}
	db.closeSync();
});

repairs.run();
