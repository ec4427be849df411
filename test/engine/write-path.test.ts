import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Pacer } from "../../host/engine/pacer.js";
import { openSync, type WlsmError } from "../../host/index.js";
import { MemoryStorage } from "../../host/storage/index.js";
import type { Storage } from "../../host/storage/storage.js";
import { History } from "../reliability/history.js";
import { DIRECTORY, SMALL } from "../reliability/world.js";
import { openStorage, withDirectory } from "../support/database.js";
import { NAME_MODELS, type Survival } from "../support/disk/names.js";
import { SimulatedDisk } from "../support/disk/simulated-disk.js";
import { hookedStorage, systemError } from "../support/hooked-storage.js";
import { storageOf, takeImage, withFile } from "../support/image.js";
import { overKernels } from "../support/openers.js";
import { Random } from "../support/random.js";

const test = suite("write path");

// -- Batches, which enter the memtable in the order of their keys ---------------------------------------------------

overKernels(test, "large batches keep the order of operations on one key", (openers) => {
	const random = new Random(7);
	const prefixes = ["", "a", "a common prefix that is longer than a head/", "é"];
	for (const distinct of [3, 200, 20_000]) {
		const db = openers.openSync(":memory:");
		const model = new Map<string, string>();
		for (let round = 0; round < 4; round++) {
			const operations = Array.from({ length: [1, 7, 60, 5000][round] as number }, (_, index) => {
				const key = `${random.pick(prefixes)}${random.below(distinct)}`;
				if (random.once(4)) return { type: "delete", key } as const;
				return { type: "put", key, value: `${round} ${index}` } as const;
			});
			db.batchSync(operations);
			for (const operation of operations) {
				if (operation.type === "put") model.set(operation.key, operation.value);
				else model.delete(operation.key);
			}
			const expected = [...model].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
			assert.equal([...db.entries()], expected);
			assert.equal([...db.entries({ reverse: true })], expected.reverse());
			for (const { key } of operations) assert.is(db.getSync(key), model.get(key));
		}
		db.closeSync();
	}
});

// -- Logs that are switched without a sync ---------------------------------------------------------------------------

/** A storage where no table can be made: memtables stay frozen, and their logs needed. */
function withoutTables(storage: Storage): Storage {
	return hookedStorage(storage, (operation, path) => {
		if (operation === "create" && path.endsWith(".sst")) throw systemError("ENOSPC");
	});
}

const isRefusal = (error: unknown) => ((error as WlsmError).cause as { code?: unknown } | undefined)?.code === "ENOSPC";

/** Commits over several logs, none of which gets into a table, until no more memtables may be frozen or the storage fails. */
function fillLogs(storage: Storage, history: History, syncEvery: number): void {
	const db = openStorage(withoutTables(storage), DIRECTORY, SMALL);
	try {
		for (let refusals = 0, step = 1; refusals < 2; step++) {
			const sync = step % syncEvery === 0;
			const value = `${step} `.repeat(300);
			const operations = [`a${step % 9}`, `b${step % 9}`].map((key) => ({ type: "put", key, value }) as const);
			const done = history.tried((state) => {
				for (const { key } of operations) state.set(key, value);
			});
			try {
				db.batchSync(operations, { sync });
				refusals = 0;
			} catch (error) {
				// The flush has failed, and the commit has not been made.
				if (!isRefusal(error)) throw error;
				refusals += 1;
				history.refused();
				continue;
			}
			done(sync);
		}
	} finally {
		try {
			db.closeSync();
		} catch {
			// The first error is the one to tell.
		}
	}
}

overKernels(
	test,
	"zeros at the end of logs, room for records that a killed process did not use, count for nothing",
	async (openers) => {
		const storage = new MemoryStorage();
		const history = new History();
		fillLogs(storage, history, 7);
		let image = takeImage(storage, DIRECTORY);
		const logs = [...image.keys()].filter((name) => name.endsWith(".wal"));
		assert.ok(logs.length >= 3);
		for (const name of logs) {
			const bytes = image.get(name) as Uint8Array;
			const longer = new Uint8Array(bytes.length + 70_001);
			longer.set(bytes);
			image = withFile(image, name, longer);
		}
		for (const readOnly of [true, false]) {
			const copy = storageOf(image, DIRECTORY);
			const db = openers.openStorage(copy, DIRECTORY, { ...SMALL, readOnly });
			assert.equal(new Map(db.entries()), history.latest);
			if (!readOnly) db.putSync("after", "1", { sync: true });
			const report = await db.verify();
			assert.ok(report.ok, JSON.stringify(report.problems));
			db.closeSync();
			const again = openers.openStorage(copy, DIRECTORY, SMALL);
			assert.is(again.getSync("after"), readOnly ? undefined : "1");
			again.closeSync();
		}
	},
);

