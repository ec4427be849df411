/**
 * A short run of the differential fuzzer, with what the engine supports today. `npm run fuzz:sql` runs more; `--self` there
 * says whether the generator leaves anything open that SQLite may answer either way.
 */

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runCampaign } from "./fuzz/campaign.js";
import { ourEngine, ReferenceEngine } from "./fuzz/engines.js";
import { FEATURES, supportedFeatures } from "./fuzz/features.js";
import { failureText } from "./fuzz/report.js";

const SEED = 1;
const STATEMENTS = 1500;

const test = suite("SQL like SQLite's");
const common = { seed: SEED, failures: 3, attempts: 300, goOn: () => true };

test("random statements answer and leave what they do in SQLite", () => {
	const features = supportedFeatures();
	const report = runCampaign({ ...common, statements: STATEMENTS, features, open: ourEngine });
	const failures = [...report.failures.values()].map(failureText);
	assert.is(failures.length, 0, `\n${failures.join("\n\n")}\n`);
	assert.ok(report.total.ran > STATEMENTS / 2, `only ${report.total.ran} statements ran`);
});

test("the generator writes SQL that SQLite takes, and leaves nothing open", () => {
	const features = new Set(FEATURES);
	const report = runCampaign({
		...common,
		statements: 1000,
		features,
		open: ReferenceEngine.contrary,
	});
	assert.is(report.failures.size, 0, [...report.failures.values()].map(failureText).join("\n\n"));
	assert.ok(report.invalid < 0.15 * 1000, `SQLite refuses ${report.invalid} of 1000`);
	for (const feature of FEATURES) {
		assert.ok((report.features.get(feature)?.ran ?? 0) > 0, `${feature} never ran`);
	}
});

test.run();
