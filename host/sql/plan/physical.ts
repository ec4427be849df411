/** Logical plan -> operators: drops sorts that a scan's order makes idle, bounds sorts, and leaves FROM to plan/joins.ts. */

import type { Bound, BoundAggregate } from "../bind/bound.js";
import { collationOf } from "../bind/bound.js";
import type { Scope } from "../bind/scope.js";
import { conjunctsOf } from "../bind/traverse.js";
import type { Table } from "../catalog/table.js";
import { isRowId } from "../catalog/table.js";
import type { AggregateCall, AggregateOptions } from "../execute/aggregate.js";
import { Aggregate } from "../execute/aggregate.js";
import { Cut, Filter, Limit, Project, Values } from "../execute/basic.js";
import type { Evaluate, Layout } from "../execute/compile.js";
import { compile } from "../execute/compile.js";
import { Distinct, Sort } from "../execute/gather.js";
import { GroupedScan } from "../execute/grouped-scan.js";
import { compileJson } from "../execute/json.js";
import type { Execution, Operator } from "../execute/operator.js";
import { orderedAggregate } from "../execute/ordered.js";
import { Recursive, UnionAll } from "../execute/query.js";
import { Scan } from "../execute/scan.js";
import { SetOperation } from "../execute/set-operation.js";
import { TopBound } from "../execute/top-bound.js";
import { Window } from "../execute/window.js";
import { toInteger } from "../value/convert.js";
import type { Access } from "./access.js";
import type { Needed } from "./joins.js";
import { extended, JoinPlanner, noteColumns } from "./joins.js";
import { NO_COLUMNS } from "./layout.js";
import { Leaves } from "./leaves.js";
import type { Logical, LogicalSortTerm, QueryPlan } from "./logical.js";
import { canBeTested, rowColumn } from "./row-terms.js";

export function physicalPlan(root: Logical, scope: Scope): Operator {
	return new Planner(scope).plan(root);
}

/** What an operator delivers below the projection. */
interface Rows {
	readonly operator: Operator;
	readonly layout: Layout;
	readonly width: number;
	readonly access: Access | null;
}

class Planner {
	readonly #scope: Scope;
	readonly #leaves: Leaves;
	readonly #joins: JoinPlanner;

	constructor(scope: Scope) {
		this.#scope = scope;
		this.#leaves = new Leaves(scope, (plan: QueryPlan) => physicalPlan(plan.root, plan.scope));
		this.#joins = new JoinPlanner(this.#leaves);
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
				return new Limit(this.#output(node.input, topOf(limit, offset)), limit, offset, text);
			}
			case "cut":
				return new Cut(this.#output(node.input, top), node.width);
			case "distinct":
				return new Distinct(this.#output(node.input, null), node.collations);
			case "sort":
				return this.#sort(node, top);
			case "project":
				return this.#project(node).operator;
			case "compound":
				return compound(node);
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
			initial: physicalPlan(node.initial.root, node.initial.scope),
			steps: node.steps.map((step) => physicalPlan(step.root, step.scope)),
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
		if (input.op === "project") {
			const direction = this.#scanDirection(input, terms);
			if (direction !== null) {
				this.#leaves.direction = direction;
				const { operator, ordered } = this.#project(input);
				this.#leaves.direction = "forward";
				if (ordered) return operator;
			}
		}
		const text = terms.map((term) => this.#termText(term, input)).join(", ");
		const bound = top === null ? null : this.#topBound(input, terms);
		this.#leaves.bound = bound;
		const sorted = this.#output(input, null);
		this.#leaves.bound = null;
		return new Sort(sorted, terms, top, bound, text);
	}

	/** How a sort for the first rows speeds up the scan below it, where that is all there is and has the first term's column. */
	#topBound(input: Logical, terms: readonly LogicalSortTerm[]): TopBound | null {
		const [term] = terms;
		if (input.op !== "project" || term === undefined || term.collation !== "binary") return null;
		const scanned = this.#scannedTable(input);
		const column = input.columns[term.slot];
		if (scanned?.kind !== "stored" || column?.kind !== "column" || !canBeTested(scanned, column.column)) return null;
		return new TopBound(rowColumn(scanned, column.column), term, terms.length === 1);
	}

	/** The table of a projection over filters over nothing but a scan. */
	#scannedTable(project: Logical & { op: "project" }): Table | null {
		let below = project.input;
		while (below.op === "filter") below = below.input;
		return below.op === "scan" ? (this.#scope.tables[below.source]?.table ?? null) : null;
	}

	#termText(term: LogicalSortTerm, input: Logical): string {
		let below = input;
		while (below.op === "distinct" || below.op === "cut") below = below.input;
		const column = below.op === "project" ? below.columns[term.slot] : undefined;
		return `${column === undefined ? `column ${term.slot + 1}` : this.#text(column)}${term.descending ? " DESC" : ""}`;
	}

	/** The direction in which a scan by key would deliver the order, or null. The first term decides: keys are unique. */
	#scanDirection(
		project: Logical & { op: "project" },
		terms: readonly LogicalSortTerm[],
	): "forward" | "reverse" | null {
		const term = terms[0];
		const table = this.#scannedTable(project);
		if (table === null || term === undefined) return null;
		const column = project.columns[term.slot];
		if (column?.kind !== "column") return null;
		const isKey = table.kind === "keyValue" ? column.column === 0 : isRowId(table, column.column);
		return isKey ? (term.descending ? "reverse" : "forward") : null;
	}

