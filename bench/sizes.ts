/*
 * How large the kernel and the library are; ends with 1 where one is over its limit.
 *
 *   node dist/bench/sizes.js [--json FILE]
 */
import { bundles, isOver, sizesTable } from "./bundle.js";
import { benchFlags } from "./flags.js";
import { publish } from "./report.js";

const flags = benchFlags({}, {});
const all = bundles();
publish([sizesTable(all)], flags.json);
if (all.some(isOver)) process.exitCode = 1;
