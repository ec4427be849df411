import { Buffer } from "node:buffer";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { decodeEdit, encodeEdit, type VersionEdit } from "../../host/engine/version-edit.js";
import type { OpenOptions } from "../../host/options.js";
import { MemoryStorage } from "../../host/storage/index.js";
import { openStorage, thrown } from "../support/database.js";
import { manifestSeed, recordsOf, resealRecord } from "../support/forge.js";
import { IMAGE_DIRECTORY, type Image, storageOf, takeImage, withFile } from "../support/image.js";
import { overKernels } from "../support/openers.js";

/* Manifests with right checksums that contradict themselves or their files, and files that the manifest should name. */

const crafted = suite("crafted states");
const OPTIONS: OpenOptions = { memtableBytes: 16 << 10, background: "inline" };

/** Two tables of level 1, a closed log. */
async function layered(): Promise<Image> {
	const storage = new MemoryStorage();
	const db = openStorage(storage, IMAGE_DIRECTORY, OPTIONS);
	for (const prefix of ["a", "m"]) {
		for (let index = 0; index < 100; index++) db.putSync(`${prefix} ${index}`, "value");
		await db.compact();
	}
	db.putSync("in the log", "value");
	db.closeSync();
	return takeImage(storage);
}

const image = await layered();
const manifestName = [...image.keys()].find((name) => name.startsWith("MANIFEST")) as string;

/** The image with each edit of the manifest as `change` makes it, which must take as many bytes. */
function withEdits(change: (edit: VersionEdit) => VersionEdit): { readonly image: Image; readonly changes: number } {
	const bytes = (image.get(manifestName) as Uint8Array).slice();
	let changes = 0;
	for (const record of recordsOf(bytes)) {
		const at = record.offset + 32;
		const edit = decodeEdit(Buffer.from(bytes.slice(at, at + record.payloadLength)));
		const changed = change(edit);
		if (changed === edit) continue;
		const payload = encodeEdit(changed);
		assert.is(payload.length, record.payloadLength);
		bytes.set(payload, at);
		resealRecord(bytes, record, manifestSeed(1));
		changes += 1;
	}
	return { image: withFile(image, manifestName, bytes), changes };
}

overKernels(crafted, "tables of one level that overlap", (openers) => {
	const largest = Buffer.from("kz 99");
	const wrong = withEdits((edit) => {
		const added = (edit.added ?? []).map((one) => {
			const isFirst = one.level > 0 && Buffer.from(one.table.smallest).toString().startsWith("ka");
			return isFirst && one.table.largest.length === largest.length
				? { ...one, table: { ...one.table, largest } }
				: one;
		});
		return added.some((one, index) => one !== edit.added?.[index]) ? { ...edit, added } : edit;
	});
	assert.ok(wrong.changes > 0);
	const error = thrown(() => openers.openStorage(storageOf(wrong.image), IMAGE_DIRECTORY, OPTIONS), "WLSM_CORRUPTION");
	assert.match(error.message, "the manifest names tables of one level that overlap");
	assert.match(error.file ?? "", /\.sst$/);
});

overKernels(crafted, "a log that was closed and is not there", (openers) => {
	const wrong = withEdits((edit) =>
		edit.closedLog === undefined
			? edit
			: { ...edit, closedLog: { ...edit.closedLog, number: edit.closedLog.number + 1 } },
	);
	assert.ok(wrong.changes > 0);
	const error = thrown(() => openers.openStorage(storageOf(wrong.image), IMAGE_DIRECTORY, OPTIONS), "WLSM_CORRUPTION");
	assert.match(error.message, "the log is missing");
	assert.match(error.file ?? "", /\.wal$/);
});

overKernels(
	crafted,
	"a log or a table left over that knows of more than the database is told by verify",
	async (openers) => {
		for (const flushed of [false, true]) {
			const storage = new MemoryStorage();
			const db = openStorage(storage, IMAGE_DIRECTORY, OPTIONS);
			for (let index = 0; index < 50; index++) db.putSync(`key ${index}`, "value");
			const fork = takeImage(storage);
			await db.flush();
			db.closeSync();
			// The same database went on from the same moment elsewhere.
			const elsewhere = storageOf(fork);
			const other = openStorage(elsewhere, IMAGE_DIRECTORY, OPTIONS);
			for (let index = 0; index < 100; index++) other.putSync(`more ${index}`, "value");
			for (let round = 0; flushed && round < 3; round++) {
				other.putSync(`round ${round}`, "value");
				await other.flush();
			}
			other.closeSync();
			const ending = flushed ? ".sst" : ".wal";
			const here = takeImage(storage);
			const there = takeImage(elsewhere);
			const names = [...there.keys()].filter((name) => name.endsWith(ending) && !here.has(name));
			const name = flushed
				? (names.at(-1) as string)
				: ([...fork.keys()].find((one) => one.endsWith(ending)) as string);
			assert.not(here.has(name));
			const mixed = storageOf(here);
			const looking = openers.openStorage(mixed, IMAGE_DIRECTORY, OPTIONS);
			// What lies there when the database is opened is removed then.
			const file = mixed.create(`${IMAGE_DIRECTORY}/${name}`);
			const bytes = there.get(name) as Uint8Array;
			file.writeSync(bytes, 0, bytes.length);
			file.close();
			const { problems } = await looking.verify();
			const said = JSON.stringify(problems);
			assert.ok(
				problems.some((one) => one.file.endsWith(name) && /it holds operations up to \d+/.test(one.message)),
				said,
			);
			looking.closeSync();
		}
	},
);

overKernels(
	crafted,
	"a database that another process makes at the same moment is not taken for a new one",
	(openers) => {
		const storage = storageOf(image);
		const { exists } = storage;
		let looks = 0;
		// CURRENT comes to be between the first look and the lock.
		storage.exists = (path) => {
			if (!path.endsWith("/CURRENT")) return exists.call(storage, path);
			looks += 1;
			return looks > 1;
		};
		const { list } = storage;
		storage.list = (path) => (looks === 1 ? [] : list.call(storage, path));
		const open = () => openers.openStorage(storage, IMAGE_DIRECTORY, { ...OPTIONS, errorIfExists: true });
		assert.match(thrown(open, "WLSM_EXISTS").message, "There is a database in /db already");
		assert.ok(looks > 1);
	},
);

crafted.run();
