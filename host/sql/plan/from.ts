/** FROM -> a tree of joins over the tables of a scope. */

import type { Bound } from "../bind/bound.js";
import { compareBound } from "../bind/bound.js";
import { ExpressionBinder } from "../bind/expression.js";
import type { ScopeTable } from "../bind/scope.js";
import { JoinedColumns, Scope, tableInScope } from "../bind/scope.js";
import { sourcesOf } from "../bind/traverse.js";
import type { TableFunction } from "../function/table.js";
import type { ExpressionNode, NameNode, ResultColumnNode, TableNode, TablesNode } from "../parse/ast.js";
import { selectStar } from "../parse/select-node.js";
import { sqlErrorAt, suggestion } from "../parse/source.js";
import { foldCase } from "../value/compare.js";
import { affinityOfType } from "../value/convert.js";
import { commonTable } from "./common.js";
import type { PlanContext } from "./context.js";
import { findCommonTable } from "./context.js";
import { indexHint } from "./index-hint.js";
import type { JoinKind, Logical, QueryPlan } from "./logical.js";
import { planSelect } from "./select.js";
import { shapedFunction } from "./shaped.js";
import { viewQuery } from "./view.js";

export interface FromPlan {
	readonly tree: Logical;
	readonly scope: Scope;
}

/** `results` are what ON may name by alias: the result columns, which are bound later. */
export function planFrom(
	node: TablesNode | null,
	context: PlanContext,
	results: readonly ResultColumnNode[] = [],
): FromPlan {
	if (node === null) return { tree: { op: "values", rows: [[]] }, scope: new Scope([]) };
	return new From(context).plan(node, results);
}

/** `*` names every column with its table's name: two tables of one name must not share any. */
export function checkStar(scope: Scope, at: number, { source }: PlanContext, tableName: string | null = null): void {
	for (const { source: index, column } of scope.starColumns(tableName) ?? []) {
		const { name, table, columns } = scope.tables[index] as ScopeTable; // starColumns names tables of the scope
		const columnName = columns[column]?.name ?? "";
		if (name === "" || scope.lookup(name, columnName) !== "ambiguous") continue;
		const written = `${table === null ? "" : "main."}${name}.${columnName}`;
		throw sqlErrorAt(source, at, `ambiguous column name: ${written}`);
	}
}

/** A tree whose conditions are still text: they may name tables to their right. */
type Draft =
	| { readonly kind: "leaf"; readonly node: Logical }
	| {
			readonly kind: "function";
			readonly source: number;
			readonly function: TableFunction;
			readonly arguments: readonly ExpressionNode[];
	  }
	| {
			readonly kind: "join";
			readonly join: JoinKind;
			readonly fixed: boolean;
			readonly left: Draft;
			readonly right: Draft;
			readonly on: ExpressionNode | null;
			readonly equal: readonly (() => Bound)[];
			/** The tables that stand in this join: [first, behind the last). */
			readonly sources: readonly [number, number];
	  }
	/** Conditions in brackets see the tables in these brackets alone. */
	| { readonly kind: "bracket"; readonly inner: Draft; readonly scope: () => Scope };

class From {
	readonly #context: PlanContext;
	readonly #tables: ScopeTable[] = [];
	readonly #joined = new JoinedColumns();

	constructor(context: PlanContext) {
		this.#context = context;
	}

