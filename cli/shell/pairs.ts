/** The key-value data as the shell sees it: within a transaction of SQL with what that has written, and as a part of it. */

import type { Database, StopOptions } from "../../host/index.js";

export const bounds = ["gte", "gt", "lte", "lt"] as const;

export type PairRange = { prefix?: string; limit?: number; reverse: boolean } & Partial<
	Record<(typeof bounds)[number], string>
>;

interface Pairs {
	put(key: string, value: string): Promise<unknown>;
	get(key: string): Promise<string | undefined>;
	delete(key: string): Promise<unknown>;
	entries(range: PairRange): Iterable<readonly (string | Uint8Array)[]>;
}

export function pairsOf(db: Database, stop: StopOptions): Pairs {
	return db.sql.inTransaction ? ofTransaction(db, stop) : db;
}

/** Through the table kv. There bytes that are no UTF-8 are BLOBs. */
function ofTransaction({ sql }: Database, stop: StopOptions): Pairs {
	const statement = (text: string) => sql.prepare(text, stop);
	return {
		put: async (key, value) => statement("REPLACE INTO kv (key, value) VALUES (?, ?)").run(key, value),
		get: async (key) => {
			const value = statement("SELECT value FROM kv WHERE key = ?").pluck().get(key) as string | Uint8Array | undefined;
			return value instanceof Uint8Array ? new TextDecoder().decode(value) : value;
		},
		delete: async (key) => statement("DELETE FROM kv WHERE key = ?").run(key),
		entries: (range) => {
			const conditions: [comparison: string, key: string][] = [];
			const end = range.prefix === undefined ? undefined : behindPrefix(range.prefix);
			if (range.prefix !== undefined) conditions.push([">=", range.prefix]);
			if (end !== undefined) conditions.push(["<", end]);
			for (const bound of bounds) {
				const key = range[bound];
				if (key !== undefined) conditions.push([comparisons[bound], key]);
			}
			const where = conditions.map(([comparison]) => `key ${comparison} ?`).join(" AND ");
			const order = range.reverse ? "DESC" : "ASC";
			const text = `SELECT key, value FROM kv WHERE ${where || "true"} ORDER BY key ${order} LIMIT ?`;
			const keys = conditions.map(([, key]) => key);
			return statement(text)
				.raw()
				.iterate(...keys, range.limit ?? -1) as Iterable<readonly (string | Uint8Array)[]>;
		},
	};
}

const comparisons = { gte: ">=", gt: ">", lte: "<=", lt: "<" } as const;

const [lastPoint, firstSurrogate, behindSurrogates] = [0x10ffff, 0xd800, 0xe000];

/** The first text, by UTF-8, behind all that begin so; undefined where nothing is behind them. */
export function behindPrefix(prefix: string): string | undefined {
	const points = Array.from(prefix, (character) => character.codePointAt(0) ?? 0);
	for (let last = points.pop(); last !== undefined; last = points.pop()) {
		if (last === lastPoint) continue;
		const next = last + 1 === firstSurrogate ? behindSurrogates : last + 1;
		return points.map((point) => String.fromCodePoint(point)).join("") + String.fromCodePoint(next);
	}
	return undefined;
}
