/** A statement's tree -> something that runs on a session. */

import { WlsmError } from "../../errors.js";
import { unsupported } from "../bind/place.js";
import type { Catalog } from "../catalog/catalog.js";
import type { Operator, Run, RunLimits, Tuple } from "../execute/operator.js";
import { emit, planText } from "../execute/operator.js";
import { PointSelect } from "../execute/point-select.js";
import type { PlainStatementNode, StatementNode, TransactionNode } from "../parse/ast.js";
import type { Source } from "../parse/source.js";
import { sqlError, sqlErrorAt } from "../parse/source.js";
import type { PlanContext } from "../plan/context.js";
import type { Guesses } from "../plan/guesses.js";
import type { ResultColumn } from "../plan/logical.js";
import { planQuery } from "../plan/query.js";
import type { Value } from "../value/value.js";
import { alterTable } from "../write/alter.js";
import { analyze } from "../write/analyze.js";
import { planDelete, planUpdate } from "../write/change.js";
import { createIndex, reindex } from "../write/create-index.js";
import { adoptTable, createTable } from "../write/create-table.js";
import { createTrigger } from "../write/create-trigger.js";
import { createView } from "../write/create-view.js";
import { drop } from "../write/drop.js";
import { planInsert } from "../write/insert.js";
import type { PlainInsert } from "../write/plain-insert.js";
import type { WritePlan, WriteRun } from "../write/plan.js";
import { SchemaChange } from "../write/schema.js";
import { contextFor } from "./context.js";
import { Parameters } from "./parameters.js";
import { pragma } from "./pragma.js";
import type { Session } from "./session.js";

export interface Prepared {
	readonly columns: readonly ResultColumn[];
	readonly parameters: Parameters;
	/** The statement leaves data as it is. */
	readonly readOnly: boolean;
	readonly operator: Operator | null;
	/** Runs it to its end where it writes; where it only reads, rows come as they are pulled. */
	start(session: Session, parameters: readonly Value[], limits: RunLimits): Run;
	/** Of a statement that writes: as `start`, with the rows of RETURNING at once. */
	readonly execute?: (session: Session, parameters: readonly Value[], limits: RunLimits) => readonly Tuple[];
	/** A shorter way for the same, which takes values as they were given. */
	readonly plain?: PlainInsert | undefined;
	/** The same for a statement that reads one row. */
	readonly point?: PointSelect | undefined;
}

interface Parsed {
	readonly node: StatementNode;
	readonly source: Source;
}

/** A CREATE TABLE that takes the rows of a temporary table over, which have no NULLs where it has none; a DROP TABLE may come before it. */
export function prepareAdoption(
	temporary: string,
	{ node, source }: Parsed,
	{ dropped, memoryBytes }: { readonly dropped: Parsed | undefined; readonly memoryBytes: number },
	session: Session,
): Prepared {
	if (node.type !== "createTable") throw sqlErrorAt(source, 0, "this is no CREATE TABLE");
	const contextOf = (source: Source) =>
		contextFor(source, session.catalog(), session.functions, { sizes: session.sizes });
	const body = (write: WriteRun): Catalog => {
		let { catalog } = write;
		if (dropped?.node.type === "dropTable")
			catalog = drop(dropped.node, new SchemaChange(write, contextOf(dropped.source)));
		return adoptTable(node, { temporary, memoryBytes }, new SchemaChange(write, contextOf(source), catalog));
	};
	return settled((session, limits) => session.changeSchema(body, limits));
}

export function prepareStatement(node: StatementNode, source: Source, session: Session, guesses?: Guesses): Prepared {
	const { parameters } = node;
	const { sizes } = session;
	const context = contextFor(source, session.catalog(), session.functions, { parameters, sizes, guesses });
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
	const parameters = new Parameters(context.parameters.names);
	switch (node.type) {
		case "select": {
			const { operator, columns } = planQuery(node, context);
			return {
				columns,
				parameters,
				readOnly: true,
				operator,
				point: PointSelect.of(operator),
				start: (session, values, limits) => query(operator, session, values, limits),
			};
		}
		case "insert":
			return writing(planInsert(node, context), parameters);
		case "update":
			return writing(planUpdate(node, context), parameters);
		case "delete":
			return writing(planDelete(node, context), parameters);
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
			return schemaChange(context, (change) => reindex(node.name, change));
		case "analyze":
			return schemaChange(context, (change) => analyze(node.name, change));
		case "vacuum":
			if (node.into) throw unsupported(context.source, node.at, "VACUUM INTO");
			return settled((session) => {
				if (session.inTransaction) throw sqlError("cannot VACUUM from within a transaction");
			});
		case "pragma": {
			const { columns, rows } = pragma(node);
			return {
				columns: columns.map(plainColumn),
				parameters,
				readOnly: node.value === null,
				operator: null,
				start: (session, _values, limits) => emit(rows(session, limits)),
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

function query(operator: Operator, session: Session, parameters: readonly Value[], limits: RunLimits): Run {
	const { view, release } = session.openView();
	try {
		const run = operator.open(session.execution(view, parameters, limits));
		return {
			next: (limit) => {
				limits.stop?.look();
				try {
					return run.next(limit);
				} catch (error) {
					throw sizeError(error);
				}
			},
			close: () => {
				run.close();
				limits.spill?.close();
				release();
			},
		};
	} catch (error) {
		limits.spill?.close();
		release();
		throw error;
	}
}

/** A string or buffer beyond what the runtime can hold is a RangeError there. */
export function sizeError(error: unknown): unknown {
	return error instanceof RangeError ? new WlsmError("WLSM_SQL", "string or blob too big", { cause: error }) : error;
}

function writing(plan: WritePlan, parameters: Parameters): Prepared {
	const execute = (session: Session, values: readonly Value[], limits: RunLimits) =>
		executeWrite(plan, session, values, limits);
	return {
		execute,
		plain: plan.plain,
		columns: plan.columns,
		parameters,
		readOnly: false,
		operator: plan.operator,
		start: (session, values, limits) => emit(execute(session, values, limits)),
	};
}

function executeWrite(
	plan: WritePlan,
	session: Session,
	values: readonly Value[],
	limits: RunLimits,
): readonly Tuple[] {
	try {
		return session.change(plan, values, limits);
	} catch (error) {
		throw sizeError(error);
	} finally {
		limits.spill?.close();
	}
}

const NO_PARAMETERS = new Parameters([]);

/** A statement that yields nothing. */
function settled(body: (session: Session, limits: RunLimits) => void): Prepared {
	return {
		columns: [],
		parameters: NO_PARAMETERS,
		readOnly: false,
		operator: null,
		start: (session, _values, limits) => {
			limits.stop?.look();
			try {
				body(session, limits);
			} finally {
				limits.spill?.close();
			}
			return emit([]);
		},
	};
}

function schemaChange(context: PlanContext, body: (change: SchemaChange) => Catalog): Prepared {
	return settled((session, limits) => session.changeSchema((write) => body(new SchemaChange(write, context)), limits));
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
