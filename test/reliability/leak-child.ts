/**
 * A process that does the same again and again and says what it holds: `node --expose-gc leak-child.js <way> <cycles>`, with a
 * database that is opened anew in each cycle, or one that stays open. A line of JSON for each cycle.
 */
import { mkdtempSync, readdirSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { type Database, open } from "../../host/index.js";

export type LeakWay = "handles" | "one handle";

/** What a process holds after a cycle; undefined where the system does not tell. */
export interface Held {
	readonly heapBytes: number;
	readonly descriptors: number;
	readonly resources: number;
	/** Of the kernel, in use and grown to; of all open databases. */
	readonly kernelBytes: number;
	readonly linearBytes: number;
	readonly files: number;
}

const OPTIONS = { memtableBytes: 32 << 10, blockBytes: 512, blockCacheBytes: 64 << 10 } as const;
const keyOf = (number: number) => `key ${number % 500}`;

/** Everything that takes something and is to give it back. */
async function use(db: Database, copy: string): Promise<void> {
	for (let number = 0; number < 400; number++) db.putSync(keyOf(number * 7), `value ${number} `.repeat(number % 20));
	await Promise.all(Array.from({ length: 50 }, (_, number) => db.put(keyOf(number), "again")));
	const snapshot = db.snapshot();
	db.deleteRangeSync({ gte: "key 10", lt: "key 2" });
	for (const _ of db.entries()) break;
	for await (const _ of db.entries({ reverse: true })) break;
	await snapshot.getMany([keyOf(1), keyOf(2)]);
	snapshot.close();
	await db.transaction((tx) => tx.put("tx", "1"));
	await db
		.transaction(async (tx) => {
			await tx.put("tx", "2");
			for (const _ of tx.entries()) break;
			throw new Error("roll back");
		})
		.catch(() => {});
	await db
		.transaction(async (tx) => {
			await tx.put("tx", "3");
			await db.put("tx", "4");
		})
		.catch(() => {});
	await db.flush();
	await Promise.all(Array.from({ length: 50 }, (_, number) => db.get(keyOf(number))));
	await db.compact();
	await db.checkpoint(copy);
	rmSync(copy, { recursive: true });
	await db.verify();
}

async function holds(db: Database, directory: string): Promise<Pick<Held, "kernelBytes" | "linearBytes" | "files">> {
	const { memory } = await db.stats();
	return {
		kernelBytes: memory.allocatedBytes,
		linearBytes: memory.linearBytes,
		files: readdirSync(join(directory, "db")).length,
	};
}

/** Of what is gone by itself the end is waited for: threads that were told to stop, handles whose owner was collected. */
async function ofProcess(): Promise<Pick<Held, "heapBytes" | "descriptors" | "resources">> {
	for (let turns = 0; turns < 20; turns++) await setImmediate();
	globalThis.gc?.();
	await setImmediate();
	globalThis.gc?.();
	let descriptors = 0;
	try {
		descriptors = readdirSync("/proc/self/fd").length;
	} catch {
		// Not on this system.
	}
	return { heapBytes: process.memoryUsage().heapUsed, descriptors, resources: process.getActiveResourcesInfo().length };
}

async function run(way: LeakWay, cycles: number, directory: string): Promise<void> {
	const copy = join(directory, "copy");
	let db = await open(join(directory, "db"), OPTIONS);
	for (let cycle = 0; cycle < cycles; cycle++) {
		await use(db, copy);
		const kernel = await holds(db, directory);
		if (way === "handles") {
			if (cycle % 2 === 0) await db.close();
			else db.closeSync();
		}
		const held: Held = { ...kernel, ...(await ofProcess()) };
		writeSync(1, `${JSON.stringify(held)}\n`);
		if (way === "handles") db = await open(join(directory, "db"), OPTIONS);
	}
	await db.close();
}

const [way = "handles", cycles = "1"] = process.argv.slice(2);
const directory = mkdtempSync(join(tmpdir(), "wlsm-leak-"));
try {
	await run(way as LeakWay, Number(cycles), directory);
} finally {
	rmSync(directory, { recursive: true, force: true });
}
