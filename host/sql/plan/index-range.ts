/** Ranges of an index's entries: values of its leading columns, then bounds of the next one. */

import type { ByteRange } from "../../engine/store.js";
import { Keyspace, prefixEnd } from "../../engine/store.js";
import type { StoredTable } from "../catalog/table.js";
import { IndexKeyWriter, keyOfPointer, objectPrefix } from "../codec/key.js";
import { isReadable } from "../codec/key-reader.js";
import type { EntryPart, EntryShape } from "../execute/index-scan.js";
import { distinctKeys } from "../execute/index-scan.js";
import type { Execution, Tuple } from "../execute/operator.js";
import { KeyList } from "../execute/spill/key-list.js";
import { SEARCH_KEY_BYTES } from "../execute/spill/size.js";
import { collationKey } from "../value/compare.js";
import { toText } from "../value/convert.js";
import { literalPrefix } from "../value/pattern.js";
import type { Value } from "../value/value.js";
import type { Access, CompileFixed, PartSelection } from "./access.js";
import { compileValues } from "./equal-values.js";
import { greatest, least } from "./key-range.js";
import type { KeyParts } from "./many-keys.js";
import { combined, manyKeys } from "./many-keys.js";
import type { IndexPart, Path, PathTable, RangeCondition, UsableIndex } from "./path.js";
import { FLIPPED } from "./path.js";
import { coerced } from "./selectivity.js";

type IndexPath = Path & { readonly kind: "index" };

const NO_BYTES = new Uint8Array(0);

interface Ends {
	readonly lower: Uint8Array;
	/** Undefined is behind every key. */
	readonly upper: Uint8Array | undefined;
}

/** Narrows the entries below a prefix; null where nothing is left. */
type Narrow = (ends: Ends, prefix: Uint8Array, run: Execution, outer: Tuple) => Ends | null;

export function rangeOverIndex(path: IndexPath, compileFixed: CompileFixed): Access["select"] {
	const { parts, isClustered } = path.index;
	const part = parts[path.equals.length];
	const narrows = part === undefined ? [] : path.ranges.map((range) => narrowing(range, part, compileFixed));
	const indirect = !isClustered && !path.isCovering;
	return byPrefixes(path, compileFixed, (prefixes, run, outer) => {
		const ranges: ByteRange[] = [];
		for (const prefix of prefixes) {
			let ends: Ends | null = { lower: prefix, upper: prefixEnd(prefix) };
			for (const narrow of narrows) if (ends !== null) ends = narrow(ends, prefix, run, outer);
			if (ends === null) return { kind: "none" };
			ranges.push({ gte: ends.lower, lt: ends.upper });
		}
		return ranges.length === 0 ? { kind: "none" } : { kind: "range", ranges, indirect };
	});
}

/** Rows by whole keys of a unique index: without a scan, as each has one entry at most. */
export function keysOfIndex(path: IndexPath, table: StoredTable, compileFixed: CompileFixed): Access["select"] {
	if (path.index.isClustered) return byPrefixes(path, compileFixed, (keys) => ({ kind: "points", keys }));
	return byPrefixes(path, compileFixed, (prefixes, run) => {
		const keys: Uint8Array[] = [];
		for (const prefix of prefixes) {
			const pointer = run.view.get(Keyspace.sql, prefix);
			if (pointer !== undefined) keys.push(keyOfPointer(table.id, pointer));
		}
		return { kind: "points", keys, indirect: true };
	});
}

/** `prefixes`: what entries begin with, each once, in order. */
type SelectPart = (prefixes: readonly Uint8Array[], run: Execution, outer: Tuple) => PartSelection;

/** Of the entries that have the values of the leading columns. */
function byPrefixes(path: IndexPath, compileFixed: CompileFixed, select: SelectPart): Access["select"] {
	const { index, parts } = path.index;
	const fixed = path.equals.map((equal, i) => {
		const part = parts[i] as IndexPart; // one value per leading part
		return compileValues(equal, compileFixed, (value) => appended(NO_BYTES, value, part));
	});
	if (fixed.length === 0) return (run, outer) => select([objectPrefix(index.id)], run, outer);
	let writer: IndexKeyWriter | undefined;
	return (run, outer) => {
		writer ??= new IndexKeyWriter();
		// All values before the first is written: they may come of queries that use this path themselves.
		const values = fixed.map((evaluate) => evaluate(run, outer));
		if (values.every((found) => !(found instanceof KeyList) && found.length === 1)) {
			writer.begin(index.id);
			for (let i = 0; i < values.length; i++) {
				const { collation, descending } = parts[i] as IndexPart; // as above
				writer.value((values[i] as readonly Value[])[0] ?? null, collation, descending); // no list of keys is among them
			}
			return select([writer.finish()], run, outer);
		}
		const lists = values.map((found, i): KeyParts => {
			const part = parts[i] as IndexPart; // as above
			if (found instanceof KeyList) return found;
			return distinctKeys(found.map((value) => appended(NO_BYTES, value, part)));
		});
		if (areMany(lists, run)) return manyKeys(objectPrefix(index.id), lists, run, (some) => select(some, run, outer));
		return select([...combined(objectPrefix(index.id), lists, "forward")], run, outer);
	};
}

/** Whether what they combine to is more than is to be in memory. */
function areMany(lists: readonly KeyParts[], { spill }: Execution): boolean {
	const count = lists.reduce((product, list) => product * (list instanceof KeyList ? Infinity : list.length), 1);
	return spill !== undefined && count * SEARCH_KEY_BYTES > spill.budgetBytes;
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
