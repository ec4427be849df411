/** How rows are aggregated: counted, taken in the order of their groups, or hashed. */

import type { Bound } from "../bind/bound.js";
import { collationOf } from "../bind/bound.js";
import type { Scope } from "../bind/scope.js";
import { isDeterministic, sameBound } from "../bind/traverse.js";
import { isRowId } from "../catalog/table.js";
import { Aggregate } from "../execute/aggregate.js";
import { Project } from "../execute/basic.js";
import type { Evaluate, Layout } from "../execute/compile.js";
import { compile } from "../execute/compile.js";
import { CountRows } from "../execute/count.js";
import { Distinct } from "../execute/gather.js";
import type { AggregateOptions } from "../execute/group.js";
import { GroupInOrder } from "../execute/group-in-order.js";
import { GroupedScan } from "../execute/grouped-scan.js";
import type { Operator } from "../execute/operator.js";
import { Scan } from "../execute/scan.js";
import type { Collation } from "../value/compare.js";
import type { Value } from "../value/value.js";
import type { Needed } from "./joins.js";
import { NO_COLUMNS } from "./layout.js";
import type { Logical } from "./logical.js";
import type { WantedOrder } from "./path-order.js";
import { orderBy } from "./wanted-order.js";

/** What an operator delivers below the projection. */
export interface Rows {
	readonly operator: Operator;
	readonly layout: Layout;
	readonly width: number;
	/** They come in the order that is wanted of them. */
	readonly ordered: boolean;
}

/** Rows that a group is expected to have. */
const ASSUMED_PER_GROUP = 10;

type AggregateNode = Logical & { readonly op: "aggregate" };

/** The order that makes hashing needless; null without groups. `limit`: how many groups are asked for. */
export function groupOrder({ keys }: AggregateNode, limit: number | null): WantedOrder | null {
	if (keys.length === 0) return null;
	const terms = keys.map((bound) => ({
		bound,
		descending: false,
		nulls: "first" as const,
		collation: keyCollation(bound),
	}));
	return orderBy(terms, limit === null ? null : limit * ASSUMED_PER_GROUP, "hashed");
}

/** The order in which the first row is all that min or max needs; null where they need more, or something else does. */
export function extremeOrder({ keys, calls }: AggregateNode, above: Needed): WantedOrder | null {
	const [call, ...others] = calls;
	if (call === undefined || others.length > 0 || keys.length > 0 || above.size > 0) return null;
	const [bound] = call.arguments;
	if (!call.function.picksRow || call.filter !== null || bound === undefined) return null;
	const descending = call.function.name === "max";
	const term = {
		bound,
		descending,
		nulls: descending ? ("last" as const) : ("first" as const),
		collation: call.collation,
	};
	return orderBy([term], 1, "hashed");
}

/** A rowid, or a column that is NOT NULL. */
export function isNeverNull(bound: Bound, scope: Scope): boolean {
	const table = bound.kind === "column" ? scope.tables[bound.source]?.table : undefined;
	if (bound.kind !== "column" || !table) return false;
	return isRowId(table, bound.column) || table.columns[bound.column]?.notNull === true;
}

/**
 * Where all calls are DISTINCT over one and the same argument: each group's rows with each value of it once, and the calls
 * without DISTINCT. What a group has seen is then not held for itself, and goes to files where it is too much.
 */
export function withoutRepeats(
	{ keys, calls }: AggregateNode,
	rows: Rows,
): { readonly rows: Rows; readonly calls: AggregateNode["calls"] } {
	const [first] = calls;
	const argument = first?.arguments[0];
	const isSame = (call: (typeof calls)[number]) =>
		call.distinct &&
		!call.function.picksRow &&
		call.filter === null &&
		call.order.length === 0 &&
		call.collation === first?.collation &&
		call.arguments.length === 1 &&
		sameBound(call.arguments[0] as Bound, argument as Bound); // one each
	if (argument === undefined || rows.ordered || !isDeterministic(argument) || !calls.every(isSame))
		return { rows, calls };
	const values = [...keys, argument].map((bound) => compile(bound, rows.layout));
	const shift = values.length;
	const place = (i: number): Evaluate => {
		return (row) => row[i] as Value; // rows are as wide
	};
	const own = Array.from({ length: rows.width }, (_, i) => place(i));
	const text = `${shift === 1 ? "the value" : "keys and value"} to tell rows apart`;
	const collations = [...keys.map(keyCollation), first?.collation ?? "binary"];
	return {
		rows: {
			operator: new Distinct(new Project(rows.operator, [...values, ...own], text), collations),
			layout: {
				column: (source, column) => shift + rows.layout.column(source, column),
				aggregate: NO_COLUMNS.aggregate,
				window: NO_COLUMNS.window,
			},
			width: shift + rows.width,
			ordered: false,
		},
		calls: calls.map((call) => ({ ...call, distinct: false })),
	};
}

/** Of a key of groups. */
export function keyCollation(key: Bound): Collation {
	return collationOf(key)?.collation ?? "binary";
}

export function aggregateOperator(
	node: AggregateNode,
	{ operator, layout, ordered }: { readonly operator: Operator; readonly layout: Layout; readonly ordered: boolean },
	options: AggregateOptions,
	text: string,
): Operator {
	const { keys, calls } = node;
	const countsAll = calls.every(
		(call) => call.function.name === "count" && call.arguments.length === 0 && call.filter === null,
	);
	if (keys.length > 0 && ordered) return new GroupInOrder(operator, options, text);
	const isPlain = operator instanceof Scan && operator.options.filter === null && options.inputWidth === 0;
	if (keys.length === 0 && countsAll && isPlain) return new CountRows(operator, calls.length);
	return groupedScan(node, operator, layout, options, text) ?? new Aggregate(operator, options, text);
}

/** Groups where the rows lie, if they are those of a scan and their groups are columns of it; null where they are not. */
function groupedScan(
	{ keys, calls }: AggregateNode,
	operator: Operator,
	layout: Layout,
	options: AggregateOptions,
	text: string,
): GroupedScan | null {
	const rows = operator instanceof Scan ? operator.options.rows : null;
	if (!(operator instanceof Scan) || rows === null || options.picker !== -1) return null;
	const slotOf = (bound: Bound | undefined) =>
		bound?.kind === "column" ? layout.column(bound.source, bound.column) : null;
	const keySlots = keys.map(slotOf).filter((slot) => slot !== null && rows.missing[slot] === null) as number[];
	const isBinary = options.collations.every((collation) => collation === "binary");
	if (!isBinary || keySlots.length < keys.length) return null;
	const argumentSlots = calls.map((call) => {
		const isPlain = call.arguments.length === 1 && !call.distinct && call.filter === null && call.order.length === 0;
		return isPlain && call.function.takesJson !== true ? slotOf(call.arguments[0]) : null;
	});
	return new GroupedScan(operator, { ...options, keySlots, argumentSlots }, text);
}
