import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Database } from "../../host/database.js";
import type { Engine } from "../../host/engine/engine.js";
import { kernelFor } from "../../host/engine/open.js";
import { WlsmError } from "../../host/errors.js";
import { RuntimeError } from "../../host/kernel/webassembly.js";
import { openKeyValue } from "../../host/key-value.js";
import { MemoryStorage, NodeStorage, type ReadFile, type Storage, type WriteFile } from "../../host/storage/index.js";
import { openStorage, rejected, thrown, withDirectory } from "../support/database.js";
import { SimulatedDisk } from "../support/disk/simulated-disk.js";
import { hookedStorage, systemError } from "../support/hooked-storage.js";
import { fill, IMAGE_DIRECTORY, takeImage } from "../support/image.js";
import { overKernels } from "../support/openers.js";

/* What others do, or what fails, between two steps of ours. */

const moments = suite("odd moments");
const OPTIONS = { memtableBytes: 16 << 10, blockBytes: 256, background: "inline" } as const;
const DIRECTORY = IMAGE_DIRECTORY;
const keyOf = (index: number) => `key ${String(index).padStart(4, "0")}`;

/** The storage, with some of its methods replaced. */
function withMethods(storage: Storage, methods: Partial<Storage>): Storage {
	return new Proxy(storage, {
		get(target, name: keyof Storage) {
			const method = methods[name] ?? target[name];
			return typeof method === "function" ? (method as () => unknown).bind(target) : method;
		},
	});
}

function engineOf(db: Database): Engine {
	// @ts-expect-error: the engine is not part of the public interface.
	return db.engine as Engine;
}

overKernels(moments, "a database that another process makes meanwhile is there already", (openers) => {
	const inner = new MemoryStorage();
	let made = 0;
	const storage = hookedStorage(inner, (operation) => {
		if (operation !== "makeDirectory" || ++made > 1) return;
		const other = openers.openStorage(inner, DIRECTORY, OPTIONS);
		other.putSync("theirs", "1");
		other.closeSync();
	});
	const open = (errorIfExists: boolean) => openers.openStorage(storage, DIRECTORY, { ...OPTIONS, errorIfExists });
	assert.match(thrown(() => open(true), "WLSM_EXISTS").message, "errorIfExists is set");
	assert.is(made, 1);
	const db = open(false);
	assert.is(db.getSync("theirs"), "1");
	db.closeSync();
});

moments("of an opening that fails and a lock that cannot be given back the first is told", () => {
	withDirectory((directory) => {
		openStorage(new NodeStorage(), directory, OPTIONS).closeSync();
		let locks = 0;
		const storage = withMethods(new NodeStorage(), {
			openRead(this: Storage, path: string) {
				if (path.endsWith("LOCK")) locks += 1;
				if (path.endsWith("LOCK") || path.includes("MANIFEST")) throw systemError("EIO");
				return NodeStorage.prototype.openRead.call(this, path);
			},
		});
		const error = thrown(() => openStorage(storage, directory, OPTIONS), "WLSM_IO");
		assert.match(error.file ?? "", "MANIFEST");
		assert.is(locks, 1);
	});
});

overKernels(moments, "a checkpoint for whose directory another one is faster", async (openers) => {
	const inner = new MemoryStorage();
	for (const mark of ["CHECKPOINT", ".sst"]) {
		const target = `/copy of ${mark}`;
		const storage = hookedStorage(inner, (operation, path) => {
			if ((operation === "create" || operation === "link") && path.startsWith(target) && path.endsWith(mark))
				inner.create(path).close();
		});
		const db = openers.openStorage(storage, DIRECTORY, OPTIONS);
		db.putSync("a", "1");
		await db.flush();
		if (mark === "CHECKPOINT") {
			const error = await rejected(() => db.checkpoint(target), "WLSM_EXISTS");
			assert.match(error.message, `${target} is being written to`);
			assert.is(error.file, target);
			assert.equal(inner.list(target), ["CHECKPOINT"], "what is the other one's stays");
		} else {
			const error = await rejected(() => db.checkpoint(target), "WLSM_IO");
			assert.match(error.message, "EEXIST");
		}
		assert.is(db.getSync("a"), "1");
		await db.close();
	}
});

overKernels(moments, "whatever fails of a checkpoint into a directory that is there", async (openers) => {
	let failures = 0;
	for (let at = 1; ; at++) {
		const storage = new SimulatedDisk();
		const db = openers.openStorage(storage, DIRECTORY, OPTIONS);
		db.putSync("a", "1");
		await db.flush();
		db.putSync("b", "2");
		storage.makeDirectory("/copy");
		storage.fault = { at: storage.operations + at, kind: "EIO", lasting: false };
		let failed = false;
		await db.checkpoint("/copy").catch((error: WlsmError) => {
			assert.is(error.code, "WLSM_IO", `${storage.failed}`);
			failed = true;
		});
		const done = storage.failed.length === 0;
		storage.fault = undefined;
		if (failed) {
			failures += 1;
			assert.match(
				thrown(() => openers.openStorage(storage, "/copy", { createIfMissing: false }), "WLSM_NOT_FOUND").message,
				"/copy",
			);
		} else {
			const copy = openers.openStorage(storage, "/copy", { ...OPTIONS, createIfMissing: false });
			assert.equal([...copy.keys()], ["a", "b"]);
			await copy.close();
		}
		await db.close();
		if (done) break;
	}
	assert.ok(failures > 5, `${failures}`);
});

