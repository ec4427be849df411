import { setImmediate as turn } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { WlsmLevel } from "../../host/level/index.js";
import { overLevels, pairs, refused } from "./levels.js";

const level = suite("WlsmLevel");

overLevels(level, "says what it supports", async (make) => {
	const db = make();
	const { has, seek, implicitSnapshots, explicitSnapshots, createIfMissing, errorIfExists, deferredOpen, permanence } =
		db.supports;
	const declared = { has, seek, implicitSnapshots, explicitSnapshots, createIfMissing, errorIfExists, deferredOpen };
	assert.equal(Object.values(declared), Object.values(declared).fill(true));
	assert.is(permanence, db.location !== ":memory:");
	for (const name of ["utf8", "view", "buffer"] as const) {
		assert.is(db.supports.encodings[name], true);
		assert.is(db.keyEncoding(name).format, name);
	}
	assert.equal(db.supports.additionalMethods, { approximateSize: true, compactRange: true });
	assert.equal(db.supports.signals, { iterators: true });
});

overLevels(level, "mixes encodings, of which each reads what the others wrote", async (make) => {
	const db = make();
	const view = { keyEncoding: "view", valueEncoding: "view" };
	const buffer = { keyEncoding: "buffer", valueEncoding: "buffer" };
	const bytes = (text: string) => Uint8Array.from(Buffer.from(text));
	await db.batch<unknown, unknown>(
		[
			{ type: "put", key: "ä", value: "text" },
			{ type: "put", key: bytes("b"), value: Uint8Array.of(0, 255), ...view },
			{ type: "put", key: Buffer.from("c"), value: { n: 1 }, keyEncoding: "buffer", valueEncoding: "json" },
			{ type: "put", key: "d", value: "gone" },
			{ type: "del", key: bytes("d"), keyEncoding: "view" },
		],
		{},
	);
	assert.is(await db.get("c"), '{"n":1}');
	const raw = await db.get<Uint8Array, Uint8Array>(bytes("b"), view);
	assert.equal(raw, Uint8Array.of(0, 255));
	assert.not.ok(Buffer.isBuffer(raw));
	const taken = db.getSync<Buffer, Buffer>(Buffer.from("b"), buffer);
	assert.ok(Buffer.isBuffer(taken));
	assert.equal([...(taken as Buffer)], [0, 255]);
	const entries = await db.iterator<Buffer, Uint8Array>({ keyEncoding: "buffer", valueEncoding: "view" }).all();
	assert.equal(
		entries.map(([key]) => key.toString()),
		["b", "c", "ä"],
	);
	assert.ok(entries.every(([key, value]) => Buffer.isBuffer(key) && !Buffer.isBuffer(value)));
	assert.equal(await db.keys({ gte: bytes("c"), keyEncoding: "view" }).all(), [bytes("c"), bytes("ä")]);
});

overLevels(level, "the empty key is one like any other", async (make) => {
	const db = make({ memtableBytes: 16 << 10 });
	await db.batch([...pairs(500), { type: "put", key: "", value: "empty" }]);
	await db.compactRange("", "~");
	await db.put("", "newer");
	assert.is(await db.get(""), "newer");
	assert.is(db.getSync(""), "newer");
	assert.equal(await db.hasMany(["", "000001", "x"]), [true, true, false]);
	assert.equal(await db.iterator({ limit: 1 }).all(), [["", "newer"]]);
	assert.is((await db.keys({ gt: "" }).all()).length, 500);
	await db.compactRange("", "");
	const { ok, problems } = await db.database.verify();
	assert.ok(ok, JSON.stringify(problems));
	await db.del("");
	assert.is(await db.get(""), undefined);
});

overLevels(level, "keys and values that wlsm does not take are refused with its reasons", async (make) => {
	const db = make();
	await db.open();
	const long = "k".repeat(65_536);
	const invalid = ["LEVEL_INVALID_ARGUMENT", "WLSM_INVALID_ARGUMENT"] as const;
	await refused(() => db.put(long, "value"), ...invalid);
	await refused(() => db.put("\ud800", "value"), ...invalid);
	await refused(() => db.put("key", "\udfff"), ...invalid);
	await refused(() => db.get(long), ...invalid);
	await refused(() => db.getSync(long), ...invalid);
	await refused(() => db.getMany(["a", long]), ...invalid);
	await refused(() => db.has(long), ...invalid);
	await refused(() => db.hasMany([long]), ...invalid);
	await refused(() => db.del(long), ...invalid);
	await refused(() => db.batch([...pairs(3), { type: "put", key: long, value: "" }]), ...invalid);
	const batch = db.batch().put("a", "1");
	await refused(() => batch.put(long, "2"), ...invalid);
	await refused(() => batch.del(long), ...invalid);
	await batch.put("b", "2").write();
	await refused(() => db.put("a", "1", { sync: 1 as unknown as boolean }), ...invalid);
	assert.equal(await db.keys().all(), ["a", "b"]);
});

