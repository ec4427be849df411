import { Buffer } from "node:buffer";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { decodeEdit, encodeEdit } from "../../host/engine/version-edit.js";
import { xxh64 } from "../format/xxh64.js";
import { thrown } from "../support/database.js";
import { fileSeed, manifestSeed, recordsOf, resealRecord } from "../support/forge.js";
import { victim } from "../support/hostile.js";
import { IMAGE_DIRECTORY, storageOf, withFile } from "../support/image.js";
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
