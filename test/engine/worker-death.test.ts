import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Worker } from "node:worker_threads";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Background } from "../../host/engine/background/background.js";
import { Lane } from "../../host/engine/background/lane.js";
import {
	inPhase,
	LANE_ADDRESS,
	LANE_PHASE,
	laneAt,
	PHASE_DONE,
	PHASE_RUNNING,
	STATE_BYTES,
} from "../../host/engine/background/protocol.js";
import type { Engine } from "../../host/engine/engine.js";
import { openSync, WlsmError } from "../../host/index.js";
import type { WasmKernel } from "../../host/kernel/index.js";
import { rejected, thrown } from "../support/database.js";
import { newWasmKernel } from "../support/kernel.js";
import { Random } from "../support/random.js";
import { limitMemory } from "../support/scarcity.js";
import { withSickWorkers } from "../support/sick-workers.js";

/* Whatever ends the background thread, whoever waits for it is told, and the data stays. */

const test = suite<{ directory: string }>("death of the background worker");
test.before.each((context) => {
	context.directory = join(mkdtempSync(join(tmpdir(), "wlsm-death-")), "db");
});
test.after.each(({ directory }) => rmSync(join(directory, ".."), { recursive: true, force: true }));

const OPTIONS = { memtableBytes: 64 << 10, blockBytes: 512, background: "worker" } as const;
const COUNT = 3000;
const keyOf = (index: number) => `key ${String(index).padStart(5, "0")}`;

/** The next worker that this thread starts. */
function nextWorker(): Promise<Worker> {
	return new Promise((resolve) => process.once("worker", resolve));
}

function kernelOf(db: object): WasmKernel {
	// @ts-expect-error: the engine is not part of the public interface.
	return (db.engine as Engine).kernel as WasmKernel;
}

async function checkAll(directory: string): Promise<void> {
	const db = openSync(directory, OPTIONS);
	for (let index = 0; index < COUNT; index++) assert.is(db.getSync(keyOf(index)), `${index}`);
	assert.equal((await db.verify()).problems, []);
	await db.compact();
	await db.close();
}

for (const work of ["flush", "compact"] as const) {
	test(`${work} fails with the worker, and the next one has a worker of its own`, async ({ directory }) => {
		const db = openSync(directory, OPTIONS);
		for (let index = 0; index < COUNT; index++) db.putSync(keyOf(index), `${index}`);
		const dying = nextWorker();
		const failing = rejected(() => db[work](), "WLSM_IO");
		await (await dying).terminate();
		assert.match((await failing).message, /The background worker stopped: exit code [01]\./);
		assert.is(db.getSync(keyOf(7)), "7");
		const living = nextWorker();
		await db[work]();
		await living;
		assert.ok((await db.stats()).levels.some(({ files }) => files > 0));
		await db.close();
		await checkAll(directory);
	});
}

test("what a worker throws is the cause", async ({ directory }) => {
	const db = openSync(directory, OPTIONS);
	for (let index = 0; index < COUNT; index++) db.putSync(keyOf(index), `${index}`);
	const dying = nextWorker();
	const failing = rejected(() => db.flush(), "WLSM_IO");
	const worker = await dying;
	const thrown = new Error("ran out of memory");
	worker.emit("error", thrown);
	const error = await failing;
	assert.match(error.message, "The background worker stopped: ran out of memory.");
	assert.is(error.cause, thrown);
	await worker.terminate();
	await db.flush();
	await db.close();
	await checkAll(directory);
});

test("killed at any moment: what was waited for is done or fails, and nothing is lost", async ({ directory }) => {
	const random = new Random(1);
	let failed = 0;
	for (let round = 0; round < 12; round++) {
		const db = openSync(directory, OPTIONS);
		const dying = nextWorker();
		for (let index = 0; index < COUNT; index++) db.putSync(keyOf(index), `${index}`);
		const work = round % 3 === 0 ? db.flush() : db.compact();
		const outcome = work.then(
			() => "done",
			(error: unknown) => (error instanceof WlsmError ? error.code : String(error)),
		);
		const worker = await dying;
		for (let turns = random.below(40); turns > 0; turns--) await new Promise((resolve) => setImmediate(resolve));
		await worker.terminate();
		const code = await outcome;
		assert.ok(code === "done" || code === "WLSM_IO", code);
		if (code !== "done") failed += 1;
		// What it has become of the worker may be told by closing.
		await db.close().catch((error: WlsmError) => assert.is(error.code, "WLSM_IO"));
	}
	assert.ok(failed > 0);
	await checkAll(directory);
});