test("a log on disk that is synced often ends where its records do once it is closed", () => {
	withDirectory((directory) => {
		const db = openSync(directory);
		for (let number = 0; number < 30; number++) db.putSync(`key ${number}`, "value", { sync: true });
		const log = join(directory, readdirSync(directory).find((name) => name.endsWith(".wal")) as string);
		const reserved = statSync(log).size;
		db.closeSync();
		assert.ok(statSync(log).size < reserved, `${statSync(log).size} of ${reserved} bytes`);
		const again = openSync(directory);
		assert.is([...again.keys()].length, 30);
		again.closeSync();
	});
});

test("power cuts while several logs are needed leave a prefix with all that was durable", async () => {
	for (const syncEvery of [7, 100]) {
		const probe = new SimulatedDisk();
		const whole = new History();
		fillLogs(probe, whole, syncEvery);
		assert.ok(probe.list(DIRECTORY).filter((name) => name.endsWith(".wal")).length >= 3);
		assert.ok(whole.tries > 20, `${whole.tries} commits`);
		const random = new Random(syncEvery);
		for (let at = 10; at <= probe.changes; at++) {
			const history = new History();
			const storage = new SimulatedDisk();
			storage.cutAt = at;
			try {
				fillLogs(storage, history, syncEvery);
			} catch {
				// The power went.
			}
			for (let image = 0; image < 6; image++)
				cutImage(storage, history, random, `sync every ${syncEvery}, cut at ${at}`);
		}
	}
});

/** Opens a disk that may be found after the cut, and another one that was cut once more while it was being recovered. */
function cutImage(storage: SimulatedDisk, history: History, random: Random, what: string): void {
	const some = (): Survival => ({
		model: random.pick(NAME_MODELS),
		names: random.pick(["lost", "kept", "some"]),
		data: random.pick(["lost", "kept", "mixed", "mixed", "torn"]),
	});
	const survival = some();
	const told = `${what}, ${JSON.stringify(survival)}`;
	try {
		const image = storage.afterCut(survival, random);
		const second = storage.afterCut(survival, random);
		const db = openStorage(image, DIRECTORY, SMALL);
		history.check([...db.entries()], "durable");
		db.putSync("after", "1", { sync: true });
		const again = openStorage(
			image.afterCut({ model: "posix", names: "lost", data: "lost" }, random),
			DIRECTORY,
			SMALL,
		);
		assert.is(again.getSync("after"), "1");
		again.closeSync();
		db.closeSync();
		second.cutAt = 1 + random.below(8);
		try {
			openStorage(second, DIRECTORY, SMALL).closeSync();
		} catch {
			// The power went.
		}
		const last = openStorage(second.afterCut(some(), random), DIRECTORY, SMALL);
		history.check([...last.entries()], "durable");
		last.closeSync();
	} catch (error) {
		throw new Error(`${told}: ${(error as Error).message}`, { cause: error });
	}
}

/** Two logs that are needed, of which the first lacks its end. */
function tornFirstLog(syncLater: boolean): MemoryStorage {
	const storage = new MemoryStorage();
	const db = openStorage(withoutTables(storage), DIRECTORY, SMALL);
	const fill = "v".repeat(20_000);
	db.putSync("first", "1");
	db.putSync("torn", fill);
	// The flush fails, now or a little later: the commit that is told so is made again.
	const insist = (key: string, options: { sync?: boolean }) => {
		for (let attempt = 0; db.getSync(key) === undefined; attempt++) {
			try {
				db.putSync(key, "1", options);
			} catch (error) {
				assert.is((error as WlsmError).code, "WLSM_IO");
				assert.ok(attempt < 5);
			}
		}
	};
	insist("second log", { sync: syncLater });
	insist("second log, later", {});
	const image = new MemoryStorage();
	image.makeDirectory(DIRECTORY);
	for (const name of storage.list(DIRECTORY)) {
		const source = storage.openRead(`${DIRECTORY}/${name}`);
		const bytes = new Uint8Array(source.size());
		source.readSync(bytes, 0, bytes.length, 0);
		const copy = image.create(`${DIRECTORY}/${name}`);
		copy.writeSync(bytes, 0, bytes.length);
		if (name === "000002.wal") copy.truncate(bytes.length - 100);
	}
	db.closeSync();
	return image;
}

