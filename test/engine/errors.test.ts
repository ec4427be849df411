import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Database, open, openSync, WlsmError } from "../../host/index.js";
import { rejected, thrown, withDirectory } from "../support/database.js";
import { overKernels } from "../support/openers.js";

const errors = suite("errors");

const INVALID = "WLSM_INVALID_ARGUMENT";
/** A caller that no compiler checks. */
// biome-ignore lint/suspicious/noExplicitAny: the point of these tests
type Unchecked = any;

errors("options: unknown ones, wrong types, out of range", async () => {
	const wrong: Unchecked[] = [
		{ unknown: 1 },
		{ createIfMising: true },
		{ readOnly: 1 },
		{ sync: "yes" },
		{ keyEncoding: "utf16" },
		{ valueEncoding: 5 },
		{ kernel: "native" },
		{ compression: "zip" },
		{ background: "thread" },
		{ memoryBytes: 1 << 20 },
		{ memoryBytes: 2 ** 32 },
		{ memtableBytes: 0 },
		{ memtableBytes: 20_000.5 },
		{ memtableBytes: 2 ** 40 },
		{ blockBytes: 63 },
		{ blockCacheBytes: -1 },
		{ bloomBitsPerKey: Number.NaN },
		{ bloomBitsPerKey: 33 },
		null,
		7,
		"options",
	];
	for (const options of wrong) {
		const error = thrown(() => openSync(":memory:", options), INVALID);
		const [name] = Object.keys(options ?? {});
		if (typeof options === "object" && name !== undefined) assert.match(error.message, name);
		await rejected(() => open(":memory:", options), INVALID);
	}
	for (const location of ["", 5, null, undefined, {}] as Unchecked[]) thrown(() => openSync(location), INVALID);
	const undefinedIsDefault = { memtableBytes: undefined } as Unchecked;
	openSync(":memory:", undefinedIsDefault).closeSync();
});

overKernels(errors, "keys and values: wrong type, empty, lone surrogates", async (openers) => {
	const db: Unchecked = openers.openSync(":memory:");
	for (const key of [
		"",
		undefined,
		null,
		5,
		{},
		new Uint8Array(1),
		"\ud800",
		"a\udc00b",
		`${"long ".repeat(20)}\ud800`,
	]) {
		for (const method of ["get", "has", "put", "delete"]) {
			thrown(() => db[`${method}Sync`](key, "value"), INVALID);
			await rejected(() => db[method](key, "value"), INVALID);
		}
		thrown(() => db.getManySync(["a", key]), INVALID);
		thrown(() => db.hasManySync(["a", key]), INVALID);
		await rejected(() => db.getMany(["a", key]), INVALID);
		await rejected(() => db.hasMany(["a", key]), INVALID);
		thrown(() => db.batchSync([{ type: "put", key, value: "" }]), INVALID);
		await rejected(() => db.batch([{ type: "del", key }]), INVALID);
		await rejected(() => db.transaction((tx: Unchecked) => tx.putSync(key, "")), INVALID);
		await rejected(() => db.transaction((tx: Unchecked) => tx.delete(key)), INVALID);
	}
	for (const value of [undefined, null, 5, {}, new Uint8Array(1), "\ud800", `${"x".repeat(100_000)}\udfff`]) {
		thrown(() => db.putSync("key", value), INVALID);
		await rejected(() => db.put("key", value), INVALID);
		thrown(() => db.batchSync([{ type: "put", key: "key", value }]), INVALID);
		await rejected(() => db.transaction((tx: Unchecked) => tx.put("key", value)), INVALID);
	}
	assert.equal([...db.keys()], []);
	db.closeSync();

	const views: Unchecked = openers.openSync(":memory:", { keyEncoding: "view", valueEncoding: "view" });
	for (const key of ["text", [1, 2], new ArrayBuffer(3), new Uint8Array(0), new DataView(new ArrayBuffer(1))]) {
		thrown(() => views.putSync(key, new Uint8Array(1)), INVALID);
	}
	thrown(() => views.putSync(Uint8Array.of(1), "text"), INVALID);
	views.putSync(Buffer.from("a"), Buffer.from("b"));
	assert.equal(views.getSync(Uint8Array.of(97)), Uint8Array.of(98));
	views.closeSync();

	const json: Unchecked = openers.openSync(":memory:", { keyEncoding: "json", valueEncoding: "json" });
	const circle: Unchecked = {};
	circle.self = circle;
	for (const value of [undefined, () => 1, Symbol("s"), 5n, circle]) thrown(() => json.putSync("key", value), INVALID);
	json.putSync({ a: [1] }, { b: null });
	assert.equal(json.getSync({ a: [1] }), { b: null });
	json.closeSync();
});

