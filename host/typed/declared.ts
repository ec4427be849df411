/** What a program gives to `table()`: looked at here, so that nothing behind needs to. */

import { Column, type ColumnDefinition } from "./column.js";
import { checkedExpression } from "./expression.js";
import { checkedName, folded, invalid, isPlainObject, shown } from "./names.js";
import { checkedActions, type ForeignActions, type TableColumn } from "./reference.js";

export interface DefinedColumn extends ColumnDefinition {
	/** In rows of JavaScript. */
	readonly property: string;
	/** In SQL. */
	readonly name: string;
	readonly isNullable: boolean;
}

export interface ForeignKey extends Required<ForeignActions> {
	readonly columns: readonly DefinedColumn[];
	/** Said at a column, and a part of its definition. */
	readonly isOfColumn: boolean;
	/** Answers the columns that are referred to; called when the table is created, as tables may refer to each other. */
	readonly target: () => unknown;
}

/** Options of a table, which are all left out unless said. They name columns by their properties, which are `Name`. */
export interface TableOptions<
	Name extends string,
	Key extends readonly Name[] = readonly Name[],
	Unique extends readonly (readonly Name[])[] = readonly (readonly Name[])[],
	WithoutRowid extends boolean = boolean,
> {
	/** A primary key of several columns. That of one column is said at the column. */
	readonly primaryKey?: Key;
	/** Lists of columns whose values together at most one row has, unless one of them is NULL. */
	readonly unique?: Unique;
	/** Lists of columns with an index over them, in this order; with a condition, of the rows alone for which it is true. */
	readonly indexes?: readonly (readonly Name[] | PartialIndex<Name>)[];
	/** Conditions of SQL for every row. They are the program's own text: never a user's. */
	readonly checks?: readonly string[];
	/** References of several columns. */
	readonly foreignKeys?: readonly TableForeignKey<Name>[];
	/** SQL itself refuses values of other types, whoever writes them; false unless given. */
	readonly strict?: boolean;
	/** Rows lie in the order of the primary key, which the table must have, and have no other key; false unless given. */
	readonly withoutRowid?: WithoutRowid;
}

/** An index over some of the rows. */
export interface PartialIndex<Name extends string> {
	/** In this order. */
	readonly columns: readonly Name[];
	/**
	 * Which rows it has: a condition of SQL, with the names that columns have there, such as `"deleted_at IS NULL"`. A query is found by it whose
	 * own condition says the same. It is the program's own text: never a user's.
	 */
	readonly where: string;
	/** At most one of these rows has the same values, unless one is NULL; false unless given. It is no key that `upsert` or `findBy…` knows. */
	readonly unique?: boolean;
}

/** A `PartialIndex` as it is declared. */
export interface DefinedPartialIndex {
	readonly columns: readonly DefinedColumn[];
	readonly where: string;
	readonly isUnique: boolean;
}

/** A reference of several columns to as many of another table. One of a single column is said at the column: `references`. */
export interface TableForeignKey<Name extends string> extends ForeignActions {
	/** The columns that refer. */
	readonly columns: readonly Name[];
	/** As many columns of one table, which are a primary key or unique together. */
	readonly references: () => readonly TableColumn[];
}

/** Properties that conditions have a meaning for. */
const RESERVED: readonly string[] = ["and", "or", "not"];

const OPTIONS: readonly string[] = [
	"primaryKey",
	"unique",
	"indexes",
	"checks",
	"foreignKeys",
	"strict",
	"withoutRowid",
];

export function checkedOptions(options: unknown, table: string): Readonly<Record<string, unknown>> {
	if (options === undefined) return {};
	if (!isPlainObject(options)) throw invalid(`Options of table ${shown(table)} are an object, not ${shown(options)}.`);
	for (const name of Object.keys(options)) {
		if (!OPTIONS.includes(name))
			throw invalid(`A table has no option ${shown(name)}. There are ${OPTIONS.join(", ")}.`);
	}
	return options;
}

export function flag(value: unknown, name: string, table: string): boolean {
	if (value === undefined || typeof value === "boolean") return value === true;
	throw invalid(`Option ${name} of table ${shown(table)} is true or false, not ${shown(value)}.`);
}

export function definedColumns(columns: unknown, table: string): DefinedColumn[] {
	if (!isPlainObject(columns))
		throw invalid(
			`The columns of table ${shown(table)} are a plain object, not ${shown(columns)}. A column called __proto__ is not possible.`,
		);
	const names = new Map<string, string>();
	const defined = Reflect.ownKeys(columns).map((property): DefinedColumn => {
		if (typeof property !== "string" || property === "__proto__" || RESERVED.includes(property)) {
			throw invalid(
				`Table ${shown(table)} cannot have ${String(property)} as the property of a column. Call it otherwise, and the column with .named().`,
			);
		}
		const definition = Column.definitionOf(columns[property]);
		if (definition === undefined)
			throw invalid(
				`Column ${shown(property)} of table ${shown(table)} is made by integer(), text() or the like, and not ${shown(columns[property])}.`,
			);
		const name = checkedName(definition.name ?? property, "column");
		const twin = names.get(folded(name));
		if (twin !== undefined)
			throw invalid(
				`Columns ${shown(twin)} and ${shown(property)} of table ${shown(table)} have the same name in SQL, where case does not count.`,
			);
		names.set(folded(name), property);
		const isNullable = definition.isNotNull !== true && definition.isPrimaryKey !== true;
		return { ...definition, property, name, isNullable };
	});
	if (defined.length === 0) throw invalid(`Table ${shown(table)} has no columns.`);
	return defined;
}

