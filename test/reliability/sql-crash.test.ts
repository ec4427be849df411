import { suite } from "uvu";
import * as assert from "uvu/assert";
import { expectClean } from "./expect-clean.js";
import { sqlCrashCampaign } from "./sql-crash.js";

/* More of them: npm run test:reliability -- sql-crash */
const test = suite("power cuts in SQL");

test(`${sqlCrashCampaign.short} databases that may be found after one`, async () => {
	const { counts } = await expectClean(sqlCrashCampaign);
	assert.ok((counts.transactions ?? 0) > 50);
	for (const what of ["found with the last transaction", "found without the last transaction"])
		assert.ok((counts[what] ?? 0) > 10, what);
});

test.run();
