/** What PRAGMAs set for a connection. */

import type { WriteSettings } from "../write/plan.js";

const NORMAL = 1;
const FULL = 2;

export class Settings implements WriteSettings {
	foreignKeys = false;
	/** Until the transaction ends. */
	deferForeignKeys = false;
	recursiveTriggers = false;
	/** Milliseconds; kept, but there is nothing to wait for: one process has the database, and in it writes take turns. */
	busyTimeout = 0;
	/** As SQLite counts: from FULL on, a commit is on stable storage before it returns. */
	synchronous = NORMAL;

	get syncsCommits(): boolean {
		return this.synchronous >= FULL;
	}
}
