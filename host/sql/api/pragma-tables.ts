/** All PRAGMAs that tell of the schema, by name and as functions in FROM. */

import type { TableFunction } from "../function/table.js";
import type { Value } from "../value/value.js";
import { FUNCTION_PRAGMAS } from "./function-pragmas.js";
import { INTEGRITY_PRAGMAS } from "./integrity.js";
import { KEY_PRAGMAS } from "./key-pragmas.js";
import type { PragmaTable } from "./pragma-table.js";
import { define } from "./pragma-table.js";
import { SCHEMA_PRAGMAS } from "./schema-pragmas.js";
import type { Session } from "./session.js";
import { settingPragma } from "./setting-pragmas.js";

const NAMES: PragmaTable = define("pragma_list", ["name"], [], () => [...known().keys()].sort().map((name) => [name]));

const SETTINGS = [
	"application_id",
	"busy_timeout",
	"case_sensitive_like",
	"defer_foreign_keys",
	"encoding",
	"foreign_keys",
	"journal_mode",
	"recursive_triggers",
	"schema_version",
	"synchronous",
	"user_version",
];

function known(): Map<string, PragmaTable | null> {
	const tables = [...SCHEMA_PRAGMAS, ...KEY_PRAGMAS, ...FUNCTION_PRAGMAS, ...INTEGRITY_PRAGMAS, NAMES];
	return new Map<string, PragmaTable | null>([
		...tables.map((table) => [table.name, table] as const),
		...SETTINGS.map((name) => [name, null] as const),
	]);
}

/** A setting as it is, in one row; undefined of those that never answer. */
function settingTable(name: string): PragmaTable | undefined {
	const setting = settingPragma(name, null);
	if (setting === undefined || setting.columns.length === 0) return undefined;
	return define(name, setting.columns, [], (_argument, _schema, session, limits) => [...setting.rows(session, limits)]);
}

/** By the name in lower case. */
export function pragmaTable(name: string): PragmaTable | undefined {
	return known().get(name) ?? undefined;
}

/** Each as a function in FROM, as in `FROM pragma_table_info('t')`. */
export function pragmaFunctions(session: Session): TableFunction[] {
	const tables = [...known()].flatMap(([name, table]) => table ?? settingTable(name) ?? []);
	return tables.map((table) => {
		const shown = table.columns.map((name) => ({ name, typeName: "", hidden: false }));
		const hidden = table.arguments.map((name) => ({ name, typeName: "", hidden: true }));
		const takesName = table.arguments.includes("arg");
		return {
			name: `pragma_${table.name}`,
			columns: [...shown, ...hidden],
			minimumArguments: 0,
			maximumArguments: hidden.length,
			missingArguments: null,
			*rows(values: readonly Value[]): Iterable<Value[]> {
				const padded = hidden.map((_, i) => values[i] ?? null);
				const given = takesName ? padded : [null, ...padded];
				for (const row of table.rows(given, session)) yield [...row, ...padded];
			},
		};
	});
}
