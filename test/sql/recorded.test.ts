/** Sessions of statements that change the schema and rows, as SQLite answers them. */

import { sqlStores } from "../support/sql-stores.js";
import { transcriptSuite } from "../support/transcript.js";
import { ALTER } from "./recorded/alter.js";
import { FOREIGN } from "./recorded/foreign.js";
import { INDEX } from "./recorded/index.js";
import { PRAGMAS } from "./recorded/pragmas.js";
import { ROWS } from "./recorded/rows.js";
import { TABLES } from "./recorded/tables.js";
import { TRIGGERS } from "./recorded/triggers.js";
import { WRITES } from "./recorded/writes.js";

const RECORDED = { ALTER, FOREIGN, INDEX, PRAGMAS, ROWS, TABLES, TRIGGERS, WRITES };

for (const store of await sqlStores()) {
	for (const [name, sessions] of Object.entries(RECORDED)) transcriptSuite(name, store, sessions);
}
