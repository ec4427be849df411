/** All that writing rows of a table needs to know, made once per plan so that nothing is looked up per row. */

import type { Bound } from "../bind/bound.js";
import { walk } from "../bind/traverse.js";
import { indexesAsChecked } from "../catalog/index-columns.js";
import type { Index, StoredTable } from "../catalog/table.js";
import type { Evaluate } from "../execute/compile.js";
import { compile } from "../execute/compile.js";
import type { ConflictAction } from "../parse/ast.js";
import { sqlErrorAt } from "../parse/source.js";
import type { PlanContext } from "../plan/context.js";
import type { Collation } from "../value/compare.js";
import type { Affinity } from "../value/convert.js";
import { bindRowExpression, checkDefault, contextOf, defaultExpression, rowExpression } from "./expressions.js";
import type { ForeignLinks } from "./foreign-links.js";
import { foreignLinks } from "./foreign-links.js";
import { ROW_LAYOUT } from "./layout.js";
import type { TriggersOf } from "./trigger-runner.js";
import { triggersOf } from "./triggers.js";

export interface KeyPart {
	/** Position in rows of `[rowid, ...columns]`, or -1 for an expression. */
	readonly slot: number;
	readonly value: Evaluate | null;
	readonly collation: Collation;
	readonly descending: boolean;
}

export interface IndexPlan {
	readonly index: Index;
	readonly parts: readonly KeyPart[];
	readonly where: Evaluate | null;
	readonly hasExpressions: boolean;
	/** What a UNIQUE constraint's message says is not unique. */
	readonly what: string;
}

export interface TablePlan {
	readonly table: StoredTable;
	/** Bound when a statement needs them: as in SQLite, a DEFAULT that cannot be computed is an error of INSERT. */
	readonly defaults: readonly (Evaluate | null)[];
	/** Slots whose values are converted, and to what; the rowid's is not among them. */
	readonly conversions: readonly { readonly slot: number; readonly affinity: Affinity }[];
	/** Generated columns, each behind those that it reads. */
	readonly generated: readonly { readonly slot: number; readonly value: Evaluate; readonly affinity: Affinity }[];
	readonly notNull: readonly {
		readonly slot: number;
		readonly column: number;
		readonly onConflict: ConflictAction | null;
		readonly message: string;
	}[];
	readonly checks: readonly { readonly name: string; readonly test: Evaluate }[];
	/** All but the one whose entries are the rows, in the order in which SQLite looks at them. */
	readonly indexes: readonly IndexPlan[];
	/** Of a table WITHOUT ROWID. */
	readonly key: IndexPlan | null;
}

/** The table's plans for one statement, made when they are first asked for: a table may lead to others, and back. */
export class TablePlans {
	readonly context: PlanContext;
	readonly #plans = new Map<StoredTable, TablePlan>();
	readonly #links = new Map<StoredTable, ForeignLinks | null>();

	constructor(context: PlanContext) {
		this.context = context;
	}

	of(table: StoredTable): TablePlan {
		let plan = this.#plans.get(table);
		if (plan === undefined) {
			plan = planTable(table, this.context);
			this.#plans.set(table, plan);
		}
		return plan;
	}

	/** Of foreign keys; null where the table has none and none refers to it. */
	links(table: StoredTable): ForeignLinks | null {
		let links = this.#links.get(table);
		if (links === undefined) {
			links = foreignLinks(table, this.context);
			this.#links.set(table, links);
		}
		return links;
	}

	/** Null where the table has none. `onConflict` is that of the statement which writes to it. */
	triggers(table: StoredTable, onConflict: ConflictAction | null): TriggersOf | null {
		const triggers = this.context.catalog.triggersOn(table);
		const names = table.columns.map(({ name }) => name);
		return triggers.length === 0 ? null : triggersOf(triggers, names, onConflict, this);
	}
}

export function planTable(table: StoredTable, context: PlanContext): TablePlan {
	const own = contextOf(table.sql, context, table.temporary);
	const clustered = table.withoutRowId ? table.indexes.find((index) => index.id === table.id) : undefined;
	const conversions = table.columns.flatMap(({ affinity }, i) =>
		affinity === "blob" || i === table.rowIdColumn ? [] : [{ slot: i + 1, affinity }],
	);
	for (const { default: fallback, name } of table.columns)
		if (fallback !== null) checkDefault(fallback.expression, name, own);
	let defaults: TablePlan["defaults"] | undefined;
	return {
		table,
		get defaults() {
			defaults ??= table.columns.map(({ default: fallback }) =>
				fallback === null ? null : defaultExpression(fallback.expression, own),
			);
			return defaults;
		},
		conversions,
		generated: generatedColumns(table, own),
		notNull: notNullChecks(table),
		checks: table.checks.map(({ name, expression }) => ({
			name,
			test: rowExpression(expression, table, "CHECK constraints", own),
		})),
		indexes: indexesAsChecked(table)
			.filter((index) => index !== clustered)
			.map((index) => planIndex(index, table, context)),
		key: clustered === undefined ? null : planIndex(clustered, table, context),
	};
}

/** Generated columns last: what OR REPLACE puts into the others may be what they are computed of. */
function notNullChecks({ name, columns, rowIdColumn }: StoredTable): TablePlan["notNull"] {
	const checks = columns.flatMap(({ name: columnName, notNull, notNullConflict, generated }, column) => {
		if (!notNull || column === rowIdColumn) return [];
		const message = `NOT NULL constraint failed: ${name}.${columnName}`;
		return [{ slot: column + 1, column, onConflict: notNullConflict, message, isGenerated: generated !== null }];
	});
	return [...checks.filter(({ isGenerated }) => !isGenerated), ...checks.filter(({ isGenerated }) => isGenerated)];
}

export function planIndex(index: Index, table: StoredTable, context: PlanContext): IndexPlan {
	const own = index.sql === null ? context : contextOf(index.sql, context, table.temporary);
	const parts = index.columns.map(({ column, expression, collation, descending }): KeyPart => {
		if (expression === null) return { slot: column + 1, value: null, collation, descending };
		return { slot: -1, value: rowExpression(expression, table, "index expressions", own), collation, descending };
	});
	const where = index.where === null ? null : rowExpression(index.where, table, "partial index WHERE clauses", own);
	const names = index.columns.map(({ column }) => `${table.name}.${table.columns[column]?.name}`);
	const hasExpressions = parts.some(({ slot }) => slot === -1);
	const what = hasExpressions ? `index '${index.name}'` : names.join(", ");
	return { index, parts, where, hasExpressions, what };
}

function generatedColumns(table: StoredTable, context: PlanContext): TablePlan["generated"] {
	const bounds = new Map<number, Bound>();
	for (const [i, { generated }] of table.columns.entries())
		if (generated !== null) bounds.set(i, bindRowExpression(generated.expression, table, "generated columns", context));
	const ordered: { slot: number; value: Evaluate; affinity: Affinity }[] = [];
	const states = new Map<number, "open" | "done">();
	const visit = (column: number): void => {
		const bound = bounds.get(column);
		const definition = table.columns[column];
		if (bound === undefined || definition === undefined || states.get(column) === "done") return;
		if (states.get(column) === "open")
			throw sqlErrorAt(context.source, 0, `generated column loop on "${definition.name}"`);
		states.set(column, "open");
		walk(bound, (part) => {
			if (part.kind === "column") visit(part.column);
		});
		states.set(column, "done");
		ordered.push({ slot: column + 1, value: compile(bound, ROW_LAYOUT), affinity: definition.affinity });
	};
	for (const column of bounds.keys()) visit(column);
	return ordered;
}
