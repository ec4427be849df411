/** ON CONFLICT: which constraint each clause is about, and what it does with the row that is in the way. */

import { ExpressionBinder } from "../bind/expression.js";
import { collationNamed } from "../bind/place.js";
import type { ScopeTable } from "../bind/scope.js";
import { Scope, tableInScope } from "../bind/scope.js";
import { indexesAsChecked } from "../catalog/index-columns.js";
import type { Table } from "../catalog/table.js";
import { ROWID } from "../catalog/table.js";
import type { Evaluate } from "../execute/compile.js";
import { compile, isTrue } from "../execute/compile.js";
import type { Tuple } from "../execute/operator.js";
import type { ConflictAction, ExpressionNode, IndexedColumnNode, InsertNode, UpsertNode } from "../parse/ast.js";
import { sqlErrorAt } from "../parse/source.js";
import type { PlanContext } from "../plan/context.js";
import type { Assignments } from "./assignments.js";
import { planAssignments } from "./assignments.js";
import { pairLayout } from "./layout.js";
import { sameExpression } from "./nodes.js";
import type { ChangesOf, WriteRun } from "./plan.js";
import { changesTo } from "./plan.js";
import type { IndexPlan, TablePlan, TablePlans } from "./table-plan.js";
import type { Conflict, UniqueCheck } from "./table-writer.js";
import { uniqueChecks } from "./table-writer.js";

interface Clause {
	/** Null for DO NOTHING. */
	readonly update: { readonly assignments: Assignments; readonly where: Evaluate | null } | null;
	/** Positions in the plan's indexes, -1 for the key; null for whatever is left. */
	readonly about: number | null;
}

export interface Upsert {
	/** For stored tables: in the order of the clauses. */
	readonly uniques: readonly UniqueCheck[];
	/** What one run does with conflicts; `updated` gets each row that was updated. */
	open(write: WriteRun, updated: (row: Tuple) => void): Conflict;
}

export function planUpsert(node: InsertNode, table: Table, context: PlanContext, plans: TablePlans): Upsert | null {
	if (node.upsert.length === 0) return null;
	const name = node.alias?.text ?? table.name;
	const scope = new Scope([{ name, table }, excludedRow(table)]);
	const own = new Scope([{ name, table }]);
	const width = table.columns.length + 1;
	const layout = pairLayout(width);
	const binder = new ExpressionBinder(context, scope);
	const plan = table.kind === "stored" ? plans.of(table) : null;
	const known = new Set<number>();
	const clauses = node.upsert.map((clause, i): Clause => {
		const which = node.upsert.length === 1 ? "" : `${ordinal(i + 1)} `;
		// The condition says which index is meant, so that nothing evaluates it, but it may be wrong.
		if (clause.targetWhere !== null) new ExpressionBinder(context, own).bind(clause.targetWhere);
		const about = clause.target === null ? null : targetOf(clause, clause.target, table, plan, which, context);
		// A second clause about the same key is never asked, nor looked at.
		const isRepeated = about !== null && known.has(about);
		if (about !== null) known.add(about);
		if (clause.assignments === null || isRepeated) return { about, update: null };
		const where = clause.where === null ? null : compile(binder.bind(clause.where), layout);
		const assignments = planAssignments(clause.assignments, table, binder, layout, context);
		return { about, update: { where, assignments } };
	});
	const changes = changesTo(table, "abort", plans);
	return {
		uniques: plan === null ? [] : inOrderOfClauses(plan, node.onConflict, clauses),
		open: (write, updated) => open(clauses, changes, write, updated),
	};
}

/** In comparisons its columns are values like any others: as in SQLite they have no affinity there, and no collation. */
export function excludedRow(table: Table): ScopeTable {
	const { columns, ...rest } = tableInScope("excluded", table);
	const plain = columns.map((column) => ({ ...column, affinity: null, collation: "binary" as const }));
	return { ...rest, columns: plain, onlyQualified: true };
}

