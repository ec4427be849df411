import { mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Database } from "../../host/database.js";
import { MemoryStorage, NodeStorage, type Storage } from "../../host/storage/index.js";
import { rejected, thrown, withDirectory } from "../support/database.js";
import { hookedStorage, systemError } from "../support/hooked-storage.js";
import { type Openers, overKernels } from "../support/openers.js";

/** Tables on several levels, a deletion and something in the memtable. */
async function fill(db: Database): Promise<void> {
	for (let round = 0; round < 4; round++) {
		for (let index = 0; index < 50; index++) db.putSync(`key ${(index * 7 + round) % 64}`, `${round}/${index}`);
		db.deleteSync(`key ${round}`);
		await (round === 0 ? db.compact() : db.flush());
	}
	db.putSync("in memory", "only");
}

const contents = (db: Database) => [...db.entries()].map(([key, value]) => `${key}=${value}`);

const options = { memtableBytes: 16 << 10, blockBytes: 256 } as const;

interface Place {
	readonly name: string;
	readonly storage: () => Storage;
	/** Whether tables are shared by links. */
	readonly links: boolean;
}

const places: Place[] = [
	{ name: "memory", storage: () => new MemoryStorage(), links: true },
	{ name: "disk", storage: () => new NodeStorage(), links: true },
	{
		name: "disk without links",
		storage: () =>
			hookedStorage(new NodeStorage(), (operation, file) => {
				if (operation === "link" && file.endsWith(".sst")) throw systemError("EXDEV");
			}),
		links: false,
	},
];

