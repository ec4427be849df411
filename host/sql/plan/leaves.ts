/** The parts of FROM that are not joins: tables, inner queries, queries of WITH, functions. */

import type { Bound } from "../bind/bound.js";
import { describeBound } from "../bind/describe.js";
import type { Scope } from "../bind/scope.js";
import { columnsIn, conjunction, isRowIndependent, sourcesOf } from "../bind/traverse.js";
import type { StoredTable } from "../catalog/table.js";
import { isRowId, ROWID } from "../catalog/table.js";
import { Filter } from "../execute/basic.js";
import type { Evaluate } from "../execute/compile.js";
import { compile } from "../execute/compile.js";
import { HashedScan } from "../execute/hashed-scan.js";
import type { Operator } from "../execute/operator.js";
import { FunctionRows, SharedRows, WorkingRows } from "../execute/query.js";
import type { RowScanOptions } from "../execute/row-scan.js";
import type { ScanFilter } from "../execute/scan.js";
import { lateSlots, Scan } from "../execute/scan.js";
import type { TopBound } from "../execute/top-bound.js";
import { sqlError } from "../parse/source.js";
import { compilePath } from "./access.js";
import type { PlanContext } from "./context.js";
import { pushedInto, withoutColumns } from "./derived.js";
import { findPath } from "./find-path.js";
import type { LeafEstimate } from "./join-order.js";
import type { Built, Needed } from "./joins.js";
import { ColumnLayout, NO_COLUMNS } from "./layout.js";
import type { Logical, QueryPlan, SharedQuery } from "./logical.js";
import { outerEquality, readsOuter } from "./outer-equality.js";
import type { Sorted, WantedOrder } from "./path-order.js";
import { sortedBy } from "./path-order.js";
import { PathTables } from "./path-table.js";
import { orderOfQuery } from "./query-order.js";
import type { RowTerms } from "./row-terms.js";
import { rowColumn, rowTerms } from "./row-terms.js";

/** What a part is joined to, row by row. */
export interface OuterRow {
	readonly left: ColumnLayout;
	/** Conditions on both; those that the part fulfils by itself need no test. */
	readonly conditions: readonly Bound[];
}

export interface BuiltLeaf extends Built {
	/** The conditions on both that remain to be tested. */
	readonly open: readonly Bound[];
}

/** What is assumed of the rows of an inner query. */
const ASSUMED_DERIVED = 1000;

export class Leaves {
	readonly scope: Scope;
	readonly tables: PathTables;
	/** The query stands in an expression, and may be run often. */
	readonly isInner: boolean;
	/** The order in which the rows of FROM are wanted. */
	order: WantedOrder | null = null;
	/** What a sort for the first rows tells the one table that it is over. */
	bound: TopBound | null = null;
	/** How many of these rows are asked for, in whatever order; null for all. */
	limit: number | null = null;
	readonly #planInner: (plan: QueryPlan) => Operator;

	constructor(scope: Scope, context: PlanContext, planInner: (plan: QueryPlan) => Operator) {
		this.scope = scope;
		this.tables = new PathTables(scope, context);
		this.isInner = context.captures !== undefined;
		this.#planInner = planInner;
	}

	/** Builds something of which the rows are wanted in that order. */
	inOrder<T>(order: WantedOrder | null, build: () => T): T {
		const before = this.order;
		this.order = order;
		const built = build();
		this.order = before;
		return built;
	}

