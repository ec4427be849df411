import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { LOG_HEADER_BYTES } from "../../host/engine/log.js";
import { repairOn } from "../../host/engine/repair/repair.js";
import type { WlsmError } from "../../host/errors.js";
import { repair } from "../../host/index.js";
import { resolveOptions } from "../../host/options.js";
import type { MemoryStorage, Storage } from "../../host/storage/index.js";
import { rejected, thrown, withDirectory } from "../support/database.js";
import { recordsOf } from "../support/forge.js";
import { hookedStorage, systemError } from "../support/hooked-storage.js";
import { type Victim, victim } from "../support/hostile.js";
import { IMAGE_DIRECTORY, type Image, storageOf, takeImage, withFile } from "../support/image.js";
import { type Openers, overKernels } from "../support/openers.js";
import { Random } from "../support/random.js";

const random = new Random(5);
const victims = { closed: await victim("close"), crashed: await victim("crash"), flushed: await victim("flush") };
const options = resolveOptions({ memtableBytes: 16 << 10, blockBytes: 256 });

const repairs = suite("repair");

function mend(openers: Openers, storage: Storage) {
	return repairOn(storage, IMAGE_DIRECTORY, { ...options, kernel: openers.kernel });
}

/** What the database holds after a repair, which must be sound in every respect. */
async function contents(openers: Openers, storage: MemoryStorage): Promise<Map<string, string>> {
	const db = openers.openStorage(storage, IMAGE_DIRECTORY, { createIfMissing: false, background: "inline" });
	try {
		const entries = new Map<string, string>();
		for (const [key, value] of db.entries()) entries.set(key, value);
		for (const [key, value] of entries) assert.is(db.getSync(key), value);
		assert.equal((await db.verify()).problems, []);
		db.putSync("after", "the repair");
		db.deleteSync("after");
		await db.compact();
		assert.equal([...db.keys()], [...entries.keys()]);
		return entries;
	} finally {
		db.closeSync();
	}
}

const final = ({ states }: Victim) => states.at(-1) as ReadonlyMap<string, string>;
const sorted = (entries: ReadonlyMap<string, string>) => [...entries].sort(([a], [b]) => (a < b ? -1 : 1));

function nameOf(image: Image, start: string): string {
	return [...image.keys()].find((name) => name.startsWith(start) || name.endsWith(start)) as string;
}

/** All values that a key ever had. */
function history({ states }: Victim): Map<string, Set<string>> {
	const values = new Map<string, Set<string>>();
	for (const state of states) {
		for (const [key, value] of state) values.set(key, (values.get(key) ?? new Set()).add(value));
	}
	return values;
}

overKernels(repairs, "of a sound database changes nothing of what is in it", async (openers) => {
	for (const [kind, victim] of Object.entries(victims)) {
		const storage = storageOf(victim.image);
		const report = mend(openers, storage);
		assert.equal(report.leftOut, [], kind);
		assert.is(report.tables, kind === "flushed" ? 4 : 3);
		assert.is(report.logs, kind === "flushed" ? 0 : 1);
		assert.equal(sorted(await contents(openers, storage)), sorted(final(victim)));
		assert.not(storage.exists(`${IMAGE_DIRECTORY}/lost`));
		assert.equal(mend(openers, storage).leftOut, [], "and again");
		assert.equal(sorted(await contents(openers, storage)), sorted(final(victim)));
	}
});

overKernels(repairs, "without CURRENT, without the manifest, without both", async (openers) => {
	for (const [kind, victim] of Object.entries(victims)) {
		const { image } = victim;
		const manifest = nameOf(image, "MANIFEST");
		const cases: [string, Image][] = [
			["CURRENT", withFile(image, "CURRENT", undefined)],
			["CURRENT damaged", withFile(image, "CURRENT", Buffer.from("MANIFEST-000099 0000\n"))],
			["CURRENT empty", withFile(image, "CURRENT", new Uint8Array(0))],
			["manifest", withFile(image, manifest, undefined)],
			["manifest empty", withFile(image, manifest, new Uint8Array(0))],
			["both", withFile(withFile(image, manifest, undefined), "CURRENT", undefined)],
		];
		for (const [what, damaged] of cases) {
			const storage = storageOf(damaged);
			const report = mend(openers, storage);
			assert.equal(report.leftOut, [], `${kind}: ${what}`);
			assert.equal(sorted(await contents(openers, storage)), sorted(final(victim)), `${kind}: ${what}`);
		}
	}
});

