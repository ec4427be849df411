/*
 * All that wlsm does, with both kernels, beside the peers: fills, reads, scans, YCSB, compaction, CSV and SQL.
 *
 *   node dist/bench/macro.js [--entries 100000] [--rounds 3] [--workloads fill,read] [--only wlsm,wlsm-ts]
 *                            [--json FILE] [--smoke]
 *
 * `wlsm bench` is the same for the user's own machine.
 */
import { tmpdir } from "node:os";
import { available } from "./contenders/names.js";
import { KEY_BYTES, VALUE_BYTES } from "./data.js";
import { benchFlags, refuse } from "./flags.js";
import { WORKLOAD_NAMES } from "./macro/names.js";
import { measure } from "./macro/run.js";
import { QUIET_MILLISECONDS } from "./macro/suite.js";
import { comparison, publish, rate } from "./report.js";
import { peersDirectory } from "./support.js";

const flags = benchFlags(
	{ entries: 100_000, rounds: 3 },
	{ entries: 1000, rounds: 1 },
	{ workloads: WORKLOAD_NAMES.join(",") },
);
const workloads = flags.workloads.split(",").map((name) => {
	const known = WORKLOAD_NAMES.find((candidate) => candidate === name);
	if (known === undefined) refuse(`--workloads takes ${WORKLOAD_NAMES.join(", ")}, not ${name}`);
	return known;
});
const contenders = flags.only ?? available(peersDirectory);
const rows = await measure({
	workloads,
	contenders,
	packages: peersDirectory,
	directory: tmpdir(),
	sizes: {
		entries: flags.entries,
		valueBytes: VALUE_BYTES,
		quietMilliseconds: QUIET_MILLISECONDS[flags.smoke ? "smoke" : "full"],
	},
	rounds: flags.rounds,
});
publish(
	[
		comparison(
			`${flags.entries} entries of ${KEY_BYTES} + ${VALUE_BYTES} bytes, median of ${flags.rounds}`,
			contenders,
			rows.map(({ name, rates }) => ({ name, figures: rates, format: rate })),
			["Operations per second, of fills, scans and compactions entries per second: more is better."],
		),
	],
	flags.json,
);
