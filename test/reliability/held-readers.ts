import { join } from "node:path";
import type { Database } from "../../host/database.js";
import type { OpenOptions } from "../../host/options.js";
import type { Storage } from "../../host/storage/storage.js";
import { openStorage } from "../support/database.js";
import { kernels } from "../support/kernels.js";
import { Random } from "../support/random.js";
import { anyOptions, somewhere } from "./histories.js";
import { type Ledger, Violation } from "./ledger.js";
import type { Entry } from "./recorded-history.js";

const KEYS = 300;
const ROUNDS = 14;

const keyOf = (number: number) => `key ${String(number).padStart(4, "0")}`;

/** Somebody who reads the database as it was at a moment, whatever happens to it. */
interface Holder {
	readonly name: string;
	/** All entries of that moment that it has not given yet, in its order. */
	readonly expected: readonly Entry[];
	/** Looks at it, as far as it can be looked at twice. */
	glance(random: Random): Promise<void>;
	/** Reads everything that is left. */
	readAll(): Promise<readonly Entry[]>;
	end(): Promise<void> | void;
}

interface Scene {
	readonly db: Database;
	readonly random: Random;
	readonly storage: Storage;
	readonly directory: string;
	readonly options: OpenOptions;
	readonly model: Map<string, string>;
	/** Number of the next holder. */
	next: number;
}

/** A moment that is held, in each of the ways there are. */
const KINDS: readonly ((scene: Scene) => Promise<Holder> | Holder)[] = [
	holdSnapshot,
	holdSnapshot,
	holdScan,
	holdScan,
	holdSlowScan,
	holdSlowScan,
	holdTransaction,
	holdReader,
	holdCheckpoint,
];

function entriesOf(model: ReadonlyMap<string, string>): Entry[] {
	return [...model].sort(([one], [other]) => (one < other ? -1 : 1));
}

/** Single keys of what is held: those that are there, and others. */
async function lookUp(
	from: Pick<Database, "get" | "getSync" | "getMany">,
	holder: Holder,
	random: Random,
): Promise<void> {
	const expected = new Map(holder.expected);
	const keys = Array.from({ length: 8 }, () => keyOf(random.below(KEYS)));
	const answers = [
		await from.getMany(keys),
		await Promise.all(keys.map((key) => from.get(key))),
		keys.map((key) => from.getSync(key)),
	];
	for (const values of answers) {
		for (const [index, key] of keys.entries()) {
			if (values[index] === expected.get(key)) continue;
			throw new Violation("wrong", `${holder.name}: ${key} is ${values[index]}, not ${expected.get(key)}`);
		}
	}
}

function holdSnapshot({ db, model }: Scene): Holder {
	const snapshot = db.snapshot();
	const holder: Holder = {
		name: "snapshot",
		expected: entriesOf(model),
		glance: (random) => lookUp(snapshot, holder, random),
		readAll: () => snapshot.entries().all(),
		end: () => snapshot.close(),
	};
	return holder;
}

/** An iterator that is read a few entries at a time, with everything happening in between. */
function holdIterator(
	name: string,
	step: (count: number) => Promise<readonly Entry[]>,
	end: () => void,
	expected: Entry[],
): Holder {
	const take = async (count: number) => {
		const entries = await step(count);
		compare(name, entries, expected.splice(0, entries.length));
	};
	return {
		name,
		expected,
		glance: (random) => take(random.below(30)),
		readAll: () => step(Number.POSITIVE_INFINITY),
		end,
	};
}

function holdScan(scene: Scene): Holder {
	const reverse = scene.random.once(2);
	const expected = entriesOf(scene.model);
	if (reverse) expected.reverse();
	const iterator = scene.db.entries({ reverse });
	const steps = iterator[Symbol.iterator]();
	const step = async (count: number) => {
		const entries: Entry[] = [];
		for (let left = count; left > 0; left--) {
			const { done, value } = steps.next();
			if (done === true) break;
			entries.push(value);
		}
		return entries;
	};
	return holdIterator("scan", step, () => iterator.close(), expected);
}

function holdSlowScan(scene: Scene): Holder {
	const reverse = scene.random.once(2);
	const expected = entriesOf(scene.model);
	if (reverse) expected.reverse();
	const iterator = scene.db.entries({ reverse });
	const steps = iterator[Symbol.asyncIterator]();
	const step = async (count: number) => {
		const entries: Entry[] = [];
		for (let left = count; left > 0; left--) {
			const { done, value } = await steps.next();
			if (done === true) break;
			entries.push(value);
		}
		return entries;
	};
	return holdIterator("asynchronous scan", step, () => iterator.close(), expected);
}