overKernels(repairs, "a manifest damaged or cut anywhere loses nothing", async (openers) => {
	for (const [kind, victim] of Object.entries(victims)) {
		const name = nameOf(victim.image, "MANIFEST");
		const bytes = victim.image.get(name) as Uint8Array;
		for (let at = 0; at < bytes.length; at += 1 + random.below(12)) {
			const flipped = bytes.slice();
			flipped[at] = (flipped[at] as number) ^ (1 << random.below(8));
			for (const changed of [flipped, bytes.subarray(0, at)]) {
				const storage = storageOf(withFile(victim.image, name, changed));
				const what = `${kind}: ${changed === flipped ? "flipped" : "cut"} at ${at}`;
				const { leftOut } = mend(openers, storage);
				// Its sound beginning may name tables that were merged since.
				for (const { reason } of leftOut) assert.match(reason, /is missing/, what);
				assert.equal(sorted(await contents(openers, storage)), sorted(final(victim)), what);
			}
		}
	}
});

overKernels(repairs, "a damaged block costs its entries alone", async (openers) => {
	for (const [kind, victim] of Object.entries(victims)) {
		const values = history(victim);
		const wanted = final(victim);
		for (const [name, bytes] of victim.image) {
			if (!name.endsWith(".sst")) continue;
			for (let at = 0; at < bytes.length; at += 1 + random.below(60)) {
				const flipped = bytes.slice();
				flipped[at] = (flipped[at] as number) ^ (1 << random.below(8));
				const storage = storageOf(withFile(victim.image, name, flipped));
				const what = `${kind}: ${name}, byte ${at}`;
				const { leftOut } = mend(openers, storage);
				assert.is(leftOut.length, 1, what);
				assert.is(leftOut[0]?.file, `${IMAGE_DIRECTORY}/${name}`);
				const set = takeImage(storage, `${IMAGE_DIRECTORY}/lost`);
				assert.equal(Buffer.from(set.get(name) ?? []), Buffer.from(flipped), what);
				const got = await contents(openers, storage);
				// What another table or the log holds is as it was; of the rest there is nothing that never was.
				for (const [key, value] of got) assert.ok(values.get(key)?.has(value), `${what}: ${key}=${value}`);
				const missing = [...wanted].filter(([key, value]) => got.get(key) !== value).length;
				const kept = Number(/(\d+) entries of it were kept/.exec(leftOut[0]?.reason ?? "")?.[1] ?? 0);
				assert.ok(missing + kept <= 24, `${what}: ${missing} missing, ${kept} kept`);
			}
		}
	}
});

overKernels(repairs, "a table lost costs that table alone", async (openers) => {
	for (const [kind, victim] of Object.entries(victims)) {
		for (const [name] of victim.image) {
			if (!name.endsWith(".sst")) continue;
			const without = withFile(victim.image, name, undefined);
			for (const image of [without, withFile(without, nameOf(without, "MANIFEST"), undefined)]) {
				const storage = storageOf(image);
				const { leftOut } = mend(openers, storage);
				if (image === without) assert.match(leftOut[0]?.reason ?? "", /is missing; it held \d+ entries$/);
				const got = await contents(openers, storage);
				const values = history(victim);
				for (const [key, value] of got) assert.ok(values.get(key)?.has(value), `${kind}, ${name}: ${key}=${value}`);
			}
		}
	}
});

overKernels(repairs, "tables under each other's names are told apart", async (openers) => {
	const { closed } = victims;
	const [a, b] = [...closed.image].filter(([name]) => name.endsWith(".sst"));
	assert.ok(a !== undefined && b !== undefined);
	const swapped = withFile(withFile(closed.image, a[0], b[1]), b[0], a[1]);
	const storage = storageOf(swapped);
	assert.equal(mend(openers, storage).leftOut, []);
	assert.equal(sorted(await contents(openers, storage)), sorted(final(closed)));
	// A copy is left out; a table of another database too.
	const other = await victim("close");
	const more = withFile(withFile(closed.image, "000077.sst", a[1]), "000078.sst", other.image.get(b[0]));
	const crowded = storageOf(more);
	const reasons = mend(openers, crowded).leftOut.map(({ reason }) => reason);
	assert.equal(reasons.sort(), ["belongs to another database", `is a copy of table ${Number.parseInt(a[0], 10)}`]);
	assert.equal(sorted(await contents(openers, crowded)), sorted(final(closed)));
});

overKernels(repairs, "tables that were merged and not removed bring back nothing", async (openers) => {
	const storage = storageOf(new Map());
	let keep = true;
	const hooked = hookedStorage(storage, (operation, file) => {
		if (keep && operation === "remove" && /sst$/.test(file)) throw systemError("EBUSY");
	});
	const db = openers.openStorage(hooked, IMAGE_DIRECTORY, { background: "inline" });
	const names = () => storage.list(IMAGE_DIRECTORY).filter((name) => name.endsWith(".sst"));
	for (let index = 0; index < 20; index++) db.putSync(`key ${index}`, "value");
	await db.compact();
	const [first] = names();
	for (let index = 0; index < 20; index += 2) db.deleteSync(`key ${index}`);
	await db.flush();
	await db.compact();
	const wanted = new Map([...db.entries()]);
	db.closeSync();
	keep = false;
	// The table with the deletions goes, that with what was deleted stays.
	assert.is(names().length, 3);
	storage.remove(`${IMAGE_DIRECTORY}/${names()[1]}`);
	assert.ok(storage.exists(`${IMAGE_DIRECTORY}/${first}`));
	const image = withFile(takeImage(storage), "CURRENT", new Uint8Array(3));
	const damaged = storageOf(image);
	assert.equal(mend(openers, damaged).leftOut, []);
	assert.equal(sorted(await contents(openers, damaged)), sorted(wanted));
});

