/** What PRAGMAs set for a connection. */

import type { WriteSettings } from "../write/plan.js";

export class Settings implements WriteSettings {
	foreignKeys = false;
	/** Until the transaction ends. */
	deferForeignKeys = false;
	recursiveTriggers = false;
}
