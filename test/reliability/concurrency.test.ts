import { suite } from "uvu";
import * as assert from "uvu/assert";
import { concurrencyCampaign } from "./concurrency.js";
import { expectClean } from "./expect-clean.js";

const test = suite("campaign of concurrency");

test("many users at once, readers that stay, closing amidst everything, workers that die: nothing is wrong", async () => {
	const { counts } = await expectClean(concurrencyCampaign);
	for (const figure of ["histories", "conflicts", "rolled back", "closings", "calls refused", "workers started"]) {
		assert.ok((counts[figure] ?? 0) > 0, `${figure}: ${counts[figure]}`);
	}
});

test.run();
