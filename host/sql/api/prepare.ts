/** A statement's tree -> something that runs on a session. */

import { WlsmError } from "../../errors.js";
import { unsupported } from "../bind/place.js";
import type { Catalog } from "../catalog/catalog.js";
import type { Operator, Run, Tuple } from "../execute/operator.js";
import { emit, planText } from "../execute/operator.js";
import type { PlainStatementNode, StatementNode, TransactionNode } from "../parse/ast.js";
import type { Source } from "../parse/source.js";
import { sqlErrorAt } from "../parse/source.js";
import type { PlanContext } from "../plan/context.js";
import type { ResultColumn } from "../plan/logical.js";
import { planQuery } from "../plan/query.js";
import type { Value } from "../value/value.js";
import { alterTable } from "../write/alter.js";
import { analyze } from "../write/analyze.js";
import { planDelete, planUpdate } from "../write/change.js";
import { ConstraintError, fail } from "../write/constraint.js";
import { createIndex, reindex } from "../write/create-index.js";
import { createTable } from "../write/create-table.js";
import { createTrigger } from "../write/create-trigger.js";
import { createView } from "../write/create-view.js";
import { drop } from "../write/drop.js";
import { FOREIGN_KEY_FAILED } from "../write/foreign-checks.js";
import { planInsert } from "../write/insert.js";
import type { WritePlan } from "../write/plan.js";
import { SchemaChange } from "../write/schema.js";
import { contextFor } from "./context.js";
import { pragma } from "./pragma.js";
import type { Session } from "./session.js";

export interface Prepared {
	readonly columns: readonly ResultColumn[];
	/** Per parameter its name with the sigil, or null. */
	readonly parameters: readonly (string | null)[];
	/** The statement leaves data as it is. */
	readonly readOnly: boolean;
	readonly operator: Operator | null;
	/** Runs it to its end where it writes; where it only reads, rows come as they are pulled. */
	start(session: Session, parameters: readonly Value[]): Run;
}

export function prepareStatement(node: StatementNode, source: Source, session: Session): Prepared {
	const context = contextFor(source, session.catalog(), session.functions, session.sizes);
	try {
		if (node.type === "explain") return explained(preparePlain(node.statement, context));
		return preparePlain(node, context);
	} catch (error) {
		// Nesting that brackets do not count, as in `1 + NOT 1 + NOT …`.
		if (error instanceof RangeError) throw sqlErrorAt(source, 0, "the statement is nested too deeply", error);
		throw error;
	}
}

function preparePlain(node: PlainStatementNode, context: PlanContext): Prepared {
	const { names } = context.parameters;
	switch (node.type) {
		case "select": {
			const { operator, columns } = planQuery(node, context);
			return {
				columns,
				parameters: names,
				readOnly: true,
				operator,
				start: (session, values) => query(operator, session, values),
			};
		}
		case "insert":
			return writing(planInsert(node, context), names);
		case "update":
			return writing(planUpdate(node, context), names);
		case "delete":
			return writing(planDelete(node, context), names);
		case "createTable":
			return schemaChange(context, (change) => createTable(node, change));
		case "createIndex":
			return schemaChange(context, (change) => createIndex(node, change));
		case "createView":
			return schemaChange(context, (change) => createView(node, change));
		case "createTrigger":
			return schemaChange(context, (change) => createTrigger(node, change));
		case "alterTable":
			return schemaChange(context, (change) => alterTable(node, change));
		case "dropTable":
		case "dropIndex":
		case "dropView":
		case "dropTrigger":
			return schemaChange(context, (change) => drop(node, change));
		case "reindex":
			return schemaChange(context, (change) => {
				reindex(node.name, change);
				return change.catalog;
			});
		case "analyze":
			return schemaChange(context, (change) => analyze(node.name, change));
		case "vacuum":
			return settled(() => {});
		case "pragma": {
			const { columns, rows } = pragma(node);
			return {
				columns: columns.map(plainColumn),
				parameters: names,
				readOnly: node.value === null,
				operator: null,
				start: (session) => emit(rows(session)),
			};
		}
		case "unsupported":
			throw unsupported(context.source, node.at, node.feature);
		default:
			return { ...settled((session) => changeTransaction(node, session)), readOnly: true };
	}
}

