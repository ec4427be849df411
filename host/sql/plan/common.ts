/** WITH: queries that FROM names, recursive ones among them. */

import type { NameNode, SelectNode, TablesNode, WithNode } from "../parse/ast.js";
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

export function commonTable(common: CommonTable, context: PlanContext, at: number): CommonReference {
	const { recursion } = common;
	if (recursion !== undefined) {
		return {
			columns: recursion.columns,
			leaf: (source) => ({ op: "working", source, recursion: recursion.recursion }),
		};
	}
	if (common.planning) throw sqlErrorAt(context.source, at, `circular reference: ${common.name}`);
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
		const plan = isRecursive(common)
			? planRecursive(common, context)
			: renamed(planSelect(common.select, context), common, context);
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

function mentions(tables: TablesNode | null, folded: string): boolean {
	if (tables === null) return false;
	return [tables.first, ...tables.joins.map((join) => join.table)].some((table) => {
		if (table.type === "nested") return mentions(table.tables, folded);
		if (table.type === "subquery") return selectMentions(table.select, folded);
		return table.arguments === null && table.name.schema === null && foldCase(table.name.name) === folded;
	});
}

function selectMentions(select: SelectNode, folded: string): boolean {
	const hidden = select.with?.tables.some(({ name }) => foldCase(name.text) === folded) ?? false;
	if (hidden) return false;
	return [select.first, ...select.rest.map(({ core }) => core)].some(
		(core) => core.type === "core" && mentions(core.from, folded),
	);
}

function isRecursive({ select, name }: CommonTable): boolean {
	return select.rest.length > 0 && selectMentions(select, foldCase(name));
}

/** Where the recursive parts begin: those at the end that name the table and stand behind the same UNION; -1 without any. */
function firstRecursive({ rest }: SelectNode, folded: string): number {
	const last = rest.at(-1);
	if (last?.operator !== "union" && last?.operator !== "union all") return -1;
	let first = rest.length;
	for (; first > 0; first--) {
		const { core, operator } = rest[first - 1] as SelectNode["rest"][number]; // first > 0
		if (operator !== last.operator || core.type !== "core" || !mentions(core.from, folded)) break;
	}
	return first === rest.length ? -1 : first;
}

/** How often FROM itself names the table. */
function references(tables: TablesNode | null, folded: string): number {
	if (tables === null) return 0;
	const all = [tables.first, ...tables.joins.map((join) => join.table)];
	return all.reduce((count, table) => {
		if (table.type === "nested") return count + references(table.tables, folded);
		return count + (table.type === "table" && mentions({ first: table, joins: [] }, folded) ? 1 : 0);
	}, 0);
}

function planRecursive(common: CommonTable, outside: PlanContext): QueryPlan {
	const { select, name } = common;
	const context = withCommon(select.with, outside);
	const folded = foldCase(name);
	const recursive = firstRecursive(select, folded);
	if (recursive === -1) return renamed(planSelect(select, outside), common, outside);
	const steps = select.rest.slice(recursive);
	const { operator } = steps[0] as SelectNode["rest"][number]; // there is at least one
	for (const { core } of steps) {
		if (core.type === "core" && references(core.from, folded) > 1) {
			throw sqlErrorAt(context.source, core.at, `multiple references to recursive table: ${name}`);
		}
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
	common.recursion = { recursion, columns };
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
