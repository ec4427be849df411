import { Buffer } from "node:buffer";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Database } from "../../host/database.js";
import { decodeEdit, encodeEdit } from "../../host/engine/version-edit.js";
import { WlsmError } from "../../host/errors.js";
import { xxh64 } from "../format/xxh64.js";
import { thrown } from "../support/database.js";
import { fileSeed, manifestSeed, recordsOf, resealRecord } from "../support/forge.js";
import { victim } from "../support/hostile.js";
import { IMAGE_DIRECTORY, type Image, storageOf, withFile } from "../support/image.js";
import { type Openers, overKernels } from "../support/openers.js";
import { Random } from "../support/random.js";

/*
 * Manifests and logs with damaged contents and right checksums: what they say may be wrong, but nothing may come of it
 * than data or an error of the library's that names a file.
 *   More of them: WLSM_FORGED=100000 npx uvu dist/test/engine "forged\.test\.js$"
 */
const rounds = Number(process.env.WLSM_FORGED ?? 600);
const WORDS = [
	0, 1, 2, 7, 63, 64, 255, 0xffff, 0x10000, 0x10001, 0x00ffffff, 0x01ffffff, 0x7fffffff, 0x80000000, 0xffffffff,
];
const CODES = ["WLSM_CORRUPTION", "WLSM_UNSUPPORTED"];

const forged = suite("forged logs");
const { image } = await victim("crash");
const manifestName = [...image.keys()].find((name) => name.startsWith("MANIFEST")) as string;
const logName = [...image.keys()].find((name) => name.endsWith(".wal")) as string;
const manifest = image.get(manifestName) as Uint8Array;
// The first edit starts with the database's id: a tag, a length, eight bytes.
const databaseId = manifest.slice(40 + 32 + 5, 40 + 32 + 13);
const seeds = { [manifestName]: manifestSeed(1), [logName]: fileSeed(databaseId, Number.parseInt(logName, 10)) };

function mutate(random: Random, log: Uint8Array, seed: bigint): string {
	const record = random.pick(recordsOf(log));
	const view = new DataView(log.buffer, log.byteOffset, log.length);
	const what: string[] = [];
	for (let count = random.pick([1, 1, 2, 4]); count > 0; count--) {
		// The payload, or the header's sequence number and durable length.
		const header = random.once(6);
		const at = record.offset + (header ? 16 + random.below(16) : 32 + random.below(Math.max(1, record.payloadLength)));
		const end = header ? record.offset + 32 : record.offset + record.length;
		const kind = random.below(4);
		what.push(`${kind} at ${at}`);
		if (kind === 0) log[at] = random.below(256);
		else if (kind === 1) log[at] = (log[at] as number) ^ (1 << random.below(8));
		else if (kind === 2) log.set(random.bytes(Math.min(8, end - at)), at);
		else if (at + 4 <= end) view.setUint32(at, random.pick(WORDS), true);
	}
	resealRecord(log, record, seed);
	return what.join(", ");
}

async function use(openers: Openers, image: Image): Promise<void> {
	const attempt = async (work: () => unknown) => {
		try {
			return await work();
		} catch (error) {
			if (!(error instanceof WlsmError) || !CODES.includes(error.code) || /invariant/.test(error.message)) throw error;
			if (error.file === undefined) throw new Error("no file is named", { cause: error });
			return undefined;
		}
	};
	const db = (await attempt(() => openers.openStorage(storageOf(image), IMAGE_DIRECTORY))) as Database | undefined;
	if (db === undefined) return;
	await attempt(() => [...db.entries()]);
	await attempt(() => db.entries({ reverse: true }).all());
	await attempt(() => db.get("key 3"));
	await attempt(() => db.verify());
	await attempt(() => db.putSync("new", "value"));
	await attempt(() => db.compact());
	await attempt(() => db.closeSync());
}

for (const [name, seed] of Object.entries(seeds)) {
	overKernels(forged, `${rounds} of ${name}`, async (openers) => {
		const random = new Random(name.length);
		for (let round = 0; round < rounds; round++) {
			const bytes = (image.get(name) as Uint8Array).slice();
			const what = mutate(random, bytes, seed);
			try {
				await use(openers, withFile(image, name, bytes));
			} catch (error) {
				throw new Error(`round ${round}, ${what}: ${(error as Error).message}`, { cause: error });
			}
		}
	});
}

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
