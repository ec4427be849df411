import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Engine } from "../../host/engine/engine.js";
import { WlsmLevel } from "../../host/level/index.js";
import { withDirectory } from "../support/database.js";
import { overLevels, pairs, refused } from "./levels.js";

const files = suite("files of WlsmLevel");
const child = fileURLToPath(new URL("lock-child.js", import.meta.url));

files("the lock, held by this process and seen by another one", () =>
	withDirectory(async (directory) => {
		const db = new WlsmLevel(directory);
		await db.put("a", "1");
		const second = new WlsmLevel(directory);
		const error = await refused(() => second.open(), "LEVEL_DATABASE_NOT_OPEN", "LEVEL_LOCKED");
		const { cause } = error.cause as Error;
		assert.is((cause as { code?: string }).code, "WLSM_LOCKED");
		const other = () => promisify(execFile)(process.execPath, [child, directory]);
		assert.is((await other()).stdout, "LEVEL_DATABASE_NOT_OPEN LEVEL_LOCKED");
		await refused(() => WlsmLevel.destroy(directory), "LEVEL_LOCKED", "WLSM_LOCKED");
		await refused(() => WlsmLevel.repair(directory), "LEVEL_LOCKED", "WLSM_LOCKED");
		const reader = new WlsmLevel(directory, { readOnly: true });
		assert.is(await reader.get("a"), "1");
		await refused(() => reader.put("a", "2"), "LEVEL_READ_ONLY", "WLSM_READ_ONLY");
		await refused(() => reader.clear(), "LEVEL_READ_ONLY", "WLSM_READ_ONLY");
		assert.is(await reader.approximateSize("0", "~"), 0);
		await reader.close();
		await db.close();
		assert.is((await other()).stdout, "open");
	}),
);

files("createIfMissing and errorIfExists, in a place several directories deep", () =>
	withDirectory(async (root) => {
		const directory = path.join(root, "not", "yet", "there");
		const missing = new WlsmLevel(directory, { createIfMissing: false });
		const none = await refused(() => missing.open(), "LEVEL_DATABASE_NOT_OPEN", "LEVEL_NOT_FOUND");
		assert.match(String(none.cause), /does not exist/);
		assert.not.ok(existsSync(path.join(root, "not")));
		const db = new WlsmLevel(directory);
		await db.put("a", "1");
		await db.close();
		const existing = await refused(() => db.open({ errorIfExists: true }), "LEVEL_DATABASE_NOT_OPEN", "LEVEL_EXISTS");
		assert.match(String(existing.cause), /exists/);
		await db.open();
		assert.is(await db.get("a"), "1");
		await db.close();
	}),
);

files("what is damaged is LEVEL_CORRUPTION, with file and offset in the cause, and repair brings the rest back", () =>
	withDirectory(async (directory) => {
		const options = { background: "inline", blockBytes: 512, compression: false } as const;
		const db = new WlsmLevel(directory, options);
		await db.batch(pairs(2000));
		await db.compactRange("0", "9");
		await db.close();
		const table = readdirSync(directory).find((name) => name.endsWith(".sst")) as string;
		const bytes = readFileSync(path.join(directory, table));
		for (let at = 20_000; at < 20_100; at++) bytes[at] = 0;
		writeFileSync(path.join(directory, table), bytes);
		await db.open();
		for (const read of [() => db.iterator().all(), () => db.values().nextv(5000)]) {
			const error = await refused(read, "LEVEL_CORRUPTION", "WLSM_CORRUPTION");
			assert.type((error.cause as { offset?: number }).offset, "number");
		}
		let found = 0;
		for (const { key, value } of pairs(2000)) {
			try {
				assert.is(await db.get(key), value);
				found += 1;
			} catch (error) {
				assert.is((error as { code?: string }).code, "LEVEL_CORRUPTION");
				await refused(() => db.getSync(key), "LEVEL_CORRUPTION");
				await refused(() => db.getMany([key, "a"]), "LEVEL_CORRUPTION");
			}
		}
		assert.ok(found > 1900 && found < 2000, `${found}`);
		await db.close();
		const report = await WlsmLevel.repair(directory);
		assert.is(report.leftOut.length, 1);
		await db.open();
		assert.is((await db.keys().all()).length, found);
		await db.close();
	}),
);

files("repair of nothing, and of a log alone", () =>
	withDirectory(async (directory) => {
		await refused(() => WlsmLevel.repair(path.join(directory, "absent")), "LEVEL_NOT_FOUND", "WLSM_NOT_FOUND");
		const db = new WlsmLevel(directory);
		await db.batch(pairs(10));
		await db.close();
		const tables = () => readdirSync(directory).filter((name) => name.endsWith(".sst")).length;
		assert.is(tables(), 0);
		await WlsmLevel.repair(directory);
		assert.is(tables(), 1);
		await db.open();
		assert.is((await db.keys().all()).length, 10);
		await db.close();
	}),
);

