import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Engine } from "../../host/engine/engine.js";
import { repairOn } from "../../host/engine/repair/repair.js";
import { resolveOptions } from "../../host/options.js";
import { survived } from "../reliability/crash.js";
import { DIRECTORY, SMALL } from "../reliability/world.js";
import { openStorage, rejected, thrown } from "../support/database.js";
import type { FaultKind } from "../support/disk/fault.js";
import { NAME_MODELS } from "../support/disk/names.js";
import { simulatedBackground } from "../support/disk/simulated-background.js";
import { SimulatedDisk } from "../support/disk/simulated-disk.js";
import { recordsOf } from "../support/forge.js";
import { storageOf, takeImage, withFile } from "../support/image.js";
import { overKernels } from "../support/openers.js";
import { Random } from "../support/random.js";

/* What the campaigns of power cuts and faults have found: each fails without what mends it. */
const durability = suite("durability");

/** Notes its operations. */
class Watched extends SimulatedDisk {
	readonly calls: string[] = [];

	override perform: SimulatedDisk["perform"] = (call, path, effect, work, failing) => {
		this.calls.push(`${call} ${path}`);
		return super.perform(call, path, effect, work, failing);
	};
}

/** Everything is found that was written. */
const KEPT = { model: "own", names: "kept", data: "kept" } as const;

/** The disk after a cut that leaves nothing which was not synced. */
function leastOf(disk: SimulatedDisk): SimulatedDisk {
	return disk.afterCut({ model: "posix", names: "lost", data: "lost" }, new Random(1));
}

overKernels(durability, "a directory that an attempt made which then failed is synced by the next one", (openers) => {
	for (let at = 1; at < 12; at++) {
		const disk = new SimulatedDisk();
		disk.fault = { at, kind: "EIO", lasting: false };
		try {
			openers.openStorage(disk, "/far/above/db", SMALL).closeSync();
		} catch {
			// The attempt.
		}
		const db = openers.openStorage(disk, "/far/above/db", SMALL);
		db.putSync("key", "value", { sync: true });
		const found = openers.openStorage(leastOf(disk), "/far/above/db", SMALL);
		assert.is(found.getSync("key"), "value", `after ${disk.failed[0]}`);
		db.closeSync();
		found.closeSync();
	}
});

for (const kind of ["lost sync", "zeroed sync"] as const satisfies FaultKind[]) {
	for (const file of ["wal", "MANIFEST"]) {
		overKernels(
			durability,
			`what a ${kind} of the ${file} gave up is not counted on by the next opening`,
			async (openers) => {
				const commit = async (disk: SimulatedDisk) => {
					const db = openers.openStorage(disk, DIRECTORY, SMALL);
					db.putSync("before", "1", { sync: true });
					const opened = disk.operations;
					const failed = await db.put("failing", "1", { sync: true }).then(
						() => db.flush().catch((error: unknown) => error),
						(error: unknown) => error,
					);
					db.closeSync();
					return { opened, failed };
				};
				const probe = new Watched();
				const { opened } = await commit(probe);
				const at = probe.calls.findIndex(
					(call, index) => index >= opened && call.startsWith("fdatasync") && call.includes(file),
				);
				const disk = new SimulatedDisk();
				disk.fault = { at: at + 1, kind, lasting: false };
				const { failed } = await commit(disk);
				await rejected(() => Promise.reject(failed), "WLSM_IO");
				assert.match(disk.failed[0] ?? "", new RegExp(`^fdatasync .*${file}`));
				// The system still shows what it will never write.
				const next = openers.openStorage(disk, DIRECTORY, SMALL);
				const shown = [...next.entries()];
				next.putSync("next", "1", { sync: true });
				const found = openers.openStorage(leastOf(disk), DIRECTORY, SMALL);
				assert.equal([...found.entries()], [...shown, ["next", "1"]].sort());
				assert.equal((await found.verify()).problems, []);
				next.closeSync();
				found.closeSync();
			},
		);
	}
}