/** The properties of the primary key's columns: of the one that says so, or of those that the option has. */
export function keyProperties(option: unknown, columns: readonly DefinedColumn[], table: string): readonly string[] {
	const own = columns.filter(({ isPrimaryKey }) => isPrimaryKey).map(({ property }) => property);
	if (own.length > 1 || (own.length > 0 && option !== undefined))
		throw invalid(
			`Table ${shown(table)} has more than one primary key. One of several columns is the option primaryKey of the table.`,
		);
	if (option === undefined) return own;
	const listed = new ColumnLists(table, columns).columns(option, "primaryKey");
	if (listed.length < 2)
		throw invalid(
			`primaryKey of table ${shown(table)} has several columns. A key of one is said at the column: .primaryKey().`,
		);
	return listed.map(({ property }) => property);
}

/** Columns by their properties, as options name them. */
export class ColumnLists {
	readonly #table: string;
	readonly #columns: ReadonlyMap<string, DefinedColumn>;

	constructor(table: string, columns: readonly DefinedColumn[]) {
		this.#table = table;
		this.#columns = new Map(columns.map((column) => [column.property, column]));
	}

	column(property: unknown, option: string): DefinedColumn {
		const column = this.#columns.get(property as string);
		if (column !== undefined) return column;
		throw invalid(`${option} of table ${shown(this.#table)} names ${shown(property)}, which is none of its columns.`);
	}

	columns(list: unknown, option: string): DefinedColumn[] {
		const columns = this.#array(list, option).map((property) => this.column(property, option));
		if (columns.length === 0 || new Set(columns).size < columns.length)
			throw invalid(`${option} of table ${shown(this.#table)} has a list of columns that is empty or names one twice.`);
		return columns;
	}

	lists(lists: unknown, option: string): DefinedColumn[][] {
		return lists === undefined ? [] : this.#array(lists, option).map((list) => this.columns(list, option));
	}

	/** Of what `indexes` has, lists and those with a condition. */
	indexes(indexes: unknown): { readonly lists: DefinedColumn[][]; readonly partial: DefinedPartialIndex[] } {
		const lists: DefinedColumn[][] = [];
		const partial: DefinedPartialIndex[] = [];
		for (const index of indexes === undefined ? [] : this.#array(indexes, "indexes")) {
			if (isPlainObject(index)) partial.push(this.#partialIndex(index));
			else lists.push(this.columns(index, "indexes"));
		}
		return { lists, partial };
	}

	#partialIndex({ columns, where, unique, ...others }: Readonly<Record<string, unknown>>): DefinedPartialIndex {
		const [unknown] = Object.keys(others);
		if (unknown !== undefined)
			throw invalid(
				`One of indexes of table ${shown(this.#table)} is a list of columns, or an object with columns, where and unique, and no ${shown(unknown)}.`,
			);
		return {
			columns: this.columns(columns, "indexes"),
			where: checkedExpression(where, "partial index"),
			isUnique: flag(unique, "unique of indexes", this.#table),
		};
	}

	foreignKeys(keys: unknown): ForeignKey[] {
		if (keys === undefined) return [];
		return this.#array(keys, "foreignKeys").map((key) => {
			if (!isPlainObject(key) || typeof key.references !== "function")
				throw invalid(
					`One of foreignKeys of table ${shown(this.#table)} is an object with columns and references, a function.`,
				);
			const { columns, references, ...actions } = key;
			return {
				columns: this.columns(columns, "foreignKeys"),
				isOfColumn: false,
				target: references as () => unknown,
				...checkedActions(actions),
			};
		});
	}

	#array(value: unknown, option: string): readonly unknown[] {
		if (Array.isArray(value)) return value;
		throw invalid(`${option} of table ${shown(this.#table)} has lists of columns, not ${shown(value)}.`);
	}
}

export function tableChecks(checks: unknown, table: string): string[] {
	if (checks === undefined) return [];
	if (!Array.isArray(checks))
		throw invalid(`checks of table ${shown(table)} is a list of expressions, not ${shown(checks)}.`);
	return checks.map((check) => checkedExpression(check, "check"));
}

/** What is said at a column of what it refers to. */
export function foreignKeysOf(column: DefinedColumn): ForeignKey[] {
	const { references } = column;
	if (references === undefined) return [];
	return [{ ...references, columns: [column], isOfColumn: true, target: () => [references.target()] }];
}
