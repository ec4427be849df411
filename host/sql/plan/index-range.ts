/** A range of an index's entries: values of its leading columns, then bounds of the next one. */

import { Keyspace, prefixEnd } from "../../engine/store.js";
import type { Coercion } from "../bind/bound.js";
import type { Index, StoredTable } from "../catalog/table.js";
import { IndexKeyWriter } from "../codec/key.js";
import { numericIfWhole } from "../value/convert.js";
import { numberText } from "../value/text.js";
import type { Value } from "../value/value.js";
import { isNumeric } from "../value/value.js";
import type { Access, CompileFixed, Condition } from "./access.js";
import { FLIPPED } from "./access.js";
import { greatest, least } from "./key-range.js";

function coerced(value: Value, coercion: Coercion): Value {
	if (coercion === "numeric") return numericIfWhole(value);
	return coercion === "text" && isNumeric(value) ? numberText(value) : value;
}

export function rangeOverIndex(
	index: Index,
	table: StoredTable,
	equals: readonly Condition[],
	ranges: readonly Condition[],
	compileFixed: CompileFixed,
	described: string,
): Access {
	const fixed = equals.map(({ value, coercion }) => ({ value: compileFixed(value), coercion }));
	const bounds = ranges.map(({ operator, value, coercion }) => ({ operator, value: compileFixed(value), coercion }));
	return {
		describe: `by index ${index.name} (${described})`,
		space: Keyspace.sql,
		order: index,
		atMostOneRow: index.unique && fixed.length === index.columns.length,
		select: (run, outer) => {
			const writer = new IndexKeyWriter().begin(index.id);
			for (const [i, { value, coercion }] of fixed.entries()) {
				const key = coerced(value(outer, run), coercion);
				const part = index.columns[i];
				if (key === null || part === undefined) return { kind: "none" };
				writer.value(key, part.collation, part.descending);
			}
			const prefix = writer.finish();
			let lower = prefix;
			let upper = prefixEnd(prefix);
			const part = index.columns[fixed.length];
			if (part !== undefined && bounds.length > 0) {
				// NULLs are in the index, but no comparison is true for them.
				const at = (key: Value) => appended(prefix, key, part.collation, part.descending);
				if (part.descending) upper = least(upper, at(null));
				else lower = greatest(lower, prefixEnd(at(null)) ?? lower);
				for (const { operator, value, coercion } of bounds) {
					const key = coerced(value(outer, run), coercion);
					if (key === null) return { kind: "none" };
					const bytes = at(key);
					const behind = prefixEnd(bytes);
					const direction = part.descending ? FLIPPED[operator] : operator;
					if (direction === ">" && behind !== undefined) lower = greatest(lower, behind);
					if (direction === ">=") lower = greatest(lower, bytes);
					if (direction === "<") upper = least(upper, bytes);
					if (direction === "<=") upper = least(upper, behind);
				}
			}
			// The entries of the index with the table's own id are its rows.
			return { kind: "range", range: { gte: lower, lt: upper }, indirect: index.id !== table.id };
		},
	};
}

function appended(
	prefix: Uint8Array,
	value: Value,
	collation: Index["columns"][number]["collation"],
	descending: boolean,
): Uint8Array {
	const part = new IndexKeyWriter().begin(0).value(value, collation, descending).finish();
	const key = new Uint8Array(prefix.length + part.length - 4);
	key.set(prefix);
	key.set(part.subarray(4), prefix.length);
	return key;
}