overKernels(
	durability,
	"names that an earlier process changed and did not sync are settled before they are counted on",
	(openers) => {
		// Killed at each operation of a closing that writes the manifest anew, then opened and written to by another process.
		for (const model of NAME_MODELS) {
			for (let cut = 1; ; cut++) {
				const disk = new SimulatedDisk();
				const db = openers.openStorage(disk, DIRECTORY, SMALL);
				for (let table = 0; table < 3; table++) {
					db.putSync(`${table}`.padEnd(30_000, "k"), "1");
				}
				disk.cutAt = disk.changes + cut;
				let survived = true;
				try {
					db.closeSync();
				} catch {
					survived = false;
				}
				disk.cutAt = Number.POSITIVE_INFINITY;
				const next = openers.openStorage(disk, DIRECTORY, SMALL);
				const count = [...next.keys()].length;
				next.putSync("next", "1", { sync: true });
				const found = openers.openStorage(
					disk.afterCut({ model, names: "lost", data: "lost" }, new Random(cut)),
					DIRECTORY,
					SMALL,
				);
				assert.is([...found.keys()].length, count + 1, `${model}, killed at ${cut}`);
				next.closeSync();
				found.closeSync();
				if (survived) break;
			}
		}
	},
);

overKernels(durability, "a lost sector is told from damage wherever in it a record begins", (openers) => {
	const disk = new SimulatedDisk();
	const db = openers.openStorage(disk, DIRECTORY, SMALL);
	// Records of 56 bytes: one begins 8, 16, 24 … bytes before the end of a sector.
	for (let index = 100; index < 400; index++) db.putSync(`k${index}`, "12345");
	const image = takeImage(disk, DIRECTORY);
	const name = [...image.keys()].find((file) => file.endsWith(".wal")) as string;
	const log = image.get(name) as Uint8Array;
	const rests = new Set<number>();
	for (let sector = 1; (sector + 2) * 512 < log.length; sector++) {
		const end = (sector + 1) * 512;
		const first = recordsOf(log).findIndex(({ offset }) => offset >= sector * 512);
		for (const { offset } of recordsOf(log)
			.slice(first)
			.filter(({ offset }) => offset < end)) {
			// Up to the record the sector was written before; the rest of it is lost.
			const bytes = log.slice();
			bytes.fill(0, offset, end);
			const found = openers.openStorage(storageOf(withFile(image, name, bytes), DIRECTORY), DIRECTORY, SMALL);
			const whole = recordsOf(log).findIndex((record) => record.offset === offset);
			assert.is([...found.keys()].length, whole, `zeros from ${offset} to ${end}`);
			found.closeSync();
			rests.add(end - offset);
		}
	}
	for (const rest of [8, 16, 24, 32])
		assert.ok(rests.has(rest), `no record begins ${rest} bytes before a sector's end`);
	db.closeSync();
});

overKernels(
	durability,
	"what a failed sync lost out of a log that was written on is told from damage, within a sector too",
	(openers) => {
		const disk = new SimulatedDisk();
		const db = openers.openStorage(disk, DIRECTORY, SMALL);
		for (let index = 100; index < 130; index++) db.putSync(`k${index}`, "12345", { sync: index === 110 });
		const image = takeImage(disk, DIRECTORY);
		const name = [...image.keys()].find((file) => file.endsWith(".wal")) as string;
		const log = image.get(name) as Uint8Array;
		const records = recordsOf(log);
		for (const [index, { offset }] of records.entries()) {
			const end = records[index + 1]?.offset;
			if (end === undefined) break;
			const opened = () =>
				openers.openStorage(
					storageOf(withFile(image, name, log.slice().fill(0, offset, end)), DIRECTORY),
					DIRECTORY,
					SMALL,
				);
			// Records behind the sync say that those up to it were on stable storage.
			if (index <= 10) thrown(opened, "WLSM_CORRUPTION");
			else {
				const found = opened();
				assert.is([...found.keys()].length, index, `record ${index}`);
				found.closeSync();
			}
		}
		db.closeSync();
	},
);

