/** INSERT, UPDATE and DELETE: plans that change rows, all of them or none. */

import type { Bound } from "../bind/bound.js";
import { ExpressionBinder } from "../bind/expression.js";
import { unsupported } from "../bind/place.js";
import { Scope } from "../bind/scope.js";
import type { Catalog } from "../catalog/catalog.js";
import type { Table } from "../catalog/table.js";
import { compile } from "../execute/compile.js";
import type { Execution, Operator, Run, Tuple } from "../execute/operator.js";
import type { ConflictAction, ResultColumnNode, TableNameNode, TriggerEvent } from "../parse/ast.js";
import { sqlErrorAt } from "../parse/source.js";
import type { PlanContext } from "../plan/context.js";
import type { ResultColumn } from "../plan/logical.js";
import { bindOutputs } from "../plan/output.js";
import type { Value } from "../value/value.js";
import type { Encoders } from "./encoders.js";
import type { ForeignCounts } from "./foreign-checks.js";
import type { Journal } from "./journal.js";
import { KeyValueWriter } from "./key-value-writer.js";
import { ROW_LAYOUT } from "./layout.js";
import type { Nesting } from "./nesting.js";
import type { PlainInsert } from "./plain-insert.js";
import type { RowIds } from "./rowids.js";
import type { Sequences } from "./sequence.js";
import type { TablePlans } from "./table-plan.js";
import type { Conflict, TableWriter, WriteTarget } from "./table-writer.js";
import { uniqueChecks } from "./table-writer.js";

/** The connection's, as its functions show them. */
export interface Counters {
	changes: number;
	totalChanges: number;
	lastInsertRowId: number | bigint;
}

export interface WriteSettings {
	readonly recursiveTriggers: boolean;
}

export interface WriteRun {
	readonly journal: Journal;
	readonly rowIds: RowIds;
	readonly sequences: Sequences;
	readonly encoders: Encoders;
	readonly execution: Execution;
	readonly catalog: Catalog;
	readonly counters: Counters;
	readonly settings: WriteSettings;
	/** Null where foreign keys are not enforced. */
	readonly foreign: ForeignCounts | null;
	readonly nesting: Nesting;
	/** What a sort, or the like, may hold in memory. */
	readonly memoryBytes: number;
	/** Its transaction commits behind it: no statement comes in between. */
	readonly commitsAtEnd: boolean;
	/** For a query of its own within the statement, over values that it takes from outside. */
	executionFor(outer: readonly Value[]): Execution;
	/** How many rows the statement has changed so far, without those that triggers and foreign keys changed. */
	changes: number;
	/** For a statement within this one, which counts its own changes. */
	within(execution: Execution): WriteRun;
	/** Writes to the target. Where statements of a transaction follow each other, the writer may be that of the one before. */
	writerTo(target: WriteTarget): TableWriter;
}

export interface WritePlan {
	readonly operator: Operator;
	/** Of RETURNING; empty without. */
	readonly columns: readonly ResultColumn[];
	/** Answers with the rows of RETURNING. */
	run(run: WriteRun): readonly Tuple[];
	/** A shorter way for the same, where values and run are as usual. */
	readonly plain?: PlainInsert | undefined;
}

/** Changes rows of one table; rows are `[rowid, ...columns]`. */
export interface RowChanges {
	/** To be called before the first row: what is wrong with foreign keys shows even where no row is changed. */
	announce(event: TriggerEvent, assigned: readonly number[]): void;
	insert(row: Tuple, onConflict?: Conflict | null): Tuple | null;
	update(old: Tuple, row: Tuple, assigned: readonly number[]): Tuple | null;
	delete(row: Tuple): boolean;
	/** As `delete` of the row under the key, where there is one. */
	deleteKey(key: Uint8Array): boolean;
	keyOf(row: Tuple): Uint8Array;
	/** The row under a key as it is now. */
	read(key: Uint8Array): Tuple | undefined;
}

/** How a statement writes to one table: made once per plan, opened once per run. */
export type ChangesOf = (run: WriteRun) => RowChanges;

export function changesTo(table: Table, onConflict: ConflictAction | null, plans: TablePlans): ChangesOf {
	if (table.kind === "keyValue") return (run) => new KeyValueWriter(run.journal, onConflict);
	const plan = plans.of(table);
	return writerOf({
		plan,
		onConflict,
		uniques: uniqueChecks(plan, onConflict),
		plans,
		triggers: plans.triggers(table, onConflict),
	});
}

export function writerOf(target: WriteTarget): ChangesOf {
	return (run) => run.writerTo(target);
}

export function writableTable(name: TableNameNode, context: PlanContext): Table {
	const table = context.catalog.table(name, context.source);
	if (table.kind === "stored" && table.system) {
		throw sqlErrorAt(context.source, name.at, `table ${table.name} may not be modified`);
	}
	return table;
}

export interface Returning {
	readonly columns: readonly ResultColumn[];
	/** Null without RETURNING. */
	readonly project: ((row: Tuple, run: Execution) => Tuple) | null;
}

export function planReturning(
	nodes: readonly ResultColumnNode[] | null,
	table: Table,
	context: PlanContext,
): Returning {
	if (nodes === null) return { columns: [], project: null };
	for (const node of nodes) {
		if (node.type === "star" && node.table !== null)
			throw sqlErrorAt(context.source, node.at, 'RETURNING may not use "TABLE.*" wildcards');
	}
	const scope = new Scope([{ name: table.name, table }]);
	const outputs = bindOutputs(nodes, scope, new ExpressionBinder(context, scope), context);
	const compiled = outputs.map(({ bound }: { bound: Bound }) => compile(bound, ROW_LAYOUT));
	return {
		columns: outputs.map(({ column }) => column),
		project: (row, run) => compiled.map((value) => value(row, run)),
	};
}

export function refuse(context: PlanContext, at: number, feature: string): never {
	throw unsupported(context.source, at, feature);
}

/** A writing statement in EXPLAIN; it is run by its plan, not pulled. */
export class WriteOperator implements Operator {
	readonly describe: string;
	readonly inputs: readonly Operator[];

	constructor(describe: string, input: Operator | null) {
		this.describe = describe;
		this.inputs = input === null ? [] : [input];
	}

	open(): Run {
		throw new Error("a writing statement yields no rows by being pulled");
	}
}