	readonly #name = (source: number, column: number): string => {
		const table = this.scope.tables[source];
		const columnName = column === ROWID ? "rowid" : (table?.columns[column]?.name ?? "?");
		return this.scope.tables.length > 1 ? `${table?.name}.${columnName}` : columnName;
	};

	text(bound: Bound): string {
		return describeBound(bound, this.#name);
	}

	/** Whether it is the rowid of that table, or the column that stands for it. */
	isRowId(bound: Bound, source: number): boolean {
		const table = this.scope.tables[source]?.table;
		return bound.kind === "column" && bound.source === source && !!table && isRowId(table, bound.column);
	}

	/** Whether one of the conditions on a table is what its rows are found by. */
	searchesBy(source: number, conjuncts: readonly Bound[], bound: Bound): boolean {
		const order = this.order?.source === source ? this.order : null;
		const query = { conjuncts, available: new Set<number>(), columns: null, order };
		return findPath(this.tables.of(source), query)?.used.includes(bound) === true;
	}

	build(node: Logical, own: readonly Bound[], needed: Needed, outer: OuterRow | null): BuiltLeaf {
		switch (node.op) {
			case "scan":
				return this.#scan(node.source, own, needed, outer);
			case "derived":
				return this.#derived(node.source, node.plan, own, needed, outer);
			case "shared":
				return this.#shared(node.source, node.shared, own, needed, outer);
			case "working":
				return this.#whole(node.source, new WorkingRows(node.recursion.name, node.recursion), own, outer);
			case "function": {
				const layout = outer?.left ?? NO_COLUMNS;
				const given = [...node.arguments, ...hiddenArguments(node, own)];
				const values = given.map((argument) => compile(argument, layout));
				const text = given.map((argument) => this.text(argument)).join(", ");
				const wanted = this.#columnsRead(node.source, own, needed);
				return this.#whole(node.source, new FunctionRows(node.function, values, wanted, text), own, outer);
			}
			default:
				throw new Error(`no part of FROM is a ${node.op}`);
		}
	}

	#scan(source: number, own: readonly Bound[], needed: Needed, outer: OuterRow | null): BuiltLeaf {
		const scanned = this.scope.tables[source];
		const table = scanned?.table;
		if (scanned === undefined || !table) throw new Error("a plan names a table that its scope does not have");
		const conditions = outer?.conditions ?? [];
		const available = new Set(conditions.flatMap((bound) => [...sourcesOf(bound)]));
		available.delete(source);
		const of = this.tables.of(source);
		const order = outer === null && this.order?.source === source ? this.order : null;
		const found = findPath(of, {
			conjuncts: [...own, ...conditions],
			available: outer === null ? new Set() : available,
			columns: needed.get(source) ?? new Set(),
			order,
		});
		if (found === null) throw sqlError("no query solution");
		const rest = own.filter((bound) => !found.used.includes(bound));
		const open = conditions.filter((bound) => !found.used.includes(bound));
		const text = (bound: Bound) => this.text(bound);
		const fixed = (bound: Bound): Evaluate => compile(bound, outer?.left ?? NO_COLUMNS);
		const access = compilePath(of, found, fixed, text);
		const tested = rowTerms(table, source, rest, outer === null ? new Set() : available, fixed);
		// In the order in which they are read above, so that a projection of plain columns is the scan itself. Columns that a
		// scan of rows tests where they lie come last: it does not read them.
		const read = [...new Set([...(needed.get(source) ?? []), ...columnsIn(tested.rest, source)])];
		const columns = [...new Set([...read, ...columnsIn(rest, source)])];
		const layout = new ColumnLayout();
		for (const [slot, column] of columns.entries()) layout.add(source, column, slot);
		const filterOf = (conditions: readonly Bound[]): ScanFilter | null => {
			const condition = conjunction(conditions);
			if (condition === undefined) return null;
			const slots = columnsIn(conditions, source).map((column) => columns.indexOf(column));
			return { test: compile(condition, layout), slots, describe: this.text(condition) };
		};
		const scan = (conditions: readonly Bound[], { terms, rest }: RowTerms, read: readonly number[]) => {
			const isOfRows = table.kind === "stored" && access.reader === undefined;
			const rows = isOfRows ? rowScan(table, read, columns.length, terms, filterOf(rest), this.bound) : null;
			const direction = found.direction ?? "forward";
			const { name: alias } = scanned;
			const filter = filterOf(conditions);
			const late = lateSlots(columns, filter);
			return new Scan({
				table,
				alias,
				access,
				columns,
				filter,
				lateSlots: late,
				direction,
				rows,
				estimate: found.rows,
			});
		};
		const plain = scan(rest, tested, read);
		const hash = outer === null && !readsOuter(found.used) ? outerEquality(rest, source) : null;
		const operator =
			hash === null
				? plain
				: new HashedScan({
						plain,
						whole: scan(hash.own, { terms: [], rest: hash.own }, columns),
						entries: found.entries,
						keys: hash.pairs.map((pair) => compile(pair.column, layout)),
						wanted: hash.pairs.map((pair) => compile(pair.value, NO_COLUMNS)),
						comparisons: hash.pairs.map(({ compare }) => compare),
						test: hash.others === undefined ? null : compile(hash.others, layout),
						text: hash.pairs.map(({ compare }) => this.text(compare)).join(" AND "),
					});
		const ordered = order !== null && found.direction !== null;
		const sorted = outer === null && operator === plain ? sortedBy(found, of) : null;
		return { operator, layout, width: columns.length, rows: found.rows, ordered, sorted, open };
	}

	#derived(source: number, plan: QueryPlan, own: readonly Bound[], needed: Needed, outer: OuterRow | null): BuiltLeaf {
		const { plan: pushed, rest } = pushedInto(plan, source, own);
		const read = this.#columnsRead(source, rest, needed);
		const operator = this.#planInner({ ...pushed, root: withoutColumns(pushed.root, read) });
		return { ...this.#whole(source, operator, rest, outer), sorted: orderOfQuery(plan.root, source) };
	}

	/** In which order the rows of an inner query come; null where it is none that is known. */
	orderOf(node: Logical): Sorted | null {
		if (node.op !== "derived" && node.op !== "shared") return null;
		const { root } = node.op === "derived" ? node.plan : node.shared.plan;
		return orderOfQuery(root, node.source);
	}

	/** Of a part: those that are needed above, and those that the conditions on it test. */
	#columnsRead(source: number, conditions: readonly Bound[], needed: Needed): Set<number> {
		return new Set([...(needed.get(source) ?? []), ...columnsIn(conditions, source)]);
	}

	#shared(
		source: number,
		shared: SharedQuery,
		own: readonly Bound[],
		needed: Needed,
		outer: OuterRow | null,
	): BuiltLeaf {
		if (shared.references < 2) return this.#derived(source, shared.plan, own, needed, outer);
		const operator = new SharedRows(shared.name, shared, shared.correlated, this.#planInner(shared.plan));
		return { ...this.#whole(source, operator, own, outer), sorted: orderOfQuery(shared.plan.root, source) };
	}

	/** Rows that hold all columns in their order, and a filter over them. */
	#whole(source: number, input: Operator, own: readonly Bound[], outer: OuterRow | null): BuiltLeaf {
		const width = this.scope.tables[source]?.columns.length ?? 0;
		const layout = new ColumnLayout();
		for (let column = 0; column < width; column++) layout.add(source, column, column);
		const condition = conjunction(own);
		const operator =
			condition === undefined ? input : new Filter(input, compile(condition, layout), this.text(condition));
		return {
			operator,
			layout,
			width,
			rows: ASSUMED_DERIVED / 2 ** own.length,
			ordered: false,
			sorted: null,
			open: outer?.conditions ?? [],
		};
	}
}

