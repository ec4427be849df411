import type { Campaign } from "./campaign.js";
import { Ledger } from "./ledger.js";

/** The short run of a campaign, for the tests: throws with what was found wrong. Answers the ledger. */
export async function expectClean(campaign: Campaign, cases = campaign.short, seed = 1): Promise<Ledger> {
	const ledger = new Ledger();
	await campaign.run(ledger, cases, seed);
	const wrong = Object.values(ledger.wrongs).reduce((sum, count) => sum + count, 0);
	if (wrong > 0) {
		const told = ledger.violations.map(({ kind, message }) => `${kind}: ${message}`).join("\n");
		throw new Error(`${campaign.name}: ${wrong} of ${ledger.cases} ${campaign.unit}\n${told}`);
	}
	if (ledger.cases < cases) throw new Error(`${campaign.name}: ${ledger.cases} ${campaign.unit}, not ${cases}`);
	return ledger;
}
