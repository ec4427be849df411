import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Database } from "../../host/database.js";
import type { WlsmError } from "../../host/errors.js";
import type { OpenOptions } from "../../host/options.js";
import { MemoryStorage, NodeStorage } from "../../host/storage/index.js";
import { CountingStorage } from "../support/counting-storage.js";
import { openStorage, rejected, thrown, withDirectory } from "../support/database.js";
import { hookedStorage, systemError } from "../support/hooked-storage.js";

const files = suite("open files");

const TABLES = 12;
const OPTIONS = {
	memtableBytes: 16 << 10,
	blockBytes: 256,
	blockCacheBytes: 0,
	compression: "none",
	background: "inline",
} as const;
const key = (number: number) => `key ${String(number).padStart(4, "0")}`;
const value = (number: number) => `value ${number} `.repeat(20);
const COUNT = TABLES * 80;

/** A database of many tables that do not overlap. */
async function build(db: Database): Promise<void> {
	for (let number = 0; number < COUNT; number++) db.putSync(key(number), value(number));
	await db.compact();
	const { levels } = await db.stats();
	assert.ok(levels.reduce((sum, level) => sum + level.files, 0) >= TABLES, JSON.stringify(levels));
}

/** Runs the work over a database of many tables in memory and on disk. */
async function everywhere(work: (storage: CountingStorage, directory: string) => Promise<void>): Promise<void> {
	const prepared = async (storage: CountingStorage, directory: string) => {
		const db = openStorage(storage, directory, OPTIONS);
		await build(db);
		db.closeSync();
		assert.is(storage.files, 0, "a database that is closed holds no file");
		storage.mostTables = 0;
		await work(storage, directory);
		assert.is(storage.files, 0, "nor afterwards");
	};
	await prepared(new CountingStorage(new MemoryStorage()), "/db");
	await withDirectory((directory) => prepared(new CountingStorage(new NodeStorage()), directory));
}

function use(storage: CountingStorage, directory: string, options: OpenOptions, work: (db: Database) => Promise<void>) {
	const db = openStorage(storage, directory, { ...OPTIONS, ...options });
	return work(db).finally(() => db.closeSync());
}

files("no more tables are open than maxOpenFiles says", () =>
	everywhere(async (storage, directory) => {
		for (const maxOpenFiles of [1, 2, 5]) {
			storage.mostTables = 0;
			await use(storage, directory, { maxOpenFiles }, async (db) => {
				for (let round = 0; round < 3; round++) {
					for (let number = 0; number < COUNT; number += 7) assert.is(db.getSync(key(number)), value(number));
				}
				assert.is([...db.keys()].length, COUNT);
				assert.is(storage.mostTables, maxOpenFiles);
				assert.is(storage.tables, maxOpenFiles);
				const stats = await db.stats();
				assert.is(stats.files.open, maxOpenFiles);
				assert.is(stats.files.limit, maxOpenFiles);
				assert.ok(stats.files.opens > TABLES);
			});
		}
	}),
);

files("reads that wait together are all answered, and what they opened too much is closed after them", () =>
	everywhere((storage, directory) =>
		use(storage, directory, { maxOpenFiles: 2 }, async (db) => {
			const numbers = Array.from({ length: COUNT / 10 }, (_, index) => 10 * index);
			const answers = await Promise.all(numbers.map((number) => db.get(key(number))));
			assert.equal(answers, numbers.map(value));
			assert.is(storage.tables, 2);
			await Promise.all(Array.from({ length: 5 }, async () => assert.is((await db.keys().all()).length, COUNT)));
			assert.ok(storage.tables <= 2);
		}),
	),
);

files("a table that is read again and again stays open", () =>
	everywhere((storage, directory) =>
		use(storage, directory, { maxOpenFiles: 3 }, async (db) => {
			for (let number = 0; number < COUNT; number++) {
				db.getSync(key(0));
				db.getSync(key(number));
			}
			// The others are opened once each, as the keys go by.
			const { opens } = (await db.stats()).files;
			const tables = (await db.stats()).levels.reduce((sum, level) => sum + level.files, 0);
			assert.ok(opens <= tables + 2, `${opens} opens of ${tables} tables`);
		}),
	),
);

files("where the system refuses to open more, idle tables are closed for it", () =>
	everywhere((storage, directory) =>
		use(storage, directory, {}, async (db) => {
			storage.limit = storage.files + 3;
			for (let number = 0; number < COUNT; number += 5) assert.is(db.getSync(key(number)), value(number));
			assert.ok(storage.files < storage.limit, "room is left for others");
			assert.equal([storage.tables, (await db.stats()).files.limit], [2, 2]);
			// A new log and a new table too.
			db.putSync("more", "x");
			await db.flush();
			assert.is(await db.get("more"), "x");
			storage.limit = 0;
			const error = thrown(() => [...db.keys()], "WLSM_IO");
			assert.match(error.message, /ulimit -n/);
			assert.match(error.message, "maxOpenFiles");
			assert.is((error.cause as { code: string }).code, "EMFILE");
			storage.limit = Number.POSITIVE_INFINITY;
			assert.is([...db.keys()].length, COUNT + 1);
		}),
	),
);

