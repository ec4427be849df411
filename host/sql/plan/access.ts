/**
 * How a table's rows are reached: which conditions become keys or ranges of keys. A condition that does so is exact and
 * is not checked again. Finding a path and making something that runs of it are two steps: the order of joins is chosen
 * by comparing paths.
 */

import { Buffer } from "node:buffer";
import type { ByteRange, Keyspace } from "../../engine/store.js";
import { Keyspace as Keyspaces, prefixEnd } from "../../engine/store.js";
import type { Bound, BoundCompare, Coercion } from "../bind/bound.js";
import { isRowIndependent } from "../bind/traverse.js";
import type { Index, StoredTable, Table } from "../catalog/table.js";
import { isRowId } from "../catalog/table.js";
import { objectPrefix, rowKey } from "../codec/key.js";
import type { Evaluate } from "../execute/compile.js";
import type { Execution, Tuple } from "../execute/operator.js";
import { numberText, utf8 } from "../value/text.js";
import type { Value } from "../value/value.js";
import { rangeOverIndex } from "./index-range.js";
import { greatest, least } from "./key-range.js";
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
	/** `outer` is the row that the scan is joined to, where its keys come from one. */
	select(run: Execution, outer: Tuple): Selection;
}

export type RangeOperator = "=" | "<" | "<=" | ">" | ">=";

/** `column op value`, where the value is known before the table's row is. */
export interface Condition {
	readonly operator: RangeOperator;
	readonly value: Bound;
	readonly coercion: Coercion;
	readonly source: Bound;
}

export const FLIPPED: Record<RangeOperator, RangeOperator> = { "=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<=" };

export type Path =
	| { readonly kind: "all" }
	| { readonly kind: "rowId"; readonly equal: Condition }
	| { readonly kind: "rowIds"; readonly list: Bound & { kind: "in" } }
	| { readonly kind: "rowIdRange"; readonly bounds: readonly Condition[] }
	| {
			readonly kind: "index";
			readonly index: Index;
			readonly equals: readonly Condition[];
			readonly ranges: readonly Condition[];
	  }
	| { readonly kind: "keys"; readonly bounds: readonly Condition[] };

export interface FoundPath {
	readonly path: Path;
	/** The conditions that the path fulfils. */
	readonly used: readonly Bound[];
	/** Rows it is expected to yield, of `tableRows`. */
	readonly rows: number;
}

function isRangeOperator(operator: BoundCompare["operator"]): operator is RangeOperator {
	return operator in FLIPPED;
}

function conditionsOn(
	conjuncts: readonly Bound[],
	source: number,
	available: ReadonlySet<number>,
	matches: (column: number, compare: BoundCompare) => boolean,
): Condition[] {
	const found: Condition[] = [];
	for (const bound of conjuncts) {
		if (bound.kind !== "compare" || !isRangeOperator(bound.operator)) continue;
		const { left, right, coercion } = bound;
		const on = (side: Bound) => side.kind === "column" && side.source === source && matches(side.column, bound);
		if (on(left) && isRowIndependent(right, available)) {
			found.push({ operator: bound.operator, value: right, coercion, source: bound });
		} else if (on(right) && isRowIndependent(left, available)) {
			found.push({ operator: FLIPPED[bound.operator], value: left, coercion, source: bound });
		}
	}
	return found;
}

/** What is assumed of a table that has not been analyzed. */
export const ASSUMED_ROWS = 100_000;
/** Rows per value of an index that has not been analyzed. */
const ASSUMED_PER_VALUE = 10;

/** The best way to the rows for conditions that all must hold, given the rows of the available tables. */
export function findPath(
	table: Table,
	source: number,
	conjuncts: readonly Bound[],
	available: ReadonlySet<number>,
	tableRows: number,
): FoundPath {
	if (table.kind === "keyValue") {
		const keys = conditionsOn(
			conjuncts,
			source,
			available,
			(column, compare) => column === 0 && compare.collation === "binary" && compare.coercion !== "numeric",
		);
		const equal = keys.find(({ operator }) => operator === "=");
		const bounds = equal === undefined ? keys : [equal];
		const rows = equal !== undefined ? 1 : tableRows / 4 ** bounds.length;
		return { path: { kind: "keys", bounds }, used: bounds.map((condition) => condition.source), rows };
	}
	const onRowId = conditionsOn(conjuncts, source, available, (column) => isRowId(table, column));
	const equal = onRowId.find((condition) => condition.operator === "=");
	if (equal !== undefined) return { path: { kind: "rowId", equal }, used: [equal.source], rows: 1 };
	const list = conjuncts.find(
		(bound): bound is Bound & { kind: "in" } =>
			bound.kind === "in" &&
			!bound.negated &&
			bound.operand.kind === "column" &&
			bound.operand.source === source &&
			isRowId(table, bound.operand.column) &&
			bound.list.every((item) => isRowIndependent(item, available)),
	);
	if (list !== undefined) return { path: { kind: "rowIds", list }, used: [list], rows: list.list.length };
	const indexed = indexPath(table, source, conjuncts, available, tableRows);
	if (indexed !== null) return indexed;
	if (onRowId.length > 0) {
		const used = onRowId.map((condition) => condition.source);
		return { path: { kind: "rowIdRange", bounds: onRowId }, used, rows: tableRows / 4 };
	}
	return { path: { kind: "all" }, used: [], rows: tableRows };
}

