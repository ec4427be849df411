/** A declared table at run time: plain data that everything else works with. */

import {
	ColumnLists,
	checkedOptions,
	type DefinedColumn,
	type DefinedPartialIndex,
	definedColumns,
	type ForeignKey,
	flag,
	foreignKeysOf,
	keyProperties,
	tableChecks,
} from "./declared.js";
import { checkedName, invalid, listKey, setKey, shown } from "./names.js";
import type { ReferredTable } from "./reference.js";

/** Where a table that `table()` made has its definition. */
export const DEFINITION = Symbol("definition");

export class TableDefinition implements ReferredTable {
	readonly name: string;
	readonly columns: readonly DefinedColumn[];
	readonly byProperty: ReadonlyMap<string, DefinedColumn>;
	/** Empty where there is none. */
	readonly primaryKey: readonly DefinedColumn[];
	/** The column that is the rowid. */
	readonly rowid: DefinedColumn | undefined;
	/** Without the primary key; each once, in whatever order its columns are. */
	readonly uniques: readonly (readonly DefinedColumn[])[];
	/** Without those over what is unique. */
	readonly indexes: readonly (readonly DefinedColumn[])[];
	readonly partialIndexes: readonly DefinedPartialIndex[];
	/** Of columns and of the table. */
	readonly checks: readonly string[];
	readonly foreignKeys: readonly ForeignKey[];
	readonly isStrict: boolean;
	readonly isWithoutRowid: boolean;
	/** The sets of columns that are unique. */
	readonly #keys: ReadonlySet<string>;

	constructor(name: unknown, columns: unknown, options: unknown) {
		this.name = checkedName(name, "table");
		const given = checkedOptions(options, this.name);
		const defined = definedColumns(columns, this.name);
		const key = keyProperties(given.primaryKey, defined, this.name);
		const isOfKey = new Set(key);
		this.columns = defined.map((column) => (isOfKey.has(column.property) ? { ...column, isNullable: false } : column));
		this.byProperty = new Map(this.columns.map((column) => [column.property, column]));
		const lists = new ColumnLists(this.name, this.columns);
		this.primaryKey = key.map((property) => lists.column(property, "primaryKey"));
		this.isStrict = flag(given.strict, "strict", this.name);
		this.isWithoutRowid = flag(given.withoutRowid, "withoutRowid", this.name);
		if (this.isWithoutRowid && this.primaryKey.length === 0)
			throw invalid(`Table ${shown(this.name)} is withoutRowid, and so needs a primary key.`);
		this.rowid = this.isWithoutRowid ? undefined : this.primaryKey.find(isRowid);
		const single = (which: (column: DefinedColumn) => boolean | undefined) =>
			this.columns.filter(which).map((column) => [column]);
		if (this.isWithoutRowid && this.primaryKey.some(({ isAutoincrement }) => isAutoincrement))
			throw invalid(`Table ${shown(this.name)} is withoutRowid: it has no rowid that autoincrement could number.`);
		const uniques = [...single(({ isUnique }) => isUnique), ...lists.lists(given.unique, "unique")];
		const { lists: listed, partial } = lists.indexes(given.indexes);
		this.partialIndexes = partial;
		const partialUniques = partial.filter(({ isUnique }) => isUnique).map(({ columns }) => columns);
		for (const list of [...uniques, ...partialUniques, this.primaryKey]) {
			if (list.some(({ kind }) => kind.compares === "nothing"))
				throw invalid(
					`A column of json of table ${shown(this.name)} cannot be part of what is unique: equal values may have different texts.`,
				);
		}
		this.uniques = withoutRepeated(uniques, [this.primaryKey], setKey);
		this.#keys = new Set([this.primaryKey, ...this.uniques].map((key) => setKey(namesOf(key))));
		const indexes = [...single(({ isIndexed }) => isIndexed), ...listed];
		// What is unique has an index.
		this.indexes = withoutRepeated(indexes, [this.primaryKey, ...this.uniques], listKey);
		this.checks = [...this.columns.flatMap(({ checks = [] }) => checks), ...tableChecks(given.checks, this.name)];
		this.foreignKeys = [...this.columns.flatMap(foreignKeysOf), ...lists.foreignKeys(given.foreignKeys)];
	}

	isKey(names: readonly string[]): boolean {
		return names.length > 0 && this.#keys.has(setKey(names));
	}
}

function isRowid({ isPrimaryKey, kind }: DefinedColumn): boolean {
	return isPrimaryKey === true && kind.isRowid;
}

type ColumnList = readonly DefinedColumn[];

export function namesOf(columns: ColumnList): string[] {
	return columns.map(({ name }) => name);
}

/** Each once, and none that is like one of the others. */
function withoutRepeated(
	lists: readonly ColumnList[],
	others: readonly ColumnList[],
	keyOf: (names: readonly string[]) => string,
): ColumnList[] {
	const seen = new Set(others.map((list) => keyOf(namesOf(list))));
	return lists.filter((list) => {
		const key = keyOf(namesOf(list));
		const isNew = !seen.has(key);
		seen.add(key);
		return isNew;
	});
}
