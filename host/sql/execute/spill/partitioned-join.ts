/**
 * A join whose right side is more than what may be in memory. Both sides are set apart by their keys in a temporary file, and joined
 * part by part. Of a part that is still too much as many rows of the right side as may be are taken at once, and the left
 * side's part is gone through for each such chunk: so keys that many rows share, or no key at all, only take longer.
 */

import type { Execution, Run, Tuple } from "../operator.js";
import { FULL_BATCH, forEachRow, pulled } from "../operator.js";
import type { SpillSpace } from "./file.js";
import type { Key } from "./partitions.js";
import { Partitions } from "./partitions.js";
import { keyBytes, rowBytes } from "./size.js";
import type { SpillStream } from "./stream.js";

export type ReadKey = (row: Tuple, run: Execution) => Key | null | undefined;

export interface PartitionedJoinOptions {
	readonly kind: "inner" | "left" | "full" | "semi" | "anti";
	/** Of rows that can have no partner: undefined. */
	readonly leftKey: ReadKey;
	readonly rightKey: ReadKey;
	/** The joined row, where the rest of the condition holds for it; of a semi or an anti join the row of the left side. */
	readonly join: (left: Tuple, right: Tuple) => Tuple | null;
	readonly leftAlone: (left: Tuple) => Tuple;
	readonly rightAlone: (right: Tuple) => Tuple;
}

/** `right` are rows that have been read already, `moreRight` those behind them. */
export function partitionedJoin(
	options: PartitionedJoinOptions,
	left: () => Run,
	right: Iterable<Tuple>,
	moreRight: Run,
	space: SpillSpace,
	run: Execution,
): Run {
	const { kind, leftKey, rightKey } = options;
	const file = space.open();
	const rights = new Partitions(file);
	const addRight = (row: Tuple) => {
		const key = rightKey(row, run);
		if (key !== undefined || kind === "full") rights.add(row, key);
	};
	for (const row of right) addRight(row);
	for (let batch = moreRight.next(FULL_BATCH); batch !== undefined; batch = moreRight.next(FULL_BATCH)) {
		batch.forEach(addRight);
	}
	rights.finish();
	const lefts = new Partitions(file);
	forEachRow(left(), (row) => {
		const key = leftKey(row, run);
		if (key !== undefined || !yieldsPairs(kind)) lefts.add(row, key);
	});
	lefts.finish();
	const rows = pulled(joinParts(options, lefts.streams, rights.streams, space.budgetBytes, run));
	return {
		next: (limit) => rows.next(limit),
		close: () => {
			rows.close();
			file.close();
		},
	};
}

/** Rows without a partner are none of the result. */
function yieldsPairs(kind: PartitionedJoinOptions["kind"]): boolean {
	return kind === "inner" || kind === "semi";
}

function* joinParts(
	options: PartitionedJoinOptions,
	lefts: readonly SpillStream[],
	rights: readonly SpillStream[],
	budgetBytes: number,
	run: Execution,
): Generator<Tuple> {
	for (const [part, left] of lefts.entries()) {
		const right = rights[part] as SpillStream; // there are as many
		if (yieldsPairs(options.kind) && (left.count === 0 || right.count === 0)) continue;
		if (left.count > 0 || right.count > 0) yield* joinPart(options, left, right, budgetBytes, run);
	}
}

function* joinPart(
	options: PartitionedJoinOptions,
	left: SpillStream,
	right: SpillStream,
	budgetBytes: number,
	run: Execution,
): Generator<Tuple> {
	const { kind, leftKey, join, leftAlone, rightAlone } = options;
	/** Per row of the left side's part whether it had a partner in the chunks so far. */
	const matched = new Uint8Array(kind === "inner" ? 0 : left.count);
	const isSemi = kind === "semi" || kind === "anti";
	const nextChunk = chunksOf(options, right, budgetBytes, run);
	for (let isLast = false; !isLast; ) {
		const chunk = nextChunk();
		const { table, alone } = chunk;
		isLast = chunk.isLast;
		let number = 0;
		for (const row of rowsOf(left.read())) {
			const isSettled = isSemi && matched[number] === 1;
			const key = isSettled ? undefined : leftKey(row, run);
			for (const candidate of (key === undefined ? undefined : table.get(key)) ?? []) {
				run.stop?.count(1);
				const joined = join(row, candidate);
				if (joined === null) continue;
				matched[number] = 1;
				alone?.delete(candidate);
				if (isSemi) break;
				yield joined;
			}
			if (isLast && kind !== "inner" && matched[number] === (kind === "semi" ? 1 : 0)) yield leftAlone(row);
			number++;
		}
		for (const row of alone ?? []) yield rightAlone(row);
	}
}

interface Chunk {
	readonly table: ReadonlyMap<Key | null, readonly Tuple[]>;
	/** Rows without a partner so far, where that matters. */
	readonly alone: Set<Tuple> | undefined;
	readonly isLast: boolean;
}

/** Answers one chunk after the other: at least one, which may be empty. */
function chunksOf(
	{ kind, rightKey }: PartitionedJoinOptions,
	right: SpillStream,
	budgetBytes: number,
	run: Execution,
): () => Chunk {
	const rows = right.read();
	let left = right.count;
	return () => {
		const table = new Map<Key | null, Tuple[]>();
		const alone = kind === "full" ? new Set<Tuple>() : undefined;
		let bytes = 0;
		while (left > 0 && bytes <= budgetBytes) {
			const row = (rows.next(1) as [Tuple])[0]; // there are so many left
			left--;
			alone?.add(row);
			const key = rightKey(row, run);
			bytes += rowBytes(row);
			if (key === undefined) continue;
			bytes += keyBytes(key);
			const bucket = table.get(key);
			if (bucket === undefined) table.set(key, [row]);
			else bucket.push(row);
		}
		return { table, alone, isLast: left === 0 };
	};
}

function* rowsOf(run: Run): Generator<Tuple> {
	for (let batch = run.next(FULL_BATCH); batch !== undefined; batch = run.next(FULL_BATCH)) yield* batch;
}
