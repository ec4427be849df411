import { KEY_BYTES, makeValue, VALUE_BYTES } from "./data.js";
import { randomSource } from "./support.js";
import { fnv64, scrambledZipfian, skewedLatest } from "./zipfian.js";

export const Kind = { read: 0, update: 1, insert: 2, scan: 3, readModifyWrite: 4 } as const;

const MAX_SCAN = 100;

/** One workload's operations, made before anything is timed, so that every contender gets the same. */
export interface Phase {
	readonly name: string;
	readonly text: string;
	readonly kinds: Uint8Array;
	/** Number of the record that each is about. */
	readonly records: Uint32Array;
	/** Entries that a scan asks for. */
	readonly limits: Uint8Array;
	/** Entries that a scan finds: fewer only near the last key. */
	readonly scanned: Uint8Array;
	/** What each writes; empty for reads. */
	readonly values: readonly string[];
}

/** Keys and present values of the records by their numbers; those to be inserted have no value yet. */
export interface Records {
	readonly keys: readonly string[];
	readonly values: string[];
	/** Length of each. */
	readonly valueBytes: number;
}

interface Mix {
	readonly name: string;
	readonly text: string;
	/** Share of the operations that are not `rest`. */
	readonly share: number;
	readonly kind: number;
	readonly rest: number;
	readonly latest?: true;
}

/** In the order that YCSB asks for: D and E add records, so they come last. */
const MIXES: readonly Mix[] = [
	{ name: "A", text: "50 % read, 50 % update, zipfian", share: 0.5, kind: Kind.update, rest: Kind.read },
	{ name: "B", text: "95 % read, 5 % update, zipfian", share: 0.05, kind: Kind.update, rest: Kind.read },
	{ name: "C", text: "read, zipfian", share: 0, kind: Kind.read, rest: Kind.read },
	{
		name: "F",
		text: "50 % read, 50 % read-modify-write, zipfian",
		share: 0.5,
		kind: Kind.readModifyWrite,
		rest: Kind.read,
	},
	{ name: "D", text: "95 % read, 5 % insert, latest", share: 0.05, kind: Kind.insert, rest: Kind.read, latest: true },
	{ name: "E", text: "95 % scan of 1 to 100, 5 % insert, zipfian", share: 0.05, kind: Kind.insert, rest: Kind.scan },
];

/** The workloads and the records that they are about. */
export function ycsb(
	loaded: number,
	operations: number,
	valueBytes = VALUE_BYTES,
): { readonly plan: readonly Phase[]; readonly records: Records } {
	const plan = phases(loaded, operations, valueBytes);
	const records = recordsOf(plan, loaded, valueBytes);
	countScans(plan, records.keys, loaded);
	return { plan, records };
}

/** Numbers of the records in the order of their keys. */
export function keyOrder(keys: readonly string[]): Uint32Array {
	return Uint32Array.from(keys.keys()).sort((a, b) => ((keys[a] as string) < (keys[b] as string) ? -1 : 1));
}

function countScans(plan: readonly Phase[], keys: readonly string[], loaded: number): void {
	const order = keyOrder(keys);
	const rank = new Uint32Array(keys.length);
	for (const [at, record] of order.entries()) rank[record] = at;
	let count = loaded;
	for (const { kinds, records, limits, scanned } of plan) {
		for (const [at, kind] of kinds.entries()) {
			if (kind === Kind.insert) count += 1;
			if (kind !== Kind.scan) continue;
			const limit = limits[at] as number;
			let found = 0;
			for (let next = rank[records[at] as number] as number; next < order.length && found < limit; next++) {
				if ((order[next] as number) < count) found += 1;
			}
			scanned[at] = found;
		}
	}
}

/** The workloads, one after the other on the same records. */
function phases(loaded: number, operations: number, valueBytes: number): readonly Phase[] {
	let count = loaded;
	let written = loaded;
	return MIXES.map(({ name, text, share, kind, rest, latest }, index) => {
		const random = randomSource(100 + index);
		const choose = latest ? skewedLatest(random) : scrambledZipfian(random);
		const kinds = new Uint8Array(operations);
		const records = new Uint32Array(operations);
		const limits = new Uint8Array(operations);
		const values: string[] = [];
		for (let at = 0; at < operations; at++) {
			const chosen = random() < share ? kind : rest;
			kinds[at] = chosen;
			records[at] = chosen === Kind.insert ? count++ : choose(count);
			limits[at] = 1 + Math.floor(random() * MAX_SCAN);
			values.push(chosen === Kind.read || chosen === Kind.scan ? "" : makeValue(written++, valueBytes));
		}
		return { name, text, kinds, records, limits, scanned: new Uint8Array(operations), values };
	});
}

/** All records that the workloads know, in the order of their making; values of the first `loaded` of them. */
function recordsOf(plan: readonly Phase[], loaded: number, valueBytes: number): Records {
	let count = loaded;
	for (const { kinds } of plan) for (const kind of kinds) count += kind === Kind.insert ? 1 : 0;
	// YCSB's "hashed" order of inserts: what is added last lies anywhere among the keys.
	const keys = Array.from({ length: count }, (_, record) =>
		String(fnv64(record) % 10n ** BigInt(KEY_BYTES)).padStart(KEY_BYTES, "0"),
	);
	const values = Array.from({ length: loaded }, (_, record) => makeValue(record, valueBytes));
	return { keys, values, valueBytes };
}
