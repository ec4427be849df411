/** How columns differ from what is declared of them. */

import type { DefinedColumn } from "../declared.js";
import type { TableDefinition } from "../definition.js";
import { byName, folded, inMain, quoted, shown } from "../names.js";
import { normalFormOf, wordsOf } from "../words.js";
import type { Difference } from "./difference.js";
import type { ExistingColumn, ExistingTable } from "./existing.js";

export interface ColumnDifferences {
	/** Columns that are declared and not there. */
	readonly missing: readonly DefinedColumn[];
	/** Those among them that ALTER TABLE can add. */
	readonly addable: readonly DefinedColumn[];
	readonly differences: readonly Difference[];
}

export function columnDifferences(table: TableDefinition, existing: ExistingTable): ColumnDifferences {
	const addable: DefinedColumn[] = [];
	const differences: Difference[] = [];
	const missing: DefinedColumn[] = [];
	const there = byName(existing.columns);
	for (const column of table.columns) {
		const found = there.get(folded(column.name));
		if (found !== undefined) {
			differences.push(
				...changes(column, found, table).map((text) => ({ text: `column ${shown(column.name)} ${text}` })),
			);
			continue;
		}
		missing.push(column);
		const reason = whyNotAdded(column, table, existing);
		if (reason === undefined) addable.push(column);
		else
			differences.push({
				text: `column ${shown(column.name)} is declared and not there, and cannot be added: ${reason}`,
			});
	}
	differences.push(...superfluousColumns(table, existing, missing));
	return { missing, addable, differences };
}

function superfluousColumns(
	table: TableDefinition,
	existing: ExistingTable,
	missing: readonly DefinedColumn[],
): Difference[] {
	const declared = byName(table.columns);
	const found = existing.columns.filter(({ name, isGenerated }) => !isGenerated && !declared.has(folded(name)));
	if (found.length === 0) return [];
	const used = usedNames(existing);
	return found.map((column) => {
		const affinity = affinityOf(column.type);
		const [renamed, ...others] = missing.filter(({ kind }) => affinityOf(kind.sqlType) === affinity);
		const isClear = others.length === 0 && found.filter(({ type }) => affinityOf(type) === affinity).length === 1;
		const hint =
			isClear && renamed !== undefined
				? `. If it is ${shown(renamed.name)} by another name: ${renaming(table.name, column.name, renamed.name)}`
				: "";
		const text = `column ${shown(column.name)} is there and not declared${hint}`;
		const drop = `ALTER TABLE ${inMain(table.name)} DROP COLUMN ${quoted(column.name)}`;
		return used.has(folded(column.name)) ? { text } : { text, statements: [drop] };
	});
}

function renaming(table: string, from: string, to: string): string {
	return `ALTER TABLE ${inMain(table)} RENAME COLUMN ${quoted(from)} TO ${quoted(to)}`;
}

function changes(column: DefinedColumn, existing: ExistingColumn, table: TableDefinition): string[] {
	const found: string[] = [];
	if (existing.isGenerated) return ["is there as a generated one"];
	const { kind, isNullable, collation = "binary" } = column;
	if (affinityOf(existing.type) !== affinityOf(kind.sqlType))
		found.push(`is ${existing.type === "" ? "of no type" : existing.type}, and is declared as ${kind.sqlType}`);
	// A key that may be NULL by the table's text is declared so by older versions of SQL; what is declared here never writes one.
	if (existing.isNotNull && isNullable) found.push("is NOT NULL, and is not declared so");
	if (!existing.isNotNull && !isNullable && !table.primaryKey.includes(column))
		found.push("may be NULL, and is declared notNull()");
	const [given, wanted] = [defaultForm(existing.default), defaultForm(column.default?.text ?? null)];
	if (given !== wanted)
		found.push(
			`has ${given === "" ? "no default" : `DEFAULT ${given}`}, and is declared with ${wanted === "" ? "none" : `DEFAULT ${wanted}`}`,
		);
	if (existing.collation !== collation)
		found.push(`has the collation ${existing.collation}, and is declared with ${collation}`);
	return found;
}

/** Empty where there is none. */
function defaultForm(text: string | null): string {
	const form = normalFormOf(text ?? "");
	return form === "null" ? "" : form;
}

/** The rules of SQLite, by the declared type. */
function affinityOf(type: string): string {
	const name = folded(type);
	if (name.includes("int")) return "integer";
	if (/char|clob|text/.test(name)) return "text";
	if (name === "" || name.includes("blob")) return "blob";
	return /real|floa|doub/.test(name) ? "real" : "numeric";
}

/** What ALTER TABLE asks of a column that is added. */
function whyNotAdded(column: DefinedColumn, table: TableDefinition, existing: ExistingTable): string | undefined {
	if (table.primaryKey.includes(column)) return "it is of the primary key";
	if (existing.isEmpty) return undefined;
	const { isNullable, references } = column;
	if (column.default !== undefined && !column.default.isConstant)
		return "the table has rows, and its default is computed for each";
	const hasValue = defaultForm(column.default?.text ?? null) !== "";
	if (!isNullable && !hasValue) return "the table has rows, and it is notNull() without a default";
	if (references !== undefined && hasValue)
		return "the table has rows, and it refers to others with a default that is not NULL";
	return undefined;
}

/** Names of columns that other parts of the table have, so that the columns cannot be dropped by themselves. */
function usedNames({ columns, indexes, foreignKeys, parts, checks }: ExistingTable): ReadonlySet<string> {
	const texts = [
		...checks,
		...parts.map(({ sql }) => sql),
		...columns.filter(({ isGenerated }) => isGenerated).map(({ text }) => text),
	];
	return new Set([
		...columns.filter(({ key }) => key > 0).map(({ name }) => folded(name)),
		...indexes.flatMap((index) => index.columns.map(({ name }) => folded(name ?? ""))),
		...foreignKeys.flatMap((key) => key.columns.map(folded)),
		...texts.flatMap((text) => (wordsOf(text) ?? []).map((word) => word.text)),
	]);
}
