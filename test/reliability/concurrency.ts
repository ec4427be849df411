import type { Campaign } from "./campaign.js";
import { runClosing } from "./closings.js";
import { runHeldReaders } from "./held-readers.js";
import { runHistory } from "./histories.js";
import { type Ledger, PROCESS_LIMIT } from "./ledger.js";
import { runOtherProcess } from "./other-processes.js";
import { runSilentWorker, runWorkerDeaths } from "./worker-deaths.js";

type Work = (ledger: Ledger, seed: number) => Promise<void>;

const HISTORY = ["history", runHistory] as const;
const CLOSING = ["closing", runClosing] as const;
const HELD = ["held readers", runHeldReaders] as const;

/** What the cases are, in turn. */
const TURNS: readonly (readonly [name: string, work: Work])[] = [
	HISTORY,
	CLOSING,
	HELD,
	["worker deaths", runWorkerDeaths],
	HISTORY,
	CLOSING,
	HELD,
	["another process", runOtherProcess],
	HISTORY,
	CLOSING,
	HELD,
	HISTORY,
];

/** A silent worker is waited for: only in runs of so many cases. */
const PATIENT_CASES = 120;

export const concurrencyCampaign: Campaign = {
	name: "concurrency",
	unit: "cases",
	full: 240,
	short: 12,
	async run(ledger, cases, seed) {
		for (let index = 0; index < cases; index++) {
			const own = seed * 1_000_003 + index;
			const [name, work] = TURNS[index % TURNS.length] as (typeof TURNS)[number];
			await ledger.case(
				() => `${name}, seed ${own}`,
				() => work(ledger, own),
				PROCESS_LIMIT,
			);
		}
		if (cases < PATIENT_CASES) return;
		await ledger.case(
			() => "silent worker",
			() => runSilentWorker(ledger),
			PROCESS_LIMIT,
		);
	},
};
