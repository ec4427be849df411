/** Ranges of an index's entries: values of its leading columns, then bounds of the next one. */

import type { ByteRange } from "../../engine/store.js";
import { Keyspace, prefixEnd } from "../../engine/store.js";
import type { StoredTable } from "../catalog/table.js";
import { IndexKeyWriter, keyOfPointer, objectPrefix } from "../codec/key.js";
import { isReadable } from "../codec/key-reader.js";
import type { EntryPart, EntryShape } from "../execute/index-scan.js";
import { distinctKeys } from "../execute/index-scan.js";
import type { Execution, Tuple } from "../execute/operator.js";
import { collationKey } from "../value/compare.js";
import { toText } from "../value/convert.js";
import { literalPrefix } from "../value/pattern.js";
import type { Value } from "../value/value.js";
import type { Access, CompileFixed, Selection } from "./access.js";
import { compileValues } from "./equal-values.js";
import { greatest, least } from "./key-range.js";
import type { IndexPart, Path, PathTable, RangeCondition, UsableIndex } from "./path.js";
import { FLIPPED } from "./path.js";
import { coerced } from "./selectivity.js";

type IndexPath = Path & { readonly kind: "index" };

interface Ends {
	readonly lower: Uint8Array;
	/** Undefined is behind every key. */
	readonly upper: Uint8Array | undefined;
}

/** Narrows the entries below a prefix; null where nothing is left. */
type Narrow = (ends: Ends, prefix: Uint8Array, run: Execution, outer: Tuple) => Ends | null;

export function rangeOverIndex(path: IndexPath, compileFixed: CompileFixed): Access["select"] {
	const { parts, isClustered } = path.index;
	const prefixesOf = compilePrefixes(path, compileFixed);
	const part = parts[path.equals.length];
	const narrows = part === undefined ? [] : path.ranges.map((range) => narrowing(range, part, compileFixed));
	const indirect = !isClustered && !path.isCovering;
	return (run, outer): Selection => {
		const ranges: ByteRange[] = [];
		for (const prefix of prefixesOf(run, outer)) {
			let ends: Ends | null = { lower: prefix, upper: prefixEnd(prefix) };
			for (const narrow of narrows) if (ends !== null) ends = narrow(ends, prefix, run, outer);
			if (ends === null) return { kind: "none" };
			ranges.push({ gte: ends.lower, lt: ends.upper });
		}
		return ranges.length === 0 ? { kind: "none" } : { kind: "range", ranges, indirect };
	};
}

/** Rows by whole keys of a unique index: without a scan, as each has one entry at most. */
export function keysOfIndex(path: IndexPath, table: StoredTable, compileFixed: CompileFixed): Access["select"] {
	const prefixesOf = compilePrefixes(path, compileFixed);
	if (path.index.isClustered) return (run, outer) => ({ kind: "points", keys: prefixesOf(run, outer) });
	return (run, outer) => {
		const keys: Uint8Array[] = [];
		for (const prefix of prefixesOf(run, outer)) {
			const pointer = run.view.get(Keyspace.sql, prefix);
			if (pointer !== undefined) keys.push(keyOfPointer(table.id, pointer));
		}
		return { kind: "points", keys, indirect: true };
	};
}

/** What the entries begin with that have the values of the leading columns: each once, in order. */
function compilePrefixes(path: IndexPath, compileFixed: CompileFixed): (run: Execution, outer: Tuple) => Uint8Array[] {
	const { index, parts } = path.index;
	const fixed = path.equals.map((equal) => compileValues(equal, compileFixed));
	if (fixed.length === 0) return () => [objectPrefix(index.id)];
	let writer: IndexKeyWriter | undefined;
	return (run, outer) => {
		writer ??= new IndexKeyWriter();
		// All values before the first is written: they may come of queries that use this path themselves.
		const values = fixed.map((evaluate) => evaluate(run, outer));
		if (values.every((found) => found.length === 1)) {
			writer.begin(index.id);
			for (let i = 0; i < values.length; i++) {
				const { collation, descending } = parts[i] as IndexPart; // one value per leading part
				writer.value(values[i]?.[0] ?? null, collation, descending);
			}
			return [writer.finish()];
		}
		let prefixes: Uint8Array[] = [objectPrefix(index.id)];
		for (const [i, found] of values.entries()) {
			const part = parts[i] as IndexPart; // as above
			prefixes = prefixes.flatMap((prefix) => found.map((value) => appended(prefix, value, part)));
		}
		// No value's bytes are the beginning of another's.
		return distinctKeys(prefixes);
	};
}

function narrowing(range: RangeCondition, part: IndexPart, compileFixed: CompileFixed): Narrow {
	const { descending } = part;
	// NULLs are in the index, but no comparison is true for them.
	const withoutNulls = ({ lower, upper }: Ends, prefix: Uint8Array): Ends => {
		const nulls = appended(prefix, null, part);
		if (descending) return { lower, upper: least(upper, nulls) };
		return { lower: greatest(lower, prefixEnd(nulls) ?? lower), upper };
	};
	switch (range.kind) {
		case "notNull":
			return withoutNulls;
		case "prefix": {
			const pattern = compileFixed(range.pattern);
			return (ends, prefix, run, outer) => {
				const text = toText(pattern(outer, run));
				if (text === null) return null;
				const begin = collationKey(literalPrefix(range.operator, text), part.collation);
				const lower = withoutEnd(appended(prefix, begin, { ...part, collation: "binary" }));
				return { lower: greatest(ends.lower, lower), upper: least(ends.upper, prefixEnd(lower)) };
			};
		}
		case "compare": {
			const operator = descending ? FLIPPED[range.operator] : range.operator;
			const value = compileFixed(range.value);
			return (ends, prefix, run, outer) => {
				const key = coerced(value(outer, run), range.coercion);
				if (key === null) return null;
				const bytes = appended(prefix, key, part);
				const behind = prefixEnd(bytes);
				const { lower, upper } = withoutNulls(ends, prefix);
				if (operator === ">") return { lower: behind === undefined ? lower : greatest(lower, behind), upper };
				if (operator === ">=") return { lower: greatest(lower, bytes), upper };
				if (operator === "<") return { lower, upper: least(upper, bytes) };
				return { lower, upper: least(upper, behind) };
			};
		}
	}
}

/** A text's bytes without the two that end it: what all texts that begin with it have. */
function withoutEnd(key: Uint8Array): Uint8Array {
	return key.subarray(0, key.length - 2);
}

function appended(
	prefix: Uint8Array,
	value: Value,
	{ collation, descending }: Pick<IndexPart, "collation" | "descending">,
): Uint8Array {
	const part = new IndexKeyWriter().begin(0).value(value, collation, descending).finish();
	const key = new Uint8Array(prefix.length + part.length - 4);
	key.set(prefix);
	key.set(part.subarray(4), prefix.length);
	return key;
}

/** How a covering index's entries hold the columns. */
export function entryShape(usable: UsableIndex, { table, indexes }: PathTable): EntryShape | null {
	if (table.kind !== "stored") return null;
	const partsOf = (parts: readonly IndexPart[]) =>
		parts.map(({ column, affinity, collation, descending }): EntryPart => {
			const shape = affinity === null ? null : { affinity, collation, descending };
			return { column, shape: shape !== null && column >= 0 && isReadable(shape) ? shape : null, descending };
		});
	const key = indexes.find(({ isClustered }) => isClustered)?.parts ?? [];
	return { table, parts: partsOf(usable.parts), key: partsOf(key) };
}
