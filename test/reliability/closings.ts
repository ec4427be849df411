import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import type { Database } from "../../host/database.js";
import { WlsmError } from "../../host/errors.js";
import type { Storage } from "../../host/storage/storage.js";
import { openStorage } from "../support/database.js";
import { Random } from "../support/random.js";
import { anyOptions, somewhere } from "./histories.js";
import { type Ledger, Violation } from "./ledger.js";

const KEYS = 2000;
/** What is not settled after so long, in milliseconds, never will be. */
const PATIENCE = 30_000;

const keyOf = (number: number) => `key ${String(number).padStart(5, "0")}`;
const valueFor = (number: number) => `value ${number} `.repeat(5);

/** A call that was made before or during the closing of its database. */
interface Call {
	readonly name: string;
	readonly outcome: Promise<unknown>;
	/** Entries that it adds, all or none. */
	readonly adds: readonly string[];
	/** The directory of the copy that it makes. */
	readonly copy?: string;
}

interface Scene {
	readonly db: Database;
	readonly random: Random;
	readonly directory: string;
	readonly storage: Storage;
	readonly calls: Call[];
}

/** A call of each kind. What it answers is checked where it is told. */
const KINDS: Readonly<Record<string, (scene: Scene, id: string) => Omit<Call, "name">>> = {
	get: ({ db, random }) => reads(oneValue(db, random.below(KEYS))),
	getMany: ({ db }) =>
		reads(db.getMany([keyOf(1), keyOf(KEYS - 1)]).then((values) => expectValues(values, [1, KEYS - 1]))),
	scan: ({ db, random }) => reads(scanAll(db, random.once(2))),
	put: ({ db }, id) => adds([id], db.put(id, id)),
	"durable put": ({ db }, id) => adds([id], db.put(id, id, { sync: true })),
	batch: ({ db }, id) => adds(pair(id), db.batch(pair(id).map((key) => ({ type: "put" as const, key, value: key })))),
	transaction: ({ db }, id) => adds(pair(id), transact(db, id)),
	deleteRange: ({ db }) => reads(db.deleteRange({ gte: "other", lt: "others" })),
	flush: ({ db }) => reads(db.flush()),
	compact: ({ db }) => reads(db.compact()),
	verify: ({ db }) => reads(db.verify().then(({ problems }) => expectNone(problems))),
	stats: ({ db }) => reads(db.stats()),
	checkpoint: ({ db, directory }, id) => ({ ...reads(db.checkpoint(join(directory, id))), copy: join(directory, id) }),
};

const reads = (outcome: Promise<unknown>) => ({ outcome, adds: [] });
const adds = (keys: readonly string[], outcome: Promise<unknown>) => ({ outcome, adds: keys });
const pair = (id: string) => [`${id} one`, `${id} two`];

async function oneValue(db: Database, number: number): Promise<void> {
	expectValues([await db.get(keyOf(number))], [number]);
}

function expectValues(values: readonly (string | undefined)[], numbers: readonly number[]): void {
	for (const [index, number] of numbers.entries()) {
		if (values[index] !== valueFor(number)) throw new Violation("wrong", `${keyOf(number)} is ${values[index]}`);
	}
}

function expectNone(problems: readonly { readonly message: string }[]): void {
	if (problems.length > 0) throw new Violation("wrong", `verify: ${problems.map(({ message }) => message).join("; ")}`);
}

async function scanAll(db: Database, reverse: boolean): Promise<void> {
	let count = 0;
	for await (const [key, value] of db.entries({ prefix: "key ", reverse })) {
		const number = reverse ? KEYS - 1 - count : count;
		if (key !== keyOf(number) || value !== valueFor(number)) throw new Violation("wrong", `entry ${count} is ${key}`);
		count += 1;
	}
	// Broken off by the closing it has to say so.
	if (count !== KEYS) throw new Violation("wrong", `a scan ended after ${count} of ${KEYS} entries`);
}

function transact(db: Database, id: string): Promise<void> {
	return db.transaction(async (tx) => {
		await tx.get(keyOf(1));
		for (const key of pair(id)) await tx.put(key, key);
		await setImmediate();
	});
}

/** Closes a database in the middle of everything: each call settles, and all that was acknowledged is there afterwards. */
export async function runClosing(ledger: Ledger, seed: number): Promise<void> {
	const random = new Random(seed);
	const stray: unknown[] = [];
	const note = (reason: unknown) => stray.push(reason);
	process.on("unhandledRejection", note);
	try {
		await somewhere(random, async (storage, directory) => {
			const options = anyOptions(random);
			const path = join(directory, "db");
			const db = openStorage(storage, path, options);
			for (let number = 0; number < KEYS; number++) db.putSync(keyOf(number), valueFor(number));
			if (random.once(2)) await db.compact();
			const scene: Scene = { db, random, directory, storage, calls: [] };
			await closeAmidst(scene);
			const answers = await settle(scene);
			count(ledger, answers);
			using again = openStorage(storage, path, { ...options, createIfMissing: false });
			check(again, scene.calls, answers);
			checkCopies(scene, answers);
			expectNone((await again.verify()).problems);
		});
		await setImmediate();
	} finally {
		process.off("unhandledRejection", note);
	}
	if (stray.length > 0) throw new Violation("wrong", `rejected without a handler: ${stray.map(String).join("; ")}`);
}

