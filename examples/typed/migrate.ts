/** Makes the database's tables what schema.ts says: node migrate.js DIRECTORY. `wlsm typegen --db DIRECTORY` reads them from there. */
import { openSync } from "wlsm";
import { migrate } from "wlsm/typed";
import { authors, books } from "./schema.js";

const db = openSync(process.argv[2] ?? "./wlsm-data");
for (const { sql } of migrate(db, [authors, books]).changes) console.log(`${sql};`);
db.closeSync();
