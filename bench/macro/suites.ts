import { compaction, randomFill, sequentialFill, singlePuts } from "./key-value.js";
import type { Suite } from "./suite.js";
import { tables } from "./tables.js";
import { ycsbSuite } from "./ycsb.js";

/** In the order of the table. */
export const suites: readonly Suite[] = [sequentialFill, randomFill, singlePuts, ycsbSuite, compaction, tables];