overKernels(
	moments,
	"commits made while what came before an ingestion is flushed come before it too",
	async (openers) => {
		const db = openers.openStorage(new MemoryStorage(), DIRECTORY, OPTIONS);
		for (let index = 0; index < 100; index++) db.putSync(keyOf(index), "before");
		// What is little is flushed at once.
		db.putSync("much", "x".repeat(300_000));
		let [ended, meanwhile] = [false, 0];
		const ingesting = db.ingest(Array.from({ length: 50 }, (_, index) => [keyOf(index), "ingested"])).finally(() => {
			ended = true;
		});
		while (!ended) {
			await new Promise((resolve) => setImmediate(resolve));
			if (ended) break;
			db.putSync(keyOf(meanwhile++ % 50), "meanwhile");
			db.putSync("late", `${meanwhile}`);
		}
		await ingesting;
		assert.ok(meanwhile > 0);
		for (let index = 0; index < 100; index++) assert.is(db.getSync(keyOf(index)), index < 50 ? "ingested" : "before");
		assert.is(db.getSync("late"), `${meanwhile}`);
		assert.equal((await db.verify()).problems, []);
		await db.close();
	},
);

overKernels(moments, "an ingestion that commits have overtaken is given up as a whole", async (openers) => {
	const storage = new MemoryStorage();
	const db = openers.openStorage(storage, DIRECTORY, OPTIONS);
	db.putSync("a", "1");
	async function* entries(): AsyncGenerator<[string, string]> {
		yield ["k1", "ingested"];
		// As many commits as there is room for before it.
		engineOf(db as Database).advance(engineOf(db as Database).lastSequence + 2 ** 31);
		yield ["k2", "ingested"];
	}
	const error = await rejected(() => db.ingest(entries()), "WLSM_CONFLICT");
	assert.match(error.message, "Nothing of them was kept; ingest them again");
	assert.equal([...db.keys()], ["a"]);
	await db.ingest([["k3", "2"]]);
	assert.equal([...db.keys()], ["a", "k3"]);
	const { levels } = await db.stats();
	const tables = storage.list(DIRECTORY).filter((name) => name.endsWith(".sst"));
	assert.is(
		tables.length,
		levels.reduce((sum, { files }) => sum + files, 0),
	);
	await db.close();
});

overKernels(
	moments,
	"a table that can be neither written nor closed is removed, and the write's failure told",
	async (openers) => {
		const inner = new MemoryStorage();
		let sick = true;
		let closed = 0;
		const storage = withMethods(inner, {
			create(path: string): WriteFile {
				const file = inner.create(path);
				if (!sick || !path.endsWith(".sst")) return file;
				file.writeSync = () => {
					throw systemError("ENOSPC");
				};
				file.close = () => {
					closed += 1;
					throw systemError("EIO");
				};
				return file;
			},
		});
		const db = openers.openStorage(storage, DIRECTORY, OPTIONS);
		db.putSync("a", "1");
		const error = await rejected(() => db.flush(), "WLSM_IO");
		assert.match(error.message, "ENOSPC");
		assert.is(closed, 1);
		assert.not(inner.list(DIRECTORY).some((name) => name.endsWith(".sst")));
		sick = false;
		await db.flush();
		assert.is(db.getSync("a"), "1");
		await db.close();
	},
);

/** The storage, with a file that is a byte shorter than it says. */
function shortened(storage: Storage, ending: string): Storage {
	return withMethods(storage, {
		openRead(path: string): ReadFile {
			const file = storage.openRead(path);
			if (!path.endsWith(ending)) return file;
			const { size } = file;
			const count = (got: number, length: number) => Math.max(0, got - (got === length && length > 1 ? 1 : 0));
			return {
				path,
				size: size.bind(file),
				readSync: (target, at, length, position) => count(file.readSync(target, at, length, position), length),
				read: async (target, at, length, position) => count(await file.read(target, at, length, position), length),
				close: () => file.close(),
			};
		},
	});
}

