import { createStorage, type Driver, restoreSnapshot, type Storage, snapshot } from "unstorage";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import wlsmDriver, { type WlsmDriver } from "../../host/unstorage.js";
import { setClock, withDirectory } from "../support/database.js";
import { bothKernels } from "../support/kernels.js";

// What unstorage's own tests look at in a driver: they are not in its package.
const unstorage = suite("unstorage");

function test(title: string, work: (storage: Storage, driver: WlsmDriver) => Promise<void>): void {
	bothKernels(unstorage, `${title}, memory`, (kernel) => run(wlsmDriver({ location: ":memory:", kernel }), work));
	bothKernels(unstorage, `${title}, disk`, (kernel) =>
		withDirectory((directory) => run(wlsmDriver({ location: directory, kernel, background: "inline" }), work)),
	);
}

async function run(own: WlsmDriver, work: (storage: Storage, driver: WlsmDriver) => Promise<void>): Promise<void> {
	const driver: Driver = own;
	const storage = createStorage({ driver });
	await work(storage, own);
	await storage.dispose();
	await storage.dispose();
}

test("begins empty, and is what a snapshot says", async (storage) => {
	assert.is(await storage.hasItem("s1:a"), false);
	assert.is(await storage.getItem("s2:a"), null);
	assert.is(await storage.getItemRaw("s2:a"), null);
	assert.equal(await storage.getKeys(), []);
	await restoreSnapshot(storage, { initial: "works" });
	assert.is(await storage.getItem("initial"), "works");
	assert.equal(await snapshot(storage, ""), { initial: "works" });
});

test("sets, lists and removes items", async (storage, driver) => {
	await storage.setItem("s1:a", "data");
	await storage.setItem("s2:a", "data");
	await storage.setItem("s3:a?q=1", "data");
	assert.is(await storage.hasItem("s1:a"), true);
	assert.is(await storage.getItem("s1:a"), "data");
	assert.is(await storage.getItem("s3:a?q=2"), "data");
	assert.equal(await storage.getKeys(), ["s1:a", "s2:a", "s3:a"]);
	assert.equal(await storage.getKeys("s1"), ["s1:a"]);
	await storage.removeItem("s1:a");
	assert.is(await storage.hasItem("s1:a"), false);
	assert.is(await storage.getItem("s1:a"), null);
	// Of a mount that is not the base itself unstorage clears nothing.
	await driver.clear("s2:");
	assert.equal(await storage.getKeys(), ["s3:a"]);
	await storage.clear();
	await storage.clear();
	assert.equal(await storage.getKeys(), []);
});

test("lists keys down to a depth", async (storage) => {
	for (const key of ["a", "b:a", "b:b", "b:c:a"]) await storage.setItem(key, "data");
	assert.equal(await storage.getKeys(undefined, { maxDepth: 0 }), ["a"]);
	assert.equal(await storage.getKeys(undefined, { maxDepth: 1 }), ["a", "b:a", "b:b"]);
	assert.equal(await storage.getKeys("b", { maxDepth: 2 }), ["b:a", "b:b", "b:c:a"]);
});

test("values of every kind, also those that are false", async (storage) => {
	for (const value of [true, false, 0, 1.5, "", "text", "ä", null, { json: ["works"] }]) {
		await storage.setItem("/data/value.json", value);
		assert.equal(await storage.getItem("/data/value.json"), value);
	}
	const date = { toJSON: () => ({ of: "its own" }) };
	await storage.setItem("date", date as unknown as object);
	assert.equal(await storage.getItem("date"), { of: "its own" });
});

test("raw bytes", async (storage) => {
	const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
	await storage.setItemRaw("/data/raw.bin", bytes);
	bytes.fill(0);
	const got = (await storage.getItemRaw("/data/raw.bin")) as Uint8Array;
	assert.equal(
		[...got],
		Array.from({ length: 256 }, (_, byte) => byte),
	);
	await storage.setItemRaw("text", "plain");
	assert.is(await storage.getItem("text"), "plain");
});

test("raw items of every kind of bytes, and of nothing else", async (storage) => {
	const numbers = Float64Array.of(1.5, -2);
	const bytes = new Uint8Array(numbers.buffer);
	for (const value of [numbers, new DataView(numbers.buffer), numbers.buffer, new Uint16Array(numbers.buffer)]) {
		await storage.setItemRaw("raw", value);
		assert.equal([...((await storage.getItemRaw("raw")) as Uint8Array)], [...bytes]);
	}
	await storage.setItemRaw("raw", new Uint16Array(numbers.buffer, 2, 3));
	assert.equal([...((await storage.getItemRaw("raw")) as Uint8Array)], [...bytes.subarray(2, 8)]);
	for (const value of [{ a: 1 }, 5, true, null]) {
		const error = await storage.setItemRaw("raw", value).then(
			() => undefined,
			(error: unknown) => error,
		);
		assert.is((error as { code?: unknown } | undefined)?.code, "WLSM_INVALID_ARGUMENT", JSON.stringify(value));
	}
});

test("many items at once", async (storage) => {
	await storage.setItems<string | object>([
		{ key: "t:1", value: "one" },
		{ key: "t:2", value: { n: 2 } },
	]);
	const items = await storage.getItems(["t:2", { key: "t:1" }, "t:3"]);
	assert.equal(items, [
		{ key: "t:2", value: { n: 2 } },
		{ key: "t:1", value: "one" },
		{ key: "t:3", value: null },
	]);
});

test("items expire after seconds", async (storage, driver) => {
	await storage.setItem("goes", "1", { ttl: 60 });
	await storage.setItemRaw("goes too", "1", { ttl: 60 });
	await storage.setItems([{ key: "last", value: "1" }], { ttl: 61 });
	await storage.setItem("stays", "2", { ttl: 0 });
	await storage.setItem("stays too", "2", { ttl: null });
	const later = Date.now() + 60_500;
	setClock(driver.getInstance(), () => later);
	assert.equal(await storage.getKeys(), ["last", "stays", "stays too"]);
	assert.is(await storage.getItem("goes"), null);
});

unstorage("is there after opening again", () =>
	withDirectory(async (location) => {
		const storage = createStorage({ driver: wlsmDriver({ location }) });
		await storage.setItem("foo:bar", { a: 1 });
		await storage.dispose();
		const again = createStorage({ driver: wlsmDriver({ location }) });
		assert.equal(await again.getItem("foo:bar"), { a: 1 });
		await again.dispose();
	}),
);

unstorage("without options there is an error with a code", async () => {
	const driver = (wlsmDriver as (options?: unknown) => WlsmDriver)();
	const error = await driver.getItem("a").then(
		() => undefined,
		(error: unknown) => error,
	);
	assert.is((error as { code?: unknown } | undefined)?.code, "WLSM_INVALID_ARGUMENT");
});

unstorage.run();
