/** What planning a query works with, beside what binding an expression does. */

import type { BindContext } from "../bind/expression.js";
import type { Captures } from "../bind/scope.js";
import type { Catalog } from "../catalog/catalog.js";
import type { Histogram } from "../catalog/statistics.js";
import type { StoredTable } from "../catalog/table.js";
import type { SelectNode, TableNode } from "../parse/ast.js";
import type { Guesses } from "./guesses.js";
import type { Recursion, ResultColumn, SharedQuery } from "./logical.js";

export interface TableSize {
	readonly rows: number;
	/** As if they were evenly spread; null where there are none. */
	readonly rowIds: Histogram | null;
}

export interface TableSizes {
	sizeOf(table: StoredTable): TableSize;
}

export interface PlanContext extends BindContext {
	readonly catalog: Catalog;
	/** How large tables are that have not been analyzed. */
	readonly sizes?: TableSizes | undefined;
	/** The values that parameters are planned for. */
	readonly guesses?: Guesses | undefined;
	/** The queries of WITH that can be named here. */
	readonly common?: CommonTables | undefined;
	/** Where names without a schema are looked up; absent where temporary tables hide those that are not. */
	readonly schema?: string | undefined;
	/** Names of views being expanded, the outermost first. */
	readonly views?: readonly string[] | undefined;
}

/** The queries of one WITH; names that it does not have are those of the WITHs around it. */
export interface CommonTables {
	readonly tables: ReadonlyMap<string, CommonTable>;
	readonly parent: CommonTables | undefined;
}

export interface CommonTable {
	readonly name: string;
	readonly columnNames: readonly { readonly text: string; readonly at: number }[];
	readonly select: SelectNode;
	/** Where it was defined: its own text sees these. */
	readonly context: PlanContext;
	shared: SharedQuery | undefined;
	/** The captures that `shared` was planned under. */
	captures: Captures | undefined;
	/** While its own recursive steps are planned. */
	recursion:
		| {
				readonly recursion: Recursion;
				readonly columns: readonly ResultColumn[];
				/** The places in their FROM that stand for the rows of the step before. */
				readonly references: ReadonlySet<TableNode>;
		  }
		| undefined;
	planning: boolean;
}

export function findCommonTable(name: string, common: CommonTables | undefined): CommonTable | undefined {
	for (let level = common; level !== undefined; level = level.parent) {
		const table = level.tables.get(name);
		if (table !== undefined) return table;
	}
	return undefined;
}