	#project(node: Logical & { op: "project" }): { operator: Operator; ordered: boolean } {
		const columns = new Map<number, Set<number>>();
		for (const bound of node.columns) noteColumns(bound, columns);
		const rows = this.#rows(node.input, columns);
		const ordered = rows.access !== null && (rows.access.order === "key" || rows.access.atMostOneRow);
		const straight =
			node.columns.length === rows.width &&
			node.columns.every((bound, i) => bound.kind === "column" && rows.layout.column(bound.source, bound.column) === i);
		if (straight) return { operator: rows.operator, ordered };
		const compiled = node.columns.map((bound) => compile(bound, rows.layout));
		const text = node.columns.slice(0, 8).map((bound) => this.#text(bound));
		const operator = new Project(rows.operator, compiled, text.join(", ") + (node.columns.length > 8 ? ", …" : ""));
		return { operator, ordered };
	}

	/** Operators below the projection: their rows hold columns of tables. */
	#rows(node: Logical, needed: Needed): Rows {
		const conjuncts: Bound[] = [];
		let input = node;
		for (; input.op === "filter"; input = input.input) conjuncts.unshift(...conjunctsOf(input.condition));
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
				if (conjuncts.length === 0) return { operator: values, layout: NO_COLUMNS, width: 0, access: null };
				const condition: Bound = { kind: "and", operands: conjuncts };
				const operator = new Filter(values, compile(condition, NO_COLUMNS), this.#text(condition));
				return { operator, layout: NO_COLUMNS, width: 0, access: null };
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
		const rows = this.#rows(node.input, extended(above, inside));
		const evaluate = (bound: Bound) => compile(bound, rows.layout);
		const pickers = node.calls.filter((call) => call.function.picksRow);
		const options = {
			keys: node.keys.map(evaluate),
			collations: node.keys.map((key) => collationOf(key)?.collation ?? ("binary" as const)),
			calls: node.calls.map((call) => aggregateCall(call, evaluate, rows.layout)),
			// With exactly one min or max, bare columns come from the row that holds it.
			picker: pickers.length === 1 && pickers[0] ? node.calls.indexOf(pickers[0]) : -1,
			inputWidth: rows.width,
		};
		const calls = node.calls.map((call) => {
			const values = call.arguments.map((argument) => this.#text(argument)).join(", ");
			return `${call.function.name}(${values || (call.function.name === "count" ? "*" : "")})`;
		});
		const by = node.keys.map((key) => this.#text(key)).join(", ");
		const text = `Aggregate ${calls.join(", ")}${by === "" ? "" : `${calls.length > 0 ? " " : ""}by ${by}`}`;
		return {
			operator: aggregateOver(rows, node, options, text),
			layout: {
				column: (source, column) => rows.layout.column(source, column),
				aggregate: (index) => rows.width + index,
				window: NO_COLUMNS.window,
			},
			width: rows.width + node.calls.length,
			access: null,
		};
	}

	#window(node: Logical & { op: "window" }, above: Needed): Rows {
		const inside = node.calls.flatMap((call) => [
			...call.arguments,
			...call.partition,
			...call.order.map(({ bound }) => bound),
			...(call.filter === null ? [] : [call.filter]),
		]);
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
			access: null,
		};
	}
}

/** Groups where the rows lie, if they are those of a scan and their groups are columns of it. */
function aggregateOver(
	{ operator, layout }: Rows,
	{ keys, calls }: Logical & { op: "aggregate" },
	options: AggregateOptions,
	text: string,
): Operator {
	const isStored = operator instanceof Scan && operator.options.rows !== null && options.picker === -1;
	if (!isStored) return new Aggregate(operator, options, text);
	const { rows } = operator.options;
	const slotOf = (bound: Bound | undefined) =>
		bound?.kind === "column" ? layout.column(bound.source, bound.column) : null;
	const isKey = (slot: number | null) => slot !== null && rows?.missing[slot] === null;
	const keySlots = keys.map(slotOf);
	const isBinary = options.collations.every((collation) => collation === "binary");
	if (!isBinary || !keySlots.every(isKey)) return new Aggregate(operator, options, text);
	const argumentSlots = calls.map((call) => {
		const isPlain = call.arguments.length === 1 && !call.distinct && call.filter === null && call.order.length === 0;
		return isPlain && call.function.takesJson !== true ? slotOf(call.arguments[0]) : null;
	});
	return new GroupedScan(operator, { ...options, keySlots: keySlots as number[], argumentSlots }, text);
}

function aggregateCall(call: BoundAggregate, evaluate: (bound: Bound) => Evaluate, layout: Layout): AggregateCall {
	const json = call.function.takesJson === true;
	// What a function with `takesJson` is stepped with goes nowhere else.
	const values = call.arguments.map((bound) => (json ? (compileJson(bound, layout) as Evaluate) : evaluate(bound)));
	return {
		function: call.order.length === 0 ? call.function : orderedAggregate(call.function, values.length, call.order),
		arguments: [...values, ...call.order.map(({ bound }) => evaluate(bound))],
		distinct: call.distinct,
		filter: call.filter === null ? null : evaluate(call.filter),
		collation: call.collation,
	};
}

function compound(node: Logical & { op: "compound" }): Operator {
	const plan = ({ root, scope }: QueryPlan) => physicalPlan(root, scope);
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