/** A transaction that stays open: its function waits. */
async function holdTransaction({ db, model }: Scene): Promise<Holder> {
	let finish = () => {};
	const over = new Promise<void>((resolve) => {
		finish = resolve;
	});
	const holder = await new Promise<Holder>((resolve) => {
		const run = db.transaction(async (tx) => {
			const held: Holder = {
				name: "transaction",
				expected: entriesOf(model),
				glance: (random) => lookUp(tx, held, random),
				readAll: () => tx.entries().all(),
				end: async () => {
					finish();
					await run;
				},
			};
			resolve(held);
			await over;
		});
	});
	return holder;
}

/** A second handle, which only reads: the writer removes files under it. */
function holdReader({ storage, directory, options, model, random }: Scene): Holder {
	const kernel = random.pick(kernels);
	const reader = openStorage(storage, join(directory, "db"), { ...options, kernel, readOnly: true });
	const holder: Holder = {
		name: "reader",
		expected: entriesOf(model),
		glance: (own) => lookUp(reader, holder, own),
		readAll: () => reader.entries().all(),
		end: () => reader.close(),
	};
	return holder;
}

async function holdCheckpoint(scene: Scene): Promise<Holder> {
	const { db, storage, directory, options, model } = scene;
	const path = join(directory, `copy ${scene.next}`);
	const expected = entriesOf(model);
	await db.checkpoint(path);
	const copy = openStorage(storage, path, { ...options, createIfMissing: false });
	const holder: Holder = {
		name: "checkpoint",
		expected,
		glance: async (random) => {
			await lookUp(copy, holder, random);
			// It is a database of its own, which compacts its own names of the shared files away.
			if (random.once(2)) await copy.compact();
		},
		readAll: () => copy.entries().all(),
		end: () => copy.close(),
	};
	return holder;
}

function compare(name: string, found: readonly Entry[], expected: readonly Entry[]): void {
	if (found.length !== expected.length) {
		throw new Violation("wrong", `${name}: ${found.length} entries, not ${expected.length}`);
	}
	for (const [index, [key, value]] of expected.entries()) {
		const entry = found[index];
		if (entry?.[0] === key && entry[1] === value) continue;
		throw new Violation("wrong", `${name}: entry ${index} is ${entry?.join(" = ")}, not ${key} = ${value}`);
	}
}

/** Readers of every kind are held while the database is written to, flushed and compacted: each answers its own moment. */
export function runHeldReaders(ledger: Ledger, seed: number): Promise<void> {
	const random = new Random(seed);
	return somewhere(random, async (storage, directory) => {
		const options = anyOptions(random);
		const db = openStorage(storage, join(directory, "db"), options);
		const scene: Scene = { db, random, storage, directory, options, model: new Map(), next: 0 };
		const holders: Holder[] = [];
		for (let round = 0; round < ROUNDS; round++) {
			await change(scene, round);
			for (let more = random.below(4); more > 0; more--) {
				holders.push(await random.pick(KINDS)(scene));
				scene.next += 1;
			}
			for (const holder of holders) if (random.once(3)) await holder.glance(random);
			// Some go, so that files are removed while others stay.
			if (holders.length > 6) await release(ledger, holders.splice(random.below(holders.length), 1));
		}
		await release(ledger, holders);
		compare("the database", [...db.entries()], entriesOf(scene.model));
		await checkFiles(scene);
		await db.close();
	});
}

async function release(ledger: Ledger, holders: readonly Holder[]): Promise<void> {
	for (const holder of holders) {
		const expected = [...holder.expected];
		compare(holder.name, await holder.readAll(), expected);
		await holder.end();
		ledger.count(`held: ${holder.name}`);
	}
}

/** Writes and deletes, in memory or down to the tables. */
async function change({ db, random, model }: Scene, round: number): Promise<void> {
	for (let left = random.between(20, 120); left > 0; left--) {
		const key = keyOf(random.below(KEYS));
		const value = `round ${round} left ${left} ${"x".repeat(random.below(300))}`;
		if (random.once(5)) {
			db.deleteSync(key);
			model.delete(key);
		} else {
			db.putSync(key, value);
			model.set(key, value);
		}
	}
	if (random.once(3)) {
		const from = random.below(KEYS);
		const range = { gte: keyOf(from), lt: keyOf(from + random.below(KEYS / 3)) };
		await db.deleteRange(range);
		for (const key of [...model.keys()]) if (key >= range.gte && key < range.lt) model.delete(key);
	}
	if (random.once(4)) await db.flush();
	else if (random.once(3)) await db.compact();
}

/** What no reader holds any more is removed: the tables on disk are those of the database. */
async function checkFiles({ db, storage, directory }: Scene): Promise<void> {
	await db.compact();
	await db.flush();
	const { levels } = await db.stats();
	const tables = levels.reduce((sum, { files }) => sum + files, 0);
	const names = storage.list(join(directory, "db")).filter((name) => name.endsWith(".sst"));
	if (names.length !== tables)
		throw new Violation("wrong", `${names.length} tables in the directory, ${tables} in use`);
}
