/** Logical plan -> operators: drops sorts that a scan's order makes idle, bounds sorts, and leaves FROM to plan/joins.ts. */

import type { Bound, BoundAggregate } from "../bind/bound.js";
import type { Scope } from "../bind/scope.js";
import { isDeterministic } from "../bind/traverse.js";
import { Cut, Filter, Limit, Project, Values } from "../execute/basic.js";
import type { Evaluate, Layout } from "../execute/compile.js";
import { compile } from "../execute/compile.js";
import { Distinct, Sort } from "../execute/gather.js";
import type { AggregateCall } from "../execute/group-states.js";
import { compileJson } from "../execute/json.js";
import type { Execution, Operator } from "../execute/operator.js";
import { callOrder } from "../execute/ordered.js";
import { Recursive, UnionAll } from "../execute/query.js";
import { SetOperation } from "../execute/set-operation.js";
import { TopBound } from "../execute/top-bound.js";
import { Window } from "../execute/window.js";
import { toInteger } from "../value/convert.js";
import type { Rows } from "./aggregation.js";
import {
	aggregateOperator,
	extremeOrder,
	groupOrder,
	isNeverNull,
	keyCollation,
	withoutRepeats,
} from "./aggregation.js";
import type { PlanContext } from "./context.js";
import { conditionsOf } from "./fold.js";
import type { Needed } from "./joins.js";
import { extended, JoinPlanner, noteColumns } from "./joins.js";
import { NO_COLUMNS } from "./layout.js";
import { Leaves } from "./leaves.js";
import type { Logical, LogicalSortTerm, QueryPlan } from "./logical.js";
import { belowFilters } from "./logical.js";
import { canBeTested, rowColumn } from "./row-terms.js";
import { comesGrouped, expectedLimit, wantedOrder } from "./wanted-order.js";

export function physicalPlan(root: Logical, scope: Scope, context: PlanContext): Operator {
	return new Planner(scope, context).plan(root);
}

class Planner {
	readonly #context: PlanContext;
	readonly #leaves: Leaves;
	readonly #joins: JoinPlanner;
	/** How many rows a LIMIT asks for. */
	#limit: number | null = null;

	constructor(scope: Scope, context: PlanContext) {
		this.#context = context;
		this.#leaves = new Leaves(scope, context, (plan: QueryPlan) => physicalPlan(plan.root, plan.scope, context));
		this.#joins = new JoinPlanner(this.#leaves, context);
	}

	plan(root: Logical): Operator {
		return this.#output(root, null);
	}

