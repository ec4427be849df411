/**
 * How a table's rows are reached: which conditions become keys or ranges of keys. A condition that does so is exact and
 * is not checked again.
 */

import { Buffer } from "node:buffer";
import type { ByteRange, Keyspace } from "../../engine/store.js";
import { Keyspace as Keyspaces, prefixEnd } from "../../engine/store.js";
import type { Bound, BoundCompare, Coercion } from "../bind/bound.js";
import { isRowIndependent } from "../bind/bound.js";
import type { Index, Table } from "../catalog/table.js";
import { isRowId } from "../catalog/table.js";
import { IndexKeyWriter, objectPrefix, rowKey } from "../codec/key.js";
import type { Evaluate } from "../execute/compile.js";
import type { Execution } from "../execute/operator.js";
import { numericIfWhole } from "../value/convert.js";
import { numberText, utf8 } from "../value/text.js";
import type { Value } from "../value/value.js";
import { isNumeric } from "../value/value.js";
import { rowIdBounds, rowIdOf } from "./rowid.js";

/** What a scan reads. `indirect`: entries of an index, whose values are rowids. */
export type Selection =
	| { readonly kind: "none" }
	| { readonly kind: "points"; readonly keys: readonly Uint8Array[] }
	| { readonly kind: "range"; readonly range: ByteRange; readonly indirect: boolean };

export interface Access {
	/** For EXPLAIN, without the table's name. */
	readonly describe: string;
	readonly space: Keyspace;
	/** Rows come in this order of keys. */
	readonly order: "key" | Index | "none";
	readonly atMostOneRow: boolean;
	select(run: Execution): Selection;
}

type RangeOperator = "=" | "<" | "<=" | ">" | ">=";

interface Condition {
	readonly operator: RangeOperator;
	readonly value: Bound;
	readonly coercion: Coercion;
	readonly source: Bound;
}

const FLIPPED: Record<RangeOperator, RangeOperator> = { "=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<=" };

function isRangeOperator(operator: BoundCompare["operator"]): operator is RangeOperator {
	return operator in FLIPPED;
}

/** Conditions of the form `column op something fixed`. */
function conditionsOn(
	conjuncts: readonly Bound[],
	source: number,
	matches: (column: number, compare: BoundCompare) => boolean,
) {
	const found: Condition[] = [];
	for (const bound of conjuncts) {
		if (bound.kind !== "compare" || !isRangeOperator(bound.operator)) continue;
		const { left, right, coercion } = bound;
		if (left.kind === "column" && left.source === source && matches(left.column, bound) && isRowIndependent(right)) {
			found.push({ operator: bound.operator, value: right, coercion, source: bound });
		} else if (
			right.kind === "column" &&
			right.source === source &&
			matches(right.column, bound) &&
			isRowIndependent(left)
		) {
			found.push({ operator: FLIPPED[bound.operator], value: left, coercion, source: bound });
		}
	}
	return found;
}

export interface Choice {
	readonly access: Access;
	/** Conditions that remain to be checked on each row. */
	readonly rest: readonly Bound[];
}

export type CompileFixed = (bound: Bound) => Evaluate;

const NO_ROW: never[] = [];