/** How a range of the table's rows is read. */
function rowScan(
	table: StoredTable,
	read: readonly number[],
	width: number,
	terms: RowScanOptions["terms"],
	filter: ScanFilter | null,
	bound: TopBound | null,
): RowScanOptions {
	const columns = read.map((column) => rowColumn(table, column));
	const missing = read.map((column) => table.columns[column]?.missing ?? null);
	return { columns, missing, width, terms, filter, lateSlots: lateSlots(columns, filter), bound };
}

/** `WHERE start = 1` on a hidden column passes the argument, after those that were written. */
function hiddenArguments(node: Logical & { op: "function" }, own: readonly Bound[]): Bound[] {
	const hidden = node.function.columns.flatMap((column, i) => (column.hidden ? [i] : []));
	const found: Bound[] = [];
	for (const column of hidden.slice(node.arguments.length)) {
		const value = own
			.map((bound) => fixedEqual(bound, node.source, column))
			.find((candidate) => candidate !== undefined);
		if (value === undefined) break;
		found.push(value);
	}
	return found;
}

function fixedEqual(bound: Bound, source: number, column: number): Bound | undefined {
	if (bound.kind !== "compare" || bound.operator !== "=") return undefined;
	const isColumn = (side: Bound) => side.kind === "column" && side.source === source && side.column === column;
	if (isColumn(bound.left) && isRowIndependent(bound.right)) return bound.right;
	return isColumn(bound.right) && isRowIndependent(bound.left) ? bound.left : undefined;
}

/** Of a table that INDEXED BY leaves no way to, as far as is known by then. */
export const IMPOSSIBLE_COST = 1e12;

/** What is expected of a part of FROM, joined to rows of the available tables. */
export function estimateLeaf(
	leaves: Leaves,
	node: Logical,
	own: readonly Bound[],
	available: ReadonlySet<number>,
): LeafEstimate {
	if (node.op === "join") {
		const left = estimateLeaf(leaves, node.left, [], available);
		const right = estimateLeaf(leaves, node.right, [], available);
		const rows = Math.max(left.rows, right.rows) / 2 ** own.length;
		return { lookup: false, rows, perRow: left.perRow + right.perRow };
	}
	if (node.op === "function" && node.function.expectedRows !== undefined) {
		const rows = Math.max(1, node.function.expectedRows);
		return { lookup: false, rows: Math.max(1, rows / 2 ** own.length), perRow: rows };
	}
	if (node.op !== "scan") {
		const rows = node.op === "working" ? 1 : node.op === "function" ? 20 : ASSUMED_DERIVED;
		return { lookup: node.op === "function", rows: Math.max(1, rows / 2 ** own.length), perRow: rows };
	}
	const query = { conjuncts: own, available, columns: null, order: null };
	const found = findPath(leaves.tables.of(node.source), query);
	if (found === null) return { lookup: false, rows: 1, perRow: IMPOSSIBLE_COST };
	const { used, rows, cost } = found;
	const lookup = used.some((bound) => [...sourcesOf(bound)].some((source) => source !== node.source));
	return { lookup, rows, perRow: cost };
}

/** The same of a table whose rows are to come in an order; null where no path has it. `needed`: what is read of it above, all where absent. */
export function estimateOrdered(
	leaves: Leaves,
	source: number,
	own: readonly Bound[],
	order: WantedOrder,
	needed?: Needed,
): LeafEstimate | null {
	const columns = needed === undefined ? null : (needed.get(source) ?? new Set<number>());
	const found = findPath(leaves.tables.of(source), { conjuncts: own, available: new Set(), columns, order });
	return found === null || found.direction === null ? null : { lookup: false, rows: found.rows, perRow: found.cost };
}