	#text(bound: Bound): string {
		return this.#leaves.text(bound);
	}

	/** Operators from the projection up: their rows are slots. */
	#output(node: Logical, top: ((run: Execution) => number) | null): Operator {
		switch (node.op) {
			case "values":
				return new Values(node.rows.map((row) => row.map((value) => compile(value, NO_COLUMNS))));
			case "limit": {
				const limit = compile(node.limit, NO_COLUMNS);
				const offset = node.offset === null ? null : compile(node.offset, NO_COLUMNS);
				const text = this.#text(node.limit) + (node.offset === null ? "" : ` from ${this.#text(node.offset)} on`);
				this.#limit = expectedLimit(node);
				return new Limit(this.#output(node.input, topOf(limit, offset)), limit, offset, text);
			}
			case "cut":
				return new Cut(this.#output(node.input, top), node.width);
			case "distinct":
				this.#limit = null;
				return new Distinct(this.#output(node.input, null), node.collations);
			case "sort":
				return this.#sort(node, top);
			case "project":
				return this.#project(node).operator;
			case "compound":
				return compound(node, this.#context);
			case "recursive":
				return this.#recursive(node);
			default:
				throw new Error(`a plan cannot end in ${node.op}`);
		}
	}

	#recursive(node: Logical & { op: "recursive" }): Operator {
		const recursive = new Recursive({
			name: node.recursion.name,
			recursion: node.recursion,
			initial: physicalPlan(node.initial.root, node.initial.scope, this.#context),
			steps: node.steps.map((step) => physicalPlan(step.root, step.scope, this.#context)),
			collations: node.collations,
			order: node.order,
		});
		if (node.limit === null) return recursive;
		const limit = compile(node.limit, NO_COLUMNS);
		const offset = node.offset === null ? null : compile(node.offset, NO_COLUMNS);
		return new Limit(recursive, limit, offset, this.#text(node.limit));
	}

	#sort(node: Logical & { op: "sort" }, top: ((run: Execution) => number) | null): Operator {
		const { input, terms } = node;
		if (input.op === "project" && comesGrouped(input, terms)) return this.#project(input).operator;
		const order = input.op === "project" ? wantedOrder(input, terms, this.#limit) : null;
		// What is sorted is wanted whole.
		this.#limit = null;
		const bound = top === null ? null : this.#topBound(input, terms);
		this.#leaves.bound = bound;
		const project = input.op === "project" ? this.#leaves.inOrder(order, () => this.#project(input)) : null;
		this.#leaves.bound = null;
		if (project?.ordered) return project.operator;
		const text = terms.map((term) => this.#termText(term, input)).join(", ");
		return new Sort(project?.operator ?? this.#output(input, null), terms, top, bound, text);
	}

	/** How a sort for the first rows speeds up the scan below it, where that is all there is and has the first term's column. */
	#topBound(input: Logical, terms: readonly LogicalSortTerm[]): TopBound | null {
		const [term] = terms;
		if (input.op !== "project" || term === undefined || term.collation !== "binary") return null;
		const below = belowFilters(input.input);
		const table = below.op === "scan" ? this.#leaves.scope.tables[below.source]?.table : undefined;
		const column = input.columns[term.slot];
		if (table?.kind !== "stored" || column?.kind !== "column" || !canBeTested(table, column.column)) return null;
		return new TopBound(rowColumn(table, column.column), term, terms.length === 1);
	}

	#termText(term: LogicalSortTerm, input: Logical): string {
		let below = input;
		while (below.op === "distinct" || below.op === "cut") below = below.input;
		const column = below.op === "project" ? below.columns[term.slot] : undefined;
		return `${column === undefined ? `column ${term.slot + 1}` : this.#text(column)}${term.descending ? " DESC" : ""}`;
	}

	#project(node: Logical & { op: "project" }): { operator: Operator; ordered: boolean } {
		const columns = new Map<number, Set<number>>();
		for (const bound of node.columns) noteColumns(bound, columns);
		this.#leaves.limit = this.#limit;
		const rows = this.#rows(node.input, columns);
		this.#leaves.limit = null;
		const { ordered } = rows;
		const slots = node.columns.flatMap((bound) =>
			bound.kind === "column" ? [rows.layout.column(bound.source, bound.column)] : [],
		);
		const isPlain = slots.length === node.columns.length;
		if (isPlain && slots.length === rows.width && slots.every((slot, i) => slot === i)) {
			return { operator: rows.operator, ordered };
		}
		const compiled = node.columns.map((bound) => compile(bound, rows.layout));
		const text = node.columns.slice(0, 8).map((bound) => this.#text(bound));
		const shown = text.join(", ") + (node.columns.length > 8 ? ", …" : "");
		return { operator: new Project(rows.operator, compiled, shown, isPlain ? slots : null), ordered };
	}

	/** Operators below the projection: their rows hold columns of tables. */
	#rows(node: Logical, needed: Needed): Rows {
		const conjuncts: Bound[] = [];
		let input = node;
		for (; input.op === "filter"; input = input.input) conjuncts.unshift(...conditionsOf(input.condition));
		switch (input.op) {
			case "aggregate":
			case "window": {
				const rows =
					input.op === "aggregate"
						? this.#aggregate(input, extended(needed, conjuncts))
						: this.#window(input, extended(needed, conjuncts));
				if (conjuncts.length === 0) return rows;
				const condition: Bound = { kind: "and", operands: conjuncts };
				return {
					...rows,
					operator: new Filter(rows.operator, compile(condition, rows.layout), this.#text(condition)),
				};
			}
			case "values": {
				const values: Operator = new Values(input.rows.map((row) => row.map((value) => compile(value, NO_COLUMNS))));
				if (conjuncts.length === 0) return { operator: values, layout: NO_COLUMNS, width: 0, ordered: false };
				const condition: Bound = { kind: "and", operands: conjuncts };
				const operator = new Filter(values, compile(condition, NO_COLUMNS), this.#text(condition));
				return { operator, layout: NO_COLUMNS, width: 0, ordered: false };
			}
			default:
				return this.#joins.build(input, conjuncts, needed);
		}
	}

	#aggregate(node: Logical & { op: "aggregate" }, above: Needed): Rows {
		const inside = [...node.keys];
		for (const call of node.calls) {
			inside.push(...call.arguments, ...call.order.map(({ bound }) => bound));
			if (call.filter !== null) inside.push(call.filter);
		}
		const { rows, calls: steps } = withoutRepeats(node, this.#aggregated(node, above, extended(above, inside)));
		const evaluate = (bound: Bound) => compile(bound, rows.layout);
		const pickers = node.calls.filter((call) => call.function.picksRow);
		const options = {
			keys: node.keys.map(evaluate),
			collations: node.keys.map(keyCollation),
			calls: steps.map((call) => aggregateCall(call, evaluate, rows.layout)),
			// With exactly one min or max, bare columns come from the row that holds it.
			picker: pickers.length === 1 && pickers[0] ? node.calls.indexOf(pickers[0]) : -1,
			callByCall: node.calls.every(isWithoutEffect),
			inputWidth: rows.width,
		};
		const calls = node.calls.map((call) => {
			const values = call.arguments.map((argument) => this.#text(argument)).join(", ");
			return `${call.function.name}(${values || (call.function.name === "count" ? "*" : "")})`;
		});
		const by = node.keys.map((key) => this.#text(key)).join(", ");
		const text = `Aggregate ${calls.join(", ")}${by === "" ? "" : `${calls.length > 0 ? " " : ""}by ${by}`}`;
		return {
			operator: aggregateOperator({ ...node, calls: steps }, rows, options, text),
			layout: {
				column: (source, column) => rows.layout.column(source, column),
				aggregate: (index) => rows.width + index,
				window: NO_COLUMNS.window,
			},
			width: rows.width + node.calls.length,
			ordered: false,
		};
	}

	/** The rows that are aggregated: in the order of the groups, or of min's or max's argument and then one alone, where they come so. */
	#aggregated(node: Logical & { op: "aggregate" }, above: Needed, needed: Needed): Rows {
		const group = groupOrder(node, this.#limit);
		this.#leaves.limit = null;
		if (group !== null) return this.#leaves.inOrder(group, () => this.#rows(node.input, needed));
		const extreme = extremeOrder(node, above);
		if (extreme !== null) {
			const operand = extreme.terms[0]?.bound as Bound; // it has one term
			const condition: Bound = { kind: "isNull", operand, negated: true };
			const mayBeNull = !isNeverNull(operand, this.#leaves.scope);
			const input: Logical = mayBeNull ? { op: "filter", input: node.input, condition } : node.input;
			const rows = this.#leaves.inOrder(extreme, () => this.#rows(input, needed));
			const one = compile({ kind: "constant", value: 1 }, NO_COLUMNS);
			if (rows.ordered) return { ...rows, operator: new Limit(rows.operator, one, null, "1") };
		}
		return this.#rows(node.input, needed);
	}

	#window(node: Logical & { op: "window" }, above: Needed): Rows {
		const inside = node.calls.flatMap((call) => [
			...call.arguments,
			...call.partition,
			...call.order.map(({ bound }) => bound),
			...(call.filter === null ? [] : [call.filter]),
		]);
		this.#leaves.limit = null;
		const rows = this.#rows(node.input, extended(above, inside));
		const evaluate = (bound: Bound) => compile(bound, rows.layout);
		const fixed = (bound: Bound) => compile(bound, NO_COLUMNS);
		const names = node.calls.map((call) => call.function.name);
		return {
			operator: new Window(rows.operator, node.calls, evaluate, fixed, rows.width, `Window ${names.join(", ")}`),
			layout: {
				column: (source, column) => rows.layout.column(source, column),
				aggregate: (index) => rows.layout.aggregate(index),
				window: (index) => rows.width + index,
			},
			width: rows.width + node.calls.length,
			ordered: false,
		};
	}
}

/** Neither the function nor what it is called with does anything that shows elsewhere, and it picks no row. */
function isWithoutEffect({ function: called, arguments: given, filter, order }: BoundAggregate): boolean {
	const bounds = [...given, ...(filter === null ? [] : [filter]), ...order.map(({ bound }) => bound)];
	return called.inColumns !== undefined && bounds.every(isDeterministic);
}

function aggregateCall(call: BoundAggregate, evaluate: (bound: Bound) => Evaluate, layout: Layout): AggregateCall {
	const json = call.function.takesJson === true;
	// What a function with `takesJson` is stepped with goes nowhere else.
	const values = call.arguments.map((bound) => (json ? (compileJson(bound, layout) as Evaluate) : evaluate(bound)));
	return {
		function: call.function,
		arguments: [...values, ...call.order.map(({ bound }) => evaluate(bound))],
		// What min and max come to, and which row they pick, is the same; and they need no set.
		distinct: call.distinct && (!call.function.picksRow || call.order.length > 0),
		filter: call.filter === null ? null : evaluate(call.filter),
		collation: call.collation,
		order: call.order.length === 0 ? null : callOrder(values.length, call.order),
	};
}

function compound(node: Logical & { op: "compound" }, context: PlanContext): Operator {
	const plan = ({ root, scope }: QueryPlan) => physicalPlan(root, scope, context);
	const { collations } = node;
	// A chain of UNIONs is one operator, with what was joined by UNION ALL before its last; and so is a chain of UNION ALLs.
	let inputs = [plan(node.first)];
	let joined: "union" | "union all" = "union all";
	const gathered = (): Operator => {
		const [only] = inputs;
		if (only !== undefined && inputs.length === 1) return only;
		return joined === "union" ? new SetOperation("union", inputs, collations) : new UnionAll(inputs);
	};
	for (const { operator, plan: right } of node.rest) {
		switch (operator) {
			case "union":
				inputs.push(plan(right));
				joined = "union";
				break;
			case "union all":
				if (joined === "union") inputs = [gathered()];
				inputs.push(plan(right));
				joined = "union all";
				break;
			default:
				inputs = [new SetOperation(operator, [gathered(), plan(right)], collations)];
				joined = "union all";
		}
	}
	return gathered();
}

/** How many rows a LIMIT lets through, for the sort below it. */
function topOf(limit: Evaluate, offset: Evaluate | null): (run: Execution) => number {
	return (run) => {
		const most = Number(toInteger(limit([], run)) ?? -1);
		const skipped = offset === null ? 0 : Math.max(0, Number(toInteger(offset([], run)) ?? 0));
		return most < 0 ? Infinity : most + skipped;
	};
}
