/** How rows stand while they are written. */

import { ROWID } from "../catalog/table.js";
import type { Layout } from "../execute/compile.js";
import { NO_COLUMNS } from "../plan/layout.js";

/** Rows to be written stand as `[rowid, ...columns]`; the rowid of a table without rowids is NULL. */
export const ROW_LAYOUT: Layout = {
	column: (_source, column) => (column === ROWID ? 0 : column + 1),
	aggregate: NO_COLUMNS.aggregate,
	window: NO_COLUMNS.window,
};

/** Two rows, the second behind the first, which has `width` slots. */
export function pairLayout(width: number): Layout {
	return {
		column: (source, column) => source * width + (column === ROWID ? 0 : column + 1),
		aggregate: NO_COLUMNS.aggregate,
		window: NO_COLUMNS.window,
	};
}
