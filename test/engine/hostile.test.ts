import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openStorage, thrown } from "../support/database.js";
import { recordsOf } from "../support/forge.js";
import { examine, type Rules, type Victim, victim } from "../support/hostile.js";
import { IMAGE_DIRECTORY, type Image, storageOf, withFile } from "../support/image.js";
import { Random } from "../support/random.js";

/*
 * Damage that has a name: what is read is right, or an error says which file is damaged. Every byte, and random damage,
 * are in test/reliability/hostile.ts.
 */
const random = new Random(1);

const victims = { closed: await victim("close"), crashed: await victim("crash"), flushed: await victim("flush") };

async function attack(name: string, victim: Victim, image: Image, rules: Rules = {}): Promise<"sound" | "refused"> {
	try {
		return await examine(victim, image, rules);
	} catch (error) {
		throw new Error(`${name}: ${(error as Error).message}`, { cause: error });
	}
}

function files(victim: Victim): [name: string, bytes: Uint8Array][] {
	return [...victim.image];
}

function flipped(bytes: Uint8Array, at: number, bits: number): Uint8Array {
	const copy = bytes.slice();
	copy[at] = (copy[at] as number) ^ bits;
	return copy;
}

const hostile = suite("hostile files");

hostile("the victims have every kind of file and are sound", async () => {
	for (const [kind, victim] of Object.entries(victims)) {
		assert.is(await attack(kind, victim, victim.image), "sound");
		const kinds = files(victim).map(([name]) => name.replace(/\d+/, "#"));
		assert.equal([...new Set(kinds)].sort(), ["#.sst", "#.wal", "CURRENT", "MANIFEST-#"]);
		assert.is(kinds.filter((name) => name === "#.sst").length, kind === "flushed" ? 4 : 3);
	}
});

hostile("a log that nobody closed: a torn tail is cut off, damage before sound records is an error", async () => {
	const { crashed } = victims;
	const [name, log] = files(crashed).find(([file]) => file.endsWith(".wal")) as [string, Uint8Array];
	const records = recordsOf(log);
	assert.is(records.length, crashed.states.length - 1 - crashed.flushed);
	/** How many commits are there after opening. */
	const commits = (bytes: Uint8Array) => {
		const db = openStorage(storageOf(withFile(crashed.image, name, bytes)), IMAGE_DIRECTORY);
		const entries = [...db.entries()];
		db.closeSync();
		return crashed.states.findLastIndex(
			(state) => state.size === entries.length && entries.every(([key, value]) => state.get(key) === value),
		);
	};
	for (const [index, { offset, length, payloadLength }] of records.entries()) {
		const before = crashed.flushed + index;
		for (const at of [0, 4, 5, 8, 16, 24, 31, 32, 32 + payloadLength - 1]) {
			const damaged = flipped(log, offset + at, 1 << random.below(8));
			if (index === records.length - 1) {
				assert.is(commits(damaged), before, `the last record, byte ${at}`);
			} else {
				const error = thrown(() => commits(damaged), "WLSM_CORRUPTION");
				assert.is(error.offset, offset, `record ${index}, byte ${at}`);
			}
		}
		// Cut between records and within one: what is whole stays.
		assert.is(commits(log.subarray(0, offset)), before);
		assert.is(commits(log.subarray(0, offset + length - 1)), before);
		assert.is(commits(log.subarray(0, offset + length)), before + 1);
	}
});

hostile("tables swapped, replaced by each other, missing", async () => {
	const { closed } = victims;
	const tables = files(closed).filter(([name]) => name.endsWith(".sst"));
	for (const [name, bytes] of tables) {
		assert.is(await attack(`${name} missing`, closed, withFile(closed.image, name, undefined)), "refused");
		for (const [other, content] of tables) {
			if (other === name) continue;
			const replaced = withFile(closed.image, name, content);
			assert.is(await attack(`${other} as ${name}`, closed, replaced), "refused");
			const swapped = withFile(replaced, other, bytes);
			assert.is(await attack(`${name} and ${other} swapped`, closed, swapped), "refused");
		}
	}
	// A table of the same size under the same number, of another database.
	const other = await victim("close");
	for (const [name] of tables) {
		const image = withFile(closed.image, name, other.image.get(name));
		assert.is(await attack(`${name} of another database`, closed, image), "refused");
	}
});

hostile("files missing", async () => {
	for (const [kind, victim] of Object.entries(victims)) {
		for (const [name] of files(victim)) {
			const image = withFile(victim.image, name, undefined);
			assert.is(await attack(`${kind} ${name} missing`, victim, image), "refused");
		}
	}
});

hostile("without CURRENT no new database is made over data", async () => {
	const { closed } = victims;
	const image = withFile(closed.image, "CURRENT", undefined);
	assert.is(await attack("CURRENT missing", closed, image), "refused");
	const tables = new Map([...image].filter(([name]) => name.endsWith(".sst")));
	assert.is(await attack("only tables", closed, tables), "refused");
	const logs = new Map([...image].filter(([name]) => name.endsWith(".wal")));
	assert.is(await attack("only a log", closed, logs), "refused");
});

hostile("what does not belong to the database is left alone", async () => {
	const { closed } = victims;
	const strangers = [
		"notes.txt",
		"000001.sst.bak",
		"CURRENT.bak",
		"LOCK.old",
		"1.sst",
		"MANIFEST",
		"manifest-000001",
		"x.wal",
		"9999999999.sst",
		"MANIFEST-4294967295",
	];
	let image: Image = closed.image;
	for (const name of strangers) image = withFile(image, name, Buffer.from("not ours"));
	assert.is(await attack("foreign files", closed, image), "sound");
	const storage = storageOf(image);
	storage.makeDirectory("/db/folder");
	storage.makeDirectory("/db/000123.sst");
	const db = openStorage(storage, "/db");
	assert.is([...db.entries()].length, victims.closed.states.at(-1)?.size);
	await db.compact();
	db.closeSync();
	for (const name of [...strangers, "folder", "000123.sst"]) assert.ok(storage.exists(`/db/${name}`), name);
});

hostile.run();
