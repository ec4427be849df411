import type { Database } from "../../host/database.js";
import { WlsmError } from "../../host/errors.js";
import type { KeyValueTransaction } from "../../host/key-value-transaction.js";
import type { OpenOptions } from "../../host/options.js";
import type { Storage } from "../../host/storage/storage.js";
import type { Openers } from "./openers.js";

export const DIRECTORY = "/parent/db";

/** Small memtables and blocks: flushes and compactions come quickly. */
export const OPTIONS: OpenOptions = {
	memtableBytes: 16 << 10,
	blockBytes: 512,
	blockCacheBytes: 0,
	background: "inline",
};

type State = ReadonlyMap<string, string>;

/** What happened to a database: the state after each commit that was tried, and how far it is known to have come. */
export class History {
	readonly states: State[] = [new Map()];
	/** Index of the last state that was acknowledged, and of the last that was promised to be durable. */
	acknowledged = 0;
	durable = 0;
	/** Checkpoints that were begun: what they are to hold, and whether they were said to be whole. */
	readonly copies: { readonly directory: string; readonly state: State; whole: boolean }[] = [];

	get latest(): State {
		return this.states.at(-1) as State;
	}

	/** Index of the state that these entries are, -1 where they are none from `from` on. */
	find(entries: readonly (readonly [string, string])[], from: number): number {
		for (let index = this.states.length - 1; index >= from; index--) {
			const state = this.states[index] as State;
			if (state.size === entries.length && entries.every(([key, value]) => state.get(key) === value)) return index;
		}
		return -1;
	}
}

type Change = readonly [key: string, value: string | undefined];

/**
 * A fixed sequence of commits with everything in between that touches files: flushes, compactions, reads, closing, opening
 * again. Each commit has two keys or more that belong together. Ends at the first error, which it throws; the database is
 * then closed as far as that is possible.
 */
export async function runWorkload(
	{ openStorage }: Openers,
	storage: Storage,
	history: History,
	opened?: (db: Database) => void,
): Promise<void> {
	let db = openStorage(storage, DIRECTORY, OPTIONS);
	opened?.(db);
	const commit = async (changes: readonly Change[], sync: boolean, how: "batch" | "async" | "transaction") => {
		const state = new Map(history.latest);
		const range = { gte: "a3", lt: "b5" };
		if (how === "transaction") {
			for (const key of [...state.keys()]) if (key >= range.gte && key < range.lt) state.delete(key);
		}
		for (const [key, value] of changes) {
			if (value === undefined) state.delete(key);
			else state.set(key, value);
		}
		history.states.push(state);
		const index = history.states.length - 1;
		const operations = changes.map(([key, value]) =>
			value === undefined ? ({ type: "delete", key } as const) : ({ type: "put", key, value } as const),
		);
		if (how === "batch") db.batchSync(operations, { sync });
		else if (how === "async") await db.batch(operations, { sync });
		else {
			const work = async (tx: KeyValueTransaction<string, string>) => {
				tx.deleteRangeSync(range);
				tx.batchSync(operations);
			};
			await db.transaction(work, { sync });
		}
		history.acknowledged = index;
		if (sync) history.durable = index;
	};
	try {
		for (let step = 0; step < 40; step++) {
			const value = `${step} `.repeat(step % 7 === 0 ? 500 : 5);
			const changes: Change[] = [
				[`a${step % 9}`, value],
				[`b${step % 9}`, value],
				[`only ${step}`, step % 3 === 0 ? undefined : value],
				[`only ${step - 5}`, undefined],
			];
			await commit(changes, step % 4 === 0, (["batch", "async", "transaction"] as const)[step % 3] ?? "batch");
			if (step % 8 === 5) await db.flush();
			if (step % 16 === 11) await db.compact();
			if (step % 16 === 13) {
				const copy = { directory: `/parent/copy ${step}`, state: history.latest, whole: false };
				history.copies.push(copy);
				await db.checkpoint(copy.directory);
				copy.whole = true;
			}
			if (step % 10 === 9) await db.get(`a${step % 9}`);
			if (step === 20) {
				// A clean close makes everything durable.
				await db.close();
				history.durable = history.acknowledged;
				db = openStorage(storage, DIRECTORY, OPTIONS);
				opened?.(db);
			}
		}
		await db.close();
		history.durable = history.acknowledged;
	} catch (error) {
		try {
			db.closeSync();
		} catch {
			// The first error is the one to tell.
		}
		throw error;
	}
}

/** A checkpoint that was said to be whole is there; one that was not is whole or refused. */
export function checkCopies({ openStorage }: Openers, storage: Storage, history: History): void {
	for (const { directory, state, whole } of history.copies) {
		let db: Database;
		try {
			db = openStorage(storage, directory, { ...OPTIONS, createIfMissing: false });
		} catch (error) {
			if (whole || !(error instanceof WlsmError)) throw error;
			continue;
		}
		const entries = [...db.entries()];
		if (entries.length !== state.size || entries.some(([key, value]) => state.get(key) !== value)) {
			throw new Error(`the checkpoint ${directory} has ${entries.length} entries, not what it was taken of`);
		}
		db.closeSync();
	}
}