overKernels(repairs, "a log damaged in the middle gives the records before and behind", async (openers) => {
	const { crashed } = victims;
	const [name, bytes] = [...crashed.image].find(([file]) => file.endsWith(".wal")) as [string, Uint8Array];
	const records = recordsOf(bytes);
	for (const [index, record] of records.entries()) {
		const flipped = bytes.slice();
		const at = record.offset + 8 + random.below(record.length - 8);
		flipped[at] = (flipped[at] as number) ^ 1;
		for (const trouble of ["log", "log and manifest"]) {
			let image = withFile(crashed.image, name, flipped);
			if (trouble === "log and manifest") image = withFile(image, nameOf(image, "MANIFEST"), undefined);
			const storage = storageOf(image);
			const { leftOut, logs } = mend(openers, storage);
			assert.is(logs, 1);
			assert.is(leftOut.length, 1, `${trouble}: record ${index}`);
			assert.match(leftOut[0]?.reason ?? "", `bytes ${record.offset} to ${record.offset + record.length} `);
			const got = await contents(openers, storage);
			// Each state but for the one commit: what later commits wrote is there.
			const before = crashed.states[crashed.flushed + index] as ReadonlyMap<string, string>;
			const after = crashed.states[crashed.flushed + index + 1] as ReadonlyMap<string, string>;
			const touched = new Set([...before.keys(), ...after.keys()].filter((key) => before.get(key) !== after.get(key)));
			for (const [key, value] of final(crashed)) {
				if (!touched.has(key)) assert.is(got.get(key), value, `${trouble}: record ${index}, ${key}`);
			}
			assert.ok(storage.exists(`${IMAGE_DIRECTORY}/lost/${name}`));
		}
	}
	const headless = bytes.slice().fill(0, 0, 40);
	const storage = storageOf(withFile(crashed.image, name, headless));
	assert.equal(mend(openers, storage).leftOut, []);
	assert.equal(sorted(await contents(openers, storage)), sorted(final(crashed)));
});

overKernels(repairs, "only a log, without anything else", async (openers) => {
	const { crashed } = victims;
	const logs = new Map([...crashed.image].filter(([name]) => name.endsWith(".wal")));
	const storage = storageOf(logs);
	const report = mend(openers, storage);
	assert.equal([report.tables, report.logs, report.leftOut], [0, 1, []]);
	const got = await contents(openers, storage);
	assert.ok(got.size > 0);
	for (const [key, value] of got) assert.is(final(crashed).get(key), value);
});

overKernels(
	repairs,
	"a failing file operation, and an interruption, leave a database that can be repaired",
	async (openers) => {
		const { crashed } = victims;
		const table = nameOf(crashed.image, ".sst");
		const damaged = withFile(crashed.image, table, (crashed.image.get(table) as Uint8Array).slice().fill(0, 10, 20));
		const cases: [string, Image][] = [
			["sound", crashed.image],
			["a damaged table", damaged],
			["no manifest", withFile(crashed.image, nameOf(crashed.image, "MANIFEST"), undefined)],
		];
		for (const [what, image] of cases) {
			const reference = storageOf(image);
			let operations = 0;
			mend(
				openers,
				hookedStorage(reference, () => operations++),
			);
			const wanted = sorted(await contents(openers, reference));
			assert.ok(operations > 10);
			for (const lasting of [false, true]) {
				for (let failing = 0; failing < operations; failing++) {
					const storage = storageOf(image);
					let count = 0;
					const hooked = hookedStorage(storage, () => {
						const at = count++;
						if (lasting ? at >= failing : at === failing) throw systemError("ENOSPC");
					});
					try {
						mend(openers, hooked);
					} catch (error) {
						assert.is((error as WlsmError).code, "WLSM_IO", `${what}: operation ${failing}`);
					}
					const { leftOut } = mend(openers, storage);
					// The first attempt may have left a table that is not whole: that is told, too.
					const left = leftOut.filter(({ file }) => image.has(file.slice(IMAGE_DIRECTORY.length + 1)));
					assert.ok(left.length <= 1, `${what}: operation ${failing}: ${left.map(({ reason }) => reason).join()}`);
					assert.equal(sorted(await contents(openers, storage)), wanted, `${what}: operation ${failing}`);
					if (what === "a damaged table") assert.ok(storage.exists(`${IMAGE_DIRECTORY}/lost/${table}`));
				}
			}
		}
	},
);