for (const place of places) {
	const checkpoints = suite(`checkpoint, ${place.name}`);
	const test = (name: string, work: (openers: Openers, storage: Storage, directory: string) => Promise<void>) =>
		overKernels(checkpoints, name, (openers) =>
			withDirectory((directory) => {
				const storage = place.storage();
				if (storage.kind === "memory") storage.makeDirectory(directory);
				return work(openers, storage, directory);
			}),
		);

	test("is a database of its own, at once and for ever", async (openers, storage, directory) => {
		const [source, copy] = [storage.join(directory, "source"), storage.join(directory, "copies/copy")];
		// Inline: no compaction takes the source's table away before its links are counted.
		const db = openers.openStorage(storage, source, { ...options, background: "inline" });
		await fill(db);
		const before = contents(db);
		await db.checkpoint(copy);
		let other = openers.openStorage(storage, copy, options);
		assert.equal(contents(other), before);
		assert.equal(await other.verify(), { ...(await other.verify()), ok: true, problems: [] });
		if (storage.kind === "node") {
			for (const name of readdirSync(copy)) {
				if (name.endsWith(".sst")) assert.is(statSync(path.join(copy, name)).nlink, place.links ? 2 : 1, name);
			}
			assert.not(readdirSync(copy).includes("CHECKPOINT"));
		}
		// Each goes on, and neither sees the other.
		for (let index = 0; index < 200; index++) {
			db.putSync(`key ${index}`, "source");
			other.putSync(`key ${index}`, "copy");
		}
		await db.compact();
		await other.flush();
		db.deleteRangeSync({});
		await db.compact();
		assert.equal(contents(db), []);
		db.closeSync();
		other.closeSync();
		other = openers.openStorage(storage, copy, options);
		assert.is(other.getSync("key 3"), "copy");
		assert.is(other.getSync("in memory"), "only");
		assert.is([...other.keys()].length, 201);
		await other.compact();
		assert.ok((await other.verify()).ok);
		other.closeSync();
	});

	test("holds what was committed before the call, and batches whole, while commits and reads go on", async (openers, storage, directory) => {
		const db = openers.openStorage(storage, storage.join(directory, "source"), options);
		await fill(db);
		const before = contents(db);
		const reading = db.entries()[Symbol.asyncIterator]();
		await reading.next();
		const pending = db.checkpoint(storage.join(directory, "copy"));
		for (let round = 0; round < 300; round++) {
			await db.batch([
				{ type: "put", key: "left", value: `${round}` },
				{ type: "put", key: "right", value: `${round}` },
				{ type: "put", key: `more ${round}`, value: "x".repeat(100) },
			]);
		}
		await db.compact();
		await pending;
		let rest = 1;
		for (;;) {
			if ((await reading.next()).done) break;
			rest += 1;
		}
		assert.is(rest, before.length);
		const copy = openers.openStorage(storage, storage.join(directory, "copy"), options);
		const entries = contents(copy);
		for (const entry of before) assert.ok(entries.includes(entry), entry);
		assert.is(copy.getSync("left"), copy.getSync("right"));
		assert.ok((await copy.verify()).ok);
		copy.closeSync();
		await db.close();
	});

	test("of an empty database is an empty database", async (openers, storage, directory) => {
		const db = openers.openStorage(storage, storage.join(directory, "source"));
		const copy = storage.join(directory, "copy");
		storage.makeDirectory(copy);
		await db.checkpoint(copy);
		db.putSync("a", "1");
		const other = openers.openStorage(storage, copy, { createIfMissing: false });
		assert.equal(contents(other), []);
		other.putSync("b", "2");
		assert.equal(contents(db), ["a=1"]);
		other.closeSync();
		db.closeSync();
	});

	test("of a reader holds what the reader sees, also what the writer has removed since", async (openers, storage, directory) => {
		const source = storage.join(directory, "source");
		const db = openers.openStorage(storage, source, options);
		await fill(db);
		const before = contents(db);
		const reader = openers.openStorage(storage, source, { ...options, readOnly: true });
		db.deleteRangeSync({});
		await db.compact();
		await reader.checkpoint(storage.join(directory, "copy"));
		assert.equal(contents(reader), before);
		const copy = openers.openStorage(storage, storage.join(directory, "copy"), options);
		assert.equal(contents(copy), before);
		assert.ok((await copy.verify()).ok);
		copy.putSync("one", "more");
		await copy.compact();
		assert.is([...copy.keys()].length, before.length + 1);
		copy.closeSync();
		reader.closeSync();
		db.closeSync();
	});

	test("needs a directory that is absent or empty", async (openers, storage, directory) => {
		const source = storage.join(directory, "source");
		const db = openers.openStorage(storage, source);
		db.putSync("a", "1");
		await rejected(() => db.checkpoint(source), "WLSM_EXISTS");
		storage.create(storage.join(directory, "file")).close();
		await rejected(() => db.checkpoint(storage.join(directory, "file")), "WLSM_EXISTS");
		await rejected(() => db.checkpoint(directory), "WLSM_EXISTS");
		await db.checkpoint(storage.join(directory, "copy"));
		await rejected(() => db.checkpoint(storage.join(directory, "copy")), "WLSM_EXISTS");
		const both = await Promise.allSettled([
			db.checkpoint(storage.join(directory, "race")),
			db.checkpoint(storage.join(directory, "race")),
		]);
		assert.equal(both.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
		openers.openStorage(storage, storage.join(directory, "race")).closeSync();
		assert.is(db.getSync("a"), "1");
		db.closeSync();
		await rejected(() => db.checkpoint(storage.join(directory, "late")), "WLSM_CLOSED");
	});

	checkpoints.run();
}

/** Runs a checkpoint into /copy of a storage whose changes there are told to `before`. */
async function hookedCheckpoint(
	openers: Openers,
	before: (operation: string, at: number) => void,
	copying: boolean,
): Promise<{ storage: MemoryStorage; db: Database; outcome: unknown; operations: number }> {
	const storage = new MemoryStorage();
	let operations = 0;
	const hooked = hookedStorage(storage, (operation, file) => {
		if (!file.startsWith("/copy")) return;
		if (copying && operation === "link") throw systemError("EPERM");
		before(operation, operations++);
	});
	const db = openers.openStorage(hooked, "/db", options);
	await fill(db);
	const outcome = await db.checkpoint("/copy").catch((error: unknown) => error);
	return { storage, db, outcome, operations };
}

const failures = suite("checkpoint, failures");

for (const copying of [false, true]) {
	const how = copying ? "copying" : "linking";

	overKernels(failures, `a failing file operation leaves nothing behind, ${how}`, async (openers) => {
		const { operations } = await hookedCheckpoint(openers, () => {}, copying);
		assert.ok(operations > 15);
		for (let failing = 0; failing < operations; failing++) {
			const { storage, db, outcome } = await hookedCheckpoint(
				openers,
				(operation, at) => {
					if (at === failing) throw systemError(operation === "link" ? "EPERM" : "ENOSPC");
				},
				copying,
			);
			if (outcome !== undefined) {
				const error = outcome as { code?: unknown; cause?: { code?: unknown } };
				assert.is(error.code, "WLSM_IO", `operation ${failing}`);
				assert.is(error.cause?.code, "ENOSPC");
				assert.equal(storage.exists("/copy") ? storage.list("/copy") : [], []);
				await db.checkpoint("/copy");
			}
			const copy = openers.openStorage(storage, "/copy", { createIfMissing: false });
			assert.equal(contents(copy), contents(db));
			copy.closeSync();
			db.closeSync();
		}
	});

	overKernels(failures, `one that is interrupted is not taken for a database, ${how}`, async (openers) => {
		const { operations } = await hookedCheckpoint(openers, () => {}, copying);
		let refused = 0;
		for (let last = 0; last < operations; last++) {
			const { storage, db } = await hookedCheckpoint(
				openers,
				(_, at) => {
					if (at >= last) throw systemError("EIO");
				},
				copying,
			);
			const before = contents(db);
			db.closeSync();
			if (storage.exists("/copy/CURRENT")) {
				const copy = openers.openStorage(storage, "/copy");
				assert.equal(contents(copy), before);
				copy.closeSync();
				assert.not(storage.exists("/copy/CHECKPOINT"));
			} else if (storage.exists("/copy/CHECKPOINT")) {
				const error = thrown(() => openers.openStorage(storage, "/copy"), "WLSM_CORRUPTION");
				assert.match(error.message, /checkpoint that was interrupted/);
				refused += 1;
			} else {
				thrown(() => openers.openStorage(storage, "/copy", { createIfMissing: false }), "WLSM_NOT_FOUND");
			}
		}
		assert.ok(refused > 10);
	});
}

overKernels(failures, "of a database in memory goes to disk", (openers) =>
	withDirectory(async (directory) => {
		const db = openers.openSync(":memory:", options);
		await fill(db);
		db.sql.exec("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT); INSERT INTO t VALUES (1, 'one'), (2, 'two')");
		const copy = path.join(directory, "copy");
		await db.checkpoint(copy);
		const other = await openers.open(copy, { createIfMissing: false });
		assert.equal([...other.entries()], [...db.entries()]);
		assert.equal(other.sql.prepare("SELECT b FROM t ORDER BY a").pluck().all(), ["one", "two"]);
		await other.close();
		await db.close();
	}),
);

overKernels(failures, "a relative path is one from the working directory; nonsense is refused", (openers) =>
	withDirectory(async (directory) => {
		const db = openers.openSync(path.join(directory, "db"));
		for (const wrong of ["", ":memory:", 7, null, undefined]) {
			await rejected(() => db.checkpoint(wrong as string), "WLSM_INVALID_ARGUMENT");
		}
		await db.checkpoint(path.relative(process.cwd(), path.join(directory, "copy")));
		assert.ok(statSync(path.join(directory, "copy", "CURRENT")).isFile());
		mkdirSync(path.join(directory, "full"));
		writeFileSync(path.join(directory, "full", "notes.txt"), "mine");
		await rejected(() => db.checkpoint(path.join(directory, "full")), "WLSM_EXISTS");
		assert.equal(readdirSync(path.join(directory, "full")), ["notes.txt"]);
		await db.close();
	}),
);

overKernels(failures, "closing waits for one that is under way", (openers) =>
	withDirectory(async (directory) => {
		const storage = hookedStorage(new NodeStorage(), (operation) => {
			if (operation === "link") throw systemError("EPERM");
		});
		const db = openers.openStorage(storage, path.join(directory, "db"), options);
		await fill(db);
		const before = contents(db);
		const pending = db.checkpoint(path.join(directory, "copy"));
		await new Promise((resolve) => setImmediate(resolve));
		await Promise.all([pending, db.close()]);
		const copy = openers.openSync(path.join(directory, "copy"));
		assert.equal(contents(copy), before);
		copy.closeSync();
	}),
);

failures.run();
