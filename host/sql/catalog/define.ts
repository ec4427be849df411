/** CREATE TABLE's tree -> the table's definition. The catalog keeps the text and makes the definition anew at each load. */

import { collationNamed } from "../bind/place.js";
import { MAX_COLUMNS } from "../codec/row.js";
import type { ColumnDefinitionNode, ConflictAction, CreateTableNode, IndexedColumnNode } from "../parse/ast.js";
import type { Source } from "../parse/source.js";
import { sqlErrorAt } from "../parse/source.js";
import type { Collation } from "../value/compare.js";
import { foldCase } from "../value/compare.js";
import type { Affinity } from "../value/convert.js";
import { affinityOfType, applyAffinity } from "../value/convert.js";
import { isNumeric } from "../value/value.js";
import { literalValue } from "./default-value.js";
import { foreignKey } from "./foreign-key.js";
import { constraintColumns } from "./index-columns.js";
import type { Check, Column, ForeignKey, Index, IndexColumn, StoredTable } from "./table.js";

type IndexPart = Omit<Index, "id">;

export interface TableIdentity {
	readonly id: number;
	readonly temporary: boolean;
	/** The object id of an index by its name. */
	idOf(index: string): number;
}

export function defineTable(node: CreateTableNode, source: Source, identity: TableIdentity): StoredTable {
	return new Definition(node, source).finish(identity);
}

/** SQLite shows these as it knows them, all others as they were written. */
const STANDARD_TYPE = /^(any|blob|int|integer|real|text)$/i;

class Definition {
	readonly #node: CreateTableNode;
	readonly #source: Source;
	readonly #columns: Column[] = [];
	readonly #checks: Check[] = [];
	readonly #unique: IndexPart[] = [];
	readonly #foreignKeys: ForeignKey[] = [];
	readonly #withoutRowId: boolean;
	readonly #strict: boolean;
	#primaryKey: readonly IndexColumn[] | null = null;
	#primaryKeyConflict: ConflictAction | null = null;
	#rowIdColumn = -1;
	#autoincrement = false;

	constructor(node: CreateTableNode, source: Source) {
		this.#node = node;
		this.#source = source;
		for (const option of node.options) {
			if (!/^(without rowid|strict)$/.test(option)) throw this.#error(node.at, `unknown table option: ${option}`);
		}
		this.#withoutRowId = node.options.includes("without rowid");
		this.#strict = node.options.includes("strict");
	}

	finish({ id, temporary, idOf }: TableIdentity): StoredTable {
		this.#defineColumns();
		this.#tableConstraints();
		if (this.#withoutRowId) this.#keyByPrimaryKey();
		const { name } = this.#node.name;
		if (this.#primaryKey?.some(({ column }) => this.#columns[column]?.generated))
			throw this.#error(this.#node.at, "generated columns cannot be part of the PRIMARY KEY");
		if (this.#columns.every((column) => column.generated !== null))
			throw this.#error(this.#node.at, "must have at least one non-generated column");
		const indexes = this.#unique.map((part, i): Index => {
			const indexName = `sqlite_autoindex_${name}_${i + 1}`;
			const isKey = this.#withoutRowId && part.origin === "primary key";
			return { ...part, name: indexName, id: isKey ? id : idOf(indexName) };
		});
		return {
			kind: "stored",
			id,
			name,
			columns: this.#withPrimaryKey(),
			rowIdColumn: this.#rowIdColumn,
			rowIdConflict: this.#rowIdColumn >= 0 ? this.#primaryKeyConflict : null,
			withoutRowId: this.#withoutRowId,
			strict: this.#strict,
			temporary,
			autoincrement: this.#autoincrement,
			indexes,
			checks: this.#checks,
			foreignKeys: this.#foreignKeys,
			sql: this.#source.script.slice(this.#source.start, this.#source.end),
			system: false,
		};
	}

	#error(at: number, message: string): Error {
		return sqlErrorAt(this.#source, at, message);
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

	#affinity(definition: ColumnDefinitionNode): Affinity {
		const { typeName } = definition;
		if (!this.#strict) return affinityOfType(typeName);
		const column = `${this.#node.name.name}.${definition.name.text}`;
		if (typeName === "") throw this.#error(definition.at, `missing datatype for ${column}`);
		if (!STANDARD_TYPE.test(typeName))
			throw this.#error(definition.at, `unknown datatype for ${column}: "${typeName}"`);
		return /^any$/i.test(typeName) ? "blob" : affinityOfType(typeName);
	}

	#defineColumn(i: number, definition: ColumnDefinitionNode): void {
		let collation: Collation = "binary";
		let notNull = false;
		let notNullConflict: ConflictAction | null = null;
		let fallback: Column["default"] = null;
		let generated: Column["generated"] = null;
		for (const constraint of definition.constraints) {
			if (constraint.type === "collate") collation = collationNamed(this.#source, constraint.collation);
		}
		const self = [{ column: i, expression: null, collation, descending: false }];
		for (const constraint of definition.constraints) {
			switch (constraint.type) {
				case "notNull":
					notNull = true;
					notNullConflict = constraint.onConflict;
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
					this.#setAutoincrement(constraint.autoincrement, isInteger, constraint.at);
					const part = [{ column: i, expression: null, collation, descending: constraint.descending }];
					this.#setPrimaryKey(part, constraint.onConflict, constraint.at, isInteger);
					break;
				}
				case "generated":
					generated = { expression: constraint.expression, stored: constraint.stored };
					break;
				case "references":
					this.#foreignKeys.push(foreignKey(constraint, [definition.name], this.#node.columns, this.#source));
					break;
				case "collate":
				case "null":
					break;
			}
		}
		if (generated !== null && fallback !== null)
			throw this.#error(definition.at, `error in generated column "${definition.name.text}"`);
		const affinity = this.#affinity(definition);
		const missing = fallback === null ? null : (literalValue(fallback.expression, this.#source) ?? null);
		this.#columns.push({
			name: definition.name.text,
			typeName: STANDARD_TYPE.test(definition.typeName) ? definition.typeName.toUpperCase() : definition.typeName,
			affinity,
			collation,
			notNull,
			notNullConflict,
			default: fallback,
			// Of a number that is an INTEGER, older rows have it as one, though newer ones have it as it is written.
			missing: applyAffinity(missing, affinity === "blob" && isNumeric(missing) ? "numeric" : affinity),
			generated,
			primaryKey: 0,
		});
	}

	#tableConstraints(): void {
		for (const constraint of this.#node.constraints) {
			switch (constraint.type) {
				case "check":
					this.#checks.push({ name: constraint.name?.text ?? constraint.text, expression: constraint.expression });
					break;
				case "primaryKey": {
					const columns = this.#indexColumns(constraint.columns);
					const [only] = columns;
					// As a table constraint, the primary key of one INTEGER column is the rowid even where it says DESC.
					const isInteger = columns.length === 1 && this.#columns[only?.column ?? -1]?.typeName === "INTEGER";
					this.#setAutoincrement(constraint.autoincrement, isInteger, constraint.at);
					this.#setPrimaryKey(columns, constraint.onConflict, constraint.at, isInteger);
					break;
				}
				case "unique":
					this.#addUnique(this.#indexColumns(constraint.columns), constraint.onConflict, "unique");
					break;
				case "references":
					this.#foreignKeys.push(foreignKey(constraint, constraint.from, this.#node.columns, this.#source));
					break;
			}
		}
	}

