/** Which statement comes next, and what it does to what the generator knows. */

import type { Precision } from "./aggregates.js";
import { insert, remove, update } from "./changes.js";
import * as define from "./definitions.js";
import { type Generator, NO_SCOPE } from "./generator.js";
import { topQuery } from "./queries.js";
import { EMPTY, type Schema, type Table } from "./schema-model.js";
import { fixed, list, type Node, tagged } from "./tree.js";
import { createLog, createTrigger, createViewTrigger, dropTrigger } from "./triggers.js";
import { literal } from "./values.js";

export interface State {
	readonly schema: Schema;
	/** What rolling back returns to; the first is BEGIN. */
	readonly savepoints: readonly { readonly name: string; readonly schema: Schema }[];
}

export const START: State = { schema: EMPTY, savepoints: [] };

export interface Statement {
	readonly tree: Node;
	readonly precision: Precision;
	/** Once it has run. */
	apply(state: State): State;
}

const MAX_TABLES = 4;
const MAX_ROWS = 18;
const QUERY_DEPTH = 3;

export function nextStatement(g: Generator, state: State): Statement {
	const { schema } = state;
	const tables = schema.tables.filter((table) => !table.log);
	if (tables.length === 0) return defined(define.createTable(g));
	const table = g.random.pick(tables);
	const logs = schema.tables.filter((each) => each.log);
	const full = (each: Table) => each.rows > MAX_ROWS;
	const make = g.choose<() => Statement>([
		[tables.length < MAX_TABLES ? 6 : 0, () => defined(define.createTable(g))],
		[tables.length < MAX_TABLES ? 1 : 0, () => defined(define.createTableAs(g)), "create as", "subquery in FROM"],
		[40, () => queried(g)],
		[2, () => described(g, table), "pragma"],
		[full(table) ? 0 : table.rows < 3 ? 20 : 8, () => changed(insert(g, table))],
		[6, () => changed(update(g, table))],
		[full(table) ? 20 : 3, () => changed(remove(g, table))],
		[logs.some(full) ? 20 : 0, () => changed(fixed`DELETE FROM ${logs.find(full)?.name ?? ""}`)],
		[4, () => defined(define.createIndex(g, table)), "index"],
		[schema.indexes.length > 0 ? 1 : 0, () => defined(define.dropIndex(g)), "index"],
		[1, () => defined(define.analyze(g)), "analyze"],
		[schema.views.length < 3 ? 2 : 0, () => defined(define.createView(g)), "view"],
		[logs.length > 0 ? 0 : 1, () => defined(createLog(g)), "trigger"],
		[schema.triggers.length > 0 ? 1 : 0, () => defined(dropTrigger(g)), "trigger"],
		[logs.length > 0 && schema.views.length > 0 ? 1 : 0, () => onView(g, logs), "trigger", "view"],
		[
			1,
			() => changed(tagged("foreign key", fixed`PRAGMA foreign_keys = ${g.random.pick(["ON", "ON", "OFF"])}`)),
			"foreign key",
		],
		[
			1,
			() => changed(tagged("trigger", fixed`PRAGMA recursive_triggers = ${g.random.pick(["ON", "OFF"])}`)),
			"trigger",
		],
		[logs.length > 0 && schema.triggers.length < 3 ? 3 : 0, () => triggered(g, table, logs), "trigger"],
		// What fails inside a transaction leaves SQLite itself confused.
		[state.savepoints.length === 0 ? 1 : 0, () => defined(define.alterTable(g, table)), "alter"],
		[tables.length > 2 && g.random.once(2) ? 1 : 0, () => defined(define.dropTable(table))],
		[state.savepoints.length === 0 ? 2 : 5, () => transaction(g, state)],
	]);
	return make();
}

function defined({ tree, apply }: define.Definition): Statement {
	return { tree, precision: "exact", apply: (state) => ({ ...state, schema: apply(state.schema) }) };
}