overKernels(repairs, "any damage to any two files gives a database or a clear error", async (openers) => {
	for (let round = 0; round < 150; round++) {
		const victim = random.pick(Object.values(victims));
		const values = history(victim);
		let image: Image = victim.image;
		const what: string[] = [];
		for (let count = 0; count < 2; count++) {
			const [name, bytes] = random.pick([...image]);
			const changed = bytes.slice();
			const at = random.below(Math.max(1, bytes.length));
			const kind = random.below(4);
			what.push(`${name}: ${kind} at ${at}`);
			if (kind === 0) image = withFile(image, name, undefined);
			else if (kind === 1) image = withFile(image, name, bytes.subarray(0, at));
			else if (kind === 2)
				image = withFile(image, name, changed.fill(random.below(256), at, at + 1 + random.below(64)));
			else image = withFile(image, name, new Uint8Array([...bytes, ...random.bytes(random.below(100))]));
		}
		const storage = storageOf(image);
		try {
			mend(openers, storage);
			for (const [key, value] of await contents(openers, storage))
				assert.ok(values.get(key)?.has(value), `${key}=${value}`);
		} catch (error) {
			throw new Error(`${what.join(", ")}: ${(error as Error).message}`, { cause: error });
		}
	}
});

overKernels(repairs, "what is not a database, in use, or only a part, is refused", (openers) =>
	withDirectory(async (directory) => {
		await rejected(() => repair(path.join(directory, "nowhere")), "WLSM_NOT_FOUND");
		await rejected(() => repair(directory), "WLSM_NOT_FOUND");
		for (const wrong of ["", ":memory:", undefined, 7]) {
			await rejected(() => repair(wrong as string), "WLSM_INVALID_ARGUMENT");
		}
		const db = openers.openSync(path.join(directory, "db"));
		db.putSync("a", "1");
		await rejected(() => repair(path.join(directory, "db")), "WLSM_LOCKED");
		db.closeSync();
		writeFileSync(path.join(directory, "000001.wal"), "");
		await rejected(() => repair(directory), "WLSM_CORRUPTION");
		assert.equal(readdirSync(directory).sort(), ["000001.wal", "db"]);
		const { closed } = victims;
		const partial = withFile(withFile(closed.image, "CURRENT", undefined), "CHECKPOINT", Buffer.from("mark"));
		const error = thrown(() => mend(openers, storageOf(partial)), "WLSM_CORRUPTION");
		assert.match(error.message, /checkpoint that was interrupted/);
	}),
);

overKernels(repairs, "on disk, with SQL, through the public functions", (openers) =>
	withDirectory(async (parent) => {
		const directory = path.join(parent, "db");
		const db = openers.openSync(directory);
		db.sql.exec("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT)");
		const insert = db.sql.prepare("INSERT INTO t VALUES (?, ?)");
		for (let index = 0; index < 1000; index++) insert.run(index, `row ${index}`);
		await db.flush();
		for (let index = 0; index < 100; index++) db.putSync(`key ${index}`, `${index}`);
		db.closeSync();
		for (const name of readdirSync(directory)) {
			if (name !== "CURRENT" && !name.startsWith("MANIFEST")) continue;
			const file = path.join(directory, name);
			writeFileSync(file, readFileSync(file).fill(0));
		}
		thrown(() => openers.openSync(directory), "WLSM_CORRUPTION");
		const report = await repair(directory, { kernel: openers.kernel });
		assert.equal(report.leftOut, []);
		assert.not(existsSync(path.join(directory, "LOCK")));
		const again = openers.openSync(directory);
		assert.is(again.sql.prepare("SELECT count(*) FROM t WHERE b = 'row ' || a").pluck().get(), 1000);
		assert.is([...again.keys()].length, 100);
		assert.ok((await again.verify()).ok);
		again.closeSync();
	}),
);

overKernels(
	repairs,
	"records of a closed log that became zeros are told of, whether its header is left or not",
	(openers) => {
		const { image } = victims.closed;
		const name = nameOf(image, ".wal");
		const whole = image.get(name) as Uint8Array;
		for (const from of [0, LOG_HEADER_BYTES, LOG_HEADER_BYTES + 200]) {
			const storage = storageOf(withFile(image, name, Buffer.from(whole).fill(0, from)));
			const { leftOut } = mend(openers, storage);
			assert.ok(
				leftOut.some(({ file }) => file.endsWith(name)),
				`zeros from ${from}`,
			);
			assert.equal(takeImage(storage, `${IMAGE_DIRECTORY}/lost`).has(name), true);
		}
	},
);

repairs.run();
