/** INSERT, UPDATE and DELETE. */

import { expressionOf, items, totalOrder } from "./expressions.js";
import { type Generator, NO_SCOPE, type Scope } from "./generator.js";
import { nestedQuery } from "./queries.js";
import { type Column, isGuarded, type Table } from "./schema-model.js";
import { expression, fixed, list, type Node, optional, type Tree, tagged, textOf } from "./tree.js";
import { literal } from "./values.js";

const CONFLICTS = ["OR IGNORE", "OR REPLACE", "OR ABORT", "OR FAIL", "OR ROLLBACK"];
const MAX_ROWS = 4;

/** The row's own columns; subqueries read other tables only, for what they see of this one depends on the plan. */
function rowScope(table: Table, prefix = ""): Scope {
	const columns = table.columns.map(({ name, hint }) => ({ tree: `${prefix}${name}`, hint }));
	return { ...NO_SCOPE, columns, forbidden: [table.name] };
}

/** Columns alone: in RETURNING, SQLite 3.40 compares them with the affinity and collation of their neighbours. */
function returning(g: Generator, table: Table): Tree {
	if (!g.chance("returning", 4)) return "";
	const column = () => {
		const { name } = g.random.pick(table.columns);
		return expression`${g.random.pick([name, name, `${name} IS NULL`, `coalesce(${name}, 'none')`, `${name} AS named`])}`;
	};
	return tagged("returning", optional` RETURNING ${g.random.once(2) ? "*" : list(items(g, 1, 3, column))}`);
}

function value(g: Generator, column: Column, table: Table): Tree {
	if (column.name === table.rowid) return expression`${rowid(g)}`;
	if (g.random.once(8)) return expressionOf(g, { ...NO_SCOPE, closed: true }, column.hint, 2);
	return expression`${literal(g.random, column.hint)}`;
}

/** Not the greatest, or the next one would be random; and always fit to be one, for what fails halfway differs. */
function rowid(g: Generator): string {
	if (g.random.once(8)) return g.random.pick(["'7'", "8.0", "-5", "' 9 '", "9007199254740993", "-9223372036854775808"]);
	return g.random.once(2) ? "NULL" : `${g.random.between(1, 30)}`;
}

/** Of the columns that can be written: all, or some. */
function target(g: Generator, table: Table): readonly Column[] {
	const open = table.columns.filter((column) => !column.generated);
	if (!g.random.once(4)) return open;
	const some = open.filter(() => !g.random.once(3));
	return some.length > 0 ? some : open;
}

export function insert(g: Generator, table: Table): Node {
	const { random } = g;
	const columns = target(g, table);
	// Where the table refers to itself, SQLite lets rows pass that have no parent.
	const conflicts = table.linkedToItself ? CONFLICTS.filter((each) => each !== "OR REPLACE") : CONFLICTS;
	const or = random.once(4) ? optional`${random.pick(conflicts)} ` : "";
	const verb = random.once(12) && !table.linkedToItself ? "REPLACE " : fixed`INSERT ${or}`;
	const names = columns.map(({ name }) => name).join(", ");
	const into = fixed`${verb}INTO ${table.name} (${names}) `;
	if (random.once(20)) return fixed`INSERT INTO ${table.name} DEFAULT VALUES${returning(g, table)}`;
	if (g.has("subquery in FROM") && g.chance("insert select", 5)) {
		const inner = nestedQuery(g, NO_SCOPE, 2, columns.length);
		// In an order: it decides the rowids, and which of two rows in conflict comes first.
		const found = inner.columns.map(({ name, hint }) => ({ tree: `s.${name}`, hint }));
		const list = found.map(({ tree }) => tree).join(", ");
		const ordered = fixed`SELECT ${list} FROM (${inner.tree}) AS s WHERE 1 ORDER BY ${totalOrder(found)} LIMIT 5`;
		return tagged("insert select", fixed`${into}${ordered}${upsert(g, table)}${returning(g, table)}`);
	}
	const row = () =>
		fixed`(${list(
			columns.map((column) => value(g, column, table)),
			columns.length,
		)})`;
	return fixed`${into}VALUES ${list(items(g, 1, MAX_ROWS, row))}${upsert(g, table)}${returning(g, table)}`;
}

