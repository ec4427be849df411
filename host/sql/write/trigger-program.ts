/**
 * The body of a trigger, planned: each of its statements takes the values of OLD and NEW that it names from outside, as a
 * query inside an expression takes those of the enclosing row.
 */

import type { Bound } from "../bind/bound.js";
import { ExpressionBinder } from "../bind/expression.js";
import type { ScopeTable } from "../bind/scope.js";
import { Captures, Scope, tableInScope } from "../bind/scope.js";
import type { Table, Trigger, View } from "../catalog/table.js";
import type { Evaluate } from "../execute/compile.js";
import { compile, isTrue } from "../execute/compile.js";
import type { Execution, Tuple } from "../execute/operator.js";
import { collectRows } from "../execute/operator.js";
import type { ConflictAction, TriggerStepNode } from "../parse/ast.js";
import type { PlanContext } from "../plan/context.js";
import { NO_COLUMNS } from "../plan/layout.js";
import { planQuery } from "../plan/query.js";
import { viewColumns } from "../plan/view.js";
import { planDelete, planUpdate } from "./change.js";
import { contextOf } from "./expressions.js";
import { planInsert } from "./insert.js";
import { pairLayout } from "./layout.js";
import type { WriteRun } from "./plan.js";
import type { TablePlans } from "./table-plan.js";

export interface TriggerProgram {
	run(old: Tuple | null, row: Tuple | null, write: WriteRun): void;
}

/** Something planned under `captures`: to be run on the values that it took from there. */
interface Step {
	readonly captures: Captures;
	run(execution: Execution, write: WriteRun): void;
}

export function planTrigger(trigger: Trigger, onConflict: ConflictAction | null, plans: TablePlans): TriggerProgram {
	const planner = new TriggerPlanner(trigger, onConflict, plans);
	const when = planner.when();
	const steps = trigger.node.body.map((node) => planner.step(node));
	const { width } = planner;
	const layout = pairLayout(width);
	const valuesOf = (captures: Captures): readonly Evaluate[] => captures.list.map((bound) => compile(bound, layout));
	const compiled = steps.map((step) => ({ step, values: valuesOf(step.captures) }));
	const condition = when === null ? null : { test: when.test, values: valuesOf(when.captures) };
	const missing: Tuple = new Array<null>(width).fill(null);
	return {
		run: (old, row, write) => {
			const both = [...(old ?? missing), ...(row ?? missing)];
			const execution = (values: readonly Evaluate[]) =>
				write.executionFor(values.map((value) => value(both, write.execution)));
			if (condition !== null && !holds(condition.test, execution(condition.values))) return;
			for (const { step, values } of compiled) {
				const own = execution(values);
				// Not in a function of its own: triggers that set off triggers go as deep as the runtime's stack lets them.
				try {
					step.run(own, write.within(own));
				} finally {
					own.end();
				}
			}
		},
	};
}

function holds(test: Evaluate, own: Execution): boolean {
	try {
		return isTrue(test([], own));
	} finally {
		own.end();
	}
}

/** OLD, then NEW; where the event has only one of them, the other cannot be named. */
function rowsInScope(trigger: Trigger, context: PlanContext): { scope: Scope; width: number } {
	const { event, table: name } = trigger.node;
	const schema = name.schema ?? (trigger.temporary ? null : "main");
	const view = context.catalog.view(name.name, schema);
	const table = view === undefined ? context.catalog.table({ ...name, schema }, context.source) : undefined;
	const row = table === undefined ? viewRow(view as View, context) : tableRow(table); // one of them is there
	const named = (called: string, shown: boolean): ScopeTable => ({
		...row,
		name: shown ? called : "",
		onlyQualified: true,
	});
	return {
		scope: new Scope([named("old", event !== "insert"), named("new", event !== "delete")]),
		width: row.columns.length + 1,
	};
}

/** In comparisons its columns are values without an affinity, as in SQLite: all but the rowid, whatever it is called. */
function tableRow(table: Table): ScopeTable {
	const { columns, ...rest } = tableInScope("", table);
	const rowid = table.kind === "stored" ? table.rowIdColumn : -1;
	const values = columns.map((column, i) => (i === rowid ? column : { ...column, affinity: null }));
	return { ...rest, columns: values };
}

function viewRow(view: View, context: PlanContext): ScopeTable {
	return {
		name: "",
		table: null,
		columns: viewColumns(view, context).map(({ name, collation }) => ({
			name,
			affinity: null,
			collation: collation ?? "binary",
			origin: null,
			hidden: false,
		})),
	};
}

class TriggerPlanner {
	readonly width: number;
	readonly #trigger: Trigger;
	readonly #onConflict: ConflictAction | null;
	readonly #plans: TablePlans;
	readonly #context: PlanContext;
	readonly #rows: ExpressionBinder;

	constructor(trigger: Trigger, onConflict: ConflictAction | null, plans: TablePlans) {
		this.#trigger = trigger;
		this.#onConflict = onConflict;
		this.#plans = plans;
		this.#context = {
			...contextOf(trigger.sql, plans.context, trigger.temporary),
			captures: undefined,
			common: undefined,
			schema: trigger.temporary ? undefined : "main",
			inTrigger: true,
		};
		const { scope, width } = rowsInScope(trigger, this.#context);
		this.width = width;
		this.#rows = new ExpressionBinder(this.#context, scope);
	}

	#inside(): { readonly context: PlanContext; readonly captures: Captures } {
		const captures = new Captures(this.#rows);
		return { captures, context: { ...this.#context, captures } };
	}

	when(): { readonly test: Evaluate; readonly captures: Captures } | null {
		const { when } = this.#trigger.node;
		if (when === null) return null;
		const { context, captures } = this.#inside();
		const bound: Bound = new ExpressionBinder(context, new Scope([])).bind(when);
		return { test: compile(bound, NO_COLUMNS), captures };
	}

	step(node: TriggerStepNode): Step {
		const { context, captures } = this.#inside();
		if (node.type === "select") {
			const { operator } = planQuery(node, context);
			return { captures, run: (execution) => void collectRows(operator.open(execution)) };
		}
		const schema = this.#context.schema ?? null;
		const target = { table: { ...node.table, schema: node.table.schema ?? schema } };
		const plan = this.#planWrite({ ...node, ...target }, context);
		return {
			captures,
			run: (_execution, write) => {
				plan.run(write);
				const { counters, changes } = write;
				counters.changes = changes;
				counters.totalChanges += changes;
			},
		};
	}

	#planWrite(node: Exclude<TriggerStepNode, { type: "select" }>, context: PlanContext) {
		switch (node.type) {
			case "insert":
				return planInsert({ ...node, onConflict: this.#onConflict ?? node.onConflict }, context, this.#plans);
			case "update":
				return planUpdate({ ...node, onConflict: this.#onConflict ?? node.onConflict }, context, this.#plans);
			case "delete":
				return planDelete(node, context, this.#plans);
		}
	}
}
