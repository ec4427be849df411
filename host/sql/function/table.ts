/** Functions that stand in FROM. */

import type { Value } from "../value/value.js";
import { byName } from "./definition.js";
import { JSON_TABLES } from "./json/table.js";
import { GENERATE_SERIES } from "./series.js";

export interface TableFunctionColumn {
	readonly name: string;
	/** The declared type, which is none. */
	readonly typeName: string;
	/** An argument: left out of `*`. `WHERE start = 3` passes it as `f(3)` does. */
	readonly hidden: boolean;
	/** Text in it may be JSON; see json/subtype.ts. */
	readonly holdsJson?: boolean;
}

export interface TableFunction {
	readonly name: string;
	/** The hidden ones are the arguments, in their order. */
	readonly columns: readonly TableFunctionColumn[];
	readonly minimumArguments: number;
	readonly maximumArguments: number;
	/** As SQLite says it where fewer arguments are known than the minimum; null where there are no rows then. */
	readonly missingArguments: string | null;
	/** One row per item, all columns of it; `values` are the arguments, from the first on without gaps. */
	rows(values: readonly Value[]): Iterable<Value[]>;
}

/** By name. The names are in lower case. */
export const TABLE_FUNCTIONS = byName<TableFunction>([...JSON_TABLES, GENERATE_SERIES]);
