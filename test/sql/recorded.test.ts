/** Sessions of statements that change the schema and rows, as SQLite answers them. */

import { sqlStores } from "../support/sql-stores.js";
import { transcriptSuite } from "../support/transcript.js";
import { INDEX } from "./recorded/index.js";

const RECORDED = { INDEX };

for (const store of await sqlStores()) {
	for (const [name, sessions] of Object.entries(RECORDED)) transcriptSuite(name, store, sessions);
}
