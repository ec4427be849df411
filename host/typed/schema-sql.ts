/** Statements that make what a declaration says. */

import { type DefinedColumn, type ForeignKey, foreignKeysOf } from "./declared.js";
import { namesOf, type TableDefinition } from "./definition.js";
import { folded, inMain, invalid, quoted, quotedList, shown } from "./names.js";
import { TableColumn } from "./reference.js";
import { wordsOf } from "./words.js";

export interface DeclaredIndex {
	readonly name: string;
	readonly isUnique: boolean;
	readonly columns: readonly DefinedColumn[];
	/** A condition for its rows; undefined where it has all. */
	readonly where?: string;
}

/** Behind the name of the table and the columns. Whatever is called like that is a declaration's own, and dropped with it. */
const UNIQUE_ENDING = "__unique";
const INDEX_ENDING = "__index";

export function isOwnIndex(name: string, table: string): boolean {
	const lower = folded(name);
	return lower.startsWith(`${folded(table)}__`) && (lower.endsWith(UNIQUE_ENDING) || lower.endsWith(INDEX_ENDING));
}

export function indexesOf(table: TableDefinition): DeclaredIndex[] {
	const declared = (lists: readonly (readonly DefinedColumn[])[], ending: string) =>
		lists.map((columns) => ({
			name: `${[table.name, ...namesOf(columns)].join("__")}${ending}`,
			isUnique: ending === UNIQUE_ENDING,
			columns,
		}));
	const partial = table.partialIndexes.map(({ columns, where, isUnique }) => ({
		name: `${[table.name, ...namesOf(columns), conditionName(where)].join("__")}${isUnique ? UNIQUE_ENDING : INDEX_ENDING}`,
		isUnique,
		columns,
		where,
	}));
	const indexes = [...declared(table.uniques, UNIQUE_ENDING), ...declared(table.indexes, INDEX_ENDING), ...partial];
	const names = new Map<string, DeclaredIndex>();
	for (const index of indexes) {
		const twin = names.get(folded(index.name));
		if (twin !== undefined)
			throw invalid(
				`Two indexes of table ${shown(table.name)} would be called ${shown(index.name)}. Call one of their columns otherwise, or say its condition in other words.`,
			);
		names.set(folded(index.name), index);
	}
	return indexes;
}

const MAX_CONDITION_NAME = 60;

/** Of the words of a condition: it is another index where that is another one. */
function conditionName(where: string): string {
	const words = (wordsOf(where) ?? []).flatMap(({ text }) => text.match(/[\w\u0080-\uffff]+/g) ?? []);
	return ["where", ...words].join("_").slice(0, MAX_CONDITION_NAME).toWellFormed();
}

export function createIndexSql({ name, isUnique, columns, where }: DeclaredIndex, table: string): string {
	const what = isUnique ? "CREATE UNIQUE INDEX" : "CREATE INDEX";
	const rows = where === undefined ? "" : ` WHERE ${where}`;
	return `${what} ${inMain(name)} ON ${quoted(table)} (${quotedList(namesOf(columns))})${rows}`;
}

/** `further`: definitions of columns that the declaration does not have. */
export function createTableSql(table: TableDefinition, further: readonly string[] = []): string {
	const parts = [...table.columns.map((column) => columnSql(column, table)), ...further];
	if (table.primaryKey.length > 1) parts.push(`PRIMARY KEY (${quotedList(namesOf(table.primaryKey))})`);
	for (const check of table.checks.slice(ownChecks(table))) parts.push(`CHECK (${check})`);
	for (const key of table.foreignKeys) {
		if (!key.isOfColumn) parts.push(`FOREIGN KEY (${quotedList(namesOf(key.columns))}) ${referencesSql(key, table)}`);
	}
	const options = [table.isWithoutRowid ? "WITHOUT ROWID" : "", table.isStrict ? "STRICT" : ""].filter(
		(option) => option !== "",
	);
	const behind = options.length === 0 ? "" : ` ${options.join(", ")}`;
	return `CREATE TABLE ${inMain(table.name)} (\n\t${parts.join(",\n\t")}\n)${behind}`;
}

/** How many of the checks are said at columns: these come first. */
function ownChecks({ columns }: TableDefinition): number {
	return columns.reduce((count, { checks = [] }) => count + checks.length, 0);
}

/** As it stands in CREATE TABLE, and behind ADD COLUMN. */
export function columnSql(column: DefinedColumn, table: TableDefinition): string {
	const parts = [quoted(column.name), column.kind.sqlType];
	if (column.isPrimaryKey === true) parts.push("PRIMARY KEY");
	if (column.isAutoincrement === true) parts.push("AUTOINCREMENT");
	if (!column.isNullable && column !== table.rowid) parts.push("NOT NULL");
	if (column.collation !== undefined) parts.push(`COLLATE ${column.collation.toUpperCase()}`);
	if (column.default !== undefined) parts.push(`DEFAULT ${column.default.text}`);
	for (const check of column.checks ?? []) parts.push(`CHECK (${check})`);
	for (const key of foreignKeysOf(column)) parts.push(referencesSql(key, table));
	return parts.join(" ");
}

export interface ForeignTarget {
	readonly table: string;
	readonly columns: readonly string[];
}

/** What a foreign key refers to, which has to be a key of a declared table. */
export function targetOf(key: ForeignKey, { name }: TableDefinition): ForeignTarget {
	const own = key.columns.map((column) => shown(column.property)).join(", ");
	const found = key.target();
	const targets: readonly unknown[] = Array.isArray(found) ? found : [];
	const columns = targets.filter((target) => target instanceof TableColumn);
	const [first] = columns;
	if (first === undefined || columns.length !== targets.length)
		throw invalid(`What ${own} of table ${shown(name)} refers to is a column of a declared table, such as users.id.`);
	const owner = TableColumn.ownerOf(first);
	const names = columns.map((column) => column.name);
	if (
		columns.some((column) => TableColumn.ownerOf(column) !== owner) ||
		!owner.isKey(names) ||
		names.length !== key.columns.length
	)
		throw invalid(
			`${own} of table ${shown(name)} refers to ${names.map(shown).join(", ")} of table ${shown(owner.name)}, which is not its primary key and not unique.`,
		);
	return { table: owner.name, columns: names };
}

function referencesSql(key: ForeignKey, table: TableDefinition): string {
	const target = targetOf(key, table);
	const actions = (["onDelete", "onUpdate"] as const).map((when) => {
		const action = key[when];
		return action === "no action" ? "" : ` ${when === "onDelete" ? "ON DELETE" : "ON UPDATE"} ${action.toUpperCase()}`;
	});
	return `REFERENCES ${quoted(target.table)} (${quotedList(target.columns)})${actions.join("")}`;
}