overKernels(errors, "batches, ranges, write options", async (openers) => {
	const db: Unchecked = openers.openSync(":memory:");
	db.putSync("a", "1");
	for (const batch of [undefined, null, {}, "x", [null], [5], [{}], [{ type: "Put", key: "a", value: "" }]]) {
		thrown(() => db.batchSync(batch), INVALID);
		await rejected(() => db.batch(batch), INVALID);
	}
	for (const keys of [undefined, null, "ab", {}]) {
		thrown(() => db.getManySync(keys), INVALID);
		await rejected(() => db.getMany(keys), INVALID);
	}
	const ranges = [null, 5, "a", { start: "a" }, { gt: 5 }, { lte: "\ud800" }, { prefix: null }];
	const limits = [{ limit: -2 }, { limit: 1.5 }, { limit: Number.NaN }, { limit: "1" }];
	for (const range of [...ranges, ...limits, { snapshot: 5 }, { snapshot: {} }]) {
		for (const method of ["entries", "keys", "values"]) thrown(() => db[method](range), INVALID);
	}
	for (const range of [...ranges, ...limits]) {
		thrown(() => db.deleteRangeSync(range), INVALID);
		await rejected(() => db.deleteRange(range), INVALID);
	}
	for (const range of ranges) await rejected(() => db.compact(range), INVALID);
	for (const sync of [1, "true", null]) {
		thrown(() => db.putSync("b", "", { sync }), INVALID);
		thrown(() => db.deleteSync("b", { sync }), INVALID);
		thrown(() => db.batchSync([], { sync }), INVALID);
		await rejected(() => db.put("b", "", { sync }), INVALID);
		await rejected(() => db.transaction(() => {}, { sync }), INVALID);
	}
	thrown(() => db.transactionSync(async () => {}), INVALID);
	assert.equal([...db.entries()], [["a", "1"]]);
	db.closeSync();
});

overKernels(errors, "after close every method fails with WLSM_CLOSED", async (openers) => {
	for (const close of ["close", "closeSync", "dispose", "asyncDispose"]) {
		const db: Unchecked = openers.openSync(":memory:");
		db.putSync("a", "1");
		const snapshot = db.snapshot();
		const [iterator, other] = [db.entries(), db.keys()];
		assert.is(db.status, "open");
		if (close === "close") await db.close();
		else if (close === "closeSync") db.closeSync();
		else if (close === "dispose") db[Symbol.dispose]();
		else await db[Symbol.asyncDispose]();
		assert.is(db.status, "closed");
		const calls: [string, ...unknown[]][] = [
			["get", "a"],
			["getMany", ["a"]],
			["hasMany", ["a"]],
			["getMany", []],
			["has", "a"],
			["put", "a", "1"],
			["delete", "a"],
			["batch", [{ type: "del", key: "a" }]],
			["batch", []],
			["deleteRange", {}],
			["transaction", () => {}],
		];
		for (const [method, ...args] of calls) {
			if (Array.isArray(args[0]) && args[0].length === 0) continue;
			thrown(() => db[`${method}Sync`](...args), "WLSM_CLOSED");
			await rejected(() => db[method](...args), "WLSM_CLOSED");
		}
		for (const method of ["flush", "compact", "verify", "stats"]) await rejected(() => db[method](), "WLSM_CLOSED");
		await rejected(() => db.checkpoint("somewhere"), "WLSM_CLOSED");
		for (const method of ["entries", "keys", "values", "snapshot"]) thrown(() => db[method](), "WLSM_CLOSED");
		thrown(() => db.sql, "WLSM_CLOSED");
		thrown(() => snapshot.getSync("a"), "WLSM_CLOSED");
		await rejected(() => snapshot.get("a"), "WLSM_CLOSED");
		thrown(() => snapshot.entries(), "WLSM_CLOSED");
		thrown(() => [...iterator], "WLSM_CLOSED");
		await rejected(() => other.all(), "WLSM_CLOSED");
		snapshot.close();
		iterator.close();
		await db.close();
		db.closeSync();
	}
});

overKernels(errors, "closing while closing, in every combination, ends with the directory free", (openers) =>
	withDirectory(async (directory) => {
		const closings: ((db: Unchecked) => unknown)[] = [
			(db) => Promise.all([db.close(), db.close()]),
			(db) => [db.closeSync(), db.closeSync()],
			(db) => Promise.all([db.get("a"), db.close(), db[Symbol.asyncDispose]()]),
			async (db) => {
				const closing = db.close();
				db.closeSync();
				await closing;
			},
			async (db) => {
				const durable = db.put("b", "2", { sync: true });
				await db.close();
				await durable;
			},
			async (db) => {
				const durable = db.put("b", "3", { sync: true });
				db.closeSync();
				await durable;
			},
		];
		for (const closing of closings) {
			const db: Unchecked = openers.openSync(directory, { blockCacheBytes: 0 });
			db.putSync("a", "1");
			await db.flush();
			await closing(db);
			assert.is(db.status, "closed");
			await rejected(() => db.get("a"), "WLSM_CLOSED");
		}
		const db = openers.openSync(directory);
		assert.equal(
			[...db.entries()],
			[
				["a", "1"],
				["b", "3"],
			],
		);
		db.closeSync();
	}),
);