files("a reader keeps all its tables open, which a writer may remove", () =>
	everywhere((storage, directory) =>
		use(storage, directory, { readOnly: true, maxOpenFiles: 2 }, async (reader) => {
			const { levels, files: open } = await reader.stats();
			assert.is(
				open.open,
				levels.reduce((sum, level) => sum + level.files, 0),
			);
			await use(storage, directory, {}, async (writer) => {
				await writer.deleteRange({});
				await writer.compact();
			});
			assert.is([...reader.keys()].length, COUNT);
			assert.equal((await reader.verify()).problems, []);
		}),
	),
);

files("a reader's check goes on where a writer takes a table away just before it is opened", async () => {
	const memory = new MemoryStorage();
	const db = openStorage(memory, "/db", OPTIONS);
	await build(db);
	db.closeSync();
	let removed = 0;
	let armed = false;
	const storage = {
		...hookedStorage(memory, () => {}),
		openRead: (path: string) => {
			if (armed && path.endsWith(".sst")) {
				memory.remove(path);
				removed += 1;
			}
			return memory.openRead(path);
		},
	};
	const reader = openStorage(storage, "/db", { ...OPTIONS, readOnly: true });
	armed = true;
	assert.equal((await reader.verify()).problems, []);
	assert.ok(removed >= TABLES);
	assert.is([...reader.keys()].length, COUNT);
	reader.closeSync();
});

files("a reader that cannot keep all of them open reads on, and says what happened when one is gone", () =>
	everywhere(async (storage, directory) => {
		storage.limit = 8;
		const reader = openStorage(storage, directory, { ...OPTIONS, readOnly: true });
		assert.ok(storage.tables < 8, "some are left for others");
		assert.is([...reader.keys()].length, COUNT);
		storage.limit = Number.POSITIVE_INFINITY;
		await use(storage, directory, {}, async (writer) => {
			await writer.deleteRange({});
			await writer.compact();
		});
		let failure: WlsmError | undefined;
		for (let number = 0; number < COUNT; number++) {
			try {
				assert.is(await reader.get(key(number)), value(number));
			} catch (error) {
				failure ??= error as WlsmError;
			}
		}
		assert.is(failure?.code, "WLSM_IO");
		assert.match(failure?.message ?? "", /has removed .*\.sst .*Open the database again/);
		assert.match(failure?.file ?? "", /\.sst$/);
		assert.is((await rejected(() => reader.keys().all(), "WLSM_IO")).code, "WLSM_IO");
		reader.closeSync();
	}),
);

files("a log that cannot be begun is closed, and leaves no trace", async () => {
	const memory = new CountingStorage(new MemoryStorage());
	let fail = false;
	const storage = hookedStorage(memory, (operation, path) => {
		if (fail && operation === "write" && path.endsWith(".wal")) throw systemError("EIO");
	});
	const db = openStorage(storage, "/db", OPTIONS);
	db.putSync("a", "1");
	const [open, names] = [memory.files, memory.list("/db")];
	fail = true;
	await rejected(() => db.flush(), "WLSM_IO");
	assert.is(memory.files, open);
	assert.equal(memory.list("/db"), names);
	fail = false;
	await db.flush();
	db.closeSync();
	assert.is(memory.files, 0);
});

files("each new folder above a checkpoint gets its entry on stable storage", async () => {
	const synced: string[] = [];
	const storage = hookedStorage(new MemoryStorage(), (operation, path) => {
		if (operation === "syncDirectory") synced.push(path);
	});
	storage.makeDirectory("/there");
	const db = openStorage(storage, "/db", OPTIONS);
	db.putSync("a", "1");
	synced.length = 0;
	await db.checkpoint("/there/one/two/three");
	for (const parent of ["/there", "/there/one", "/there/one/two"]) assert.ok(synced.includes(parent), parent);
	db.closeSync();
});

files("an opening that is refused files says so, and leaves no lock behind", () =>
	withDirectory(async (directory) => {
		const storage = new CountingStorage(new NodeStorage());
		openStorage(storage, directory, OPTIONS).closeSync();
		let refused = 0;
		for (let spare = 0; spare < 8; spare++) {
			storage.limit = spare;
			try {
				const db = openStorage(storage, directory, OPTIONS);
				storage.limit = Number.POSITIVE_INFINITY;
				db.closeSync();
			} catch (error) {
				refused += 1;
				assert.is((error as WlsmError).code, "WLSM_IO");
				assert.match((error as WlsmError).message, /ulimit -n/);
			}
			storage.limit = Number.POSITIVE_INFINITY;
			openStorage(storage, directory, OPTIONS).closeSync();
		}
		assert.ok(refused > 1, `${refused}`);
	}),
);

files("a database that is closed while no file can be opened is unlocked", () =>
	withDirectory(async (directory) => {
		const storage = new CountingStorage(new NodeStorage());
		const db = openStorage(storage, directory, OPTIONS);
		db.putSync("a", "1");
		storage.limit = 0;
		db.closeSync();
		storage.limit = Number.POSITIVE_INFINITY;
		const again = openStorage(storage, directory, OPTIONS);
		assert.is(again.getSync("a"), "1");
		again.closeSync();
	}),
);

files.run();