/** Chooses the access of one table for conditions that all must hold. */
export function chooseAccess(
	table: Table,
	source: number,
	conjuncts: readonly Bound[],
	compileFixed: CompileFixed,
	text: (bound: Bound) => string,
): Choice {
	const without = (used: readonly Bound[]) => conjuncts.filter((bound) => !used.includes(bound));
	const describeAll = (used: readonly Bound[]) => used.map(text).join(" AND ");
	if (table.kind === "keyValue") {
		const keys = conditionsOn(
			conjuncts,
			source,
			(column, compare) => column === 0 && compare.collation === "binary" && compare.coercion !== "numeric",
		);
		return keyValueAccess(keys, compileFixed, without, describeAll);
	}
	const onRowId = conditionsOn(conjuncts, source, (column) => isRowId(table, column));
	const equal = onRowId.find((condition) => condition.operator === "=");
	if (equal !== undefined) {
		const value = compileFixed(equal.value);
		return {
			rest: without([equal.source]),
			access: {
				describe: `by primary key (${text(equal.source)})`,
				space: Keyspaces.sql,
				order: "key",
				atMostOneRow: true,
				select: (run) => {
					const rowId = rowIdOf(value(NO_ROW, run));
					return rowId === undefined ? { kind: "none" } : { kind: "points", keys: [rowKey(table.id, rowId)] };
				},
			},
		};
	}
	const inList = conjuncts.find(
		(bound) =>
			bound.kind === "in" &&
			!bound.negated &&
			bound.operand.kind === "column" &&
			bound.operand.source === source &&
			isRowId(table, bound.operand.column) &&
			bound.list.every(isRowIndependent),
	);
	if (inList?.kind === "in") {
		const values = inList.list.map(compileFixed);
		return {
			rest: without([inList]),
			access: {
				describe: `by primary key (${text(inList)})`,
				space: Keyspaces.sql,
				order: "key",
				atMostOneRow: values.length < 2,
				select: (run) => {
					const rowIds = new Set(values.map((value) => rowIdOf(value(NO_ROW, run))));
					const sorted = [...rowIds].filter((rowId) => rowId !== undefined).sort((a, b) => (a < b ? -1 : 1));
					return { kind: "points", keys: sorted.map((rowId) => rowKey(table.id, rowId)) };
				},
			},
		};
	}
	const indexed = indexAccess(table.indexes, source, conjuncts, compileFixed, text);
	if (indexed !== null) return { access: indexed.access, rest: without(indexed.used) };
	if (onRowId.length > 0) {
		const bounds = onRowId.map(({ operator, value }) => ({ operator, value: compileFixed(value) }));
		return {
			rest: without(onRowId.map((condition) => condition.source)),
			access: {
				describe: `over a range of the primary key (${describeAll(onRowId.map((condition) => condition.source))})`,
				space: Keyspaces.sql,
				order: "key",
				atMostOneRow: false,
				select: (run) => {
					const range = rowIdBounds(bounds.map(({ operator, value }) => ({ operator, value: value(NO_ROW, run) })));
					if (range === undefined) return { kind: "none" };
					const { least, greatest } = range;
					return {
						kind: "range",
						range: { gte: rowKey(table.id, least), lte: rowKey(table.id, greatest) },
						indirect: false,
					};
				},
			},
		};
	}
	const prefix = objectPrefix(table.id);
	const range = { gte: prefix, lt: prefixEnd(prefix) };
	return {
		rest: conjuncts,
		access: {
			describe: "",
			space: Keyspaces.sql,
			order: "key",
			atMostOneRow: false,
			select: () => ({ kind: "range", range, indirect: false }),
		},
	};
}

function coerced(value: Value, coercion: Coercion): Value {
	if (coercion === "numeric") return numericIfWhole(value);
	return coercion === "text" && isNumeric(value) ? numberText(value) : value;
}

/** The index with the most leading columns fixed by equality, then one with a range on its next column. */
function indexAccess(
	indexes: readonly Index[],
	source: number,
	conjuncts: readonly Bound[],
	compileFixed: CompileFixed,
	text: (bound: Bound) => string,
): { access: Access; used: Bound[]; score: number } | null {
	let best: { access: Access; used: Bound[]; score: number } | null = null;
	for (const index of indexes) {
		const equals: Condition[] = [];
		let ranges: Condition[] = [];
		for (const part of index.columns) {
			const conditions = conditionsOn(conjuncts, source, (column, compare) => {
				if (column !== part.column || compare.collation !== part.collation) return false;
				// A comparison that would convert the stored values has another order than the index.
				const own = compare.left.kind === "column" && compare.left.column === column ? compare.left : compare.right;
				if (own.kind !== "column") return false;
				if (compare.coercion === "numeric") return own.affinity !== "text" && own.affinity !== "blob";
				return compare.coercion === "none" || own.affinity === "text";
			});
			const equal = conditions.find((condition) => condition.operator === "=");
			if (equal === undefined) {
				ranges = conditions;
				break;
			}
			equals.push(equal);
		}
		const score = equals.length * 2 + (ranges.length > 0 ? 1 : 0);
		if (score === 0 || (best !== null && score <= best.score)) continue;
		const used = [...equals, ...ranges].map((condition) => condition.source);
		best = { access: rangeOverIndex(index, equals, ranges, compileFixed, used.map(text).join(" AND ")), used, score };
	}
	return best;
}

