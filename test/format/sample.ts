import { Buffer } from "node:buffer";
import { formatOwner } from "../../host/engine/lock-owner.js";
import type { OpenOptions } from "../../host/options.js";
import { MemoryStorage } from "../../host/storage/memory.js";
import { openStorage, setClock } from "../support/database.js";

const DIRECTORY = "/sample";
export const DATABASE_ID = Uint8Array.of(0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef);

/** The files of tiny databases, the same bytes at each call: what FORMAT.md shows. */
export interface SampleFiles {
	readonly current: Uint8Array;
	readonly manifest: Uint8Array;
	readonly log: Uint8Array;
	readonly table: Uint8Array;
	/** A table whose data block is compressed. */
	readonly compressedTable: Uint8Array;
	/** Log and table of a put that expires and a range deletion. */
	readonly kindsLog: Uint8Array;
	readonly kindsTable: Uint8Array;
	readonly lock: Uint8Array;
}

/** Runs `work` with database ids that are not random. */
export function withFixedId<Answer>(work: () => Answer): Answer {
	// An own property over the prototype's method: removing it brings that one back.
	Object.defineProperty(crypto, "getRandomValues", {
		configurable: true,
		value: (target: Uint8Array) => {
			target.set(DATABASE_ID);
			return target;
		},
	});
	try {
		return work();
	} finally {
		Reflect.deleteProperty(crypto, "getRandomValues");
	}
}

function fresh(options: OpenOptions) {
	const storage = new MemoryStorage();
	return { storage, db: withFixedId(() => openStorage(storage, DIRECTORY, options)) };
}

function read(storage: MemoryStorage, name: string): Uint8Array {
	const file = storage.openRead(storage.join(DIRECTORY, name));
	try {
		const bytes = Buffer.alloc(file.size());
		file.readSync(bytes, 0, bytes.length, 0);
		return bytes;
	} finally {
		file.close();
	}
}

/** Two puts in one batch and a deletion, flushed while a snapshot still sees what was deleted. */
export async function sampleFiles(): Promise<SampleFiles> {
	const { storage, db } = fresh({ compression: "none" });
	db.batchSync([
		{ type: "put", key: "apple", value: "red" },
		{ type: "put", key: "banana", value: "yellow" },
	]);
	const snapshot = db.snapshot();
	db.deleteSync("apple");
	const log = read(storage, "000002.wal");
	await db.flush();
	snapshot.close();
	const current = read(storage, "CURRENT");
	const table = read(storage, "000004.sst");
	db.closeSync();
	const manifest = read(storage, "MANIFEST-000001");
	return {
		current,
		manifest,
		log,
		table,
		compressedTable: await compressedTable(),
		...(await kinds()),
		lock: sampleLock(),
	};
}

async function kinds(): Promise<{ kindsLog: Uint8Array; kindsTable: Uint8Array }> {
	const { storage, db } = fresh({ compression: "none" });
	setClock(db, () => Date.UTC(2030, 0, 1));
	db.putSync("session", "Ada", { ttlMs: 60_000 });
	db.deleteRangeSync({ prefix: "fruit/" });
	const kindsLog = read(storage, "000002.wal");
	await db.flush();
	const kindsTable = read(storage, "000004.sst");
	db.closeSync();
	return { kindsLog, kindsTable };
}

async function compressedTable(): Promise<Uint8Array> {
	const { storage, db } = fresh({ compression: "lz4", bloomBitsPerKey: 0 });
	db.putSync("verse", `${"la ".repeat(20)}end`);
	await db.flush();
	const table = read(storage, "000004.sst");
	db.closeSync();
	return table;
}

function sampleLock(): Uint8Array {
	return formatOwner({
		pid: 4242,
		startTime: "181922",
		bootId: "3f0c1d8e-52a7-4b8e-9d61-0a4f6f0e7c11",
		pidNamespace: "pid:[4026531836]",
		hostname: "example",
		token: "8d7f2c1e-6a41-4a35-9d0c-2f5b8a90e3d4",
		directory: "/var/data/shop",
		inode: "1310735",
	});
}