/** A column that shows no column of a table. */
function plainColumn(name: string): ResultColumn {
	return { name, column: null, table: null, type: null, affinity: null, collation: null };
}

function query(operator: Operator, session: Session, parameters: readonly Value[]): Run {
	const { view, release } = session.openView();
	try {
		const run = operator.open(session.execution(view, parameters));
		return {
			next: (limit) => sized(() => run.next(limit)),
			close: () => {
				run.close();
				release();
			},
		};
	} catch (error) {
		release();
		throw error;
	}
}

/** A string or buffer beyond what the runtime can hold is a RangeError there. */
function sized<T>(body: () => T): T {
	try {
		return body();
	} catch (error) {
		if (error instanceof RangeError) throw new WlsmError("WLSM_SQL", "string or blob too big", { cause: error });
		throw error;
	}
}

function writing(plan: WritePlan, parameters: readonly (string | null)[]): Prepared {
	return {
		columns: plan.columns,
		parameters,
		readOnly: false,
		operator: plan.operator,
		start: (session, values) => emit(sized(() => runWrite(plan, session, values))),
	};
}

function runWrite(plan: WritePlan, session: Session, values: readonly Value[]): readonly Tuple[] {
	const catalog = session.catalog();
	let changes = 0;
	try {
		return session.write((journal) => {
			const run = session.writeRun(journal, values, catalog);
			try {
				const rows = plan.run(run);
				if (run.foreign !== null && run.foreign.immediate > 0) fail(FOREIGN_KEY_FAILED, "abort");
				changes = run.progress.changes;
				return rows;
			} catch (error) {
				// What was done before stays.
				if (error instanceof ConstraintError && error.action === "fail") changes = run.progress.changes;
				throw error;
			}
		});
	} finally {
		session.changes = changes;
		session.totalChanges += changes;
	}
}

/** A statement that yields nothing. */
function settled(body: (session: Session) => void): Prepared {
	return {
		columns: [],
		parameters: [],
		readOnly: false,
		operator: null,
		start: (session) => {
			body(session);
			return emit([]);
		},
	};
}

function schemaChange(context: PlanContext, body: (change: SchemaChange) => Catalog): Prepared {
	return settled((session) =>
		session.changeSchema((journal, catalog) => body(new SchemaChange(session.writeRun(journal, [], catalog), context))),
	);
}

function changeTransaction(node: TransactionNode, session: Session): void {
	switch (node.type) {
		case "begin":
			session.begin();
			break;
		case "commit":
			session.commit();
			break;
		case "rollback":
			session.rollback();
			break;
		case "savepoint":
			session.savePoint(node.name.text);
			break;
		case "release":
			session.release(node.name.text);
			break;
		case "rollbackTo":
			session.rollbackTo(node.name.text);
			break;
	}
}

function explained(prepared: Prepared): Prepared {
	const names = ["id", "parent", "notused", "detail"];
	const rows: Tuple[] = [];
	const visit = (operator: Operator, parent: number) => {
		const id = rows.length + 1;
		rows.push([id, parent, 0, operator.describe]);
		for (const input of operator.inputs) visit(input, id);
	};
	if (prepared.operator !== null) visit(prepared.operator, 0);
	return {
		columns: names.map(plainColumn),
		// EXPLAIN runs nothing, so it needs no values.
		parameters: prepared.parameters,
		readOnly: true,
		operator: prepared.operator,
		start: () => emit(rows),
	};
}

export function describePlan(prepared: Prepared): string {
	return prepared.operator === null ? "" : planText(prepared.operator);
}
