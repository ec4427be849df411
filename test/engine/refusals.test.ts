import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Database } from "../../host/database.js";
import { kernelFor } from "../../host/engine/open.js";
import { WlsmError } from "../../host/errors.js";
import { outOfMemory } from "../../host/kernel/out-of-memory.js";
import type { OpenOptions } from "../../host/options.js";
import { MemoryStorage } from "../../host/storage/index.js";
import { openStorage } from "../support/database.js";
import { type Image, storageOf, takeImage } from "../support/image.js";
import { bothKernels, type KernelName } from "../support/kernels.js";
import { type Refusal, refusalAt, refusingKernel } from "../support/refusing-kernel.js";

/*
 * Everything that a database asks of its kernel is refused once, as where memory is used up. What was under way is done or
 * not at all, its caller or a later one is told, and all goes on. test/engine/exhaustion has room that really is used up.
 */

const refusals = suite("a kernel that refuses");

const DIRECTORY = "/db";
const OPTIONS = {
	...{ memtableBytes: 16 << 10, blockBytes: 512, blockCacheBytes: 4096, compression: "none", background: "inline" },
} as const satisfies OpenOptions;
type State = Map<string, string>;

const textOf = (index: number) => `${index} `.repeat(700);
const keyOf = (index: number) => `key ${String(index).padStart(5, "0")}`;

/** Put again, it changes nothing. */
const NINE = textOf(9);

/** The files of a database whose level 1 is nearly full, and what it holds. */
async function prepared(): Promise<[Image, State]> {
	const storage = new MemoryStorage();
	const db = openStorage(storage, DIRECTORY, OPTIONS);
	const state: State = new Map();
	for (let index = 0; index < 30; index++) {
		db.putSync(keyOf(index), textOf(index));
		state.set(keyOf(index), textOf(index));
	}
	await db.compact();
	await db.close();
	return [takeImage(storage), state];
}

interface Step {
	work(db: Database): unknown;
	change?(state: State): void;
}

/** Of a batch that fills memtables in order: tables that overlap nothing. */
function puts(from: number, count: number): Step[] {
	return Array.from({ length: count }, (_, index): Step => {
		const [key, value] = [keyOf(from + index), textOf(index)];
		return { work: (db) => db.putSync(key, value), change: (state) => state.set(key, value) };
	});
}

const STEPS: readonly Step[] = [
	{ work: (db) => db.getSync(keyOf(3)) },
	{ work: (db) => db.get(keyOf(4)) },
	{ work: (db) => db.getMany([keyOf(5), keyOf(20), "none"]) },
	...puts(100, 60),
	{ work: (db) => db.entries({ reverse: true }).all() },
	{
		// Something is committed meanwhile, so that it is looked at whether it is in the way.
		work: (db) =>
			db.transaction(async (tx) => {
				tx.deleteRangeSync({ gte: keyOf(2), lt: keyOf(5) });
				tx.putSync("own", "1");
				[...tx.keys({ gte: keyOf(8), lt: keyOf(12) })];
				await db.put(keyOf(9), NINE);
			}),
		change: (state) => {
			for (let index = 2; index < 5; index++) state.delete(keyOf(index));
			state.set("own", "1");
		},
	},
	{ work: (db) => db.flush() },
	{
		work: (db) => db.deleteRange({ gte: keyOf(10), lt: keyOf(15) }),
		change: (state) => {
			for (let index = 10; index < 15; index++) state.delete(keyOf(index));
		},
	},
	{
		work: (db) => db.ingest([["z ingested", "2"]]),
		change: (state) => state.set("z ingested", "2"),
	},
	{ work: (db) => db.compact() },
	{ work: (db) => db.verify() },
	{ work: (db) => db.checkpoint("/copy") },
];

const sorted = (state: State) => [...state].sort(([a], [b]) => (a < b ? -1 : 1));

/** Does all steps; what is refused is so for memory that is used up, and has changed nothing. Answers how many were refused. */
async function run(image: Image, before: State, kernel: KernelName, refusal: Refusal): Promise<number> {
	const storage = storageOf(image, DIRECTORY);
	const state: State = new Map(before);
	const { at } = refusal;
	let told = 0;
	const attempt = async <Answer>(work: () => Answer): Promise<Awaited<Answer> | undefined> => {
		try {
			return await work();
		} catch (error) {
			if (!(error instanceof WlsmError) || error.code !== "WLSM_OUT_OF_MEMORY") throw error;
			told += 1;
			return undefined;
		}
	};
	const options = { ...OPTIONS, kernel };
	const kernelOf: typeof kernelFor = (resolved) => refusingKernel(kernelFor(resolved), refusal);
	const open = () => openStorage(storage, DIRECTORY, options, { kernelOf });
	const db = (await attempt(open)) ?? open();
	for (const { work, change } of STEPS) {
		const known = told;
		await attempt(() => work(db));
		if (told === known) change?.(state);
	}
	refusal.at = 0;
	await attempt(() => db.flush());
	const what = `${refusal.refused}, call ${at}`;
	assert.equal([...db.entries()], sorted(state), what);
	await db.compact();
	assert.equal([...db.entries()], sorted(state), what);
	assert.equal((await db.verify()).problems, [], what);
	await db.close();
	const again = openStorage(storage, DIRECTORY, options);
	assert.equal([...again.entries()], sorted(state), what);
	await again.close();
	return told;
}

