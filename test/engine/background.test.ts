import { existsSync, mkdtempSync, rmSync } from "node:fs";
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
			const compacting = round % 2 === 0 ? db.compact() : undefined;
			await db[close]();
			if (compacting !== undefined) {
				const outcome = await compacting.then(
					() => "done",
					(error: WlsmError) => error.code,
				);
				assert.ok(outcome === "done" || outcome === "WLSM_CLOSED", outcome);
			}
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

test.run();
