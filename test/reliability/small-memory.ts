import { join } from "node:path";
import type { Database } from "../../host/database.js";
import { WlsmError } from "../../host/errors.js";
import type { EntryIterator } from "../../host/iterator.js";
import { openStorage } from "../support/database.js";
import { kernels } from "../support/kernels.js";
import { Random } from "../support/random.js";
import { somewhere } from "./histories.js";
import { type Ledger, Violation } from "./ledger.js";
import type { Entry } from "./recorded-history.js";

/** What the kernel's memory may grow to. */
export const BUDGET = 8 << 20;
const STEPS = 100;
/** How often what has just run out of memory is asked for again. */
const TRIES = 4;
const LARGEST_VALUE = BUDGET >> 5;
/** Iterators and snapshots that are open at once. */
const MOST_OPEN = 400;

const keyOf = (number: number) => `key ${String(number).padStart(5, "0")}`;

/** A database whose memory is small, and what it holds. */
interface Scene {
	readonly ledger: Ledger;
	readonly random: Random;
	readonly db: Database;
	readonly model: Map<string, string>;
	readonly open: EntryIterator<Entry>[];
}

function newValue({ random }: Scene, name: number): string {
	const length = random.once(10) ? random.below(LARGEST_VALUE) : random.below(random.once(3) ? 20_000 : 300);
	return `${name} ${String.fromCharCode(97 + random.below(26)).repeat(length)}`;
}

/** What may run out of memory, and then has changed nothing. Each answers what to do to the model where it went well. */
const STEPS_OF_A_SCENE: readonly ((scene: Scene, step: number) => Promise<void> | void)[] = [
	puts,
	puts,
	puts,
	longBatch,
	longTransaction,
	tooLargeValue,
	openMany,
	reads,
	({ db }) => db.flush(),
	({ db }) => db.compact(),
	dropRange,
];

function puts(scene: Scene, step: number): void {
	for (let left = scene.random.between(1, 60); left > 0; left--) {
		const key = keyOf(scene.random.below(2000));
		const value = newValue(scene, step);
		scene.db.putSync(key, value);
		scene.model.set(key, value);
	}
}

/** Puts of some kilobytes to more than there is room for. */
function longList(scene: Scene, step: number): Entry[] {
	const count = scene.random.pick([100, 1000, 10_000]);
	return Array.from({ length: count }, (_, index) => [
		keyOf((step * 31 + index) % 3000),
		`${step} ${index} `.repeat(8),
	]);
}

async function longBatch(scene: Scene, step: number): Promise<void> {
	const entries = longList(scene, step);
	await scene.db.batch(entries.map(([key, value]) => ({ type: "put" as const, key, value })));
	for (const [key, value] of entries) scene.model.set(key, value);
}

async function longTransaction(scene: Scene, step: number): Promise<void> {
	const entries = longList(scene, step);
	await scene.db.transaction((tx) => {
		for (const [key, value] of entries) tx.putSync(key, value);
	});
	for (const [key, value] of entries) scene.model.set(key, value);
}

/** There is no room for it, ever. */
function tooLargeValue({ db }: Scene): void {
	db.putSync("large", "x".repeat(BUDGET));
	throw new Violation("wrong", "a value as large as the memory was written");
}

function openMany({ db, random, open }: Scene): void {
	for (let left = random.below(MOST_OPEN - open.length); left > 0; left--) {
		const iterator = db.entries({ gte: keyOf(random.below(2000)) });
		open.push(iterator);
		if (random.once(4)) iterator[Symbol.iterator]().next();
	}
}

async function reads({ db, random, model }: Scene): Promise<void> {
	for (let left = 40; left > 0; left--) {
		const key = keyOf(random.below(2500));
		const value = random.once(2) ? db.getSync(key) : await db.get(key);
		if (value !== model.get(key)) throw new Violation("wrong", `${key} is not what was written`);
	}
}

async function dropRange({ db, random, model }: Scene): Promise<void> {
	const from = random.below(2000);
	const range = { gte: keyOf(from), lt: keyOf(from + 200) };
	await db.deleteRange(range);
	for (const key of [...model.keys()]) if (key >= range.gte && key < range.lt) model.delete(key);
}

/** A database lives within 8 MiB: what does not fit says so, changes nothing, and all goes on once there is room. */
export function runSmallMemory(ledger: Ledger, seed: number): Promise<void> {
	const random = new Random(seed);
	const kernel = random.pick(kernels);
	return somewhere(random, async (storage, directory) => {
		const options = { kernel, memoryBytes: BUDGET, background: random.pick(["worker", "inline"] as const) };
		const path = join(directory, "db");
		const model = new Map<string, string>();
		let db = openStorage(storage, path, options);
		const scene: Scene = { ledger, random, db, model, open: [] };
		for (let step = 0; step < STEPS; step++) {
			await attempt(scene, step);
			if (random.once(20)) for (const iterator of scene.open.splice(0)) iterator.close();
		}
		for (const iterator of scene.open) iterator.close();
		await checkWorks(scene);
		await checkMemory(scene);
		await db.close();
		// It opens within the same memory.
		db = openStorage(storage, path, options);
		await checkWorks({ ...scene, db });
		await db.close();
	});
}

async function attempt(scene: Scene, step: number): Promise<void> {
	try {
		await scene.random.pick(STEPS_OF_A_SCENE)(scene, step);
		scene.ledger.count("steps within 8 MiB");
	} catch (error) {
		if (!(error instanceof WlsmError) || error.code !== "WLSM_OUT_OF_MEMORY") throw error;
		scene.ledger.count("steps that did not fit");
	}
}

/** Everything that is small works, and everything acknowledged is there. */
async function checkWorks({ db, model }: Scene): Promise<void> {
	await insist(db, () => db.flush());
	db.putSync("small", "value");
	db.deleteSync("small");
	await insist(db, () => db.compact());
	let count = 0;
	for await (const [key, value] of db.entries()) {
		if (model.get(key) !== value) throw new Violation("wrong", `${key} is not what was written`);
		count += 1;
	}
	if (count !== model.size) throw new Violation("lost", `${count} of ${model.size} entries`);
	const { problems } = await db.verify();
	if (problems.length > 0) throw new Violation("wrong", `verify: ${problems.map(({ message }) => message).join("; ")}`);
}

/** What failed in the background before is told once, and a flush may meet a compaction that has yet to give its memory back. */
async function insist(db: Database, work: () => Promise<void>): Promise<void> {
	for (let tries = 1; ; tries++) {
		try {
			await work();
			return;
		} catch (error) {
			if (!(error instanceof WlsmError) || error.code !== "WLSM_OUT_OF_MEMORY") throw error;
			if (tries < TRIES) continue;
			const { memory, memtables, levels } = await db.stats();
			const figures = JSON.stringify({ memory, memtables, files: levels.map(({ files }) => files) });
			throw new Violation("wrong", `does not go on: ${figures}`, { cause: error });
		}
	}
}

async function checkMemory({ db, ledger }: Scene): Promise<void> {
	const { memory } = await db.stats();
	if (memory.limitBytes !== BUDGET || memory.linearBytes > BUDGET) {
		throw new Violation("wrong", `memory grew to ${memory.linearBytes} bytes, and may to ${memory.limitBytes}`);
	}
	ledger.counts["most bytes of memory"] = Math.max(ledger.counts["most bytes of memory"] ?? 0, memory.linearBytes);
}
