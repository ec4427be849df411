import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import threads from "node:worker_threads";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Background } from "../../host/engine/background/background.js";
import type { StartBackground, TaskLane } from "../../host/engine/background/lanes.js";
import { SILENCE_LIMIT } from "../../host/engine/background/protocol.js";
import { CommitQueue } from "../../host/engine/commit-queue.js";
import { WlsmError } from "../../host/errors.js";
import { openSync } from "../../host/index.js";
import { NodeStorage } from "../../host/storage/index.js";
import { openStorage, rejected, thrown } from "../support/database.js";
import { SimulatedDisk } from "../support/disk/simulated-disk.js";
import { withPatched } from "../support/patched.js";
import { withSickWorkers } from "../support/sick-workers.js";

/* A background that is not to be had, or that says nothing any more. */

const test = suite<{ directory: string }>("no background worker");
test.before.each((context) => {
	context.directory = join(mkdtempSync(join(tmpdir(), "wlsm-no-worker-")), "db");
});
test.after.each(({ directory }) => rmSync(join(directory, ".."), { recursive: true, force: true }));

const OPTIONS = { memtableBytes: 16 << 10, blockBytes: 512, background: "worker" } as const;
const keyOf = (index: number) => `key ${String(index).padStart(5, "0")}`;

class Refused {
	constructor() {
		throw new Error("no more threads");
	}
}

test("where no worker starts, the calling thread does what is to be done", async ({ directory }) => {
	await withPatched(
		threads,
		"Worker",
		() => Refused as unknown as typeof threads.Worker,
		async () => {
			const db = openSync(directory, OPTIONS);
			for (let index = 0; index < 3000; index++) {
				if (index % 2 === 0) db.putSync(keyOf(index), `value ${index}`.repeat(5));
				else await db.put(keyOf(index), `value ${index}`.repeat(5));
			}
			await db.flush();
			await db.compact();
			const { compaction, levels } = await db.stats();
			assert.ok(compaction.flushes > 3 && compaction.compactions > 0);
			assert.is(levels[0]?.files, 0);
			// Logs and tables that are not needed any more are gone.
			const files = new NodeStorage().list(directory);
			assert.is(files.filter((name) => name.endsWith(".wal")).length, 1, files.join());
			assert.is(
				files.filter((name) => name.endsWith(".sst")).length,
				levels.reduce((sum, level) => sum + level.files, 0),
			);
			await db.close();
		},
	);
	const db = openSync(directory, OPTIONS);
	for (let index = 0; index < 3000; index++) assert.is(db.getSync(keyOf(index)), `value ${index}`.repeat(5));
	assert.equal((await db.verify()).problems, []);
	await db.close();
});

test("what fails on the calling thread in its place is told, and nothing is lost", async () => {
	const lane: TaskLane = {
		...{ running: false, begun: false, done: false },
		post: () => {
			throw new WlsmError("WLSM_IO", "no more threads");
		},
		take: () => undefined,
		takeBack: () => true,
		waitSync: () => {},
	};
	const lanes = { settle: lane, flush: lane, compaction: lane };
	const startBackground: StartBackground = () => ({
		...{ lanes, atWork: false, lost: undefined },
		cancel: () => {},
		stop: () => {},
	});
	let [failures, told] = [0, 0];
	for (let at = 1; ; at++) {
		const storage = new SimulatedDisk();
		const db = openStorage(storage, "/db", OPTIONS, { startBackground });
		for (const key of ["a", "b"]) {
			db.putSync(key, "1");
			await db.flush();
		}
		db.deleteSync("a");
		storage.fault = { at: storage.operations + at, kind: "EIO", lasting: false };
		const steps = [() => db.flush(), () => db.compact(), () => db.putSync("after", "1"), () => db.close()];
		let written = true;
		for (const [index, step] of steps.entries()) {
			await (async () => step())().catch((error: WlsmError) => {
				assert.is(error.code, "WLSM_IO");
				told += 1;
				if (index === 2) written = false;
			});
		}
		const failed = storage.failed.length > 0;
		storage.fault = undefined;
		const again = openStorage(storage, "/db", { ...OPTIONS, background: "inline" });
		assert.equal([...again.keys()], written ? ["after", "b"] : ["b"], `${storage.failed}`);
		assert.equal((await again.verify()).problems, []);
		await again.close();
		if (!failed) break;
		failures += 1;
	}
	assert.ok(failures > 20 && told > 10, `${failures}, ${told}`);
});