files("destroy takes a database and nothing else, and is content with none", () =>
	withDirectory(async (root) => {
		const directory = path.join(root, "db");
		await WlsmLevel.destroy(directory);
		assert.not.ok(existsSync(directory));
		const db = new WlsmLevel(directory);
		await db.batch(pairs(10));
		await db.close();
		await WlsmLevel.destroy(directory);
		assert.not.ok(existsSync(directory));
		mkdirSync(directory);
		writeFileSync(path.join(directory, "foo"), "FOO");
		await WlsmLevel.destroy(directory);
		await db.open();
		await db.put("a", "1");
		await db.close();
		await WlsmLevel.destroy(directory);
		assert.equal(readdirSync(directory), ["foo"]);
	}),
);

overLevels(files, "closing twice, and after wlsm's own handle was closed", async (make) => {
	const db = make();
	await db.put("a", "1");
	await db.database.close();
	await refused(() => db.get("a"), "LEVEL_DATABASE_NOT_OPEN", "WLSM_CLOSED");
	await Promise.all([db.close(), db.close()]);
	await db.open();
	assert.is(await db.get("a"), "1");
});

files("a closing that fails says so; the next one ends it", () =>
	withDirectory(async (directory) => {
		const db = new WlsmLevel(directory);
		await db.put("a", "1");
		// @ts-expect-error: the engine is not part of the public interface.
		const { log } = db.database.engine as Engine;
		const complete = log.complete.bind(log);
		log.complete = () => {
			complete();
			throw Object.assign(new Error("EIO"), { code: "EIO" });
		};
		const error = await refused(() => db.close(), "LEVEL_DATABASE_NOT_CLOSED", "LEVEL_IO_ERROR");
		assert.is((error.cause as Error & { cause: { code: string } }).cause.code, "WLSM_IO");
		await db.close();
		await db.open();
		assert.is(await db.get("a"), "1");
		await db.close();
	}),
);

overLevels(files, "approximateSize counts what is in tables, by range", async (make) => {
	const db = make({ compression: false, blockBytes: 1024 });
	await db.open();
	assert.is(await db.approximateSize("0", "~"), 0);
	await db.batch(pairs(10_000, "v".repeat(90)));
	assert.is(await db.approximateSize("0", "~"), 0);
	await db.compactRange("0", "9");
	const all = await db.approximateSize("0", "~");
	assert.ok(all > 1e6 && all < 2e6, `${all}`);
	let parts = 0;
	for (let tenth = 0; tenth < 10; tenth++) {
		const part = await db.approximateSize(`00${tenth}`, `00${tenth}~`);
		assert.ok(part > all / 11 && part < all / 9, `${part} of ${all}`);
		parts += part;
	}
	assert.ok(Math.abs(parts - all) < all / 10, `${parts} of ${all}`);
	assert.is(await db.approximateSize("1", "~"), 0);
	assert.is(await db.approximateSize("~", "0"), 0);
	const one = await db.approximateSize("005000", "005001");
	assert.ok(one > 0 && one < 4096, `${one}`);
});

overLevels(files, "compactRange frees what was deleted", async (make) => {
	const db = make();
	await db.batch(pairs(2000));
	await db.compactRange("0", "9");
	const before = await db.approximateSize("0", "~");
	await db.clear({ lt: "001900" });
	await db.compactRange("0", "9");
	const after = await db.approximateSize("0", "~");
	assert.ok(after > 0 && after < before / 5, `${after} of ${before}`);
});

overLevels(files, "both wait for the opening, encode their keys, and want all of them", async (make) => {
	const encoded: string[] = [];
	const keyEncoding = {
		name: "reversed",
		format: "utf8" as const,
		encode: (key: string) => {
			encoded.push(key);
			return [...key].reverse().join("");
		},
		decode: (key: string) => [...key].reverse().join(""),
	};
	const db = make<string, string>({ keyEncoding });
	const order: string[] = [];
	await Promise.all([
		db.open().then(() => order.push("open")),
		db.approximateSize("ab", "ac").then(() => order.push("approximateSize")),
		db.compactRange("ad", "ae").then(() => order.push("compactRange")),
	]);
	assert.is(order[0], "open");
	assert.equal(encoded, ["ab", "ac", "ad", "ae"]);
	const plain = make();
	await plain.open();
	encoded.length = 0;
	await plain.approximateSize("af", "ag", { keyEncoding });
	await plain.compactRange("ah", "ai", { keyEncoding });
	assert.equal(encoded, ["af", "ag", "ah", "ai"]);
	for (const method of ["approximateSize", "compactRange"] as const) {
		for (const args of [[], ["foo"]]) {
			try {
				await (db[method] as (...args: string[]) => Promise<unknown>)(...args);
				assert.unreachable();
			} catch (error) {
				assert.instance(error, TypeError);
				assert.match(String(error), /'start' and 'end' are required/);
			}
		}
		const closed = make();
		await closed.open();
		await closed.close();
		await refused(() => closed[method]("a", "b"), "LEVEL_DATABASE_NOT_OPEN");
		await refused(() => plain[method]("a", "\ud800"), "LEVEL_INVALID_ARGUMENT");
	}
});

files.run();
