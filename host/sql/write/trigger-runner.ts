/** What the writers of rows ask of triggers. */

import type { Tuple } from "../execute/operator.js";
import type { TriggerEvent } from "../parse/ast.js";
import type { WriteRun } from "./plan.js";

export type TriggerTime = "before" | "after" | "instead of";

export interface TriggerRunner {
	/** Whether there is any: rows are prepared for BEFORE triggers only where they are there. */
	has(time: TriggerTime, event: TriggerEvent): boolean;
	/**
	 * Runs the triggers for one row. False where RAISE(IGNORE) says to leave the row alone. `assigned` are the slots that
	 * an UPDATE gives values to.
	 */
	fire(
		time: TriggerTime,
		event: TriggerEvent,
		old: Tuple | null,
		row: Tuple | null,
		assigned: readonly number[] | null,
	): boolean;
}

/** Opens the triggers of one table for a run of a statement. */
export type TriggersOf = (write: WriteRun) => TriggerRunner;
