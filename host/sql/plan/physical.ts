/** Logical plan -> operators: pushes conditions into scans, drops sorts that a scan's order makes idle, bounds sorts. */

import type { Bound } from "../bind/bound.js";
import { collationOf, walk } from "../bind/bound.js";
import { describeBound } from "../bind/describe.js";
import type { Scope } from "../bind/scope.js";
import { isRowId, ROWID } from "../catalog/table.js";
import { Cut, Filter, Limit, Project, Values } from "../execute/basic.js";
import type { Evaluate, Layout } from "../execute/compile.js";
import { compile } from "../execute/compile.js";
import { Aggregate, Distinct, Sort } from "../execute/gather.js";
import type { Execution, Operator } from "../execute/operator.js";
import { Scan } from "../execute/scan.js";
import { toInteger } from "../value/convert.js";
import type { Access } from "./access.js";
import { chooseAccess } from "./access.js";
import type { Logical, LogicalSortTerm } from "./logical.js";

/** No input: only constants and parameters. */
export const NO_COLUMNS: Layout = {
	column: () => {
		throw new Error("a fixed expression has no columns");
	},
	aggregate: () => {
		throw new Error("a fixed expression has no aggregates");
	},
};

/** What an operator delivers. */
interface Built {
	readonly operator: Operator;
	readonly layout: Layout;
	readonly width: number;
}

/** What the operators above a scan ask of it. */
interface Wishes {
	/** Columns read above, per source. */
	readonly columns: ReadonlyMap<number, ReadonlySet<number>>;
	readonly direction: "forward" | "reverse";
}

export function physicalPlan(root: Logical, scope: Scope): Operator {
	return new Planner(scope).plan(root);
}

/** The conditions that must all hold. */
export function conjunctsOf(condition: Bound): Bound[] {
	if (condition.kind === "and") return condition.operands.flatMap(conjunctsOf);
	// As two comparisons, BETWEEN over a column can become a range of keys.
	if (condition.kind === "between" && !condition.negated && condition.operand.kind === "column") {
		const { operand: left, low, high, lowMatch, highMatch } = condition;
		return [
			{ kind: "compare", operator: ">=", left, right: low, ...lowMatch },
			{ kind: "compare", operator: "<=", left, right: high, ...highMatch },
		];
	}
	return [condition];
}

class Planner {
	readonly #scope: Scope;

	constructor(scope: Scope) {
		this.#scope = scope;
	}

	plan(root: Logical): Operator {
		return this.#output(root, null);
	}