overKernels(durability, "verify names the file that it could not read", async (openers) => {
	const disk = new SimulatedDisk();
	const db = openers.openStorage(disk, DIRECTORY, SMALL);
	db.putSync("key", "value");
	let told = 0;
	for (let at = disk.operations + 1; ; at = disk.operations + 1) {
		disk.fault = { at: at + told, kind: "EIO", lasting: false };
		const failed = disk.failed.length;
		const outcome = await db.verify().catch((error: unknown) => error);
		if (disk.failed.length === failed) break;
		told += 1;
		const error = await rejected(() => Promise.reject(outcome), "WLSM_IO");
		assert.ok(error.file?.startsWith(DIRECTORY), error.message);
	}
	assert.ok(told >= 4, `${told} operations`);
	disk.fault = undefined;
	db.closeSync();
	thrown(() => db.getSync("key"), "WLSM_CLOSED");
});

overKernels(
	durability,
	"a flush that comes to its turn after writing has failed ends with that failure",
	async ({ kernel }) => {
		const db = openStorage(new SimulatedDisk(), DIRECTORY, { ...SMALL, kernel });
		db.putSync("key", "1");
		// @ts-expect-error: the engine is not part of the public interface.
		const engine: Engine = db.engine;
		engine.fail(new Error("a failure of the background"));
		// What db.flush() does once it has looked: it went round for ever, and nothing else came to its turn.
		const error = await rejected(() => engine.compactor.flush(), "WLSM_IO");
		assert.match(error.message, /a failure of the background/);
		assert.is(db.getSync("key"), "1");
		db.closeSync();
	},
);

overKernels(
	durability,
	"closing that meets a failure of the background keeps what was not synced, or says so",
	async (openers) => {
		for (let seed = 1; seed < 80; seed++) {
			for (const lasting of [false, true]) {
				const disk = new SimulatedDisk();
				const random = new Random(seed);
				const at = random.between(1, 9);
				const beside = { startBackground: simulatedBackground(random) };
				const db = openers.openStorage(disk, DIRECTORY, SMALL, beside);
				// Until a compaction is under way.
				for (let table = random.below(6); table < 8; table++) {
					db.putSync("key", String(table));
					await db.flush();
				}
				db.putSync("last", "1");
				for (let turn = random.below(12); turn > 0; turn--) await new Promise((resolve) => setImmediate(resolve));
				disk.fault = { at: disk.operations + at, kind: "EIO", lasting };
				let failed = false;
				try {
					if (random.once(2)) db.closeSync();
					else await db.close();
				} catch {
					failed = true;
				}
				disk.fault = undefined;
				if (failed) continue;
				const again = openers.openStorage(leastOf(disk), DIRECTORY, SMALL);
				assert.is(again.getSync("last"), "1", `seed ${seed}${lasting ? ", lasting" : ""}`);
				again.closeSync();
			}
		}
	},
);

overKernels(durability, "a repair that was interrupted brings nothing back", async (openers) => {
	const options = resolveOptions({ ...SMALL, kernel: openers.kernel });
	for (let stop = 1, ended = false; !ended; stop++) {
		const disk = new SimulatedDisk();
		const db = openers.openStorage(disk, DIRECTORY, SMALL);
		for (const key of ["gone", "kept"]) {
			db.putSync(key, "1");
			await db.flush();
		}
		db.deleteSync("gone");
		db.putSync("newer", "1");
		disk.cutAt = disk.changes + stop;
		// A table that the manifest does not name may stay.
		ended = await survived(() => db.flush());
		for (let cut = 1, repaired = false; !repaired; cut++) {
			const found = disk.afterCut(KEPT, new Random(1));
			found.cutAt = cut;
			repaired = await survived(() => void repairOn(found, DIRECTORY, options));
			const next = found.afterCut(KEPT, new Random(1));
			repairOn(next, DIRECTORY, options);
			const again = openers.openStorage(next, DIRECTORY, SMALL);
			assert.equal([...again.keys()], ["kept", "newer"], `flush stopped at ${stop}, repair at ${cut}`);
			again.closeSync();
		}
	}
});

durability.run();
