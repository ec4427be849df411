/** The columns of indexes and keys: columns of the table, and in CREATE INDEX expressions over them. */

import { collationNamed } from "../bind/place.js";
import type { ExpressionNode, IndexedColumnNode } from "../parse/ast.js";
import type { Source } from "../parse/source.js";
import { sqlErrorAt, suggestion } from "../parse/source.js";
import type { Collation } from "../value/compare.js";
import { foldCase } from "../value/compare.js";
import type { Column, Index, IndexColumn, StoredTable } from "./table.js";
import { EXPRESSION } from "./table.js";

interface Part {
	readonly node: ExpressionNode;
	/** Of a COLLATE around it. */
	readonly collation: Collation | null;
	/** The column that it names, as written; null where it is another expression. */
	readonly name: string | null;
	readonly at: number;
}

function partOf(expression: ExpressionNode, source: Source): Part {
	let node = expression;
	let collation: Collation | null = null;
	let collations = 0;
	for (; node.type === "collate" || node.type === "bracket"; node = node.operand) {
		if (node.type !== "collate") continue;
		collation ??= collationNamed(source, node.collation);
		collations++;
	}
	// A string is a name, but not under two COLLATEs.
	const called = node.type === "string" && collations < 2 ? node.value : null;
	const name = node.type === "column" ? node.name.text : called;
	return { node, collation, name, at: "at" in node ? node.at : 0 };
}

function find(columns: readonly Column[], name: string): number {
	const folded = foldCase(name);
	return columns.findIndex((candidate) => foldCase(candidate.name) === folded);
}

function missing({ name, at }: Part, columns: readonly Column[], source: Source): Error {
	const hint = suggestion(
		name ?? "",
		columns.map((candidate) => candidate.name),
	);
	return sqlErrorAt(source, at, `no such column: ${name}${hint}`);
}

/** Of PRIMARY KEY and UNIQUE. */
export function constraintColumns(
	nodes: readonly IndexedColumnNode[],
	columns: readonly Column[],
	source: Source,
): IndexColumn[] {
	return nodes.map((node) => {
		const part = partOf(node.expression, source);
		const { name, at } = part;
		if (name !== null && find(columns, name) === -1) throw missing(part, columns, source);
		if (name !== null) return indexColumn(node, columns, source);
		throw sqlErrorAt(source, at, "expressions prohibited in PRIMARY KEY and UNIQUE constraints");
	});
}

/** Of CREATE INDEX. */
export function indexColumns(
	nodes: readonly IndexedColumnNode[],
	columns: readonly Column[],
	source: Source,
): IndexColumn[] {
	return nodes.map((node) => indexColumn(node, columns, source));
}

function indexColumn(
	{ expression, descending }: IndexedColumnNode,
	columns: readonly Column[],
	source: Source,
): IndexColumn {
	const part = partOf(expression, source);
	if (part.name === null) {
		return { column: EXPRESSION, expression: part.node, collation: part.collation ?? "binary", descending };
	}
	const column = find(columns, part.name);
	const definition = columns[column];
	if (definition === undefined) {
		// What double quotes name that is no column is a string.
		const isString = part.node.type === "column" && part.node.name.quote === '"';
		if (!isString) throw missing(part, columns, source);
		return { column: EXPRESSION, expression: part.node, collation: part.collation ?? "binary", descending };
	}
	return { column, expression: null, collation: part.collation ?? definition.collation, descending };
}

/** In the order in which SQLite looks at them: the last one made first, but those that REPLACE after all others. */
export function indexesAsChecked(table: StoredTable): Index[] {
	const latestFirst = [...table.indexes].reverse();
	const replacing = (index: Index) => index.onConflict === "replace";
	return [...latestFirst.filter((index) => !replacing(index)), ...latestFirst.filter(replacing)];
}

/** The index whose entries are the rows of a table WITHOUT ROWID. */
export function clusteredIndex(table: StoredTable): Index | undefined {
	return table.withoutRowId ? table.indexes.find((index) => index.id === table.id) : undefined;
}
