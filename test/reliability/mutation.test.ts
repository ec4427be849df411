import { suite } from "uvu";
import { expectClean } from "./expect-clean.js";
import { mutationCampaign } from "./mutation.js";

/* All of them: npm run test:reliability -- mutation */
const mutation = suite("broken engines");

mutation(`${mutationCampaign.short} engines that are broken in one line are noticed by the campaigns`, async () => {
	await expectClean(mutationCampaign);
});

mutation.run();