overLevels(level, "many keys at once, more than a page and twice the same", async (make) => {
	const db = make({ memtableBytes: 16 << 10, blockCacheBytes: 0 });
	const all = pairs(5000);
	await db.batch(all);
	await db.compactRange("0", "9");
	const keys = [...all.map(({ key }) => key), "absent", "000001", "000001"];
	const values = [...all.map(({ value }) => value), undefined, "value 1", "value 1"];
	assert.equal(await db.getMany(keys), values);
	assert.equal(
		await db.hasMany(keys),
		values.map((value) => value !== undefined),
	);
	assert.equal(await db.getMany(Array.from({ length: 10_000 }, () => "000007")), Array(10_000).fill("value 7"));
});

overLevels(level, "options of wlsm's own: values expire, others' options are passed over", async (make) => {
	// As it comes from programs that were written for another database.
	const foreign = { cacheSize: 1, multithreading: true, compression: false };
	const db = make<string, string>({ ...foreign, memtableBytes: 32 << 10 });
	await db.put("stays", "1", { ttlMs: 60_000, sync: true });
	await db.batch([{ type: "put", key: "goes", value: "2", ttlMs: 1 }, ...pairs(1)], { sync: true });
	await db
		.batch()
		.put("goes too", "3", { ttlMs: 1 } as object)
		.del("absent")
		.write({ sync: true });
	await new Promise((resolve) => setTimeout(resolve, 20));
	assert.equal(await db.keys().all(), ["000000", "stays"]);
	await db.del("stays", { sync: true });
	assert.is(await db.has("stays"), false);
	const wrong = make({ memtableBytes: 1 });
	await refused(() => wrong.open(), "LEVEL_DATABASE_NOT_OPEN", "LEVEL_INVALID_ARGUMENT");
});

overLevels(level, "wlsm's database is the same data", async (make) => {
	const db = make();
	await refused(() => db.database, "LEVEL_DATABASE_NOT_OPEN");
	await db.put("fruit", "red");
	const { database } = db;
	assert.equal(database.sql.prepare('SELECT value FROM kv WHERE key = "fruit"').get(), { value: "red" });
	await database.transaction((tx) => tx.put("other", "1"));
	assert.is(await db.get("other"), "1");
	await db.close();
	await refused(() => db.database, "LEVEL_DATABASE_NOT_OPEN");
	await db.open();
	assert.is(await db.get("other"), "1");
});

overLevels(level, "a chained batch keeps nothing of the caller's, and writes nothing before its time", async (make) => {
	const db = make<Uint8Array, Uint8Array>({ keyEncoding: "view", valueEncoding: "view" });
	await db.open();
	const key = Uint8Array.of(1);
	const value = Uint8Array.of(10);
	const batch = db.batch();
	for (let number = 0; number < 500; number++) {
		key[0] = number & 255;
		value[0] = number >>> 8;
		batch.put(key, value);
	}
	assert.equal(await db.keys().all(), []);
	await batch.write();
	assert.equal(
		(await db.values().all()).map(([byte]) => byte),
		[...Array(244).fill(1), ...Array(12).fill(0)],
	);
	await db.batch().put(Uint8Array.of(1), value).clear().del(Uint8Array.of(2)).write();
	assert.is(await db.has(Uint8Array.of(2)), false);
	assert.equal(await db.get(Uint8Array.of(1)), Uint8Array.of(1));
	const abandoned = db.batch().put(Uint8Array.of(3), Uint8Array.of(33));
	await db.close();
	await refused(() => abandoned.write(), "LEVEL_BATCH_NOT_OPEN");
	await db.open();
	assert.equal(await db.get(Uint8Array.of(3)), Uint8Array.of(1));
});

overLevels(level, "commits that wait for room keep their order and what they were given", async (make) => {
	const db = make<string, Uint8Array>({ valueEncoding: "view", memtableBytes: 16 << 10, background: "worker" });
	await db.open();
	const value = new Uint8Array(4000);
	const commits: Promise<void>[] = [];
	for (let number = 0; number < 200; number++) {
		value.fill(number);
		const key = `key ${number % 20}`;
		if (number % 3 === 0) commits.push(db.put(key, value));
		else if (number % 3 === 1) commits.push(db.batch([{ type: "put", key, value }]));
		else commits.push(db.batch().put(key, value).write());
	}
	await Promise.all(commits);
	for (let number = 0; number < 20; number++) assert.is((await db.get(`key ${number}`))?.[99], 180 + number);
});

overLevels(level, "commits do not starve the event loop", async (make) => {
	const db = make();
	await db.open();
	let turns = 0;
	let running = true;
	const turning = (async () => {
		while (running) {
			await turn();
			turns += 1;
		}
	})();
	// On a busy machine turns come late.
	for (let puts = 0; puts < 200_000 && (puts < 2000 || turns <= 2); puts++) await db.put("key", "value");
	running = false;
	await turning;
	assert.ok(turns > 2, `${turns} turns`);
});

level("takes a location", async () => {
	for (const location of [undefined, "", 5, null]) {
		const wrong = location as string;
		assert.throws(() => new WlsmLevel(wrong), /'location' must be a non-empty string/);
		for (const work of [WlsmLevel.destroy, WlsmLevel.repair]) {
			try {
				await work(wrong);
				assert.unreachable();
			} catch (error) {
				assert.instance(error, TypeError);
			}
		}
	}
	const db = new WlsmLevel(":memory:");
	assert.is(db.location, ":memory:");
	await db.close();
});

level.run();