	plan(node: TablesNode, results: readonly ResultColumnNode[]): FromPlan {
		const draft = this.#joins(node);
		const scope = new Scope(this.#tables, this.#joined);
		const plain = new ExpressionBinder(this.#context, scope);
		const aliases = {
			get: (name: string): Bound | undefined => {
				const named = results.find(
					(result) => result.type === "expression" && result.alias !== null && foldCase(result.alias.text) === name,
				);
				return named?.type === "expression" ? plain.bind(named.expression) : undefined;
			},
		};
		return { tree: this.#bound(draft, new ExpressionBinder(this.#context, scope, { aliases })), scope };
	}

	#error(at: number, message: string): Error {
		return sqlErrorAt(this.#context.source, at, message);
	}

	#joins(node: TablesNode): Draft {
		const first = this.#tables.length;
		let left = this.#table(node.first);
		for (const { kind, natural, table, constraint } of node.joins) {
			const middle = this.#tables.length;
			const right = this.#table(table);
			const join = kind === "cross" ? "inner" : kind;
			let equal: (() => Bound)[] = [];
			if (natural) {
				if (constraint !== null) {
					throw this.#error(table.at, "a NATURAL join may not have an ON or USING clause");
				}
				equal = this.#commonNames(first, middle).map((name) => this.#merge(name, first, middle, join, table.at));
			} else if (constraint?.type === "using") {
				equal = constraint.columns.map((name) => this.#merge(name.text, first, middle, join, name.at));
			}
			left = {
				kind: "join",
				join,
				fixed: kind === "cross",
				left,
				right,
				on: constraint?.type === "on" ? constraint.condition : null,
				equal,
				sources: [first, this.#tables.length],
			};
		}
		return left;
	}

	/** Names that a table of the right side shares with the left side, in the right side's order. */
	#commonNames(first: number, middle: number): string[] {
		const names: string[] = [];
		for (const table of this.#tables.slice(middle)) {
			for (const { name, hidden } of table.columns) {
				if (!hidden && this.#find(name, first, middle) !== undefined) names.push(name);
			}
		}
		return names;
	}

	#find(name: string, from: number, to: number): { source: number; column: number } | undefined {
		const folded = foldCase(name);
		for (let source = from; source < to; source++) {
			const columns = this.#tables[source]?.columns ?? [];
			const column = columns.findIndex((candidate) => foldCase(candidate.name) === folded);
			if (column !== -1) return { source, column };
		}
		return undefined;
	}

	#column({ source, column }: { source: number; column: number }): Bound {
		return new Scope(this.#tables).column(source, column);
	}

	/** Makes one column of two; answers their equality. */
	#merge(name: string, first: number, middle: number, join: JoinKind, at: number): () => Bound {
		const folded = foldCase(name);
		const right = this.#find(name, middle, this.#tables.length);
		const found = this.#find(name, first, middle);
		if (right === undefined || found === undefined) {
			throw this.#error(at, `cannot join using column ${name} - column not present in both tables`);
		}
		const { byName, leading, suppressed } = this.#joined;
		const place = `${found.source}.${found.column}`;
		const rightPlace = `${right.source}.${right.column}`;
		// An earlier USING on either side may have made it one with others.
		const left = leading.get(place) ?? this.#column(found);
		const rightColumn = leading.get(rightPlace) ?? this.#column(right);
		suppressed.add(rightPlace);
		const operands = [left, rightColumn].flatMap((one) => (one.kind === "coalesce" ? one.operands : [one]));
		const merged: Bound = join === "right" || join === "full" ? { kind: "coalesce", operands } : left;
		leading.set(place, merged);
		byName.set(folded, merged);
		return () => compareBound("=", left, rightColumn);
	}

	/** Brackets that come first change nothing, as in SQLite, and neither do those around one table. */
	#bracket(node: TablesNode): Draft {
		const first = this.#tables.length;
		const inner = this.#joins(node);
		if (first === 0 || node.joins.length === 0) return inner;
		const range = [first, this.#tables.length] as const;
		const joined = this.#joined.copy();
		const scope = () => new Scope(this.#tables, joined, range);
		const inside = scope();
		checkStar(inside, node.first.at, this.#context);
		// SQLite makes a query of it that names what USING made one by its name alone.
		for (const place of joined.leading.keys()) {
			const [source, column] = place.split(".").map(Number) as [number, number];
			const name = this.#tables[source]?.columns[column]?.name ?? "";
			if (source >= first && inside.lookup(null, name) === "ambiguous")
				throw this.#error(node.first.at, `ambiguous column name: ${name}`);
		}
		for (const place of joined.suppressed) {
			if (Number.parseInt(place, 10) >= first) this.#joined.bracketed.add(place);
		}
		return { kind: "bracket", inner, scope };
	}

	#table(node: TableNode): Draft {
		switch (node.type) {
			case "subquery": {
				const plan = planSelect(node.select, this.#context);
				return this.#derived(node.alias, plan);
			}
			case "nested": {
				if (node.alias === null) return this.#bracket(node.tables);
				const plan = planSelect(selectStar(node.tables, node.at), this.#context);
				return this.#derived(node.alias, plan);
			}
			case "table":
				return this.#named(node);
		}
	}

	#named(node: TableNode & { type: "table" }): Draft {
		const { name, alias } = node;
		const folded = foldCase(name.name);
		if (node.arguments === null && name.schema === null) {
			const common = findCommonTable(folded, this.#context.common);
			if (common !== undefined) {
				indexHint(node.indexed, null, this.#context);
				const { columns, leaf } = commonTable(common, this.#context, node);
				const source = this.#add(alias?.text ?? common.name, columns);
				return { kind: "leaf", node: leaf(source) };
			}
		}
		const known = this.#context.catalog.find(name.name);
		const called = known === undefined ? this.#context.functions.table(folded) : undefined;
		if (called !== undefined) return this.#function(called, node, node.arguments ?? []);
		const toShape = known === undefined ? this.#context.functions.shapedTable(folded) : undefined;
		if (toShape !== undefined) {
			const { shaped, values } = shapedFunction(toShape, node, this.#context);
			return this.#function(shaped, node, values);
		}
		if (node.arguments !== null) {
			if (known !== undefined) throw this.#error(node.at, `'${name.name}' is not a function`);
			throw this.#error(
				node.at,
				`no such table-valued function: ${name.name}${suggestion(name.name, this.#context.functions.tableNames())}`,
			);
		}
		const schema = name.schema ?? this.#context.schema ?? null;
		const view = this.#context.catalog.view(name.name, schema);
		if (view !== undefined) {
			indexHint(node.indexed, null, this.#context);
			return this.#derived(alias ?? { text: view.name }, viewQuery(view, this.#context));
		}
		const table = this.#context.catalog.table({ ...name, schema }, this.#context.source);
		const hint = indexHint(node.indexed, table, this.#context);
		const source = this.#tables.push(tableInScope(alias?.text ?? table.name, table, hint)) - 1;
		return { kind: "leaf", node: { op: "scan", source } };
	}

	#function(called: TableFunction, node: TableNode & { type: "table" }, given: readonly ExpressionNode[]): Draft {
		if (given.length > called.maximumArguments) {
			throw this.#error(node.at, `too many arguments on ${called.name}() - max ${called.maximumArguments}`);
		}
		const source =
			this.#tables.push({
				name: node.alias?.text ?? called.name,
				table: null,
				columns: called.columns.map(({ name, typeName, hidden, holdsJson }) => ({
					name,
					affinity: affinityOfType(typeName),
					collation: "binary",
					origin: null,
					hidden,
					json: holdsJson,
				})),
			}) - 1;
		return { kind: "function", source, function: called, arguments: given };
	}

	#derived(alias: Pick<NameNode, "text"> | null, plan: QueryPlan): Draft {
		const source = this.#add(alias?.text ?? "", plan.columns);
		return { kind: "leaf", node: { op: "derived", source, plan } };
	}

	#add(name: string, columns: QueryPlan["columns"]): number {
		const names = innerNames(columns);
		const shown = columns.map((column, i) => ({
			name: names[i] as string, // one per column
			affinity: column.affinity,
			collation: column.collation ?? "binary",
			origin:
				column.table === null || column.column === null
					? null
					: { table: column.table, column: column.column, type: column.type },
			hidden: false,
		}));
		return this.#tables.push({ name, table: null, columns: shown }) - 1;
	}

	#bound(draft: Draft, binder: ExpressionBinder): Logical {
		switch (draft.kind) {
			case "leaf":
				return draft.node;
			case "function":
				return {
					op: "function",
					source: draft.source,
					function: draft.function,
					arguments: draft.arguments.map((argument) => binder.bind(argument)),
				};
			case "bracket":
				return this.#bound(draft.inner, new ExpressionBinder(this.#context, draft.scope()));
			case "join": {
				const conditions = draft.equal.map((equal) => equal());
				if (draft.on !== null) {
					const on = binder.bind(draft.on);
					const [, end] = draft.sources;
					if (draft.join !== "inner" && [...sourcesOf(on)].some((source) => source >= end)) {
						throw this.#error(0, "ON clause references tables to its right");
					}
					conditions.push(on);
				}
				const [only] = conditions;
				return {
					op: "join",
					kind: draft.join,
					fixed: draft.fixed,
					left: this.#bound(draft.left, binder),
					right: this.#bound(draft.right, binder),
					on: conditions.length > 1 ? { kind: "and", operands: conditions } : (only ?? null),
				};
			}
		}
	}
}

/** The columns' names as the query around names them: one that is there already gets a number. */
function innerNames(columns: QueryPlan["columns"]): string[] {
	const known = new Set<string>();
	return columns.map(({ name, innerName }) => {
		const plain = innerName ?? name;
		let unique = plain;
		for (let i = 1; known.has(foldCase(unique)); i++) unique = `${plain}:${i}`;
		known.add(foldCase(unique));
		return unique;
	});
}
