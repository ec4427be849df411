/** Ranges of an index's entries: values of its leading columns, then bounds of the next one. */

import { Buffer } from "node:buffer";
import type { ByteRange } from "../../engine/store.js";
import { prefixEnd } from "../../engine/store.js";
import { IndexKeyWriter } from "../codec/key.js";
import { isReadable } from "../codec/key-reader.js";
import type { EntryPart, EntryShape } from "../execute/index-scan.js";
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

export function rangeOverIndex(path: IndexPath, compileFixed: CompileFixed, isCovering: boolean): Access["select"] {
	const { index, parts, isClustered } = path.index;
	const fixed = path.equals.map((equal) => compileValues(equal, compileFixed));
	const part = parts[fixed.length];
	const narrows = part === undefined ? [] : path.ranges.map((range) => narrowing(range, part, compileFixed));
	const indirect = !isClustered && !isCovering;
	return (run, outer): Selection => {
		let prefixes: Uint8Array[] = [new IndexKeyWriter().begin(index.id).finish()];
		for (const [i, values] of fixed.entries()) {
			const own = parts[i] as IndexPart; // one value per leading part
			const found = values(run, outer);
			if (found.length === 0) return { kind: "none" };
			prefixes = prefixes.flatMap((prefix) => found.map((value) => appended(prefix, value, own)));
		}
		if (prefixes.length > 1) prefixes = sortedPrefixes(prefixes);
		const ranges: ByteRange[] = [];
		for (const prefix of prefixes) {
			let ends: Ends | null = { lower: prefix, upper: prefixEnd(prefix) };
			for (const narrow of narrows) if (ends !== null) ends = narrow(ends, prefix, run, outer);
			if (ends === null) return { kind: "none" };
			ranges.push({ gte: ends.lower, lt: ends.upper });
		}
		return { kind: "range", ranges, indirect };
	};
}

/** Each once: no value's bytes are the beginning of another's. */
function sortedPrefixes(prefixes: Uint8Array[]): Uint8Array[] {
	prefixes.sort(Buffer.compare);
	return prefixes.filter((prefix, i) => i === 0 || Buffer.compare(prefix, prefixes[i - 1] as Uint8Array) !== 0); // i is behind the first
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
