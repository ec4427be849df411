/** CHECK and FOREIGN KEY, which ALTER TABLE cannot add to columns that are there. */

import type { DefinedColumn, ForeignKey } from "../declared.js";
import { namesOf, type TableDefinition } from "../definition.js";
import { folded, quoted, quotedList } from "../names.js";
import { targetOf } from "../schema-sql.js";
import { normalFormOf } from "../words.js";
import { type Difference, setDifferences } from "./difference.js";
import type { ExistingForeignKey, ExistingTable } from "./existing.js";

/** `added`: columns that are added, and bring with them what is said of them alone. */
export function constraintDifferences(
	table: TableDefinition,
	existing: ExistingTable,
	added: readonly DefinedColumn[],
): Difference[] {
	return [...checkDifferences(table, existing, added), ...foreignKeyDifferences(table, existing, added)];
}

function checkDifferences(
	table: TableDefinition,
	existing: ExistingTable,
	added: readonly DefinedColumn[],
): Difference[] {
	const brought = added.flatMap(({ checks = [] }) => checks);
	const shown = (checks: readonly string[]) => new Set(checks.map((check) => `CHECK (${check})`));
	const declared = (checks: readonly string[]) => shown(checks.map(normalFormOf));
	return setDifferences(
		{ all: declared(table.checks), expected: declared(table.checks.filter((check) => !brought.includes(check))) },
		shown(existing.checks),
	);
}

function foreignKeyDifferences(
	table: TableDefinition,
	existing: ExistingTable,
	added: readonly DefinedColumn[],
): Difference[] {
	const isNew = new Set(added);
	const isBrought = ({ isOfColumn, columns }: ForeignKey) => isOfColumn && columns.every((column) => isNew.has(column));
	const declared = (keys: readonly ForeignKey[]) =>
		new Set(
			keys.map((key) => {
				const target = targetOf(key, table);
				return shownKey({
					...key,
					columns: namesOf(key.columns),
					table: target.table,
					to: target.columns,
				});
			}),
		);
	return setDifferences(
		{
			all: declared(table.foreignKeys),
			expected: declared(table.foreignKeys.filter((key) => !isBrought(key))),
		},
		new Set(existing.foreignKeys.map(shownKey)),
	);
}

function shownKey({ columns, table, to, onDelete, onUpdate }: ExistingForeignKey): string {
	const names = folded(`(${quotedList(columns)}) REFERENCES ${quoted(table)} (${quotedList(to)})`);
	return `the foreign key ${names} on delete ${onDelete} on update ${onUpdate}`;
}
