import { Random } from "../../support/random.js";
import type { State } from "./state.js";

/** One commit of a life. Each follows from the life's seed and its own number. */
export interface Step {
	readonly kind: "put" | "putSync" | "batch" | "batchSync" | "deleteRange" | "transaction" | "sql";
	readonly changes: readonly Change[];
}

export type Change =
	| { readonly type: "put"; readonly key: string; readonly value: string; readonly ttlMs?: number }
	| { readonly type: "delete"; readonly key: string }
	| { readonly type: "deleteRange"; readonly range: Stretch }
	| { readonly type: "row"; readonly id: number; readonly value: string | undefined };

export interface Stretch {
	readonly gte: string;
	readonly lt: string;
	readonly limit?: number;
}

const KEYS = 300;
const ROWS = 60;
/** Gone before anybody looks, and not gone as long as this test runs. */
const SHORT_TTL = 1;
const LONG_TTL = 86_400_000;

/** Waits until values that expire at once have done so: what is done next must not depend on how fast this process is. */
export function settleExpiries(): void {
	const end = performance.now() + 2 * SHORT_TTL;
	while (performance.now() < end);
}

export function stepOf(seed: number, number: number): Step {
	const random = new Random(Math.imul(seed, 0x9e3779b1) ^ number);
	const put = (): Change => {
		const value = `${number} `.repeat(1 + random.below(random.pick([2, 60, 200])));
		return { type: "put", key: keyOf(random.below(KEYS)), value, ...random.pick([{}, {}, {}, { ttlMs: LONG_TTL }]) };
	};
	const single = (): Change =>
		random.once(5) ? { type: "delete", key: keyOf(random.below(KEYS)) } : random.once(12) ? brief(put()) : put();
	const several = () => Array.from({ length: random.between(2, 6) }, single);
	switch (random.below(12)) {
		case 0:
		case 1:
			return { kind: "batch", changes: several() };
		case 2:
			return { kind: "batchSync", changes: several() };
		case 3: {
			const from = random.below(KEYS);
			const range = {
				gte: keyOf(from),
				lt: keyOf(from + random.pick([1, 5, 40])),
				...random.pick([{}, {}, { limit: 3 }]),
			};
			return { kind: "deleteRange", changes: [{ type: "deleteRange", range }] };
		}
		case 4: {
			const from = random.below(KEYS);
			const range: Change = { type: "deleteRange", range: { gte: keyOf(from), lt: keyOf(from + 4) } };
			return { kind: "transaction", changes: [...several(), ...(random.once(2) ? [range, put()] : [])] };
		}
		case 5:
			return { kind: "sql", changes: [...several().filter(isPlain), row(), row(), row()] };
		case 6:
		case 7:
		case 8:
			return { kind: "putSync", changes: [single()] };
		default:
			return { kind: "put", changes: [single()] };
	}

	function row(): Change {
		const value = random.once(4) ? undefined : `row of ${number} `.repeat(1 + random.below(8));
		return { type: "row", id: random.below(ROWS), value };
	}
}

/** Statements know nothing of values that expire. */
function isPlain(change: Change): boolean {
	return !("ttlMs" in change);
}

function brief(change: Change): Change {
	return change.type === "put" ? { ...change, ttlMs: SHORT_TTL } : change;
}

function keyOf(number: number): string {
	return `key ${String(number).padStart(4, "0")}`;
}

/** What the step makes of a state, for who looks a while later. */
export function applyStep(state: State, { changes }: Step): void {
	for (const change of changes) applyChange(state, change);
}

function applyChange({ pairs, rows }: State, change: Change): void {
	switch (change.type) {
		case "put":
			if (change.ttlMs === SHORT_TTL) pairs.delete(change.key);
			else pairs.set(change.key, change.value);
			break;
		case "delete":
			pairs.delete(change.key);
			break;
		case "deleteRange": {
			const { gte, lt, limit } = change.range;
			const within = [...pairs.keys()].filter((key) => key >= gte && key < lt).sort();
			for (const key of within.slice(0, limit ?? within.length)) pairs.delete(key);
			break;
		}
		case "row":
			if (change.value === undefined) rows.delete(change.id);
			else rows.set(change.id, change.value);
			break;
		default:
			change satisfies never;
	}
}
