import { suite } from "uvu";
import * as assert from "uvu/assert";
import { expectClean } from "./expect-clean.js";
import { killCampaign } from "./kill.js";

const test = suite("kill");

test("what a killed process has acknowledged is there for the next one", async () => {
	const { counts } = await expectClean(killCampaign);
	for (const what of ["kills at a change to files", "kills from outside", "acknowledged commits checked", "racers"]) {
		assert.ok((counts[what] ?? 0) > 0, what);
	}
});

test.run();