function rangeOverIndex(
	index: Index,
	equals: readonly Condition[],
	ranges: readonly Condition[],
	compileFixed: CompileFixed,
	described: string,
): Access {
	const fixed = equals.map(({ value, coercion }) => ({ value: compileFixed(value), coercion }));
	const bounds = ranges.map(({ operator, value, coercion }) => ({ operator, value: compileFixed(value), coercion }));
	return {
		describe: `by index ${index.name} (${described})`,
		space: Keyspaces.sql,
		order: index,
		atMostOneRow: index.unique && fixed.length === index.columns.length,
		select: (run) => {
			const writer = new IndexKeyWriter().begin(index.id);
			for (const [i, { value, coercion }] of fixed.entries()) {
				const key = coerced(value(NO_ROW, run), coercion);
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
					const key = coerced(value(NO_ROW, run), coercion);
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
			return { kind: "range", range: { gte: lower, lt: upper }, indirect: true };
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

function compareKeys(a: Uint8Array, b: Uint8Array): number {
	return Buffer.compare(a, b);
}

function greatest(a: Uint8Array, b: Uint8Array): Uint8Array {
	return compareKeys(a, b) >= 0 ? a : b;
}

function least(a: Uint8Array | undefined, b: Uint8Array | undefined): Uint8Array | undefined {
	if (a === undefined || b === undefined) return a ?? b;
	return compareKeys(a, b) <= 0 ? a : b;
}

/** `kv` is ordered and compared by the bytes of its keys, whether these are text or not. */
function keyValueAccess(
	conditions: readonly Condition[],
	compileFixed: CompileFixed,
	without: (used: readonly Bound[]) => Bound[],
	describeAll: (used: readonly Bound[]) => string,
): Choice {
	const bounds = conditions.map(({ operator, value, source }) => ({ operator, value: compileFixed(value), source }));
	const equal = bounds.find(({ operator }) => operator === "=");
	const used = equal === undefined ? bounds.map(({ source }) => source) : [equal.source];
	const kind = equal === undefined ? "over a range of the key" : "by key";
	return {
		rest: without(used),
		access: {
			describe: used.length === 0 ? "" : `${kind} (${describeAll(used)})`,
			space: Keyspaces.keyValue,
			order: "key",
			atMostOneRow: equal !== undefined,
			select: (run) => {
				if (equal !== undefined) {
					const key = keyBytes(equal.value(NO_ROW, run));
					return key === undefined ? { kind: "none" } : { kind: "points", keys: [key] };
				}
				let lower: Uint8Array | undefined;
				let upper: Uint8Array | undefined;
				for (const { operator, value } of bounds) {
					const key = keyBytes(value(NO_ROW, run));
					if (key === undefined) return { kind: "none" };
					// The next key after k is k with a zero byte.
					const behind = Buffer.concat([key, new Uint8Array(1)]);
					if (operator === ">") lower = lower === undefined ? behind : greatest(lower, behind);
					if (operator === ">=") lower = lower === undefined ? key : greatest(lower, key);
					if (operator === "<") upper = least(upper, key);
					if (operator === "<=") upper = least(upper, behind);
				}
				return { kind: "range", range: { gte: lower, lt: upper }, indirect: false };
			},
		},
	};
}

/** A value as a key of the key-value data; undefined for NULL, which equals nothing. */
function keyBytes(value: Value): Uint8Array | undefined {
	if (value === null) return undefined;
	if (value instanceof Uint8Array) return value;
	return utf8(typeof value === "string" ? value : numberText(value));
}