/** The index with the most leading columns fixed by equality, then one with a range on its next column. */
function indexPath(
	table: StoredTable,
	source: number,
	conjuncts: readonly Bound[],
	available: ReadonlySet<number>,
	tableRows: number,
): FoundPath | null {
	let best: FoundPath | null = null;
	for (const index of table.indexes) {
		// A partial index has not all rows.
		if (index.where !== null) continue;
		const equals: Condition[] = [];
		let ranges: Condition[] = [];
		for (const part of index.columns) {
			const conditions = conditionsOn(conjuncts, source, available, (column, compare) => {
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
		if (equals.length === 0 && ranges.length === 0) continue;
		const whole = index.unique && equals.length === index.columns.length;
		let rows = whole ? 1 : equals.length > 0 ? ASSUMED_PER_VALUE / equals.length : tableRows;
		if (ranges.length > 0) rows /= 4;
		if (best !== null && rows >= best.rows) continue;
		const used = [...equals, ...ranges].map((condition) => condition.source);
		best = { path: { kind: "index", index, equals, ranges }, used, rows };
	}
	return best;
}

export type CompileFixed = (bound: Bound) => Evaluate;

/** A path as something that runs. */
export function compilePath(
	table: Table,
	{ path, used }: FoundPath,
	compileFixed: CompileFixed,
	text: (bound: Bound) => string,
): Access {
	const described = used.map(text).join(" AND ");
	if (table.kind === "keyValue")
		return keyValueAccess(path.kind === "keys" ? path.bounds : [], compileFixed, described);
	const common = { space: Keyspaces.sql, order: "key" as const };
	switch (path.kind) {
		case "rowId": {
			const value = compileFixed(path.equal.value);
			return {
				...common,
				describe: `by primary key (${described})`,
				atMostOneRow: true,
				select: (run, outer) => {
					const rowId = rowIdOf(value(outer, run));
					return rowId === undefined ? { kind: "none" } : { kind: "points", keys: [rowKey(table.id, rowId)] };
				},
			};
		}
		case "rowIds": {
			const values = path.list.list.map(compileFixed);
			return {
				...common,
				describe: `by primary key (${described})`,
				atMostOneRow: values.length < 2,
				select: (run, outer) => {
					const rowIds = new Set(values.map((value) => rowIdOf(value(outer, run))));
					const sorted = [...rowIds].filter((rowId) => rowId !== undefined).sort((a, b) => (a < b ? -1 : 1));
					return { kind: "points", keys: sorted.map((rowId) => rowKey(table.id, rowId)) };
				},
			};
		}
		case "rowIdRange": {
			const bounds = path.bounds.map(({ operator, value }) => ({ operator, value: compileFixed(value) }));
			return {
				...common,
				describe: `over a range of the primary key (${described})`,
				atMostOneRow: false,
				select: (run, outer) => {
					const range = rowIdBounds(bounds.map(({ operator, value }) => ({ operator, value: value(outer, run) })));
					if (range === undefined) return { kind: "none" };
					const { least: first, greatest: last } = range;
					return {
						kind: "range",
						range: { gte: rowKey(table.id, first), lte: rowKey(table.id, last) },
						indirect: false,
					};
				},
			};
		}
		case "index":
			return rangeOverIndex(path.index, table, path.equals, path.ranges, compileFixed, described);
		default: {
			const prefix = objectPrefix(table.id);
			const range = { gte: prefix, lt: prefixEnd(prefix) };
			return {
				...common,
				describe: "",
				atMostOneRow: false,
				select: () => ({ kind: "range", range, indirect: false }),
			};
		}
	}
}

/** `kv` is ordered and compared by the bytes of its keys, whether these are text or not. */
function keyValueAccess(conditions: readonly Condition[], compileFixed: CompileFixed, described: string): Access {
	const bounds = conditions.map(({ operator, value }) => ({ operator, value: compileFixed(value) }));
	const equal = bounds.find(({ operator }) => operator === "=");
	const kind = equal === undefined ? "over a range of the key" : "by key";
	return {
		describe: bounds.length === 0 ? "" : `${kind} (${described})`,
		space: Keyspaces.keyValue,
		order: "key",
		atMostOneRow: equal !== undefined,
		select: (run, outer) => {
			if (equal !== undefined) {
				const key = keyBytes(equal.value(outer, run));
				return key === undefined ? { kind: "none" } : { kind: "points", keys: [key] };
			}
			let lower: Uint8Array | undefined;
			let upper: Uint8Array | undefined;
			for (const { operator, value } of bounds) {
				const key = keyBytes(value(outer, run));
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
	};
}

/** A value as a key of the key-value data; undefined for NULL, which equals nothing. */
function keyBytes(value: Value): Uint8Array | undefined {
	if (value === null) return undefined;
	if (value instanceof Uint8Array) return value;
	return utf8(typeof value === "string" ? value : numberText(value));
}
