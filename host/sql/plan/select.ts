/** SELECT -> logical plan: binds every clause and puts them in SQL's order of evaluation. */

import type { Bound, BoundAggregate } from "../bind/bound.js";
import { type affinityOf, collationOf, walk } from "../bind/bound.js";
import type { BindContext } from "../bind/expression.js";
import { collationNamed, ExpressionBinder, startOf, unsupported } from "../bind/expression.js";
import type { ScopeTable } from "../bind/scope.js";
import { Scope } from "../bind/scope.js";
import type { Catalog } from "../catalog/catalog.js";
import type {
	CoreNode,
	ExpressionNode,
	OrderTermNode,
	ResultColumnNode,
	SelectNode,
	ValuesNode,
} from "../parse/ast.js";
import { sqlErrorAt } from "../parse/source.js";
import type { Collation } from "../value/compare.js";
import { foldCase } from "../value/compare.js";
import type { Logical, LogicalSortTerm } from "./logical.js";

export interface ResultColumn {
	readonly name: string;
	/** The column of a table that it shows unchanged, else null. */
	readonly column: string | null;
	readonly table: string | null;
	readonly type: string | null;
}

export interface SelectPlan {
	readonly root: Logical;
	readonly scope: Scope;
	readonly columns: readonly ResultColumn[];
}

export interface PlanContext extends BindContext {
	readonly catalog: Catalog;
}

export function planSelect(node: SelectNode, context: PlanContext): SelectPlan {
	if (node.with !== null) throw unsupported(context.source, node.at, "common table expressions");
	if (node.rest.length > 0) {
		const operator = node.rest[0]?.operator.toUpperCase() ?? "UNION";
		throw unsupported(context.source, node.rest[0]?.core.at ?? node.at, `compound queries (${operator})`);
	}
	if (node.first.type === "values") return planValues(node.first, node, context);
	return planCore(node.first, node, context);
}

function planValues(core: ValuesNode, node: SelectNode, context: PlanContext): SelectPlan {
	const scope = new Scope([]);
	const binder = new ExpressionBinder(context, scope);
	const width = core.rows[0]?.length ?? 0;
	const rows = core.rows.map((row) => {
		if (row.length !== width)
			throw sqlErrorAt(context.source, core.at, "all VALUES must have the same number of terms");
		return row.map((value) => binder.bind(value));
	});
	const columns = Array.from({ length: width }, (_, i) => ({
		name: `column${i + 1}`,
		column: null,
		table: null,
		type: null,
	}));
	let root: Logical = { op: "values", rows };
	if (node.order.length > 0) {
		const slots = columns.map((column, slot) => ({
			column,
			bound: slotBound(slot, null, null),
			alias: foldCase(column.name),
		}));
		root = {
			op: "sort",
			input: root,
			terms: node.order.map((term) => ordinalTerm(term, slots, context) ?? failOrder(term, context)),
		};
	}
	return { root: limited(root, node, context), scope, columns };
}

function failOrder(term: OrderTermNode, context: PlanContext): never {
	throw sqlErrorAt(
		context.source,
		startOf(term.expression),
		"ORDER BY term does not match any column in the result set",
	);
}

export interface Output {
	readonly column: ResultColumn;
	readonly bound: Bound;
	/** Folded; null where the column was not given a name. */
	readonly alias: string | null;
}

function planCore(core: CoreNode, node: SelectNode, context: PlanContext): SelectPlan {
	if (core.windows.length > 0) throw unsupported(context.source, core.at, "WINDOW");
	const scope = new Scope(fromTables(core, context));
	const aggregates: BoundAggregate[] = [];
	const outputs = bindOutputs(core.columns, scope, new ExpressionBinder(context, scope, aggregates), context);
	const aliases = new Map<string, Bound>();
	for (const { alias, bound } of outputs) if (alias !== null && !aliases.has(alias)) aliases.set(alias, bound);

	let root: Logical = scope.tables.length === 0 ? { op: "values", rows: [[]] } : { op: "scan", source: 0 };
	if (core.where !== null) {
		const condition = new ExpressionBinder(context, scope, null, aliases).bind(core.where);
		root = { op: "filter", input: root, condition };
	}
	const grouped = core.groupBy.map((term) => bindGroup(term, outputs, aliases, scope, context));
	const late = new ExpressionBinder(context, scope, aggregates, aliases);
	const having = core.having === null ? null : late.bind(core.having);
	if (having !== null && grouped.length === 0 && aggregates.length === 0) {
		throw sqlErrorAt(
			context.source,
			startOf(core.having as ExpressionNode),
			"a GROUP BY clause is required before HAVING",
		);
	}
	const order = node.order.map((term) => bindOrder(term, outputs, late, context));
	if (grouped.length > 0 || aggregates.length > 0) {
		root = { op: "aggregate", input: root, keys: grouped, calls: aggregates };
		if (having !== null) root = { op: "filter", input: root, condition: having };
	}
	root = projected(root, outputs, order, core.distinct);
	return { root: limited(root, node, context), scope, columns: outputs.map((output) => output.column) };
}

