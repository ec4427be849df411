/** WITH: queries that FROM names, recursive ones among them. */

import type { CoreNode, NameNode, SelectNode, TableNode, ValuesNode, WithNode } from "../parse/ast.js";
import { sqlErrorAt } from "../parse/source.js";
import { foldCase } from "../value/compare.js";
import { compoundCollations, compoundOrder, planCompound } from "./compound.js";
import type { CommonTable, PlanContext } from "./context.js";
import type { Logical, QueryPlan, ResultColumn, SharedQuery } from "./logical.js";
import { bindLimit, planPart, planSelect } from "./select.js";

/** The context in which the queries of this WITH can be named. */
export function withCommon(node: WithNode | null, context: PlanContext): PlanContext {
	if (node === null) return context;
	const tables = new Map<string, CommonTable>();
	const inside: PlanContext = { ...context, common: { tables, parent: context.common } };
	for (const { name, columns, select } of node.tables) {
		const folded = foldCase(name.text);
		if (tables.has(folded)) throw sqlErrorAt(context.source, name.at, `duplicate WITH table name: ${name.text}`);
		tables.set(folded, {
			name: name.text,
			columnNames: columns,
			select,
			context: inside,
			shared: undefined,
			captures: undefined,
			recursion: undefined,
			planning: false,
		});
	}
	return inside;
}

export interface CommonReference {
	readonly columns: readonly ResultColumn[];
	leaf(source: number): Logical;
}

export function commonTable(common: CommonTable, context: PlanContext, node: TableNode): CommonReference {
	const { recursion } = common;
	if (recursion?.references.has(node)) {
		return {
			columns: recursion.columns,
			leaf: (source) => ({ op: "working", source, recursion: recursion.recursion }),
		};
	}
	if (common.planning) {
		const problem = recursion === undefined ? "circular reference" : "multiple recursive references";
		throw sqlErrorAt(context.source, node.at, `${problem}: ${common.name}`);
	}
	let shared = common.shared ?? planCommon(common, common.context);
	common.shared = shared;
	// Its outer values are those of the place where it was defined; elsewhere it is planned for that place.
	if (shared.correlated && context.captures !== common.context.captures) {
		shared = planCommon(common, { ...common.context, captures: context.captures });
	}
	shared.references++;
	const found = shared;
	return { columns: found.plan.columns, leaf: (source) => ({ op: "shared", source, shared: found }) };
}

function planCommon(common: CommonTable, context: PlanContext): SharedQuery {
	common.planning = true;
	try {
		const before = context.captures?.uses ?? 0;
		const plan = planRecursive(common, context) ?? renamed(planSelect(common.select, context), common, context);
		const correlated = (context.captures?.uses ?? 0) > before;
		return { name: common.name, plan, references: 0, correlated };
	} finally {
		common.planning = false;
	}
}

function renamed(plan: QueryPlan, common: CommonTable, context: PlanContext): QueryPlan {
	return { ...plan, columns: renamedColumns(plan.columns, common, context) };
}

function renamedColumns(
	columns: readonly ResultColumn[],
	common: CommonTable,
	context: PlanContext,
): readonly ResultColumn[] {
	const names = common.columnNames;
	if (names.length === 0) return columns;
	if (names.length !== columns.length) {
		throw sqlErrorAt(
			context.source,
			(names[0] as NameNode).at, // there is at least one
			`table ${common.name} has ${columns.length} values for ${names.length} columns`,
		);
	}
	return columns.map((column, i) => ({ ...column, name: (names[i] as NameNode).text, innerName: undefined })); // as many
}

/** The places in FROM itself that name the table: what stands in a subquery there does not count. */
function directReferences(core: CoreNode | ValuesNode, folded: string): TableNode[] {
	if (core.type === "values" || core.from === null) return [];
	return [core.from.first, ...core.from.joins.map((join) => join.table)].map(unbracketed).filter((table) => {
		if (table.type !== "table" || table.arguments !== null || table.name.schema !== null) return false;
		return foldCase(table.name.name) === folded;
	});
}

/** Brackets around one table change nothing; around a join they are a query of their own. */
function unbracketed(table: TableNode): TableNode {
	const isOne = table.type === "nested" && table.alias === null && table.tables.joins.length === 0;
	return isOne ? unbracketed(table.tables.first) : table;
}

/** Where the recursive parts begin: those at the end that name the table and stand behind the same UNION; -1 without any. */
function firstRecursive({ rest }: SelectNode, folded: string): number {
	const last = rest.at(-1);
	if (last?.operator !== "union" && last?.operator !== "union all") return -1;
	let first = rest.length;
	for (; first > 0; first--) {
		const { core, operator } = rest[first - 1] as SelectNode["rest"][number]; // first > 0
		if (operator !== last.operator || directReferences(core, folded).length === 0) break;
	}
	return first === rest.length ? -1 : first;
}

/** Undefined where the query is not recursive. */
function planRecursive(common: CommonTable, outside: PlanContext): QueryPlan | undefined {
	const { select, name } = common;
	const folded = foldCase(name);
	if (select.with?.tables.some((table) => foldCase(table.name.text) === folded)) return undefined;
	const recursive = firstRecursive(select, folded);
	if (recursive === -1) return undefined;
	const context = withCommon(select.with, outside);
	const steps = select.rest.slice(recursive);
	const { operator } = steps[0] as SelectNode["rest"][number]; // there is at least one
	const references = new Set<TableNode>();
	for (const { core } of steps) {
		const [first, second] = directReferences(core, folded);
		if (second !== undefined)
			throw sqlErrorAt(context.source, core.at, `multiple references to recursive table: ${name}`);
		if (first !== undefined) references.add(first);
	}
	const initialNode: SelectNode = {
		...select,
		with: null,
		rest: select.rest.slice(0, recursive),
		order: [],
		limit: null,
	};
	const initial =
		initialNode.rest.length > 0 ? planCompound(initialNode, context) : planPart(initialNode.first, context).plan;
	// Types are those of the first part, names those that were given.
	const columns = renamedColumns(initial.columns, common, context);
	const recursion = { name };
	common.recursion = { recursion, columns, references };
	try {
		const plans = steps.map(({ core }) => {
			const { plan } = planPart(core, context);
			if (plan.columns.length !== columns.length) {
				throw sqlErrorAt(
					context.source,
					core.at,
					`SELECTs to the left and right of ${operator.toUpperCase()} do not have the same number of result columns`,
				);
			}
			return plan;
		});
		const root: Logical = {
			op: "recursive",
			recursion,
			initial,
			steps: plans,
			collations: operator === "union" ? compoundCollations([initial, ...plans]) : null,
			order: compoundOrder(select, [{ plan: { ...initial, columns }, match: () => -1 }], context),
			...bindLimit(select, context),
		};
		return { root, scope: initial.scope, columns };
	} finally {
		common.recursion = undefined;
	}
}