test("a thread that died with the allocator's lock ends writing, and closing does not wait for it", async ({
	directory,
}) => {
	const db = openSync(directory, OPTIONS);
	for (let index = 0; index < COUNT; index++) db.putSync(keyOf(index), `${index}`);
	// Root.allocatorLock of assembly/memory/root.ts.
	kernelOf(db).memory.words[(1024 + 4) >>> 2] = 1;
	// It takes memory, as it looks through what it wrote.
	const write = () =>
		db.transactionSync((tx) => {
			tx.putSync("a", "b");
			return [...tx.keys()];
		});
	assert.match(thrown(write, "WLSM_CORRUPTION").message, "found an invariant broken (unreachable)");
	assert.match(thrown(write, "WLSM_CORRUPTION").message, "Nothing is written since an earlier failure");
	await db.close();
	await checkAll(directory);
});

test("memory that is used up where work is handed over fails that work alone", async ({ directory }) => {
	const db = openSync(directory, OPTIONS);
	for (let index = 0; index < COUNT; index++) db.putSync(keyOf(index), `${index}`);
	await db.flush();
	db.putSync("more", "1");
	const release = limitMemory(kernelOf(db), 0);
	await rejected(() => db.flush(), "WLSM_OUT_OF_MEMORY");
	assert.is(db.getSync("more"), "1");
	release();
	await db.flush();
	await db.close();
	await checkAll(directory);
});

/** A background whose worker never starts. */
class Idle extends Background {
	override wake(): void {}
}

const TASK = { settle: { manifest: undefined, remove: [] } } as const;

test("a worker that shows no progress is taken for dead, and given nothing more", () => {
	const { wait } = Atomics;
	let looks = 0;
	// The time that passes is the time that was to be waited.
	Atomics.wait = () => {
		looks += 1;
		return "timed-out";
	};
	try {
		const background = new Idle(newWasmKernel(), () => {});
		const { settle, flush } = background.lanes;
		settle.post(TASK);
		settle.waitSync();
		assert.ok(looks > 50 && looks < 500, `${looks}`);
		assert.ok(settle.done);
		for (const work of [() => settle.take(), () => flush.post(TASK), () => settle.post(TASK)])
			assert.match(thrown(work, "WLSM_IO").message, "no progress for 30 s. Close the database and open it again");
	} finally {
		Atomics.wait = wait;
	}
});

test("a task that ends without an outcome, or is asked for before it ends", () => {
	const kernel = newWasmKernel();
	const state = new Int32Array(new SharedArrayBuffer(STATE_BYTES));
	const lane = new Lane(new Idle(kernel, () => {}), kernel, state, "flush");
	lane.post(TASK);
	assert.match(thrown(() => lane.take(), "WLSM_IO").message, "The background worker stopped.");
	lane.post(TASK);
	// As the worker does where there is no room for what it has to say.
	const at = laneAt("flush");
	const word = Atomics.load(state, at + LANE_PHASE);
	Atomics.store(state, at + LANE_PHASE, inPhase(word, PHASE_RUNNING));
	Atomics.store(state, at + LANE_ADDRESS, 0);
	assert.not(lane.takeBack(), "it has been begun");
	Atomics.store(state, at + LANE_PHASE, inPhase(word, PHASE_DONE));
	assert.ok(lane.done);
	assert.match(thrown(() => lane.take(), "WLSM_OUT_OF_MEMORY").message, "in the background");
});

for (const kind of ["exit", "throw"] as const) {
	test(`a writer that never returns to its event loop is told at once of a worker's end (${kind})`, ({ directory }) =>
		withSickWorkers(async (patients) => {
			patients.next = { kind, after: 3 };
			const db = openSync(directory, { ...OPTIONS, memtableBytes: 16 << 10 });
			const messages: string[] = [];
			let written = 0;
			// On a busy machine the worker gets to its end late.
			for (let index = 0; index < 5000 || (messages.length === 0 && index < 200_000); index++) {
				try {
					db.putSync(keyOf(index), "value ".repeat(10));
					written += 1;
				} catch (error) {
					assert.is((error as WlsmError).code, "WLSM_IO");
					messages.push((error as WlsmError).message);
				}
			}
			assert.match(messages[0] ?? "", /The background worker stopped/);
			for (const message of messages) assert.not.match(message, /no progress/);
			await db.close().catch((error: WlsmError) => assert.is(error.code, "WLSM_IO"));
			const again = openSync(directory, OPTIONS);
			assert.is([...again.keys()].length, written);
			await again.close();
		}));
}

test.run();
