import type { ContenderMaker } from "../contenders.js";

interface Iterator<Item> {
	nextv(size: number): Promise<Item[]>;
	all(): Promise<Item[]>;
	close(): Promise<void>;
}

/** What it takes of abstract-level, and `compactRange`. */
export interface Level {
	open(): Promise<void>;
	put(key: string, value: string, options: object): Promise<void>;
	batch(operations: { type: "put"; key: string; value: string }[], options: object): Promise<void>;
	get(key: string): Promise<string | undefined>;
	getSync(key: string): string | undefined;
	getMany(keys: string[]): Promise<(string | undefined)[]>;
	iterator(options: object): Iterator<[string, string]>;
	keys(options: object): Iterator<string>;
	compactRange(start: string, end: string): Promise<void>;
	close(): Promise<void>;
}

/** Before and behind all keys, which are digits. */
const FIRST = "0";
const LAST = "~";

/** Entries that one crossing brings: an iterator that hands them out one by one is up to a third slower. */
const PAGE = 1000;
const PAGED = { highWaterMarkBytes: 1 << 20 };

async function pages<Item>(iterator: Iterator<Item>, visit: (item: Item) => void): Promise<void> {
	for (;;) {
		const page = await iterator.nextv(PAGE);
		if (page.length === 0) break;
		for (const item of page) visit(item);
	}
	await iterator.close();
}

/** A database behind the interface of abstract-level, made for a directory. */
export function overLevel(
	name: string,
	levelFor: (directory: string, cacheBytes: number) => Promise<Level> | Level,
): ContenderMaker {
	return {
		name,
		async open(directory, { cacheBytes, sync }) {
			const db = await levelFor(directory, cacheBytes);
			await db.open();
			// abstract-level copies each operation of a batch together with the options: with any it takes four times as long.
			const write = sync === "commit" ? { sync: true } : {};
			return {
				put: (key, value) => db.put(key, value, write),
				batch: (entries) =>
					db.batch(
						entries.map(({ key, value }) => ({ type: "put", key, value })),
						write,
					),
				get: (key) => db.get(key),
				getSync: (key) => db.getSync(key),
				getMany: (keys) => db.getMany(keys as string[]),
				async scan(visit, range) {
					if (range === undefined) {
						await pages(db.iterator(PAGED), ([key, value]) => visit(key, value));
						return;
					}
					const found = await db.iterator({ gte: range.from, limit: range.limit }).all();
					for (const [key, value] of found) visit(key, value);
				},
				scanKeys: (visit) => pages(db.keys(PAGED), visit),
				scanReverse: (visit) => pages(db.iterator({ ...PAGED, reverse: true }), ([key, value]) => visit(key, value)),
				compact: () => db.compactRange(FIRST, LAST),
				close: () => db.close(),
			};
		},
	};
}

export function classicLevel(module: Record<string, unknown>): ContenderMaker {
	const ClassicLevel = module.ClassicLevel as new (directory: string, options: object) => Level;
	return overLevel("classic-level", (directory, cacheSize) => new ClassicLevel(directory, { cacheSize }));
}
