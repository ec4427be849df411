/** CREATE TABLE's tree -> the table's definition. The catalog keeps the text and makes the definition anew at each load. */

import { collationNamed, unsupported } from "../bind/expression.js";
import { MAX_COLUMNS } from "../codec/row.js";
import type { CreateTableNode, IndexedColumnNode } from "../parse/ast.js";
import type { Source } from "../parse/source.js";
import { sqlErrorAt, suggestion } from "../parse/source.js";
import type { Collation } from "../value/compare.js";
import { foldCase } from "../value/compare.js";
import { affinityOfType } from "../value/convert.js";
import type { Check, Column, Index, IndexColumn, StoredTable } from "./table.js";

type IndexPart = Omit<Index, "id">;

/** `idOf` gives the object id of an index by its name. */
export function defineTable(
	node: CreateTableNode,
	source: Source,
	id: number,
	idOf: (index: string) => number,
): StoredTable {
	return new Definition(node, source).finish(id, idOf);
}

class Definition {
	readonly #node: CreateTableNode;
	readonly #source: Source;
	readonly #columns: Column[] = [];
	readonly #checks: Check[] = [];
	readonly #unique: IndexPart[] = [];
	#primaryKey: readonly IndexColumn[] | null = null;
	#primaryKeyConflict: Index["onConflict"] = null;
	#rowIdColumn = -1;
	#autoincrement = false;

	constructor(node: CreateTableNode, source: Source) {
		this.#node = node;
		this.#source = source;
	}

	finish(id: number, idOf: (index: string) => number): StoredTable {
		this.#options();
		this.#defineColumns();
		for (const constraint of this.#node.constraints) {
			switch (constraint.type) {
				case "check":
					this.#checks.push({ name: constraint.name?.text ?? constraint.text, expression: constraint.expression });
					break;
				case "primaryKey":
					this.#setPrimaryKey(this.#indexColumns(constraint.columns), constraint.onConflict, constraint.at, false);
					break;
				case "unique":
					this.#addUnique(this.#indexColumns(constraint.columns), constraint.onConflict, "unique");
					break;
				case "references":
					break; // kept in the text; foreign keys are not enforced, as in SQLite by default
			}
		}
		const position = new Map((this.#primaryKey ?? []).map((part, i) => [part.column, i + 1]));
		const { name } = this.#node.name;
		return {
			kind: "stored",
			id,
			name,
			columns: this.#columns.map((column, i) => ({ ...column, primaryKey: position.get(i) ?? 0 })),
			rowIdColumn: this.#rowIdColumn,
			autoincrement: this.#autoincrement,
			indexes: this.#unique.map((part, i) => {
				const indexName = `sqlite_autoindex_${name}_${i + 1}`;
				return { ...part, name: indexName, id: idOf(indexName) };
			}),
			checks: this.#checks,
			sql: this.#source.script.slice(this.#source.start, this.#source.end),
			system: false,
		};
	}

	#error(at: number, message: string): Error {
		return sqlErrorAt(this.#source, at, message);
	}