function fromTables(core: CoreNode, context: PlanContext): ScopeTable[] {
	if (core.from === null) return [];
	const { first, joins } = core.from;
	if (joins[0] !== undefined) throw unsupported(context.source, joins[0].table.at, "joins");
	if (first.type === "subquery") throw unsupported(context.source, first.at, "subqueries in FROM");
	if (first.type === "nested") throw unsupported(context.source, first.at, "brackets in FROM");
	if (first.arguments !== null) throw unsupported(context.source, first.at, "table-valued functions");
	const table = context.catalog.table(first.name, context.source);
	return [{ name: first.alias?.text ?? table.name, table }];
}

export function bindOutputs(
	nodes: readonly ResultColumnNode[],
	scope: Scope,
	binder: ExpressionBinder,
	context: PlanContext,
): Output[] {
	const outputs: Output[] = [];
	for (const node of nodes) {
		if (node.type === "expression") {
			outputs.push(expressionOutput(node, binder.bind(node.expression), scope));
			continue;
		}
		if (scope.tables.length === 0) throw sqlErrorAt(context.source, node.at, "no tables specified");
		const wanted = node.table === null ? null : foldCase(node.table.text);
		let found = false;
		for (const [source, { name, table }] of scope.tables.entries()) {
			if (wanted !== null && foldCase(name) !== wanted) continue;
			found = true;
			for (const [column, definition] of table.columns.entries()) {
				outputs.push({
					column: {
						name: definition.name,
						column: definition.name,
						table: table.name,
						type: definition.typeName || null,
					},
					bound: scope.column(source, column),
					alias: foldCase(definition.name),
				});
			}
		}
		if (!found) throw sqlErrorAt(context.source, node.at, `no such table: ${node.table?.text}`);
	}
	return outputs;
}

function expressionOutput(node: ResultColumnNode & { type: "expression" }, bound: Bound, scope: Scope): Output {
	const shown = bound.kind === "column" ? scope.tables[bound.source]?.table : undefined;
	const definition = bound.kind === "column" ? shown?.columns[bound.column] : undefined;
	// A plain column is called as it was declared, anything else as it was written.
	const plain = stripBrackets(node.expression).type === "column" ? (definition?.name ?? null) : null;
	return {
		column: {
			name: node.alias?.text ?? plain ?? node.text,
			column: definition?.name ?? null,
			table: definition === undefined ? null : (shown?.name ?? null),
			type: definition?.typeName || null,
		},
		bound,
		alias: node.alias === null ? (plain === null ? null : foldCase(plain)) : foldCase(node.alias.text),
	};
}

function stripBrackets(node: ExpressionNode): ExpressionNode {
	let inner = node;
	while (inner.type === "bracket") inner = inner.operand;
	return inner;
}

/** The result column that an integer literal names, or undefined where the term is no such literal. */
function ordinal(
	expression: ExpressionNode,
	outputs: readonly Output[],
	clause: string,
	context: PlanContext,
): number | undefined {
	const node = stripBrackets(expression);
	if (node.type !== "number" || !/^[0-9]+$/.test(node.text)) return undefined;
	const position = Number(node.text);
	if (position < 1 || position > outputs.length) {
		throw sqlErrorAt(
			context.source,
			node.at,
			`${clause} term out of range - should be between 1 and ${outputs.length}`,
		);
	}
	return position - 1;
}

