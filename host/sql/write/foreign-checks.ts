/** What the writer of a table's rows asks of foreign keys: those of the table, and those that refer to it. */

import type { Tuple } from "../execute/operator.js";

export interface ForeignChecks {
	/** Before and after a row is stored. */
	inserting(row: Tuple): void;
	inserted(row: Tuple): void;
	updating(old: Tuple, row: Tuple): void;
	updated(old: Tuple, row: Tuple): void;
	deleting(row: Tuple): void;
	deleted(row: Tuple): void;
}