overKernels(test, "a torn log ends what is recovered where nothing behind it counts on it", (openers) => {
	const image = tornFirstLog(false);
	for (const value of ["2", "3"]) {
		const db = openers.openStorage(image, DIRECTORY, SMALL);
		assert.equal([...db.keys()], value === "2" ? ["first"] : ["first", "next"]);
		db.putSync("next", value);
		db.closeSync();
	}
	const logs = image.list(DIRECTORY).filter((name) => name.endsWith(".wal"));
	assert.equal(logs, ["000002.wal"]);
});

overKernels(test, "a torn log is damage where a later one was written when it was on stable storage", (openers) => {
	const image = tornFirstLog(true);
	for (const readOnly of [true, false]) {
		assert.throws(
			() => openers.openStorage(image, DIRECTORY, { ...SMALL, readOnly }),
			(error: WlsmError) => error.code === "WLSM_CORRUPTION" && error.file === `${DIRECTORY}/000002.wal`,
		);
	}
});

// -- The background --------------------------------------------------------------------------------------------------

test("when a compaction resolves, what it made obsolete is gone and what it made is durable", async () => {
	const directory = join(mkdtempSync(join(tmpdir(), "wlsm-write-path-")), "db");
	const db = openSync(directory, { memtableBytes: 64 << 10, blockBytes: 512 });
	for (let round = 0; round < 3; round++) {
		for (let index = 0; index < 4000; index++) {
			db.putSync(String((index * 7919) % 5000), `${round} ${index}`.repeat(10));
			if (index % 500 === 0) await db.put("async", `${index}`);
		}
		await db.compact();
		const { levels } = await db.stats();
		const tables = levels.reduce((sum, { files }) => sum + files, 0);
		const names = readdirSync(directory);
		assert.is(names.filter((name) => name.endsWith(".sst")).length, tables);
		assert.is(names.filter((name) => name.endsWith(".wal")).length, 1);
		assert.is(names.filter((name) => name.startsWith("MANIFEST")).length, 1);
	}
	assert.is((await db.verify()).ok, true);
	await db.close();
	rmSync(join(directory, ".."), { recursive: true });
});

test("the nearer the stop, the longer a commit is held back", () => {
	const pacer = new Pacer(0);
	const pressure = { frozen: 0, maxFrozen: 2, level0: 0, level0Stop: 20 };
	const job = { started: 0, level0Tables: 4, description: { memtables: [] } };
	const delayAt = (level0: number) => pacer.delay({ ...pressure, level0 }, 0.5, 1000);
	assert.is(delayAt(19), 0, "nothing is known yet");
	pacer.measure(job as never, 400);
	pacer.memtableBegan(980);
	assert.is(delayAt(7), 0);
	assert.ok(delayAt(8) > 0 && delayAt(8) < delayAt(12), `${delayAt(8)} ${delayAt(12)}`);
	assert.is(delayAt(20), 20, "never for long");
	assert.is(pacer.delay({ ...pressure, frozen: 2 }, 0.5, 1000), 0, "no flush has been measured");
	pacer.measure({ ...job, description: { memtables: [1, 2] } } as never, 200);
	assert.is(pacer.delay({ ...pressure, frozen: 2 }, 0.5, 1000), 0, "the first half is free");
	assert.is(Math.round(pacer.delay({ ...pressure, frozen: 2 }, 0.65, 1000)), 13);
	assert.is(pacer.delay({ ...pressure, frozen: 1 }, 0.65, 1000), 0);
	assert.is(pacer.delay({ ...pressure, frozen: 2 }, 0.65, 1040), 0, "it fills slowly enough");
});

test.run();