function open(
	clauses: readonly Clause[],
	changesOf: ChangesOf,
	write: WriteRun,
	updated: (row: Tuple) => void,
): Conflict {
	const changes = changesOf(write);
	return (at, owner, row) => {
		const update = clauses[at]?.update ?? null;
		if (update === null) return;
		const old = changes.read(owner);
		if (old === undefined) return;
		const both = [...old, ...row];
		if (update.where !== null && !isTrue(update.where(both, write.execution))) return;
		const next = old.slice();
		update.assignments.apply(next, both, write.execution);
		const stored = changes.update(old, next, update.assignments.slots);
		if (stored !== null) updated(stored);
	};
}

function ordinal(number: number): string {
	const last = number % 10;
	const isTeen = Math.floor(number / 10) % 10 === 1;
	return `${number}${isTeen ? "th" : last === 1 ? "st" : last === 2 ? "nd" : last === 3 ? "rd" : "th"}`;
}

/** Clauses with a target first, in their order; then the rowid, where none is about it, and the rest as it stands. */
function inOrderOfClauses(
	plan: TablePlan,
	onConflict: ConflictAction | null,
	clauses: readonly Clause[],
): UniqueCheck[] {
	const uniques = uniqueChecks(plan, onConflict);
	const rest = clauses.findIndex(({ about }) => about === null);
	const place = ({ at }: UniqueCheck) => clauses.findIndex(({ about }) => about === at);
	const assigned = uniques.map((unique) => {
		const own = place(unique);
		return { ...unique, clause: own === -1 ? rest : own };
	});
	const targeted = assigned.filter((unique) => place(unique) !== -1).sort((a, b) => place(a) - place(b));
	const others = assigned.filter((unique) => place(unique) === -1);
	if (plan.key !== null) return [...targeted, ...others];
	const rowId = others.filter(({ at }) => at === -1);
	return [...targeted, ...rowId, ...others.filter(({ at }) => at !== -1)];
}

function targetOf(
	clause: UpsertNode,
	target: readonly IndexedColumnNode[],
	table: Table,
	plan: TablePlan | null,
	which: string,
	context: PlanContext,
): number {
	const parts = target.map(({ expression }) => {
		let node = expression;
		let collation: string | null = null;
		for (; node.type === "collate" || node.type === "bracket"; node = node.operand)
			if (node.type === "collate") collation ??= collationNamed(context.source, node.collation);
		return { node, collation, column: columnOf(node, table, context) };
	});
	const [only] = parts;
	if (plan === null) {
		if (parts.length === 1 && only?.column === 0) return -1;
	} else {
		const { rowIdColumn, withoutRowId } = plan.table;
		const isRowId = only !== undefined && (only.column === ROWID || (rowIdColumn >= 0 && only.column === rowIdColumn));
		if (parts.length === 1 && isRowId && !withoutRowId) return -1;
		const matches = (candidate: IndexPlan) =>
			candidate.index.unique &&
			candidate.index.columns.length === parts.length &&
			(candidate.index.where === null ||
				(clause.targetWhere !== null && sameExpression(candidate.index.where, clause.targetWhere))) &&
			candidate.index.columns.every((own) =>
				parts.some(
					(part) =>
						(part.collation === null || part.collation === own.collation) &&
						(own.expression === null ? part.column === own.column : sameExpression(own.expression, part.node)),
				),
			);
		for (const index of indexesAsChecked(plan.table)) {
			if (index === plan.key?.index && matches(plan.key)) return -1;
			const at = plan.indexes.findIndex((candidate) => candidate.index === index && matches(candidate));
			if (at !== -1) return at;
		}
	}
	const message = `${which}ON CONFLICT clause does not match any PRIMARY KEY or UNIQUE constraint`;
	throw sqlErrorAt(context.source, clause.at, message);
}

/** The column that the expression is; binding it says so where there is none. */
function columnOf(node: ExpressionNode, table: Table, context: PlanContext): number | null {
	const bound = new ExpressionBinder(context, new Scope([{ name: table.name, table }])).bind(node);
	return bound.kind === "column" ? bound.column : null;
}
