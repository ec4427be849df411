/** Types of the columns of queries, from their logical plans. */

import type { Bound, BoundWindow } from "../bind/bound.js";
import { conjunctsOf } from "../bind/traverse.js";
import type { Logical, QueryPlan, SharedQuery } from "../plan/logical.js";
import { withoutNullRows } from "../plan/outer.js";
import { aggregateArgument, aggregateType, windowType } from "./aggregates.js";
import type { SourceTypes } from "./environment.js";
import { Environment } from "./environment.js";
import { typeOf } from "./expression.js";
import type { Inference } from "./inference.js";
import { notNullWhere } from "./not-null.js";
import type { Use } from "./parameters.js";
import { OPEN_USE, useful } from "./parameters.js";
import { functionTypes, tableTypes } from "./source.js";
import type { ValueType } from "./value-type.js";
import { ALL, ANYTHING, either, INTEGER, NUMBER, sameTypes } from "./value-type.js";

type Op<K extends Logical["op"]> = Extract<Logical, { op: K }>;
type Outer = readonly ValueType[];

const LIMIT_USE: Use = { classes: INTEGER, nulls: "refused" };
const NUMBER_USE = useful(NUMBER);

/** One type per column. `outer`: of the values that it takes from around; `uses`: what each column is for. */
export function columnTypes(
	{ root, scope, columns }: QueryPlan,
	outer: Outer,
	inference: Inference,
	uses: readonly Use[] = [],
): readonly ValueType[] {
	return new Query(scope, outer, inference).columns(root, uses).slice(0, columns.length);
}

/** The query has a row whatever is in the tables. */
export function hasRow(root: Logical): boolean {
	switch (root.op) {
		case "values":
			return root.rows.length > 0;
		case "project":
		case "window":
		case "sort":
		case "distinct":
		case "cut":
			return hasRow(root.input);
		case "aggregate":
			return root.keys.length === 0 || hasRow(root.input);
		case "limit": {
			const { limit, offset } = root;
			const isSome = limit.kind === "constant" && typeof limit.value === "number" && limit.value !== 0;
			return isSome && offset === null && hasRow(root.input);
		}
		case "compound":
			return root.rest.every(({ operator }) => /^union/.test(operator)) && hasRow(root.first.root);
		default:
			return false;
	}
}

class Query {
	readonly #scope: QueryPlan["scope"];
	readonly #outer: Outer;
	readonly #inference: Inference;
	/** Conditions of joins and arguments of functions: seen when all of FROM is known. */
	readonly #pending: { readonly bound: Bound; readonly use: Use }[] = [];

	constructor(scope: QueryPlan["scope"], outer: Outer, inference: Inference) {
		this.#scope = scope;
		this.#outer = outer;
		this.#inference = inference;
	}

