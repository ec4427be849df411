import { existsSync, mkdtempSync, readdirSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openSync, WlsmError } from "../../host/index.js";

const test = suite<{ directory: string }>("background worker");
test.before.each((context) => {
	context.directory = join(mkdtempSync(join(tmpdir(), "wlsm-background-")), "db");
});
test.after.each(({ directory }) => rmSync(join(directory, ".."), { recursive: true, force: true }));

const OPTIONS = { memtableBytes: 64 << 10, blockBytes: 512, background: "worker" } as const;
const key = (index: number) => String((index * 7919) % 30_000).padStart(8, "0");
const value = (index: number) => `${index}`.repeat(12);

test("synchronous writers outrun the worker and lose nothing", async ({ directory }) => {
	let db = openSync(directory, OPTIONS);
	for (let index = 0; index < 30_000; index++) db.putSync(key(index), value(index));
	for (let index = 0; index < 30_000; index += 7) assert.is(db.getSync(key(index)), value(index));
	await db.flush();
	const { compaction, memtables } = await db.stats();
	assert.ok(compaction.flushes > 1, "flushed in the background");
	assert.is(memtables.length, 1);
	assert.is(memtables[0]?.entries, 0);
	assert.is((await db.verify()).ok, true);
	await db.close();
	db = openSync(directory, OPTIONS);
	assert.is([...db.keys()].length, 30_000);
	await db.close();
});

test("waiting writers go on when the worker has caught up, in their order", async ({ directory }) => {
	const db = openSync(directory, OPTIONS);
	const puts: Promise<void>[] = [];
	for (let index = 0; index < 20_000; index++) puts.push(db.put(`k${index % 100}`, value(index)));
	await Promise.all(puts);
	for (let index = 19_900; index < 20_000; index++) assert.is(await db.get(`k${index % 100}`), value(index));
	await db.close();
});

test("a scan sees its snapshot while flushes and compactions go on", async ({ directory }) => {
	const db = openSync(directory, OPTIONS);
	for (let index = 0; index < 10_000; index++) db.putSync(key(index), "old");
	let seen = 0;
	for await (const [, text] of db.entries()) {
		assert.is(text, "old");
		if (seen % 50 === 0) for (let more = 0; more < 50; more++) db.putSync(key(seen + more), "new".repeat(20));
		seen++;
	}
	assert.is(seen, 10_000);
	await db.compact();
	assert.is(db.getSync(key(0)), "new".repeat(20));
	await db.close();
});

for (const close of ["close", "closeSync"] as const) {
	test(`${close} while the worker is busy gives the job up and loses nothing`, async ({ directory }) => {
		for (let round = 0; round < 5; round++) {
			const db = openSync(directory, OPTIONS);
			for (let index = 0; index < 3000; index++) db.putSync(key(index + 3000 * round), value(index));
			const compacting =
				round % 2 === 0
					? db.compact().then(
							() => "done",
							(error: WlsmError) => error.code,
						)
					: "done";
			await db[close]();
			const outcome = await compacting;
			assert.ok(outcome === "done" || outcome === "WLSM_CLOSED", outcome);
		}
		const db = openSync(directory, OPTIONS);
		for (let index = 0; index < 15_000; index++) assert.is(db.getSync(key(index)), value(index % 3000));
		assert.is((await db.verify()).ok, true);
		await db.close();
	});
}

test("a failure in the background reaches the next writer with its cause", async ({ directory }) => {
	const db = openSync(directory, OPTIONS);
	db.putSync("a", "1");
	rmSync(directory, { recursive: true });
	let failure: unknown;
	for (let index = 0; index < 100_000 && failure === undefined; index++) {
		try {
			db.putSync(key(index), value(index));
		} catch (error) {
			failure = error;
		}
	}
	assert.instance(failure, WlsmError);
	assert.is((failure as WlsmError).code, "WLSM_IO");
	assert.is(((failure as WlsmError).cause as NodeJS.ErrnoException).code, "ENOENT");
	assert.is(db.getSync("a"), "1", "what was written can still be read");
	await db.close().catch((error: WlsmError) => assert.is(error.code, "WLSM_IO"));
	assert.not(existsSync(directory));
});

/** Puts until commits wait for the background, and answers them. */
function stall(put: (index: number) => Promise<void>): Promise<void>[] {
	return Array.from({ length: 2000 }, (_, index) => put(index));
}

test("a transaction conflicts with a commit that waits before it", async ({ directory }) => {
	const db = openSync(directory, { ...OPTIONS, memtableBytes: 16 << 10 });
	db.putSync("counter", "5");
	const puts = stall((index) => db.put(`h${index}`, "v".repeat(100)));
	const waiting = db.put("counter", "100");
	let outcome = "committed";
	try {
		db.transactionSync((tx) => tx.putSync("counter", String(Number(tx.getSync("counter")) + 1)));
	} catch (error) {
		outcome = (error as WlsmError).code;
	}
	await Promise.all([...puts, waiting]);
	assert.is(db.getSync("counter"), outcome === "WLSM_CONFLICT" ? "100" : "101");
	const deleted = stall((index) => db.put(`r${index}`, "v".repeat(100)));
	db.deleteRangeSync({ prefix: "r" });
	await Promise.all(deleted);
	assert.equal([...db.keys({ prefix: "r" })], [], "what was put before the deletion is deleted");
	await db.close();
});

test("a commit that waits keeps its arguments as they were", async ({ directory }) => {
	const db = openSync(directory, { ...OPTIONS, memtableBytes: 16 << 10, valueEncoding: "view" });
	const buffer = Buffer.alloc(100, 1);
	const puts = stall((index) => db.put(`k${index}`, buffer));
	const operations = [{ type: "put" as const, key: "batch", value: buffer }];
	puts.push(db.batch(operations));
	buffer.fill(2);
	operations.length = 0;
	await Promise.all(puts);
	for (const [key, value] of db.entries())
		assert.ok(
			value.every((byte) => byte === 1),
			key,
		);
	assert.is(db.hasSync("batch"), true);
	await db.close();
});

for (const way of ["putSync", "put"] as const) {
	test(`compactions that always fail do not hang ${way}`, async ({ directory }) => {
		let db = openSync(directory, { ...OPTIONS, memtableBytes: 16 << 10 });
		for (let index = 0; index < 600; index++) db.putSync(key(index), value(index));
		await db.flush();
		await db.close();
		const table = readdirSync(directory).find((name) => name.endsWith(".sst")) as string;
		truncateSync(join(directory, table), 100);
		db = openSync(directory, { ...OPTIONS, memtableBytes: 16 << 10 });
		const codes = new Set<string>();
		for (let index = 0; index < 12_000; index++) {
			try {
				await db[way](key(index), value(index));
			} catch (error) {
				codes.add((error as WlsmError).code);
			}
		}
		assert.equal([...codes], ["WLSM_CORRUPTION"]);
		await db.close();
	});
}

test("a checkpoint is refused where the database was closed meanwhile", async ({ directory }) => {
	const db = openSync(directory, OPTIONS);
	for (let index = 0; index < 300; index++) db.putSync(key(index), value(index));
	const closing = db.flush().then(() => db.closeSync());
	const outcome = await db.checkpoint(`${directory}-copy`).then(
		() => "done",
		(error: WlsmError) => error.code,
	);
	await closing;
	assert.ok(outcome === "WLSM_CLOSED" || outcome === "done", outcome);
});

test.run();
