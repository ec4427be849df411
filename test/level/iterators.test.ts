import { suite } from "uvu";
import * as assert from "uvu/assert";
import { overLevels, pairs, refused } from "./levels.js";

const iterators = suite("iterators of WlsmLevel");

overLevels(iterators, "do not starve the event loop, with and without seeking", async (make) => {
	const db = make();
	const all = pairs(20_000);
	await db.batch(all);
	for (const seeking of [false, true]) {
		let turns = 0;
		let scheduled = false;
		let entries = 0;
		const iterator = db.iterator({ limit: all.length });
		while ((await iterator.next()) !== undefined) {
			entries += 1;
			if (scheduled) continue;
			scheduled = true;
			if (seeking) iterator.seek("000000");
			setImmediate(() => {
				turns += 1;
				scheduled = false;
			});
		}
		assert.is(entries, all.length);
		assert.ok(turns > 0, `${turns} turns`);
		await iterator.close();
	}
});

overLevels(iterators, "next, nextv and all go on where the one before stopped", async (make) => {
	const db = make();
	const all = pairs(3000).map(({ key, value }): [string, string] => [key, value]);
	await db.batch(pairs(3000));
	const iterator = db.iterator();
	assert.equal(await iterator.next(), all[0]);
	assert.equal(await iterator.next(), all[1]);
	assert.equal(await iterator.nextv(3), all.slice(2, 5));
	assert.equal(await iterator.nextv(2000), all.slice(5, 2005));
	assert.equal(await iterator.next(), all[2005]);
	iterator.seek("000100");
	assert.equal(await iterator.nextv(1), [all[100]]);
	assert.equal(await iterator.next(), all[101]);
	assert.equal(await iterator.all(), all.slice(102));
	await refused(() => iterator.next(), "LEVEL_ITERATOR_NOT_OPEN");
});

overLevels(iterators, "hanging ones end with the database", async (make) => {
	for (const wait of [0, 1, 10]) {
		const db = make();
		await db.batch(pairs(5000));
		const hanging = Array.from({ length: 200 }, (_, number) => {
			const iterator = [db.iterator(), db.keys(), db.values({ reverse: true })][number % 3];
			return [db.iterator(), iterator?.next()];
		});
		const moving = db.iterator();
		const moves = (async () => {
			while ((await moving.next()) !== undefined);
		})();
		await new Promise((resolve) => setTimeout(resolve, wait));
		await db.close();
		await moves.catch((error: { code: string }) => assert.is(error.code, "LEVEL_ITERATOR_NOT_OPEN"));
		assert.is(hanging.length, 200);
		await db.open();
		const { iterators, snapshots } = await db.database.stats();
		assert.equal({ iterators, snapshots }, { iterators: 0, snapshots: 0 });
	}
});

overLevels(iterators, "closing releases what they see; the snapshot of one stays until then", async (make) => {
	const db = make({ memtableBytes: 16 << 10 });
	await db.batch(pairs(1000));
	const iterator = db.iterator();
	await db.clear();
	await db.batch(pairs(1000, "newer"));
	await db.compactRange("0", "9");
	iterator.seek("000500");
	assert.equal(await iterator.next(), ["000500", "value 500"]);
	iterator.seek("000001");
	assert.equal(await iterator.nextv(2), [
		["000001", "value 1"],
		["000002", "value 2"],
	]);
	const opened = async () => (await db.database.stats()).iterators;
	assert.is(await opened(), 1);
	await iterator.close();
	assert.is(await opened(), 0);
	for await (const key of db.keys()) if (key === "000003") break;
	await db.iterator().all();
	assert.is(await opened(), 0);
});

overLevels(iterators, "an aborted signal ends them, also between pages", async (make) => {
	const db = make();
	await db.batch(pairs(5000));
	const controller = new AbortController();
	let read = 0;
	const error = await refused(async () => {
		for await (const _ of db.keys({ signal: controller.signal })) {
			read += 1;
			if (read === 100) controller.abort(new Error("enough"));
		}
	}, "LEVEL_ABORTED");
	assert.is(error.name, "AbortError");
	assert.is(read, 100);
	const { signal } = controller;
	const late = db.iterator({ signal });
	await refused(() => late.all(), "LEVEL_ABORTED");
	await late.close();
	const later = new AbortController();
	const all = db.values({ signal: later.signal }).all();
	later.abort();
	const during = await refused(() => all, "LEVEL_ABORTED");
	assert.is(during.name, "AbortError");
	assert.is((await db.database.stats()).iterators, 0);
});

overLevels(iterators, "snapshots: reads, ranges, seeks and clear as of then", async (make) => {
	const db = make({ memtableBytes: 16 << 10 });
	await db.batch(pairs(3000));
	const snapshot = db.snapshot();
	await db.batch(pairs(3000, "newer").filter((_, number) => number % 2 === 0));
	await db.put("001000x", "added");
	await db.compactRange("0", "9");
	assert.is(await db.get("000002", { snapshot }), "value 2");
	assert.is(db.getSync("000002", { snapshot }), "value 2");
	assert.equal(await db.getMany(["000002", "001000x"], { snapshot }), ["value 2", undefined]);
	assert.equal(await db.hasMany(["000002", "001000x"], { snapshot }), [true, false]);
	assert.is(await db.has("001000x", { snapshot }), false);
	const iterator = db.iterator({ snapshot, gte: "000999", reverse: true });
	iterator.seek("001001");
	assert.equal(await iterator.nextv(2), [
		["001001", "value 1001"],
		["001000", "value 1000"],
	]);
	await iterator.close();
	await db.clear({ snapshot, gte: "000500", limit: 2400 });
	assert.equal((await db.keys({ gte: "000498" }).all()).slice(0, 4), ["000498", "000499", "001000x", "002900"]);
	await snapshot.close();
	await refused(() => db.get("a", { snapshot }), "LEVEL_SNAPSHOT_NOT_OPEN");
	await refused(() => db.iterator({ snapshot }).next(), "LEVEL_SNAPSHOT_NOT_OPEN");
	const other = make();
	await other.open();
	await refused(() => db.get("a", { snapshot: other.snapshot() }), "LEVEL_INVALID_ARGUMENT", "WLSM_INVALID_ARGUMENT");
	const held = db.snapshot();
	await db.close();
	await db.open();
	await refused(() => db.get("a", { snapshot: held }), "LEVEL_SNAPSHOT_NOT_OPEN");
	assert.is((await db.database.stats()).snapshots, 0);
});

overLevels(iterators, "that are made where the stack has no room left harm nothing that is stored", async (make) => {
	const db = make();
	await db.batch(pairs(10));
	const deep = (): void => {
		db.iterator().close();
		deep();
	};
	try {
		deep();
		assert.unreachable();
	} catch (error) {
		// The latter where the stack ran out within the kernel, which nothing can be written with any more.
		if (!(error instanceof RangeError)) assert.is((error as { code?: string }).code, "LEVEL_CORRUPTION", String(error));
	}
	await db.close().catch((error: { cause?: { code?: string } }) => assert.is(error.cause?.code, "LEVEL_IO_ERROR"));
	if (db.location === ":memory:") return;
	const again = make({}, db.location);
	assert.is((await again.iterator().all()).length, 10);
	assert.equal((await again.database.verify()).problems, []);
});

iterators.run();
