import type { Campaign } from "./campaign.js";
import { runClosing } from "./closings.js";
import { runHistory } from "./histories.js";
import type { Ledger } from "./ledger.js";
import { runWorkerDeaths } from "./worker-deaths.js";

type Work = (ledger: Ledger, seed: number) => Promise<void>;

/** What the cases are, in turn. */
const TURNS: readonly (readonly [name: string, work: Work])[] = [
	["history", runHistory],
	["closing", runClosing],
	["history", runHistory],
	["worker deaths", runWorkerDeaths],
	["closing", runClosing],
];

export const concurrencyCampaign: Campaign = {
	name: "concurrency",
	unit: "cases",
	full: 1000,
	short: 30,
	async run(ledger, cases, seed) {
		for (let index = 0; index < cases; index++) {
			const own = seed * 1_000_003 + index;
			const [name, work] = TURNS[index % TURNS.length] as (typeof TURNS)[number];
			await ledger.case(
				() => `${name}, seed ${own}`,
				() => work(ledger, own),
			);
		}
	},
};