overKernels(moments, "reads that end early are damage, and name the file", async (openers) => {
	const inner = new MemoryStorage();
	const first = openers.openStorage(inner, DIRECTORY, OPTIONS);
	for (let index = 0; index < 200; index++) first.putSync(keyOf(index), `value ${index}`);
	await first.flush();
	first.putSync("logged", "1");
	const image = takeImage(inner);
	await first.close();
	for (const ending of [".sst", ".wal", "MANIFEST-000001"]) {
		const sound = fill(new MemoryStorage(), image);
		const open = (storage: Storage) => openers.openStorage(storage, DIRECTORY, { ...OPTIONS, readOnly: true });
		const told: string[] = [];
		const attempt = async (work: () => unknown) => {
			try {
				await work();
			} catch (error) {
				if (!(error instanceof WlsmError)) throw error;
				assert.is(error.code, "WLSM_CORRUPTION", error.message);
				assert.ok(error.file?.endsWith(ending), error.message);
				told.push(error.message);
			}
		};
		await attempt(async () => {
			const db = open(shortened(sound, ending));
			await attempt(() => db.getSync(keyOf(7)));
			await attempt(() => db.get(keyOf(107)));
			await attempt(() => [...db.entries()]);
			const { problems } = await db.verify();
			for (const { file, message } of problems) {
				assert.ok(file.endsWith(ending), message);
				told.push(message);
			}
			await db.close();
		});
		assert.ok(told.length > 0, ending);
		const db = open(sound);
		assert.is([...db.keys()].length, 201, "it was only read");
		await db.close();
	}
});

overKernels(moments, "what a kernel throws that is no error of the library ends writing", async ({ kernel }) => {
	const Thrown = kernel === "ts" ? RangeError : RuntimeError;
	let broken = false;
	const kernelOf: typeof kernelFor = (options) => {
		const made = kernelFor(options);
		const create = made.createScan.bind(made);
		made.createScan = (scanOptions) => {
			const scan = create(scanOptions);
			const fillPage = scan.fill.bind(scan);
			scan.fill = (maxEntries, maxBytes) => {
				if (broken) throw new Thrown("Offset is outside the bounds of the DataView");
				return fillPage(maxEntries, maxBytes);
			};
			return scan;
		};
		return made;
	};
	const storage = new MemoryStorage();
	const db = openStorage(storage, DIRECTORY, { ...OPTIONS, kernel }, { kernelOf });
	db.putSync("a", "1");
	broken = true;
	for (let time = 0; time < 2; time++) {
		const error = thrown(() => [...db.entries()], "WLSM_CORRUPTION");
		assert.match(error.message, "found an invariant broken (Offset is outside the bounds");
		assert.instance(error.cause, Thrown);
	}
	assert.match(thrown(() => db.putSync("b", "2"), "WLSM_CORRUPTION").message, "Nothing is written since");
	await db.close();
	const again = openStorage(storage, DIRECTORY, { ...OPTIONS, kernel });
	assert.equal([...again.keys()], ["a"]);
	await again.close();
});

overKernels(moments, "damage that is found while a transaction is looked at for conflicts", async (openers) => {
	const storage = new MemoryStorage();
	const db = openers.openStorage(storage, DIRECTORY, { ...OPTIONS, blockCacheBytes: 0 });
	db.putSync(keyOf(5), "old");
	const committing = db.transaction(async (tx) => {
		tx.deleteRangeSync({ gte: keyOf(0), lt: keyOf(9) });
		// What is to be looked at is in a table by then, which is not what it was.
		for (let index = 0; index < 400; index++) db.putSync(`other ${index}`, `${index}`.repeat(9));
		db.putSync("key", "before the range");
		await db.flush();
		const name = storage.list(DIRECTORY).find((file) => file.endsWith(".sst")) as string;
		const file = storage.openAppend(storage.join(DIRECTORY, name));
		const { position } = file;
		file.truncate(10);
		file.writeSync(new Uint8Array(position), 0, position - 10);
		file.close();
	});
	const error = await rejected(() => committing, "WLSM_CORRUPTION");
	assert.match(error.file ?? "", ".sst");
	await db.close();
});

moments("a table that is removed under its writer is damage, and is named", async () => {
	const storage = new MemoryStorage();
	const open = () => openStorage(storage, DIRECTORY, { ...OPTIONS, maxOpenFiles: 1 });
	const first = open();
	for (let round = 0; round < 3; round++) {
		for (let index = 0; index < 30; index++) first.putSync(`${round} ${keyOf(index)}`, "x".repeat(100));
		await first.flush();
	}
	await first.close();
	const db = open();
	for (const name of storage.list(DIRECTORY)) if (name.endsWith(".sst")) storage.remove(storage.join(DIRECTORY, name));
	const told: WlsmError[] = [];
	for (let round = 0; round < 3; round++) {
		try {
			db.getSync(`${round} ${keyOf(3)}`);
		} catch (error) {
			told.push(error as WlsmError);
		}
	}
	assert.ok(told.length > 0);
	for (const { code, message, file } of told) {
		assert.is(code, "WLSM_CORRUPTION");
		assert.match(message, "the table is missing");
		assert.match(file ?? "", ".sst");
	}
	await db.close();
});

moments("a database that was opened for keys and values says how to have SQL", async () => {
	const db = await openKeyValue(":memory:");
	assert.match(thrown(() => (db as Database).sql, "WLSM_UNSUPPORTED").message, "open it with open() for db.sql");
	await db.close();
});

moments.run();
