import Keyv, { type KeyvStoreAdapter } from "keyv";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openSync } from "../../host/index.js";
import { KeyvWlsm } from "../../host/keyv.js";
import { rejected, setClock, withDirectory } from "../support/database.js";
import { bothKernels } from "../support/kernels.js";

// What @keyv/test-suite looks at, which brings vitest along and is run by the checks of the package, and what it does not.
const keyv = suite("Keyv");

interface Stores {
	/** A Keyv over the database that all of a test's have in common. */
	make(namespace?: string): Keyv;
	readonly store: KeyvWlsm;
}

function test(title: string, work: (stores: Stores) => Promise<void>): void {
	bothKernels(keyv, `${title}, memory`, async (kernel) => {
		const store = new KeyvWlsm(":memory:", { kernel, background: "inline" });
		// Twice: what is in tables is found, deleted and passed over like what is in memory.
		for (const flush of [false, true]) {
			if (flush) await store.database.flush();
			await run(store, work);
		}
		await store.disconnect();
	});
	bothKernels(keyv, `${title}, disk`, (kernel) =>
		withDirectory(async (directory) => {
			const store = new KeyvWlsm(directory, { kernel, background: "inline" });
			await run(store, work);
			await store.disconnect();
		}),
	);
}

async function run(store: KeyvWlsm, work: (stores: Stores) => Promise<void>): Promise<void> {
	const { database } = store;
	await store.clear();
	const make = (namespace?: string) => {
		// Each has its own: Keyv says its namespace to its store.
		const store = new KeyvWlsm(database);
		const made = new Keyv(namespace === undefined ? { store } : { store, namespace });
		made.on("error", (error) => {
			throw error;
		});
		return made;
	};
	await work({ make, store });
}

test("sets, gets, has and deletes", async ({ make }) => {
	const one = make();
	assert.is(await one.set("foo", "bar"), true);
	assert.is(await one.get("foo"), "bar");
	assert.is(await one.get("absent"), undefined);
	assert.equal([await one.has("foo"), await one.has("absent")], [true, false]);
	assert.is(await one.delete("foo"), true);
	assert.is(await one.delete("foo"), false);
	assert.is(await one.get("foo"), undefined);
	assert.is(await one.has("foo"), false);
});

test("many at once", async ({ make }) => {
	const one = make();
	await one.setMany([
		{ key: "a", value: 1 },
		{ key: "b", value: 2, ttl: 60_000 },
		{ key: "c", value: 3 },
	]);
	assert.equal(await one.get(["a", "x", "c", "b"]), [1, undefined, 3, 2]);
	assert.equal(await one.hasMany(["a", "x"]), [true, false]);
	assert.equal(await one.get(["x", "y"]), [undefined, undefined]);
	assert.is(await one.delete(["a", "b", "x"]), true);
	assert.is(await one.delete(["a", "b"]), false);
	assert.equal(await one.get(["a", "b", "c"]), [undefined, undefined, 3]);
});

test("values of every kind", async ({ make }) => {
	const one = make();
	const values = [false, null, 0, "", "'", '"', "''", { fizz: "buzz" }, [1, [2]], { buff: Buffer.from("b") }];
	for (const value of values) {
		await one.set("key", value);
		assert.equal(await one.get("key"), value);
	}
	await one.set("'", Buffer.from("bar"));
	assert.ok(Buffer.from("bar").equals((await one.get("'")) as Buffer));
	await one.set("undefined", undefined);
	assert.is(await one.get("undefined"), undefined);
});

test("values expire, in wlsm as in Keyv", async ({ make, store }) => {
	const one = make();
	await one.set("goes", "1", 1000);
	await one.set("stays", "2");
	await store.set("zero", "3", 0);
	assert.is(await one.get("goes"), "1");
	const later = Date.now() + 1001;
	setClock(store.database, () => later);
	assert.equal(await store.database.keys().all(), ["keyv:stays", "zero"]);
	assert.is(await one.get("goes"), undefined);
	setClock(store.database, Date.now);
});

test("namespaces do not touch each other", async ({ make }) => {
	const [first, second] = [make("first"), make("second")];
	for (const key of ["foo", "bar"]) {
		await first.set(key, "1");
		await second.set(key, "2");
	}
	assert.equal([await first.get("foo"), await second.get("foo")], ["1", "2"]);
	assert.is(await first.delete("foo"), true);
	assert.equal([await first.get("foo"), await second.get("foo")], [undefined, "2"]);
	await first.clear();
	assert.equal([await first.get("bar"), await second.get("bar")], [undefined, "2"]);
});

test("iterates over one namespace, without what has expired", async ({ make }) => {
	const [first, second] = [make("first"), make("second")];
	for (let number = 0; number < 50; number++) {
		await first.set(`key ${number}`, number);
		await second.set(`key ${number}`, -number);
	}
	await first.set("goes", "1", 1);
	await new Promise((resolve) => setTimeout(resolve, 10));
	const found = new Map<string, number>();
	const iterator = first.iterator as (namespace?: string) => AsyncGenerator<[string, number]>;
	for await (const [key, value] of iterator("first")) found.set(key, value);
	assert.is(found.size, 50);
	for (const [key, value] of found) assert.is(key, `key ${value}`);
});

keyv("takes an open database, which stays open, and strings alone", async () => {
	const database = openSync(":memory:");
	database.putSync("own", "1");
	const store = new KeyvWlsm(database);
	const adapter: KeyvStoreAdapter = store;
	assert.is(adapter, store);
	await rejected(() => store.set("key", { not: "a string" }), "WLSM_INVALID_ARGUMENT");
	await new Keyv({ store }).set("foo", "bar");
	assert.equal([...database.keys()], ["keyv:foo", "own"]);
	await store.disconnect();
	assert.is(database.status, "open");
	await database.close();
	await rejected(() => store.get("key"), "WLSM_CLOSED");
});

keyv("what was set is there after opening again", () =>
	withDirectory(async (directory) => {
		const first = new Keyv({ store: new KeyvWlsm(directory) });
		await first.set("foo", { bar: 1 });
		await first.disconnect();
		const second = new Keyv({ store: new KeyvWlsm(directory) });
		assert.equal(await second.get("foo"), { bar: 1 });
		await second.disconnect();
	}),
);

keyv.run();