function triggered(g: Generator, table: Table, logs: readonly Table[]): Statement {
	return defined(createTrigger(g, table, g.random.pick(logs)));
}

/** An INSTEAD OF trigger, or a row for one. */
function onView(g: Generator, logs: readonly Table[]): Statement {
	const view = g.random.pick(g.schema.views);
	if (!g.schema.triggers.some(({ table }) => table === view.name))
		return defined(createViewTrigger(g, view, g.random.pick(logs)));
	const values = list(
		view.columns.map(({ hint }) => literal(g.random, hint)),
		view.columns.length,
	);
	return changed(tagged("view", fixed`INSERT INTO ${view.name} VALUES (${values})`));
}

function changed(tree: Node): Statement {
	return { tree, precision: "exact", apply: (state) => state };
}

function queried(g: Generator): Statement {
	const { tree, precision } = topQuery(g, NO_SCOPE, g.random.between(1, QUERY_DEPTH));
	return { tree, precision, apply: (state) => state };
}

/** What PRAGMAs tell of a table, without the numbers that stand for pages and the like. */
function described(g: Generator, { name }: Table): Statement {
	const index = g.schema.indexes.find((each) => each.table === name)?.name ?? `sqlite_autoindex_${name}_1`;
	const tree = g.random.pick([
		fixed`SELECT * FROM pragma_table_info('${name}')`,
		fixed`SELECT * FROM pragma_table_xinfo('${name}')`,
		fixed`SELECT * FROM pragma_index_list('${name}')`,
		fixed`SELECT * FROM pragma_index_xinfo('${index}')`,
		fixed`SELECT * FROM pragma_foreign_key_list('${name}')`,
		fixed`SELECT type, name, ncol, wr, strict FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite_%' AND name <> 'kv'`,
		fixed`SELECT integrity_check FROM pragma_integrity_check`,
	]);
	return { tree: tagged("pragma", tree), precision: "exact", apply: (state) => state };
}

function transaction(g: Generator, state: State): Statement {
	const { random } = g;
	const open = state.savepoints;
	const statement = (text: string, apply: (state: State) => State): Statement => ({
		tree:
			text.includes("SAVEPOINT") || / TO |RELEASE/.test(text) ? tagged("savepoint", fixed`${text}`) : fixed`${text}`,
		precision: "exact",
		apply,
	});
	if (open.length === 0 || (open.length < 4 && g.chance("savepoint", 3))) {
		const begin = open.length === 0 && !g.chance("savepoint", 3);
		const name = begin ? "" : `p${open.length}`;
		const text = begin ? random.pick(["BEGIN", "BEGIN IMMEDIATE"]) : `SAVEPOINT ${name}`;
		return statement(text, (now) => ({ ...now, savepoints: [...now.savepoints, { name, schema: now.schema }] }));
	}
	const at = random.below(open.length);
	const { name } = open[at] as State["savepoints"][number];
	if (name === "" || random.once(3)) {
		if (random.once(2)) return statement("COMMIT", (now) => ({ ...now, savepoints: [] }));
		return statement("ROLLBACK", (now) => rolledBack(now));
	}
	if (random.once(2))
		return statement(`RELEASE ${name}`, (now) => ({ ...now, savepoints: now.savepoints.slice(0, at) }));
	return statement(`ROLLBACK TO ${name}`, (now) => ({
		schema: now.savepoints[at]?.schema ?? now.schema,
		savepoints: now.savepoints.slice(0, at + 1),
	}));
}

/** After ROLLBACK, or what rolled back by itself. */
export function rolledBack(state: State): State {
	return { schema: state.savepoints[0]?.schema ?? state.schema, savepoints: [] };
}

/** With the numbers of rows as they are now. */
export function counted(state: State, counts: ReadonlyMap<string, number>): State {
	const tables = state.schema.tables.map((table) => ({ ...table, rows: counts.get(table.name) ?? 0 }));
	return { ...state, schema: { ...state.schema, tables } };
}