	#options(): void {
		const { at } = this.#node;
		for (const option of this.#node.options) {
			if (option === "without rowid") throw unsupported(this.#source, at, "WITHOUT ROWID");
			if (option === "strict") throw unsupported(this.#source, at, "STRICT tables");
			throw this.#error(at, `unknown table option: ${option}`);
		}
		if (this.#node.temporary) throw unsupported(this.#source, at, "temporary tables");
	}

	#defineColumns(): void {
		const names = new Set<string>();
		if (this.#node.columns.length > MAX_COLUMNS)
			throw this.#error(this.#node.at, `too many columns on ${this.#node.name.name}`);
		for (const [i, definition] of this.#node.columns.entries()) {
			const folded = foldCase(definition.name.text);
			if (names.has(folded)) throw this.#error(definition.at, `duplicate column name: ${definition.name.text}`);
			names.add(folded);
			this.#defineColumn(i, definition);
		}
	}

	#defineColumn(i: number, definition: CreateTableNode["columns"][number]): void {
		let collation: Collation = "binary";
		let notNull = false;
		let fallback: Column["default"] = null;
		for (const constraint of definition.constraints) {
			if (constraint.type === "collate") collation = collationNamed(this.#source, constraint.collation);
		}
		const self = [{ column: i, collation, descending: false }];
		for (const constraint of definition.constraints) {
			switch (constraint.type) {
				case "notNull":
					notNull = true;
					break;
				case "default":
					fallback = { expression: constraint.expression, text: constraint.text };
					break;
				case "check":
					this.#checks.push({ name: constraint.name?.text ?? constraint.text, expression: constraint.expression });
					break;
				case "unique":
					this.#addUnique(self, constraint.onConflict, "unique");
					break;
				case "primaryKey": {
					const isInteger = /^integer$/i.test(definition.typeName) && !constraint.descending;
					if (constraint.autoincrement && !isInteger) {
						throw this.#error(constraint.at, "AUTOINCREMENT is only allowed on an INTEGER PRIMARY KEY");
					}
					this.#autoincrement = constraint.autoincrement;
					const part = [{ column: i, collation, descending: constraint.descending }];
					this.#setPrimaryKey(part, constraint.onConflict, constraint.at, isInteger);
					break;
				}
				case "generated":
					throw unsupported(this.#source, constraint.at, "generated columns");
				case "references":
				case "collate":
				case "null":
					break;
			}
		}
		this.#columns.push({
			name: definition.name.text,
			typeName: definition.typeName,
			affinity: affinityOfType(definition.typeName),
			collation,
			notNull,
			default: fallback,
			primaryKey: 0,
		});
	}

	#setPrimaryKey(columns: readonly IndexColumn[], onConflict: Index["onConflict"], at: number, isRowId: boolean): void {
		if (this.#primaryKey !== null)
			throw this.#error(at, `table "${this.#node.name.name}" has more than one primary key`);
		this.#primaryKey = columns;
		this.#primaryKeyConflict = onConflict;
		const [only] = columns;
		const declared = only === undefined || columns.length !== 1 ? undefined : this.#node.columns[only.column];
		// As a table constraint too, the primary key of one INTEGER column is the rowid.
		if (
			only !== undefined &&
			(isRowId || (declared !== undefined && /^integer$/i.test(declared.typeName) && !only.descending))
		) {
			this.#rowIdColumn = only.column;
		} else {
			this.#addUnique(columns, this.#primaryKeyConflict, "primary key");
		}
	}

	#addUnique(columns: readonly IndexColumn[], onConflict: Index["onConflict"], origin: Index["origin"]): void {
		const same = (other: IndexPart) =>
			other.columns.length === columns.length &&
			other.columns.every((part, i) => part.column === columns[i]?.column && part.collation === columns[i]?.collation);
		if (this.#unique.some(same)) return;
		this.#unique.push({ name: "", unique: true, onConflict, origin, columns });
	}

	#indexColumns(nodes: readonly IndexedColumnNode[]): IndexColumn[] {
		return indexColumns(nodes, this.#columns, this.#source, this.#node.name.name);
	}
}

/** The columns of an index or a key. */
export function indexColumns(
	nodes: readonly IndexedColumnNode[],
	columns: readonly Column[],
	source: Source,
	tableName: string,
): IndexColumn[] {
	return nodes.map(({ expression, descending }) => {
		let node = expression;
		let collation: Collation | null = null;
		if (node.type === "collate") {
			collation = collationNamed(source, node.collation);
			node = node.operand;
		}
		const name =
			node.type === "column" && node.table === null ? node.name.text : node.type === "string" ? node.value : null;
		if (name === null) throw unsupported(source, "at" in node ? node.at : 0, "expressions in keys and indexes");
		const column = columns.findIndex((candidate) => foldCase(candidate.name) === foldCase(name));
		const definition = columns[column];
		if (definition === undefined) {
			const hint = suggestion(
				name,
				columns.map((candidate) => candidate.name),
			);
			throw sqlErrorAt(source, "at" in node ? node.at : 0, `table ${tableName} has no column named ${name}${hint}`);
		}
		return { column, collation: collation ?? definition.collation, descending };
	});
}