overKernels(errors, "errorIfExists, createIfMissing, readOnly", (openers) =>
	withDirectory(async (parent) => {
		const directory = path.join(parent, "a", "b", "db");
		thrown(() => openers.openSync(directory, { createIfMissing: false }), "WLSM_NOT_FOUND");
		thrown(() => openers.openSync(directory, { readOnly: true }), "WLSM_NOT_FOUND");
		assert.not(existsSync(path.join(parent, "a")), "a refused open makes nothing");
		const first = openers.openSync(directory, { errorIfExists: true });
		first.putSync("a", "1");
		await first.flush();
		first.putSync("b", "2");
		first.closeSync();
		thrown(() => openers.openSync(directory, { errorIfExists: true }), "WLSM_EXISTS");

		const before = readdirSync(directory).sort();
		const reader: Unchecked = openers.openSync(directory, { readOnly: true });
		assert.equal(
			[...reader.entries()],
			[
				["a", "1"],
				["b", "2"],
			],
		);
		assert.is(await reader.get("a"), "1");
		for (const [method, ...args] of [
			["put", "a", "1"],
			["delete", "a"],
			["batch", [{ type: "del", key: "a" }]],
			["batch", []],
			["deleteRange", {}],
		] as [string, ...unknown[]][]) {
			thrown(() => reader[`${method}Sync`](...args), "WLSM_READ_ONLY");
			await rejected(() => reader[method](...args), "WLSM_READ_ONLY");
		}
		for (const method of ["flush", "compact"]) await rejected(() => reader[method](), "WLSM_READ_ONLY");
		await rejected(() => reader.transaction((tx: Unchecked) => tx.put("a", "1")), "WLSM_READ_ONLY");
		assert.equal((await reader.verify()).problems, []);
		await reader.close();
		assert.equal(readdirSync(directory).sort(), before, "a reader writes nothing");
	}),
);

overKernels(errors, "places that cannot hold a database", (openers) =>
	withDirectory(async (parent) => {
		const file = path.join(parent, "file");
		writeFileSync(file, "a file");
		for (const location of [file, path.join(file, "below")]) {
			for (const options of [{}, { readOnly: true }, { createIfMissing: false }]) {
				const error = failure(() => openers.openSync(location, options));
				assert.ok(["WLSM_IO", "WLSM_NOT_FOUND"].includes(error.code), `${error.code} ${error.message}`);
				assert.match(error.message, file);
			}
		}
		const nul = failure(() => openers.openSync(path.join(parent, "a\0b")));
		assert.is(nul.code, "WLSM_IO");
		if (process.getuid?.() === 0) return;
		const locked = path.join(parent, "locked");
		mkdirSync(locked);
		chmodSync(locked, 0o500);
		assert.is(failure(() => openers.openSync(path.join(locked, "db"))).code, "WLSM_IO");
		assert.is(failure(() => openers.openSync(locked)).code, "WLSM_IO");
	}),
);

overKernels(errors, "WLSM_IO carries the system's error and the file", (openers) =>
	withDirectory(async (parent) => {
		const directory = path.join(parent, "db");
		const db = openers.openSync(directory);
		db.putSync("a", "1");
		// The directory goes away under the writer: the next file cannot be made.
		rmSync(directory, { recursive: true });
		const error = await rejected(() => db.flush(), "WLSM_IO");
		assert.is((error.cause as NodeJS.ErrnoException).code, "ENOENT");
		assert.ok(error.file?.startsWith(directory));
		try {
			db.closeSync();
		} catch (again) {
			assert.instance(again, WlsmError);
		}
	}),
);

overKernels(errors, "verify reports a log that is gone", (openers) =>
	withDirectory(async (directory) => {
		const db = openers.openSync(directory);
		db.putSync("a", "1");
		const log = readdirSync(directory).find((name) => name.endsWith(".wal")) as string;
		rmSync(path.join(directory, log));
		const report = await db.verify();
		assert.not(report.ok);
		assert.match(report.problems[0]?.file ?? "", log);
		db.closeSync();
	}),
);

overKernels(errors, "every error is an Error with a name, a code, a message", (openers) => {
	const db: Database = openers.openSync(":memory:");
	const error = thrown(() => db.putSync("", ""), INVALID);
	assert.instance(error, Error);
	assert.is(error.name, "WlsmError");
	assert.is(String(error), `WlsmError: ${error.message}`);
	db.closeSync();
});

function failure(work: () => unknown): WlsmError {
	try {
		work();
	} catch (error) {
		if (error instanceof WlsmError) return error;
		throw error;
	}
	throw new Error("nothing was thrown");
}

errors.run();