test("a worker that falls silent is ended by who looks now and then", async ({ directory }) => {
	let look = () => {};
	await withSickWorkers(async (patients) => {
		patients.next = { kind: "silent", after: 0 };
		// Looks as if time went by.
		const watch = ((callback: () => void) => {
			look = callback;
			return { unref: () => {} };
		}) as unknown as typeof setInterval;
		await withPatched(
			globalThis,
			"setInterval",
			() => watch,
			async () => {
				const db = openSync(directory, OPTIONS);
				for (let index = 0; index < 50; index++) db.putSync(keyOf(index), `value ${index}`);
				const failing = rejected(() => db.flush(), "WLSM_IO");
				let ended = false;
				void failing.finally(() => {
					ended = true;
				});
				for (let turn = 0; !ended; turn++) {
					// To end takes a while.
					if (turn < SILENCE_LIMIT / 1000 || turn % 500 === 0) look();
					await new Promise((resolve) => setImmediate(resolve));
					assert.ok(turn >= SILENCE_LIMIT / 1000 || !ended);
				}
				assert.match((await failing).message, "it made no progress for 30 s");
				assert.is(db.getSync(keyOf(7)), "value 7");
				// The next worker is well.
				await db.flush();
				assert.is((await db.stats()).memtables.length, 1);
				await db.close();
			},
		);
	});
	const db = openSync(directory, OPTIONS);
	assert.is([...db.keys()].length, 50);
	await db.close();
});

test("a worker that was lost is given nothing, and nobody does its work", async ({ directory }) => {
	let lose = () => {};
	const startBackground: StartBackground = (_storage, kernel, _options, onDone) => {
		if (kernel.threads === undefined) return undefined;
		const background = new Background(kernel.threads, onDone);
		lose = () => background.lose(new WlsmError("WLSM_IO", "The background worker has made no progress."));
		return background;
	};
	const db = openStorage(new NodeStorage(), directory, OPTIONS, { startBackground });
	db.putSync("a", "1");
	lose();
	// It may still be at its work in the memory that the database shares with it.
	for (const work of [() => db.flush(), () => db.compact()]) {
		const error = await rejected(work, "WLSM_IO");
		assert.match(error.message, "has made no progress");
	}
	// Nothing is written any more, since what it does at the end of its work cannot be known.
	const put = () => {
		for (let index = 0; index < 10_000; index++) db.putSync(keyOf(index), "x");
	};
	assert.match(thrown(put, "WLSM_IO").message, "has made no progress");
	assert.match(thrown(put, "WLSM_IO").message, "Nothing is written since an earlier failure");
	assert.is(db.getSync("a"), "1");
	await db.close().catch((error: WlsmError) => assert.is(error.code, "WLSM_IO"));
	const again = openSync(directory, OPTIONS);
	assert.is(again.getSync("a"), "1");
	await again.close();
});

test("a commit that waited in vain for room is made all the same, and meets the failure itself", async () => {
	let waits = 0;
	const queue = new CommitQueue({
		busy: true,
		room: async () => {
			waits += 1;
			throw new Error("no room");
		},
	});
	const made: number[] = [];
	const commits = [1, 2, 3].map((number) =>
		queue.enqueue(async () => {
			made.push(number);
			if (number === 2) throw new Error("fails");
			return number;
		}),
	);
	assert.equal(
		(await Promise.allSettled(commits)).map(({ status }) => status),
		["fulfilled", "rejected", "fulfilled"],
	);
	assert.equal(made, [1, 2, 3]);
	assert.is(waits, 3);
});

test.run();
