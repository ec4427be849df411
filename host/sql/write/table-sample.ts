/** Rows of a table chosen at random, and histograms made of them. */

import { Keyspace } from "../../engine/store.js";
import { histogramKey } from "../catalog/load-statistics.js";
import type { Bucket } from "../catalog/statistics.js";
import { EXPRESSION } from "../catalog/table.js";
import { storedPages } from "../codec/object.js";
import type { Tuple } from "../execute/operator.js";
import type { Collation } from "../value/compare.js";
import { compareValues } from "../value/compare.js";
import type { Value } from "../value/value.js";
import type { WriteRun } from "./plan.js";
import { RowStore } from "./row-store.js";
import type { TablePlan } from "./table-plan.js";

/** All rows of tables up to this size, and as many of greater ones. */
const SAMPLED_ROWS = 10_000;
const BUCKETS = 64;
/** Of the texts and blobs that bound a bucket. */
const MAX_BOUND = 128;

export interface Sample {
	/** Of the whole table. */
	readonly rows: number;
	/** `[rowid, ...columns]`. */
	readonly sampled: readonly Tuple[];
}

/** Goes through all rows, but decodes those alone that are chosen (Vitter's algorithm R, by the same numbers each time). */
export function sampleRows(plan: TablePlan, write: WriteRun): Sample {
	const store = new RowStore(plan, write);
	const random = xorshift(0x2545_f491);
	const sampled: Tuple[] = [];
	let rows = 0;
	for (const { count, bytes, bounds } of storedPages(write.journal, plan.table.id)) {
		for (let i = 0; i < count; i++) {
			const place = rows < SAMPLED_ROWS ? rows : Math.floor(random() * (rows + 1));
			rows++;
			if (place >= SAMPLED_ROWS) continue;
			const start = bounds[i * 2 + 1];
			sampled[place] = store.decode(bytes.subarray(bounds[i * 2], start), bytes.subarray(start, bounds[i * 2 + 2]));
		}
	}
	return { rows, sampled };
}

/** Numbers in [0, 1). */
function xorshift(seed: number): () => number {
	let state = seed;
	return () => {
		state ^= state << 13;
		state ^= state >>> 17;
		state ^= state << 5;
		return (state >>> 0) / 0x1_0000_0000;
	};
}

/** One per column, and one per expression that an index begins with. */
export function putHistograms({ table, indexes }: TablePlan, sample: Sample, write: WriteRun): void {
	if (sample.rows === 0) return;
	const { journal, execution } = write;
	const writer = write.encoders.rows;
	const put = (owner: number, column: number, name: string, values: Value[], collation: Collation) => {
		const { nulls, distinct, buckets } = histogram(values, sample.rows, collation);
		const flat = buckets.flatMap(({ upper, rows, equal, distinct: different }) => [upper, rows, equal, different]);
		const encoded = writer.encode(flat);
		const row = writer.encode([table.name, name, values.length, nulls, distinct, encoded]);
		journal.put(Keyspace.sql, histogramKey(owner, column), row);
	};
	for (const [i, { name, collation }] of table.columns.entries()) {
		const values = sample.sampled.map((row) => row[i + 1] as Value); // rows have all columns
		put(table.id, i, name, values, collation);
	}
	for (const { index, parts } of indexes) {
		const [part] = parts;
		const expression = index.columns[0]?.column === EXPRESSION ? part?.value : null;
		if (part === undefined || !expression) continue;
		const values = sample.sampled.map((row) => expression(row, execution));
		put(index.id, 0, index.name, values, part.collation);
	}
}

interface Summary {
	readonly nulls: number;
	readonly distinct: number;
	readonly buckets: readonly Bucket[];
}

/** Of a sample of a table with that many rows. */
function histogram(values: readonly Value[], rows: number, collation: Collation): Summary {
	const sorted = values.filter((value) => value !== null).sort((a, b) => compareValues(a, b, collation));
	const depth = Math.max(1, Math.ceil(sorted.length / BUCKETS));
	const buckets: Bucket[] = [];
	let distinct = 0;
	let single = 0;
	let open = { rows: 0, distinct: 0 };
	for (let start = 0; start < sorted.length; ) {
		const value = sorted[start] as Value; // start is within
		let end = start + 1;
		while (end < sorted.length && compareValues(value, sorted[end] as Value, collation) === 0) end++;
		const equal = end - start;
		// A value that would fill a bucket stands alone, so that what is before it is not taken for as frequent.
		if (equal >= depth && open.rows > 0) {
			buckets.push(closed(sorted[start - 1] as Value, open, 1));
			open = { rows: 0, distinct: 0 };
		}
		distinct++;
		if (equal === 1) single++;
		open.rows += equal;
		open.distinct++;
		if (open.rows >= depth || end === sorted.length) {
			buckets.push(closed(value, open, equal));
			open = { rows: 0, distinct: 0 };
		}
		start = end;
	}
	return {
		nulls: values.length - sorted.length,
		distinct: extrapolated(distinct, single, values.length, rows),
		buckets,
	};
}

function closed(upper: Value, open: { readonly rows: number; readonly distinct: number }, equal: number): Bucket {
	const short = typeof upper === "string" || upper instanceof Uint8Array ? upper.slice(0, MAX_BOUND) : upper;
	return { upper: short, rows: open.rows, equal, distinct: open.distinct };
}

/** Different values of the whole by those of a sample: the estimator Duj1 of Haas and others (VLDB 1995). */
function extrapolated(distinct: number, single: number, sampled: number, rows: number): number {
	if (sampled === 0 || sampled >= rows) return distinct;
	return Math.round((sampled * distinct) / (sampled - single + (single * sampled) / rows));
}
