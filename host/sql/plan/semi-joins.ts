/** Semi joins among the conditions of one FROM: which of them are cheaper than a run of the query inside for each row. */

import type { Bound, BoundColumn, BoundInQuery } from "../bind/bound.js";
import { describeBound } from "../bind/describe.js";
import { conjunction, sourcesOf, walk } from "../bind/traverse.js";
import { compile } from "../execute/compile.js";
import { SemiJoin as SemiJoinOperator } from "../execute/semi-join.js";
import type { Value } from "../value/value.js";
import type { PlanContext } from "./context.js";
import { HASHED_ROW } from "./join-order.js";
import type { Built } from "./joins.js";
import { ColumnLayout } from "./layout.js";
import { IMPOSSIBLE_COST, Leaves } from "./leaves.js";
import type { Logical } from "./logical.js";
import { readsOuter } from "./outer-equality.js";
import type { SemiJoin } from "./semi-join.js";
import { semiJoinOf } from "./semi-join.js";
import type { TreeEstimate } from "./tree-estimate.js";
import { estimateTree, isOfTables } from "./tree-estimate.js";

/** How much smaller the left side must be, to be the one that is kept in a table. */
const MUCH_SMALLER = 4;

interface Costs {
	/** Of one run of the query inside, for one row around it. */
	readonly perRow: number;
	/** Of all rows inside that may be a partner of any. */
	readonly whole: TreeEstimate;
}

export class SemiJoins {
	readonly #leaves: Leaves;
	readonly #context: PlanContext;
	readonly #found = new Map<Bound, SemiJoin | null>();
	readonly #costs = new Map<SemiJoin, Costs>();
	/** The rows around are those of one run of many: what is hashed anew for each must be worth it. */
	#isRepeated: boolean;

	constructor(leaves: Leaves, context: PlanContext) {
		this.#leaves = leaves;
		this.#context = context;
		this.#isRepeated = leaves.isInner;
	}

	/** To be told of FROM before all else: the steps of a recursion are run for each of its rows. */
	begin(tree: Logical): void {
		this.#isRepeated = this.#leaves.isInner || hasWorking(tree);
	}

	/** Whether it could be one. */
	isOne(bound: Bound): boolean {
		return this.#of(bound) !== null;
	}

	/** Those of the conditions that are better joined to so many rows than tested for each. */
	paying(conditions: readonly Bound[], rows: number): SemiJoin[] {
		const found: SemiJoin[] = [];
		for (const bound of conditions) {
			const semi = this.#of(bound);
			if (semi !== null && this.#pays(semi, rows)) found.push(semi);
		}
		return found;
	}

	join(left: Built, semi: SemiJoin): Built {
		const { kind, pairs, own, rest, tree, query } = semi;
		const { tables } = this.#leaves.scope;
		const layout = new ColumnLayout();
		layout.addAll(left.layout, 0);
		const columns = pairs.map(({ inner }) => inner);
		for (const part of columnsBehind(rest, tables.length)) {
			layout.add(part.source, part.column, left.width + columns.length);
			columns.push({ ...part, source: part.source - tables.length });
		}
		const right = query.build({ op: "project", input: filtered(tree, own), columns }, this.#context);
		const on = conjunction(rest);
		const { whole } = this.#costsOf(semi);
		const estimate = Math.max(1, left.rows / 2);
		const operator = new SemiJoinOperator({
			kind,
			left: left.operator,
			right,
			leftWidth: left.width,
			rightWidth: columns.length,
			leftKeys: pairs.map(({ outer }) => compile(outer, left.layout)),
			rightKeys: pairs.map((_, slot) => (row) => row[slot] as Value), // they are its first columns
			comparisons: pairs.map(({ compare }) => compare),
			on: on === undefined ? null : compile(on, layout),
			built: !this.#isRepeated && left.rows * MUCH_SMALLER < whole.rows ? "left" : "right",
			keepsRight: this.#isRepeated,
			text: this.#text(semi),
			estimate,
		});
		return { ...left, operator, rows: estimate };
	}

	/**
	 * The same as a condition that rows can be searched by, where what is compared is known before there are any; else null.
	 * Such values are found once in a statement, while it may change what a run of many reads.
	 */
	asMembers({ kind, pairs, rest, own, tree, query }: SemiJoin): BoundInQuery | null {
		const [pair] = pairs;
		if (this.#isRepeated) return null;
		if (kind === "anti" || pair === undefined || pairs.length > 1 || rest.length > 0) return null;
		if (!isOfTables(tree) || readsOuter(own)) return null;
		const inside = query.yielding({ op: "project", input: filtered(tree, own), columns: [pair.inner] }, this.#context);
		const subquery = { captures: [], query: inside, id: {} };
		return { kind: "inQuery", operands: [pair.outer], subquery, comparisons: [pair.compare], negated: false };
	}

	#of(bound: Bound): SemiJoin | null {
		if (bound.kind !== "exists" && bound.kind !== "inQuery" && bound.kind !== "unary") return null;
		let found = this.#found.get(bound);
		if (found === undefined) {
			found = sourcesOf(bound).size === 0 ? null : semiJoinOf(bound, this.#leaves.scope.tables.length);
			this.#found.set(bound, found);
		}
		return found;
	}

	#pays(semi: SemiJoin, rows: number): boolean {
		if (this.#isRepeated && !isSameInAllRuns(semi)) return false;
		const { perRow, whole } = this.#costsOf(semi);
		if (whole.cost >= IMPOSSIBLE_COST) return false;
		return whole.cost + HASHED_ROW * (rows + whole.rows) < rows * perRow;
	}

	#costsOf(semi: SemiJoin): Costs {
		let costs = this.#costs.get(semi);
		if (costs === undefined) {
			const { query, tree, own, conditions } = semi;
			const inside = new Leaves(query.plan.scope, query.context, ({ root }) => query.build(root, this.#context));
			costs = {
				perRow: estimateTree(inside, tree, conditions).cost,
				whole: estimateTree(inside, tree, own),
			};
			this.#costs.set(semi, costs);
		}
		return costs;
	}

	#text({ pairs, rest, query }: SemiJoin): string {
		const around = this.#leaves.scope.tables;
		const inside = query.plan.scope.tables;
		const name = (source: number, column: number) => {
			const table = source < around.length ? around[source] : inside[source - around.length];
			return `${table?.name}.${table?.columns[column]?.name ?? "rowid"}`;
		};
		const innerName = (source: number, column: number) => name(source + around.length, column);
		const equal = pairs.map(({ outer, inner }) => `${describeBound(outer, name)} = ${describeBound(inner, innerName)}`);
		return [...equal, ...rest.map((bound) => describeBound(bound, name))].join(" AND ");
	}
}

/** The columns that conditions read of tables from this one on, each once. */
function columnsBehind(conditions: readonly Bound[], source: number): BoundColumn[] {
	const found = new Map<string, BoundColumn>();
	for (const bound of conditions) {
		walk(bound, (part) => {
			if (part.kind === "column" && part.source >= source) found.set(`${part.source}.${part.column}`, part);
		});
	}
	return [...found.values()];
}

function filtered(tree: Logical, conditions: readonly Bound[]): Logical {
	const condition = conjunction(conditions);
	return condition === undefined ? tree : { op: "filter", input: tree, condition };
}

/** Tables alone, and nothing of a row further out. */
function isSameInAllRuns({ tree, own }: SemiJoin): boolean {
	return isOfTables(tree) && !readsOuter(own);
}

function hasWorking(node: Logical): boolean {
	return node.op === "join" ? hasWorking(node.left) || hasWorking(node.right) : node.op === "working";
}