	readonly #name = (source: number, column: number): string => {
		const { name, table } = this.#scope.tables[source] ?? {};
		const columnName = column === ROWID ? "rowid" : (table?.columns[column]?.name ?? "?");
		return this.#scope.tables.length > 1 ? `${name}.${columnName}` : columnName;
	};

	#text(bound: Bound): string {
		return describeBound(bound, this.#name);
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
				return this.#project(node, "forward").operator;
			default:
				throw new Error(`a plan cannot end in ${node.op}`);
		}
	}

	#sort(node: Logical & { op: "sort" }, top: ((run: Execution) => number) | null): Operator {
		const { input, terms } = node;
		if (input.op === "project") {
			const direction = this.#scanDirection(input, terms);
			if (direction !== null) {
				const { operator, ordered } = this.#project(input, direction);
				if (ordered) return operator;
			}
		}
		return new Sort(this.#output(input, null), terms, top, terms.map((term) => this.#termText(term, input)).join(", "));
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
		let below = project.input;
		while (below.op === "filter") below = below.input;
		const term = terms[0];
		if (below.op !== "scan" || term === undefined) return null;
		const column = project.columns[term.slot];
		const table = this.#scope.tables[below.source]?.table;
		if (column?.kind !== "column" || table === undefined) return null;
		const isKey = table.kind === "keyValue" ? column.column === 0 : isRowId(table, column.column);
		return isKey ? (term.descending ? "reverse" : "forward") : null;
	}

	#project(
		node: Logical & { op: "project" },
		direction: "forward" | "reverse",
	): { operator: Operator; ordered: boolean } {
		const columns = new Map<number, Set<number>>();
		const need = (bound: Bound) => noteColumns(bound, columns);
		node.columns.forEach(need);
		const wishes = { columns, direction };
		const { built, access } = this.#rows(node.input, wishes);
		const ordered = access === null || access.order === "key" || access.atMostOneRow;
		const straight =
			node.columns.length === built.width &&
			node.columns.every(
				(bound, i) => bound.kind === "column" && built.layout.column(bound.source, bound.column) === i,
			);
		if (straight) return { operator: built.operator, ordered };
		const compiled = node.columns.map((bound) => compile(bound, built.layout));
		const text = node.columns.slice(0, 8).map((bound) => this.#text(bound));
		const operator = new Project(built.operator, compiled, text.join(", ") + (node.columns.length > 8 ? ", …" : ""));
		return { operator, ordered };
	}

	/** Operators below the projection: their rows hold columns of tables. `access` is that of a scan without aggregation. */
	#rows(node: Logical, wishes: Wishes): { built: Built; access: Access | null } {
		switch (node.op) {
			case "scan":
				return this.#scan(node.source, [], wishes);
			case "filter": {
				const conjuncts = conjunctsOf(node.condition);
				let input = node.input;
				while (input.op === "filter") {
					conjuncts.unshift(...conjunctsOf(input.condition));
					input = input.input;
				}
				if (input.op === "scan") return this.#scan(input.source, conjuncts, wishes);
				const columns = extended(wishes.columns, conjuncts);
				const { built } = this.#rows(input, { ...wishes, columns });
				const condition: Bound = { kind: "and", operands: conjuncts };
				const operator = new Filter(built.operator, compile(condition, built.layout), this.#text(condition));
				return { built: { ...built, operator }, access: null };
			}
			case "aggregate":
				return { built: this.#aggregate(node, wishes), access: null };
			case "values": {
				const rows = node.rows.map((row) => row.map((value) => compile(value, NO_COLUMNS)));
				return { built: { operator: new Values(rows), layout: NO_COLUMNS, width: rows[0]?.length ?? 0 }, access: null };
			}
			default:
				throw new Error(`no rows of tables come from ${node.op}`);
		}
	}

	#scan(source: number, conjuncts: readonly Bound[], wishes: Wishes): { built: Built; access: Access } {
		const scanned = this.#scope.tables[source];
		if (scanned === undefined) throw new Error("a plan names a table that its scope does not have");
		const fixed = (bound: Bound): Evaluate => compile(bound, NO_COLUMNS);
		const { access, rest } = chooseAccess(scanned.table, source, conjuncts, fixed, (bound) => this.#text(bound));
		const tested = new Map<number, Set<number>>();
		for (const bound of rest) noteColumns(bound, tested);
		// In the order in which they are read above, so that a projection of plain columns is the scan itself.
		const columns = [...new Set([...(wishes.columns.get(source) ?? []), ...(tested.get(source) ?? [])])];
		const layout: Layout = { column: (_source, column) => columns.indexOf(column), aggregate: NO_COLUMNS.aggregate };
		const slots = [...(tested.get(source) ?? [])].map((column) => columns.indexOf(column));
		const condition: Bound = rest.length === 1 && rest[0] ? rest[0] : { kind: "and", operands: rest };
		const filter =
			rest.length === 0 ? null : { test: compile(condition, layout), slots, describe: this.#text(condition) };
		const operator = new Scan({
			table: scanned.table,
			alias: scanned.name,
			access,
			columns,
			filter,
			direction: wishes.direction,
			keepKeys: false,
		});
		return { built: { operator, layout, width: columns.length }, access };
	}

	#aggregate(node: Logical & { op: "aggregate" }, wishes: Wishes): Built {
		const inside = [...node.keys];
		for (const call of node.calls) inside.push(...call.arguments, ...(call.filter === null ? [] : [call.filter]));
		const { built } = this.#rows(node.input, { columns: extended(wishes.columns, inside), direction: "forward" });
		const evaluate = (bound: Bound) => compile(bound, built.layout);
		const pickers = node.calls.filter((call) => call.function.picksRow);
		const options = {
			keys: node.keys.map(evaluate),
			collations: node.keys.map((key) => collationOf(key)?.collation ?? ("binary" as const)),
			calls: node.calls.map((call) => ({
				function: call.function,
				arguments: call.arguments.map(evaluate),
				distinct: call.distinct,
				filter: call.filter === null ? null : evaluate(call.filter),
				collation: call.collation,
			})),
			// With exactly one min or max, bare columns come from the row that holds it.
			picker: pickers.length === 1 && pickers[0] ? node.calls.indexOf(pickers[0]) : -1,
			inputWidth: built.width,
		};
		const calls = node.calls.map(
			(call) =>
				`${call.function.name}(${call.arguments.map((argument) => this.#text(argument)).join(", ") || (call.function.name === "count" ? "*" : "")})`,
		);
		const by = node.keys.map((key) => this.#text(key)).join(", ");
		const text = `Aggregate ${calls.join(", ")}${by === "" ? "" : `${calls.length > 0 ? " " : ""}by ${by}`}`;
		return {
			operator: new Aggregate(built.operator, options, text),
			layout: { column: built.layout.column, aggregate: (index) => built.width + index },
			width: built.width + node.calls.length,
		};
	}
}

function noteColumns(bound: Bound, into: Map<number, Set<number>>): void {
	walk(bound, (part) => {
		if (part.kind !== "column") return;
		const columns = into.get(part.source) ?? new Set();
		columns.add(part.column);
		into.set(part.source, columns);
	});
}

function extended(columns: ReadonlyMap<number, ReadonlySet<number>>, more: readonly Bound[]): Map<number, Set<number>> {
	const all = new Map([...columns].map(([source, set]) => [source, new Set(set)]));
	for (const bound of more) noteColumns(bound, all);
	return all;
}

/** How many rows a LIMIT lets through, for the sort below it. */
function topOf(limit: Evaluate, offset: Evaluate | null): (run: Execution) => number {
	return (run) => {
		const most = Number(toInteger(limit([], run)) ?? -1);
		const skipped = offset === null ? 0 : Math.max(0, Number(toInteger(offset([], run)) ?? 0));
		return most < 0 ? Infinity : most + skipped;
	};
}
