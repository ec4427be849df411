/** A view in FROM is its query. */

import type { Table } from "../catalog/table.js";
import type { PlanContext } from "./context.js";
import type { QueryPlan } from "./logical.js";

export function viewQuery(_table: Table, _context: PlanContext, _at: number): QueryPlan | undefined {
	return undefined;
}
