import type { Contender, ScanRange, Visit } from "./contenders.js";
import { KEY_BYTES } from "./data.js";
import { putBatches } from "./operations.js";
import { check } from "./support.js";
import { Kind, keyOrder, type Phase, type Records } from "./ycsb-operations.js";

export type Mode = "await" | "sync";

/** A contender's operations of one mode. */
export interface Access {
	/** Whether each operation is awaited, also where its answer is at hand: as an application would write it. */
	readonly awaits: boolean;
	put(key: string, value: string): unknown;
	get(key: string): Promise<string | undefined> | string | undefined;
	scan(visit: Visit, range: ScanRange): Promise<void> | void;
}

/** Undefined where the contender has no synchronous operations. */
export function access(store: Contender, mode: Mode): Access | undefined {
	if (mode === "await") {
		return {
			awaits: true,
			put: (key, value) => store.put(key, value),
			get: (key) => store.get(key),
			scan: (visit, range) => store.scan(visit, range),
		};
	}
	const { putSync, getSync, scanSync } = store;
	if (putSync === undefined || getSync === undefined || scanSync === undefined) return undefined;
	return { awaits: false, put: putSync, get: getSync, scan: scanSync };
}

/** Does a workload's operations and keeps `records` in step; every answer is checked. */
export async function perform(store: Access, phase: Phase, { keys, values, valueBytes }: Records): Promise<void> {
	const { awaits } = store;
	for (let at = 0; at < phase.kinds.length; at++) {
		const kind = phase.kinds[at] as number;
		const record = phase.records[at] as number;
		const key = keys[record] as string;
		if (kind === Kind.scan) {
			const range = { from: key, limit: phase.limits[at] as number };
			const expected = { first: values[record] as string, count: phase.scanned[at] as number, valueBytes };
			const pending = scan(store, range, expected);
			if (awaits) await pending;
			continue;
		}
		if (kind === Kind.read || kind === Kind.readModifyWrite) {
			const got = store.get(key);
			check((awaits ? await got : got) === values[record], `read of ${key}`);
		}
		if (kind === Kind.read) continue;
		const value = phase.values[at] as string;
		const put = store.put(key, value);
		if (awaits) await put;
		values[record] = value;
	}
}

interface Expected {
	readonly first: string;
	readonly count: number;
	readonly valueBytes: number;
}

/** Checks the first entry, the size of the others, and their number. */
function scan(store: Access, range: ScanRange, { first, count: expected, valueBytes }: Expected): Promise<void> | void {
	const { from } = range;
	let count = 0;
	const visit = (key: string, value: string) => {
		if (count++ === 0) check(key === from && value === first, `first of a scan from ${from}`);
		else check(key.length === KEY_BYTES && value.length === valueBytes, `entry of a scan from ${from}`);
	};
	const done = () => check(count === expected, `${count} instead of ${expected} entries of a scan from ${from}`);
	const pending = store.scan(visit, range);
	if (!store.awaits) return done();
	return Promise.resolve(pending).then(done);
}

/** Puts in the records that have values, in the order of their making, which is no order of keys. */
export async function loadRecords(store: Contender, { keys, values }: Records): Promise<void> {
	await putBatches(store, values.length, (record) => ({
		key: keys[record] as string,
		value: values[record] as string,
	}));
}

/** That the store has exactly the records, in order. */
export async function verifyRecords(store: Contender, { keys, values }: Records): Promise<void> {
	const order = keyOrder(keys);
	let at = 0;
	await store.scan((key, value) => {
		const record = order[at++] as number;
		check(key === keys[record] && value === values[record], `entry ${at} of the scan at the end`);
	});
	check(at === keys.length, `${at} of ${keys.length} records at the end`);
}
