/**
 * Where the texts of the schema name a table or a column of it: as ALTER TABLE … RENAME needs it. Names are resolved as
 * the binder does, but over trees alone, so that nothing is planned.
 */

import type { Catalog } from "../catalog/catalog.js";
import type {
	ColumnNode,
	CreateIndexNode,
	CreateTableNode,
	CreateTriggerNode,
	NameNode,
	SelectNode,
	StatementNode,
	TableNameNode,
	TableNode,
	TablesNode,
	TriggerStepNode,
	WithNode,
} from "../parse/ast.js";
import { foldCase } from "../value/compare.js";

/** What is looked for; null for `column` finds the table's own name. */
export interface Wanted {
	readonly table: string;
	readonly column: string | null;
}

/** Something in FROM: what it is called, and what columns it has. */
interface Entry {
	readonly name: string;
	readonly isTarget: boolean;
	/** It stands under its own name, so a qualifier is the table's name. */
	readonly isUnnamed: boolean;
	readonly columns: readonly string[];
}

interface Level {
	readonly entries: readonly Entry[];
	readonly common: ReadonlyMap<string, readonly string[]>;
	readonly outer: Level | null;
}

const OUTSIDE: Level = { entries: [], common: new Map(), outer: null };

/** The places of the names, as offsets in the text that the tree is of. */
export function findReferences(node: StatementNode, wanted: Wanted, catalog: Catalog): number[] {
	return new Finder(wanted, catalog).statement(node);
}

class Finder {
	readonly #table: string;
	readonly #column: string | null;
	readonly #catalog: Catalog;
	readonly #found: number[] = [];

	constructor({ table, column }: Wanted, catalog: Catalog) {
		this.#table = foldCase(table);
		this.#column = column === null ? null : foldCase(column);
		this.#catalog = catalog;
	}

	statement(node: StatementNode): number[] {
		switch (node.type) {
			case "createTable":
				this.#createTable(node);
				break;
			case "createIndex":
				this.#createIndex(node);
				break;
			case "createView":
				this.#select(node.select, OUTSIDE);
				break;
			case "createTrigger":
				this.#createTrigger(node);
				break;
		}
		return this.#found;
	}

