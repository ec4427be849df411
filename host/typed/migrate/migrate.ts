/** Makes the database's tables as they are declared, as far as that loses nothing. */

import { WlsmError } from "../../index.js";
import { type SqlSource, sqlOf } from "../connection.js";
import { DEFINITION, TableDefinition } from "../definition.js";
import { folded, invalid, isPlainObject, shown } from "../names.js";
import type { AnyTable } from "../table-types.js";
import { compared, type MigrationChange, type Refusal } from "./compare.js";

/** How `migrate` and `create` go about it. */
export interface MigrateOptions {
	/** Answers what would be done, and does nothing; false unless given. */
	readonly dryRun?: boolean;
}

/** What was done, or what `dryRun` would do. */
export interface Migration {
	/** Statements in their order; none where the tables are as they are declared. */
	readonly changes: readonly MigrationChange[];
}

/**
 * Creates tables that are not there, adds columns, and creates and drops indexes, all in one transaction. Answers what it did; run again, it
 * does nothing. What would lose data or what ALTER TABLE cannot do (a column that is no longer declared, another type, NOT NULL, another
 * key or default, what is to be unique and is not) is refused with `WLSM_EXISTS`: the message has each difference and the statements to
 * run by hand, and nothing is changed. Indexes are dropped that declarations made, whose names are like `users__name__index`,
 * `users__email__unique` and `users__email__where_active__index`; others, and triggers, are left alone. `WLSM_READ_ONLY` where there is
 * something to do and the database is open for reading alone.
 */
export function migrate(db: SqlSource, tables: readonly AnyTable[], options: MigrateOptions = {}): Migration {
	return migrateDefinitions(db, definitionsOf(tables), options);
}

export function migrateDefinitions(
	db: SqlSource,
	definitions: readonly TableDefinition[],
	options: unknown,
): Migration {
	const sql = sqlOf(db);
	const isDry = dryRunOf(options);
	const comparisons = definitions.map((table) => compared(table, sql));
	const refusals = comparisons.flatMap(({ refusal }) => refusal ?? []);
	if (refusals.length > 0) throw new WlsmError("WLSM_EXISTS", refusals.map(message).join("\n\n"));
	const changes = comparisons.flatMap((comparison) => comparison.changes);
	if (isDry || changes.length === 0) return { changes };
	if (sql.readonly) {
		const statements = changes.map((change) => change.sql).join(";\n");
		throw new WlsmError(
			"WLSM_READ_ONLY",
			`The database is open for reading, and its tables are not as they are declared. Missing are:\n${statements}`,
		);
	}
	const apply = sql.transaction(() => {
		for (const change of changes) sql.prepare(change.sql).run();
	});
	apply();
	return { changes };
}

function dryRunOf(options: unknown): boolean {
	if (!isPlainObject(options)) throw invalid(`The options of migrate are an object, not ${shown(options)}.`);
	const { dryRun = false, ...others } = options;
	const [unknown] = Object.keys(others);
	if (unknown !== undefined) throw invalid(`migrate has no option ${shown(unknown)}. There is dryRun.`);
	if (typeof dryRun !== "boolean") throw invalid(`dryRun is true or false, not ${shown(dryRun)}.`);
	return dryRun;
}

/** Each once. */
function definitionsOf(tables: unknown): TableDefinition[] {
	if (!Array.isArray(tables)) throw invalid(`migrate takes a list of tables, not ${shown(tables)}.`);
	const found = new Map<string, TableDefinition>();
	for (const table of tables as unknown[]) {
		const definition = (table as { readonly [DEFINITION]?: unknown } | null | undefined)?.[DEFINITION];
		if (!(definition instanceof TableDefinition))
			throw invalid(`migrate takes tables that table() has made, not ${shown(table)}.`);
		const twin = found.get(folded(definition.name));
		if (twin !== undefined && twin !== definition)
			throw invalid(`Two declarations are of table ${shown(definition.name)}. Give migrate one of them.`);
		found.set(folded(definition.name), definition);
	}
	return [...found.values()];
}

function message({ table, differences, statements }: Refusal): string {
	const list = differences.map((difference) => `- ${difference}`).join("\n");
	const byHand = statements.map((statement) => `${statement};`).join("\n");
	const cure = statements.length === 0 ? "" : `\nTo be read, and run by hand:\n${byHand}`;
	return `Table ${shown(table)} is there, and not as it is declared:\n${list}${cure}`;
}
