import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import type { Database } from "../../host/database.js";
import { open } from "../../host/index.js";
import { withDirectory } from "../support/database.js";
import type { KernelName } from "../support/kernels.js";
import { Random } from "../support/random.js";
import { type Ledger, Violation } from "./ledger.js";

const ITERATORS = 1000;
/** Memory that differs for other reasons: what is cached, operations that are kept for reuse. */
const SLACK_BYTES = 256 << 10;

const keyOf = (number: number) => String(number).padStart(8, "0");
const valueFor = (number: number) => `value ${number}`;

/** A thousand iterators at once, of both kinds, over tables and memtables that are replaced under them; then their memory is back. */
export function runManyIterators(ledger: Ledger, kernel: KernelName): Promise<void> {
	return withDirectory(async (directory) => {
		const options = { kernel, memtableBytes: 64 << 10, blockBytes: 1024, blockCacheBytes: 0 };
		const db = await open(join(directory, "db"), options);
		const count = 5000;
		for (let number = 0; number < count; number++) db.putSync(keyOf(number), valueFor(number));
		await db.compact();
		const before = (await db.stats()).memory.allocatedBytes;
		const first = Array.from({ length: ITERATORS }, (_, index) => {
			const iterator = db.keys({ gte: keyOf(index), reverse: index % 3 === 0 });
			return { iterator, steps: index % 2 === 0 ? iterator[Symbol.iterator]() : iterator[Symbol.asyncIterator]() };
		});
		for (const { steps } of first) await steps.next();
		const during = (await db.stats()).memory.allocatedBytes;
		for (let number = 0; number < count; number++) db.putSync(keyOf(number), "changed since");
		await db.deleteRange({ lt: keyOf(count / 2) });
		await db.compact();
		for (const [index, { steps }] of first.entries()) {
			const expected = index % 3 === 0 ? count - 2 : index + 1;
			const { value } = await steps.next();
			if (value !== keyOf(expected)) throw new Violation("wrong", `iterator ${index} gives ${value}, not ${expected}`);
		}
		for (const { iterator } of first) iterator.close();
		await db.compact();
		const { memory, iterators, levels } = await db.stats();
		ledger.count("iterators open at once", ITERATORS);
		ledger.count("bytes of memory that they took", during - before);
		if (iterators !== 0 || memory.allocatedBytes > before + SLACK_BYTES) {
			throw new Violation("wrong", `${iterators} iterators, ${before} bytes before and ${memory.allocatedBytes} after`);
		}
		if (levels.reduce((sum, { files }) => sum + files, 0) === 0) throw new Violation("lost", "all tables");
		await db.close();
	});
}

const BATCH = 10_000;

/** So many keys: written, read, scanned, merged, verified, and there after opening again. */
export function runManyKeys(ledger: Ledger, keys: number, alive: () => void): Promise<void> {
	return withDirectory(async (directory) => {
		const path = join(directory, "db");
		let db = await open(path);
		// Every number once, in an order that is none: a step that has no divisor in common with the count.
		const step = 7_654_321;
		for (let number = 0; number < keys; number += BATCH) {
			const operations = Array.from({ length: Math.min(BATCH, keys - number) }, (_, index) => {
				const one = ((number + index) * step) % keys;
				return { type: "put" as const, key: keyOf(one), value: valueFor(one) };
			});
			await db.batch(operations);
			alive();
		}
		await lookUp(db, keys, alive);
		await db.flush();
		await db.compact();
		alive();
		const { ok, problems, tables } = await db.verify();
		if (!ok) throw new Violation("wrong", problems.map(({ message }) => message).join("; "));
		await db.close();
		db = await open(path, { createIfMissing: false });
		await lookUp(db, keys, alive);
		let count = 0;
		for await (const key of db.keys()) {
			if (key !== keyOf(count)) throw new Violation("lost", `key ${count} of the scan is ${key}`);
			count += 1;
			if (count % 100_000 === 0) alive();
		}
		if (count !== keys) throw new Violation("lost", `${count} of ${keys} keys`);
		ledger.count("keys of the large database", count);
		ledger.count("tables of the large database", tables);
		await db.close();
	});
}

async function lookUp(db: Database, keys: number, alive: () => void): Promise<void> {
	const random = new Random(keys);
	for (let left = 200; left > 0; left--) {
		const numbers = Array.from({ length: 50 }, () => random.below(keys));
		const values = await db.getMany(numbers.map(keyOf));
		for (const [index, number] of numbers.entries()) {
			if (values[index] !== valueFor(number)) throw new Violation("lost", keyOf(number));
		}
		await setImmediate();
	}
	alive();
}