	#setAutoincrement(wanted: boolean, isInteger: boolean, at: number): void {
		if (!wanted) return;
		if (!isInteger) throw this.#error(at, "AUTOINCREMENT is only allowed on an INTEGER PRIMARY KEY");
		if (this.#withoutRowId) throw this.#error(at, "AUTOINCREMENT not allowed on WITHOUT ROWID tables");
		this.#autoincrement = true;
	}

	#setPrimaryKey(columns: readonly IndexColumn[], onConflict: Index["onConflict"], at: number, isRowId: boolean): void {
		if (this.#primaryKey !== null)
			throw this.#error(at, `table "${this.#node.name.name}" has more than one primary key`);
		this.#primaryKey = columns;
		this.#primaryKeyConflict = onConflict;
		if (isRowId) this.#rowIdColumn = columns[0]?.column ?? -1;
		else this.#addUnique(columns, onConflict, "primary key");
	}

	#addUnique(columns: readonly IndexColumn[], onConflict: Index["onConflict"], origin: Index["origin"]): void {
		const same = (other: IndexPart) =>
			other.columns.length === columns.length &&
			other.columns.every((part, i) => part.column === columns[i]?.column && part.collation === columns[i]?.collation);
		const at = this.#unique.findIndex(same);
		const twin = this.#unique[at];
		if (twin === undefined) {
			this.#unique.push({ name: "", unique: true, onConflict, origin, columns, where: null, sql: null });
			return;
		}
		if (twin.onConflict !== null && onConflict !== null && twin.onConflict !== onConflict)
			throw this.#error(this.#node.at, "conflicting ON CONFLICT clauses specified");
		this.#unique[at] = {
			...twin,
			onConflict: twin.onConflict ?? onConflict,
			origin: origin === "primary key" ? origin : twin.origin,
		};
	}

	#keyByPrimaryKey(): void {
		if (this.#primaryKey === null)
			throw this.#error(this.#node.at, `PRIMARY KEY missing on table ${this.#node.name.name}`);
		if (this.#rowIdColumn < 0) return;
		this.#rowIdColumn = -1;
		this.#addUnique(this.#primaryKey, this.#primaryKeyConflict, "primary key");
	}

	#withPrimaryKey(): Column[] {
		const position = new Map<number, number>();
		for (const { column } of this.#primaryKey ?? []) if (!position.has(column)) position.set(column, position.size + 1);
		return this.#columns.map((column, i) => {
			const primaryKey = position.get(i) ?? 0;
			const keyIsNotNull = primaryKey > 0 && i !== this.#rowIdColumn && (this.#withoutRowId || this.#strict);
			return { ...column, primaryKey, notNull: column.notNull || keyIsNotNull };
		});
	}

	#indexColumns(nodes: readonly IndexedColumnNode[]): IndexColumn[] {
		return constraintColumns(nodes, this.#columns, this.#source);
	}
}