	#isTable(name: string): boolean {
		return foldCase(name) === this.#table;
	}

	#noteTable(name: string, at: number): void {
		if (this.#column === null && this.#isTable(name)) this.#found.push(at);
	}

	#noteColumns(names: readonly NameNode[]): void {
		for (const { text, at } of names) if (foldCase(text) === this.#column) this.#found.push(at);
	}

	/** The table by its own name, as inside its constraints. */
	#own(name: string): Level {
		return { ...OUTSIDE, entries: [this.#entry(name, null)] };
	}

	#createTable(node: CreateTableNode): void {
		const isTarget = this.#isTable(node.name.name);
		const level = this.#own(node.name.name);
		this.#noteTable(node.name.name, node.name.nameAt);
		for (const constraint of [...node.columns.flatMap((column) => column.constraints), ...node.constraints]) {
			if (constraint.type === "references") {
				this.#noteTable(constraint.table.text, constraint.table.at);
				if (this.#isTable(constraint.table.text)) this.#noteColumns(constraint.columns);
			}
			if (isTarget && "from" in constraint) this.#noteColumns(constraint.from as readonly NameNode[]);
			this.#expression(constraint, level);
		}
		if (isTarget) this.#noteColumns(node.columns.map(({ name }) => name));
	}

	#createIndex(node: CreateIndexNode): void {
		this.#noteTable(node.table.text, node.table.at);
		this.#expression([node.columns, node.where], this.#own(node.table.text));
	}

	#createTrigger(node: CreateTriggerNode): void {
		const { name, nameAt } = node.table;
		this.#noteTable(name, nameAt);
		const isTarget = this.#isTable(name);
		if (isTarget) this.#noteColumns(node.columns ?? []);
		const { columns } = this.#entry(name, null);
		const row = (called: string): Entry => ({ name: called, isTarget, isUnnamed: false, columns });
		const level: Level = { ...OUTSIDE, entries: [row("new"), row("old")] };
		this.#expression(node.when, level);
		for (const step of node.body) this.#step(step, level);
	}

	#step(step: TriggerStepNode, outer: Level): void {
		if (step.type === "select") {
			this.#select(step, outer);
			return;
		}
		const { name, nameAt } = step.table;
		this.#noteTable(name, nameAt);
		const isTarget = this.#isTable(name);
		const common = this.#common(step.with, outer);
		const own = this.#entry(name, step.alias);
		const level: Level = { entries: [own], common, outer };
		switch (step.type) {
			case "insert":
				if (isTarget) this.#noteColumns(step.columns ?? []);
				if (step.source.type === "query") this.#select(step.source.select, { entries: [], common, outer });
				for (const upsert of step.upsert) {
					if (isTarget) this.#noteColumns((upsert.assignments ?? []).flatMap(({ columns }) => columns));
					const excluded = { ...own, name: "excluded", isUnnamed: false };
					this.#expression(upsert, { ...level, entries: [own, excluded] });
				}
				break;
			case "update": {
				if (isTarget) this.#noteColumns(step.assignments.flatMap(({ columns }) => columns));
				const entries = step.from === null ? [] : this.#from(step.from, level);
				const inside = { ...level, entries: [own, ...entries] };
				this.#expression([step.assignments.map(({ value }) => value), step.where], inside);
				break;
			}
			case "delete":
				this.#expression(step.where, level);
				break;
		}
		this.#expression(step.returning, level);
	}

	#common(node: WithNode | null, outer: Level): Level["common"] {
		if (node === null) return outer.common;
		const common = new Map(outer.common);
		for (const { name, columns, select } of node.tables) {
			const names = columns.length > 0 ? columns.map(({ text }) => text) : this.#outputs(select, { ...outer, common });
			common.set(foldCase(name.text), names.map(foldCase));
		}
		for (const { select } of node.tables) this.#select(select, { entries: [], common, outer });
		return common;
	}

	#select(select: SelectNode, outer: Level): void {
		const common = this.#common(select.with, outer);
		let last: Level = { entries: [], common, outer };
		for (const core of [select.first, ...select.rest.map((part) => part.core)]) {
			const level: Level = { entries: [], common, outer };
			if (core.type === "values") {
				this.#expression(core.rows, level);
				continue;
			}
			const entries = core.from === null ? [] : this.#from(core.from, level);
			last = { ...level, entries };
			this.#expression([core.columns, core.where, core.groupBy, core.having, core.windows], last);
		}
		this.#expression([select.order, select.limit], last);
	}

	#from(from: TablesNode, outer: Level): Entry[] {
		const tables = [from.first, ...from.joins.map((join) => join.table)];
		const entries = tables.flatMap((table) => this.#item(table, outer));
		const level = { ...outer, entries };
		// Arguments of a function see the tables beside it.
		for (const table of tables) if (table.type === "table") this.#expression(table.arguments, level);
		for (const { constraint } of from.joins)
			if (constraint?.type === "on") this.#expression(constraint.condition, level);
		return entries;
	}

	#item(node: TableNode, outer: Level): Entry[] {
		switch (node.type) {
			case "nested": {
				const inner = this.#from(node.tables, outer);
				if (node.alias === null) return inner;
				return [
					derived(
						node.alias.text,
						inner.flatMap(({ columns }) => columns),
					),
				];
			}
			case "subquery":
				this.#select(node.select, outer);
				return [derived(node.alias?.text ?? "", this.#outputs(node.select, outer))];
			case "table": {
				const common = outer.common.get(foldCase(node.name.name));
				if (common !== undefined && node.name.schema === null)
					return [derived(node.alias?.text ?? node.name.name, common)];
				this.#noteTable(node.name.name, node.name.nameAt);
				return [this.#entry(node.name.name, node.alias)];
			}
		}
	}

	#entry(name: string, alias: NameNode | null): Entry {
		const table = this.#catalog.find(name);
		const view = this.#catalog.view(name);
		const columns =
			view !== undefined
				? (view.columns ?? this.#outputs(view.select, OUTSIDE))
				: (table?.columns.map((column) => column.name) ?? []);
		return {
			name: foldCase(alias?.text ?? name),
			isTarget: this.#isTable(name),
			isUnnamed: alias === null,
			columns: columns.map(foldCase),
		};
	}

	/** The names of a query's columns, without looking for anything in it. */
	#outputs(select: SelectNode, outer: Level): string[] {
		const core = select.first;
		if (core.type === "values") return (core.rows[0] ?? []).map((_, i) => `column${i + 1}`);
		const quiet = new Finder({ table: "", column: "" }, this.#catalog);
		const common = quiet.#common(select.with, outer);
		const entries = core.from === null ? [] : quiet.#from(core.from, { entries: [], common, outer });
		return core.columns.flatMap((column) => {
			if (column.type === "expression") {
				const { expression } = column;
				return [column.alias?.text ?? (expression.type === "column" ? expression.name.text : column.text)];
			}
			const wanted = column.table === null ? null : foldCase(column.table.text);
			return entries.filter(({ name }) => wanted === null || name === wanted).flatMap(({ columns }) => columns);
		});
	}

	/** Any tree of expressions, and the queries in it. */
	#expression(root: unknown, level: Level): void {
		const pending: unknown[] = [root];
		while (pending.length > 0) {
			const node = pending.pop();
			if (typeof node !== "object" || node === null) continue;
			if ("type" in node && node.type === "select") {
				this.#select(node as SelectNode, level);
				continue;
			}
			if ("type" in node && node.type === "column") {
				this.#reference(node as ColumnNode, level);
				continue;
			}
			if ("type" in node && node.type === "star" && "table" in node && node.table !== null)
				this.#qualifier(node.table as NameNode, level);
			if ("operator" in node && node.operator === "inTable" && "table" in node) {
				const { name, nameAt } = node.table as TableNameNode;
				if (!level.common.has(foldCase(name))) this.#noteTable(name, nameAt);
			}
			pending.push(...Object.values(node));
		}
	}

	#reference({ table, name }: ColumnNode, level: Level): void {
		const column = foldCase(name.text);
		const qualifier = table === null ? null : foldCase(table.text);
		for (let at: Level | null = level; at !== null; at = at.outer) {
			const entry = at.entries.find(
				(candidate) => candidate.columns.includes(column) && (qualifier === null || candidate.name === qualifier),
			);
			if (entry === undefined) continue;
			if (!entry.isTarget) return;
			if (this.#column !== null && column === this.#column) this.#found.push(name.at);
			if (this.#column === null && table !== null && entry.isUnnamed) this.#found.push(table.at);
			return;
		}
		if (table !== null) this.#qualifier(table, level);
	}

	#qualifier(table: NameNode, level: Level): void {
		const folded = foldCase(table.text);
		for (let at: Level | null = level; at !== null; at = at.outer) {
			const entry = at.entries.find(({ name }) => name === folded);
			if (entry === undefined) continue;
			if (entry.isTarget && entry.isUnnamed) this.#noteTable(table.text, table.at);
			return;
		}
	}
}

function derived(name: string, columns: readonly string[]): Entry {
	return { name: foldCase(name), isTarget: false, isUnnamed: false, columns: columns.map(foldCase) };
}