/** Of the calls of each name so many, spread over all; of those that a change of the levels hangs on more. */
const PICKED = { wasm: 4, ts: 2 } as const;
const MORE = { createSuperversion: 5, createTable: 3 } as Readonly<Record<string, number>>;

function picked(calls: readonly string[], count: number): number[] {
	return [...new Set(calls)].flatMap((name) => {
		const places = calls.flatMap((other, index) => (other === name ? [index + 1] : []));
		const step = Math.max(1, places.length / (count * (MORE[name] ?? 1)));
		return Array.from(
			{ length: Math.ceil(places.length / step) },
			(_, nth) => places[Math.floor(nth * step)] as number,
		);
	});
}

bothKernels(refusals, "calls of every kind", async (kernel) => {
	const [image, state] = await prepared();
	const all = refusalAt(0);
	assert.is(await run(image, state, kernel, all), 0);
	let [tried, told] = [0, 0];
	for (const at of picked(all.calls, PICKED[kernel])) {
		const refusal = refusalAt(at);
		const now = await run(image, state, kernel, refusal);
		assert.ok(now <= 1, `${refusal.refused}, call ${at}: told ${now} times`);
		tried += 1;
		told += now;
	}
	assert.ok(told > tried / 2, `${told} of ${tried} are told`);
});

bothKernels(refusals, "an edit of the manifest that there is no room for fails its job alone", async (kernel) => {
	const [image, state] = await prepared();
	const all = refusalAt(0);
	await run(image, state, kernel, all);
	// What a flush or a compaction shows to readers comes before the edit.
	const edits = all.calls.flatMap((name, index) =>
		name === "record.reserve" && all.calls[index - 1] === "createSuperversion" ? [index + 1] : [],
	);
	assert.ok(edits.length > 10, `${edits.length}`);
	// A table that only changes its level is not made anew before.
	const moves = edits.filter((at) => all.calls[at - 3] !== "createTable");
	assert.ok(moves.length > 2 && moves.length < edits.length, `${moves.length}`);
	for (const at of [edits[0], edits[edits.length >> 1], edits.at(-1), moves[0], moves.at(-1)] as number[])
		assert.is(await run(image, state, kernel, refusalAt(at)), 1, `call ${at}`);
});

bothKernels(refusals, "a manifest that has grown is written anew when there is room for all of it", async (kernel) => {
	const storage = new MemoryStorage();
	const large = 32 << 10;
	let room: "little" | "plenty" = "little";
	let refused = 0;
	const kernelOf: typeof kernelFor = (resolved) => {
		const made = kernelFor(resolved);
		const reserve = made.record.reserve.bind(made.record);
		made.record.reserve = (length) => {
			if (length > large && room === "little") {
				refused += 1;
				throw outOfMemory();
			}
			reserve(length);
		};
		return made;
	};
	const options = { ...OPTIONS, kernel };
	const db = openStorage(storage, DIRECTORY, options, { kernelOf });
	const manifest = () =>
		storage
			.list(DIRECTORY)
			.filter((name) => name.startsWith("MANIFEST"))
			.join();
	const first = manifest();
	let count = 0;
	const ingest = async () => {
		await db.ingest([[`${String(count++).padStart(5, "0")}${"k".repeat(1000)}`, "v"]]);
	};
	while (refused < 3 && count < 1000) await ingest();
	assert.is(refused, 3);
	assert.is(manifest(), first);
	room = "plenty";
	await ingest();
	assert.is.not(manifest(), first);
	await db.close();
	const again = openStorage(storage, DIRECTORY, options);
	assert.is([...again.keys()].length, count);
	assert.equal((await again.verify()).problems, []);
	await again.close();
});

bothKernels(refusals, "an ingestion that is refused a memtable leaves the database as it was", async (kernel) => {
	const entries = Array.from({ length: 40 }, (_, index): [string, string] => [keyOf(index), textOf(index)]);
	for (let made = 1, refused = true; refused; made++) {
		const storage = new MemoryStorage();
		let left = Number.POSITIVE_INFINITY;
		const kernelOf: typeof kernelFor = (resolved) => {
			const kernel = kernelFor(resolved);
			const create = kernel.createMemtable.bind(kernel);
			kernel.createMemtable = (bytes) => {
				left -= 1;
				if (left === 0) throw outOfMemory();
				return create(bytes);
			};
			return kernel;
		};
		const db = openStorage(storage, DIRECTORY, { ...OPTIONS, kernel }, { kernelOf });
		const files = storage.list(DIRECTORY);
		left = made;
		refused = false;
		await db.ingest(entries).catch((error: WlsmError) => {
			assert.is(error.code, "WLSM_OUT_OF_MEMORY", error.message);
			refused = true;
			assert.equal(storage.list(DIRECTORY), files);
		});
		assert.ok(refused || made > 3, `${made}`);
		left = Number.POSITIVE_INFINITY;
		await db.ingest(entries);
		db.putSync("z", "1");
		assert.equal([...db.entries()], [...entries, ["z", "1"]]);
		await db.close();
	}
});

refusals.run();