function bindGroup(
	term: ExpressionNode,
	outputs: readonly Output[],
	aliases: ReadonlyMap<string, Bound>,
	scope: Scope,
	context: PlanContext,
): Bound {
	const position = ordinal(term, outputs, "1st GROUP BY", context);
	const bound =
		position === undefined
			? new ExpressionBinder(context, scope, null, aliases).bind(term)
			: (outputs[position] as Output).bound; // ordinal checks the range
	walk(bound, (part) => {
		if (part.kind === "aggregate") {
			throw sqlErrorAt(context.source, startOf(term), "aggregate functions are not allowed in the GROUP BY clause");
		}
	});
	return bound;
}

interface BoundOrder {
	/** An output's position, or an expression of its own. */
	readonly output: number | Bound;
	readonly descending: boolean;
	readonly nulls: "first" | "last";
	readonly collation: Collation;
}

function orderOptions(term: OrderTermNode, bound: Bound): Omit<BoundOrder, "output"> {
	return {
		descending: term.descending,
		// NULL is the least value, so it stands last in a descending order.
		nulls: term.nulls ?? (term.descending ? "last" : "first"),
		collation: collationOf(bound)?.collation ?? "binary",
	};
}

/** An ordinal or the name of a result column; then what it stands for, under a COLLATE of the term. */
function bindOrder(
	term: OrderTermNode,
	outputs: readonly Output[],
	binder: ExpressionBinder,
	context: PlanContext,
): BoundOrder {
	let node = stripBrackets(term.expression);
	let collation: Collation | null = null;
	while (node.type === "collate") {
		collation ??= collationNamed(context.source, node.collation);
		node = stripBrackets(node.operand);
	}
	let output = ordinal(node, outputs, "1st ORDER BY", context);
	if (output === undefined && node.type === "column" && node.table === null) {
		const name = foldCase(node.name.text);
		const found = outputs.findIndex(({ alias, column }) => alias === name && column.name !== "");
		if (found !== -1) output = found;
	}
	const bound = output === undefined ? binder.bind(node) : (outputs[output] as Output).bound; // found above
	const options = orderOptions(term, bound);
	return { output: output ?? bound, ...options, collation: collation ?? options.collation };
}

function ordinalTerm(
	term: OrderTermNode,
	outputs: readonly Output[],
	context: PlanContext,
): LogicalSortTerm | undefined {
	const position = ordinal(term.expression, outputs, "1st ORDER BY", context);
	const node = stripBrackets(term.expression);
	const slot =
		position ?? (node.type === "column" ? outputs.findIndex(({ alias }) => alias === foldCase(node.name.text)) : -1);
	const output = outputs[slot];
	return output === undefined ? undefined : { slot, ...orderOptions(term, output.bound) };
}

function slotBound(slot: number, affinity: ReturnType<typeof affinityOf>, collation: Collation | null): Bound {
	return { kind: "slot", slot, affinity, collation };
}

/** Projection, DISTINCT and ORDER BY. Sort keys that are no results are projected behind these and cut off at the end. */
function projected(
	input: Logical,
	outputs: readonly Output[],
	order: readonly BoundOrder[],
	distinct: boolean,
): Logical {
	const columns = outputs.map((output) => output.bound);
	const terms: LogicalSortTerm[] = order.map(({ output, ...options }) => {
		if (typeof output === "number") return { slot: output, ...options };
		columns.push(output);
		return { slot: columns.length - 1, ...options };
	});
	let root: Logical = { op: "project", input, columns };
	if (distinct) {
		root = {
			op: "distinct",
			input: root,
			collations: outputs.map(({ bound }) => collationOf(bound)?.collation ?? "binary"),
		};
	}
	if (terms.length > 0) root = { op: "sort", input: root, terms };
	return columns.length > outputs.length ? { op: "cut", input: root, width: outputs.length } : root;
}

function limited(input: Logical, node: SelectNode, context: PlanContext): Logical {
	if (node.limit === null) return input;
	const binder = new ExpressionBinder(context, new Scope([]));
	const offset = node.limit.offset === null ? null : binder.bind(node.limit.offset);
	return { op: "limit", input, limit: binder.bind(node.limit.limit), offset };
}