	/** From the projection upwards. */
	columns(node: Logical, uses: readonly Use[]): readonly ValueType[] {
		switch (node.op) {
			case "values":
				return this.#values(node, uses);
			case "project": {
				const names = this.#rows(node.input);
				return node.columns.map((bound, i) => this.#type(bound, names, uses[i] ?? OPEN_USE));
			}
			case "distinct":
			case "sort":
				return this.columns(node.input, uses);
			case "cut":
				return this.columns(node.input, uses).slice(0, node.width);
			case "limit": {
				const nothing = new Environment({ outer: this.#outer });
				for (const bound of [node.limit, node.offset]) if (bound !== null) this.#type(bound, nothing, LIMIT_USE);
				return this.columns(node.input, uses);
			}
			case "compound":
				return this.#compound(node, uses);
			case "recursive":
				return this.#recursive(node, uses);
			default:
				throw new Error(`no columns above ${node.op}`);
		}
	}

	#type(bound: Bound, names: Environment, use?: Use): ValueType {
		return typeOf(bound, names, this.#inference, use);
	}

	#inner(plan: QueryPlan, uses: readonly Use[] = []): readonly ValueType[] {
		return columnTypes(plan, this.#outer, this.#inference, uses);
	}

	#values({ rows }: Op<"values">, uses: readonly Use[]): readonly ValueType[] {
		const nothing = new Environment({ outer: this.#outer });
		const [first = [], ...others] = rows.map((row) =>
			row.map((bound, i) => this.#type(bound, nothing, uses[i] ?? OPEN_USE)),
		);
		return others.reduce<readonly ValueType[]>(bothOf, first);
	}

	#compound({ first, rest }: Op<"compound">, uses: readonly Use[]): readonly ValueType[] {
		return rest.reduce(
			(left, { operator, plan }) => {
				const right = this.#inner(plan, uses);
				if (operator === "except") return left;
				return operator === "intersect"
					? left.map((type, i) => common(type, right[i] ?? ANYTHING))
					: bothOf(left, right);
			},
			this.#inner(first, uses),
		);
	}

	/** What the steps make of rows may go into the next ones: until nothing new comes. */
	#recursive(
		{ recursion, initial, steps, limit, offset }: Op<"recursive">,
		uses: readonly Use[],
	): readonly ValueType[] {
		const { recursions } = this.#inference;
		const nothing = new Environment({ outer: this.#outer });
		for (const bound of [limit, offset]) if (bound !== null) this.#type(bound, nothing, LIMIT_USE);
		let types = this.#inner(initial, uses);
		for (;;) {
			const known = types;
			recursions.set(recursion, known);
			types = this.#inference.preliminarily(() => steps.map((step) => this.#inner(step)).reduce(bothOf, known));
			if (sameTypes(types, known)) break;
		}
		for (const step of steps) this.#inner(step, uses);
		recursions.delete(recursion);
		return types;
	}

	#shared(shared: SharedQuery): readonly ValueType[] {
		return this.#inference.sharedTypes(shared, this.#outer, () => this.#inner(shared.plan));
	}

	/** What can be named above a part of the plan that is below the projection. */
	#rows(node: Logical): Environment {
		const names = this.#below(node);
		for (const { bound, use } of this.#pending.splice(0)) this.#type(bound, names, use);
		return names;
	}

	#below(node: Logical): Environment {
		switch (node.op) {
			case "values":
				return new Environment({ outer: this.#outer });
			case "scan": {
				const table = this.#scope.tables[node.source]?.table;
				return this.#source(node.source, table ? tableTypes(table, this.#inference) : derived([]));
			}
			case "derived":
				return this.#source(node.source, derived(this.#inner(node.plan)));
			case "shared":
				return this.#source(node.source, derived(this.#shared(node.shared)));
			case "working":
				return this.#source(node.source, derived(this.#inference.recursions.get(node.recursion) ?? []));
			case "function": {
				const { columns, uses } = functionTypes(node.function);
				for (const [i, bound] of node.arguments.entries()) this.#pending.push({ bound, use: uses[i] ?? OPEN_USE });
				return this.#source(node.source, derived(columns));
			}
			case "join":
				return this.#join(node);
			case "filter": {
				const { condition } = node;
				const names = this.#rows(withoutNullRows(node.input, conjunctsOf(condition)));
				this.#type(condition, names, NUMBER_USE);
				return names.where(notNullWhere(condition));
			}
			case "aggregate":
				return this.#aggregate(node);
			case "window": {
				const names = this.#rows(node.input);
				return names.with({ windows: node.calls.map((call) => this.#window(call, names)) });
			}
			default:
				throw new Error(`no rows below ${node.op}`);
		}
	}

	#window(call: BoundWindow, names: Environment): ValueType {
		const { function: called, filter, partition, order, frame } = call;
		const classes = (i: number) => ("create" in called ? aggregateArgument(called, i) : undefined);
		const given = call.arguments.map((bound, i) => this.#argument(bound, names, classes(i)));
		const offsets = [frame.start, frame.end].flatMap((end) => ("offset" in end ? [end.offset] : []));
		for (const bound of offsets) this.#type(bound, names, NUMBER_USE);
		if (filter !== null) this.#type(filter, names, NUMBER_USE);
		for (const bound of [...partition, ...order.map((term) => term.bound)]) this.#type(bound, names);
		return windowType(call, given);
	}

	#argument(bound: Bound, names: Environment, classes: number | undefined): ValueType {
		return this.#type(bound, names, classes === undefined ? OPEN_USE : useful(classes));
	}

	#source(source: number, types: SourceTypes): Environment {
		return new Environment({ sources: new Map([[source, types]]), outer: this.#outer });
	}

	#join({ kind, left, right, on }: Op<"join">): Environment {
		let [first, second] = [this.#below(left), this.#below(right)];
		if (on !== null) this.#pending.push({ bound: on, use: NUMBER_USE });
		if (kind === "right" || kind === "full") first = first.withNulls();
		if (kind === "left" || kind === "full") second = second.withNulls();
		const both = first.joined(second);
		return kind === "inner" && on !== null ? both.where(notNullWhere(on)) : both;
	}

	#aggregate({ input, keys, calls }: Op<"aggregate">): Environment {
		const rows = this.#rows(input);
		for (const key of keys) this.#type(key, rows);
		const aggregates = calls.map((call) => {
			const given = call.arguments.map((bound, i) => this.#argument(bound, rows, aggregateArgument(call.function, i)));
			if (call.filter !== null) this.#type(call.filter, rows, NUMBER_USE);
			for (const { bound } of call.order) this.#type(bound, rows);
			return aggregateType(call.function, { given, hasRows: keys.length > 0 && call.filter === null });
		});
		// Without groups there is a row also where there are no rows to take columns from.
		return (keys.length > 0 ? rows : rows.withNulls()).with({ aggregates });
	}
}

/** Rows of a query: they have no rowid. */
function derived(columns: readonly ValueType[]): SourceTypes {
	return { columns, rowId: ANYTHING };
}

function bothOf(left: readonly ValueType[], right: readonly ValueType[]): readonly ValueType[] {
	return left.map((type, i) => either(type, right[i] ?? ANYTHING));
}

/** What is on both sides: 1 and 1.0 are the same there. */
function common(left: ValueType, right: ValueType): ValueType {
	const alike = (classes: number) => ((classes & NUMBER) === 0 ? classes : classes | NUMBER);
	return { classes: alike(left.classes) & alike(right.classes) & ALL, nullable: left.nullable && right.nullable };
}