async function closeAmidst(scene: Scene): Promise<void> {
	const { db, random, calls } = scene;
	const names = Object.keys(KINDS);
	const start = (count: number) => {
		for (let left = count; left > 0; left--) {
			const name = random.pick(names);
			const call = (KINDS[name] as (typeof KINDS)[string])(scene, `other ${calls.length}`);
			calls.push({ name: `${name} ${calls.length}`, ...call });
			// It is looked at later.
			call.outcome.catch(() => {});
		}
	};
	start(random.between(1, 60));
	for (let turns = random.below(6); turns > 0; turns--) await setImmediate();
	start(random.below(10));
	const way = random.below(4);
	if (way === 0) db.closeSync();
	else calls.push({ name: `close ${calls.length}`, outcome: db.close(), adds: [] });
	start(random.below(10));
	if (way === 1) db.closeSync();
	if (way === 2) calls.push({ name: `close ${calls.length}`, outcome: db.close(), adds: [] });
}

type Answer = "done" | "refused";

/** What became of each call. */
async function settle({ calls }: Scene): Promise<Answer[]> {
	const pending = new Set(calls.map(({ name }) => name));
	const each = calls.map(async ({ name, outcome }): Promise<Answer> => {
		try {
			await outcome;
			return "done";
		} catch (error) {
			if (!(error instanceof WlsmError)) throw error;
			// A transaction may meet a deletion of the range that it writes to.
			const refused =
				error.code === "WLSM_CLOSED" || (name.startsWith("transaction") && error.code === "WLSM_CONFLICT");
			if (!refused) throw error;
			return "refused";
		} finally {
			pending.delete(name);
		}
	});
	const settled = await withPatience(Promise.allSettled(each), pending);
	return settled.map((result) => {
		if (result.status === "rejected") throw result.reason;
		return result.value;
	});
}

async function withPatience<Answer>(work: Promise<Answer>, pending: ReadonlySet<string>): Promise<Answer> {
	let timer: NodeJS.Timeout | undefined;
	const late = new Promise<never>((_, reject) => {
		timer = setTimeout(() => reject(new Violation("hung", `not settled: ${[...pending].join(", ")}`)), PATIENCE);
	});
	try {
		return await Promise.race([work, late]);
	} finally {
		clearTimeout(timer);
	}
}

function check(db: Database, calls: readonly Call[], answers: readonly Answer[]): void {
	for (let number = 0; number < KEYS; number++) {
		if (db.getSync(keyOf(number)) !== valueFor(number)) throw new Violation("lost", keyOf(number));
	}
	for (const [index, { name, adds }] of calls.entries()) {
		const there = adds.filter((key) => db.getSync(key) === key).length;
		if (there !== 0 && there !== adds.length) throw new Violation("torn", `${name}: ${there} of ${adds.length}`);
		// A deletion of all of them may have come behind it.
		const deleted = calls.slice(index).some((call) => call.name.startsWith("deleteRange"));
		if (answers[index] === "done" && there < adds.length && !deleted) throw new Violation("lost", name);
		// Of a durable one it is the sync that may be given up.
		if (answers[index] === "refused" && there > 0 && !name.startsWith("durable put")) {
			throw new Violation("wrong", `${name} was refused, and is there`);
		}
	}
}

/** A copy that was said to be whole is; of one that was refused nothing looks like a database. */
function checkCopies({ storage, calls }: Scene, answers: readonly Answer[]): void {
	for (const [index, { copy }] of calls.entries()) {
		if (copy === undefined) continue;
		if (answers[index] === "refused") {
			const names = storage.exists(copy) ? storage.list(copy) : [];
			if (names.length > 0) throw new Violation("wrong", `a checkpoint that was refused left ${names.join(", ")}`);
			continue;
		}
		using db = openStorage(storage, copy, { createIfMissing: false, background: "inline" });
		if ([...db.keys({ prefix: "key " })].length !== KEYS) throw new Violation("lost", "entries of a checkpoint");
	}
}

function count(ledger: Ledger, answers: readonly Answer[]): void {
	ledger.count("closings");
	ledger.count("calls answered", answers.filter((answer) => answer === "done").length);
	ledger.count("calls refused", answers.filter((answer) => answer === "refused").length);
}
