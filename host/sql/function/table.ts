/** Functions that stand in FROM. */

import type { Value } from "../value/value.js";
import { READ_CSV } from "./csv.js";
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
	/** Of a function whose rows are the same whatever row it is joined to: how many they may be. They are read once. */
	readonly expectedRows?: number;
	/**
	 * One row per item, all columns of it; `values` are the arguments, from the first on without gaps. Columns that are not wanted
	 * are not looked at: what is in their places does not matter.
	 */
	rows(values: readonly Value[], wanted?: ReadonlySet<number>): Iterable<Value[]>;
}

/**
 * A function whose columns depend on its arguments. These are constants, therefore: `shape` is called where a statement is
 * planned. Behind the arguments stand options, as `name = value`.
 */
export interface ShapedTableFunction {
	readonly name: string;
	readonly minimumArguments: number;
	readonly maximumArguments: number;
	/** The function for these arguments; its `rows` needs none. */
	shape(values: readonly Value[], options: ReadonlyMap<string, Value>): TableFunction;
}

/** By name. The names are in lower case. */
export const TABLE_FUNCTIONS = byName<TableFunction>([...JSON_TABLES, GENERATE_SERIES]);

export const SHAPED_TABLE_FUNCTIONS = byName<ShapedTableFunction>([READ_CSV]);
