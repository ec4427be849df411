/**
 * The differential fuzzer: `npm run fuzz:sql -- [--statements N] [--seed S] [--features LIST] [--minutes M]`.
 *
 * Runs random statements here and in SQLite 3.40.1 and compares what they return and what they leave stored. Prints every
 * distinct difference as the fewest and shortest statements that show it.
 *
 * `--features` is `supported` (what the engine has; the default), `all`, or names with commas between them; a name after
 * `no-` takes it away, as in `supported,no-window`. The same seed and features make the same statements.
 *
 * `--self` runs SQLite against itself, with other plans: what differs then is the generator's fault, for its statements
 * must not leave anything open.
 */

import { runCampaign } from "./campaign.js";
import { ourEngine, ReferenceEngine } from "./engines.js";
import { FEATURES, type Feature, isFeature, supportedFeatures } from "./features.js";
import { failureText, summaryText } from "./report.js";

function option(name: string): string | undefined {
	const at = process.argv.indexOf(`--${name}`);
	return at === -1 ? undefined : process.argv[at + 1];
}

function number(name: string, otherwise: number): number {
	const text = option(name);
	const value = text === undefined ? otherwise : Number(text);
	if (!Number.isInteger(value) || value < 0) throw new RangeError(`--${name} takes a whole number, not ${text}`);
	return value;
}

function chosenFeatures(words: readonly string[]): Set<Feature> {
	const chosen = new Set<Feature>(words.every((word) => word.startsWith("no-")) ? supportedFeatures() : []);
	for (const word of words) {
		const name = word.replace(/^no-/, "");
		if (word === "all" || word === "supported") {
			for (const feature of word === "all" ? FEATURES : supportedFeatures()) chosen.add(feature);
		} else if (!isFeature(name)) throw new RangeError(`${name} is no feature; there are: ${FEATURES.join(", ")}`);
		else if (name !== word) chosen.delete(name);
		else chosen.add(name);
	}
	return chosen;
}

const self = process.argv.includes("--self");
const features = chosenFeatures((option("features") ?? (self ? "all" : "supported")).split(","));
const minutes = option("minutes");
const end = minutes === undefined ? Number.POSITIVE_INFINITY : performance.now() + Number(minutes) * 60_000;
const report = runCampaign({
	seed: number("seed", 1),
	statements: number("statements", minutes === undefined ? 20_000 : Number.MAX_SAFE_INTEGER),
	features,
	open: self ? ReferenceEngine.contrary : ourEngine,
	failures: number("failures", 25),
	attempts: number("attempts", 3000),
	goOn: () => performance.now() < end,
});
for (const failure of report.failures.values()) console.log(`${failureText(failure)}\n`);
console.log(summaryText(report, features));
if (report.failures.size > 0) process.exitCode = 1;