function upsert(g: Generator, table: Table): Tree {
	if (!g.chance("upsert", 3)) return "";
	const clauses = items(g, 1, 2, () => "").map((_, i, all) => {
		const last = i === all.length - 1;
		const key = table.keys.length > 0 && !(last && g.random.once(3)) ? g.random.pick(table.keys) : undefined;
		return conflictClause(g, table, key);
	});
	// Of clauses about one key SQLite mistakes the second for one about the rowid.
	const written = clauses.map(({ tree }) => / ON CONFLICT( \([^)]*\))?/.exec(textOf(tree))?.[0]);
	const [first] = clauses;
	if (first !== undefined && new Set(written).size < clauses.length)
		return tagged("upsert", { kind: "optional", parts: [first.tree] });
	// Only the last may name no columns.
	const open = clauses.findIndex(({ named }) => !named);
	const kept = open === -1 ? clauses : clauses.slice(0, open + 1);
	return tagged("upsert", { kind: "optional", parts: kept.map(({ tree }) => tree) });
}

function conflictClause(
	g: Generator,
	table: Table,
	key: readonly string[] | undefined,
): { tree: Tree; named: boolean } {
	const on = key === undefined ? " ON CONFLICT" : ` ON CONFLICT (${key.join(", ")})`;
	// Where the table refers to itself, SQLite lets rows pass that have no parent.
	if (key === undefined || table.linkedToItself || g.random.once(3))
		return { tree: fixed`${on} DO NOTHING`, named: key !== undefined };
	const columns = [...rowScope(table).columns, ...rowScope(table, "excluded.").columns];
	const scope: Scope = { ...rowScope(table), columns };
	const where = g.random.once(3) ? optional` WHERE ${expressionOf(g, scope, "boolean", 2)}` : "";
	return { tree: fixed`${on} DO UPDATE SET ${assignments(g, table, scope)}${where}`, named: true };
}

function assignments(g: Generator, table: Table, scope: Scope, chosen = written(g, table)): Node {
	const item = (column: Column) => {
		const simple = column.name === table.rowid || g.random.once(3);
		const set = simple ? value(g, column, table) : expressionOf(g, scope, column.hint, 2);
		return fixed`${column.name} = ${set}`;
	};
	return list(chosen.map(item));
}

function written(g: Generator, table: Table): readonly Column[] {
	const columns = table.columns.filter(({ generated }) => !generated);
	const some = columns.filter(() => g.random.once(columns.length));
	return some.length > 0 ? some : [g.random.pick(columns)];
}

/** Rows picked by their rowid, where it has to be one at most. */
function single(g: Generator, table: Table): Tree {
	return fixed` WHERE ${table.rowid ?? "0"} = ${String(g.random.between(1, 20))}`;
}

export function update(g: Generator, table: Table): Node {
	const chosen = written(g, table);
	const guarded = isGuarded(
		table,
		chosen.map(({ name }) => name),
	);
	if (guarded && table.rowid === undefined) return remove(g, table);
	// What failed halfway stays with OR FAIL, so it has to be one row.
	const conflicts = guarded ? CONFLICTS : ["OR IGNORE", "OR REPLACE", "OR ABORT"];
	const or = g.random.once(4) ? optional`${g.random.pick(conflicts)} ` : "";
	const scope = rowScope(table);
	if (!guarded && g.has("subquery in FROM") && g.chance("update from", 4)) {
		const inner = nestedQuery(g, { ...NO_SCOPE, forbidden: [table.name] }, 2, 2);
		const found = inner.columns.map(({ name, hint }) => ({ tree: `s.${name}`, hint }));
		// One row at most, or which of them counts would be open.
		const one = fixed`SELECT * FROM (${inner.tree}) AS s ORDER BY ${totalOrder(found)} LIMIT 1`;
		const own = rowScope(table, `${table.name}.`);
		const both: Scope = { ...own, columns: [...own.columns, ...found] };
		const set = assignments(g, table, both, chosen);
		const where = optional` WHERE ${expressionOf(g, both, "boolean", 2)}`;
		return tagged("update from", fixed`UPDATE ${or}${table.name} SET ${set} FROM (${one}) AS s${where}`);
	}
	const set = assignments(g, table, scope, chosen);
	const where = guarded ? single(g, table) : optional` WHERE ${expressionOf(g, scope, "boolean", 2)}`;
	return fixed`UPDATE ${or}${table.name} SET ${set}${where}${returning(g, table)}`;
}

export function remove(g: Generator, table: Table): Node {
	const some = expressionOf(g, rowScope(table), "boolean", 2);
	const where = table.rowid === undefined || g.random.once(2) ? optional` WHERE ${some}` : single(g, table);
	return fixed`DELETE FROM ${table.name}${where}${returning(g, table)}`;
}
