import { sqlStores } from "../support/sql-stores.js";
import { transcriptSuite } from "../support/transcript.js";
import { TRANSCRIPTS } from "./transcripts.js";

for (const store of await sqlStores()) transcriptSuite("of the basics", store, TRANSCRIPTS);
