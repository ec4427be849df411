import type { Campaign } from "./campaign.js";
import { runFewFiles } from "./few-files.js";
import { runFullDisk } from "./full-disk.js";
import { runLeaks } from "./leaks.js";
import { type Ledger, PROCESSES_LIMIT } from "./ledger.js";
import { runManyIterators, runManyKeys } from "./many.js";
import { runSmallMemory } from "./small-memory.js";
import { runSmallMount } from "./small-mount.js";

type Work = (ledger: Ledger, seed: number) => Promise<void>;

const FULL_DISK = ["full disk", runFullDisk] as const;
const SMALL_MEMORY = ["small memory", runSmallMemory] as const;

/** What most of the cases are, in turn. */
const TURNS: readonly (readonly [name: string, work: Work])[] = [
	FULL_DISK,
	SMALL_MEMORY,
	FULL_DISK,
	["few files", runFewFiles],
	FULL_DISK,
	["small mount", runSmallMount],
];

/** A run of so many cases has the large ones too. */
const LARGE_RUN = 60;
const KEYS = { large: 10_000_000, small: 30_000 };
const CYCLES = { large: 200, small: 8 };
/** In milliseconds. */
const LARGE_LIMIT = 600_000;

export const resourcesCampaign: Campaign = {
	name: "resources",
	unit: "cases",
	full: 100,
	short: 11,
	async run(ledger, cases, seed) {
		const size = cases >= LARGE_RUN ? "large" : "small";
		const large: readonly (readonly [name: string, work: () => Promise<void>])[] = [
			["many iterators, wasm", () => runManyIterators(ledger, "wasm")],
			["many iterators, ts", () => runManyIterators(ledger, "ts")],
			["many keys", () => runManyKeys(ledger, KEYS[size], ledger.alive)],
			["leaks over handles", () => runLeaks(ledger, "handles", CYCLES[size])],
			["leaks over one handle", () => runLeaks(ledger, "one handle", CYCLES[size])],
		];
		for (const [name, work] of large) await ledger.case(() => name, work, LARGE_LIMIT);
		for (let index = large.length; index < cases; index++) {
			const own = seed * 1_000_003 + index;
			const [name, work] = TURNS[index % TURNS.length] as (typeof TURNS)[number];
			await ledger.case(
				() => `${name}, seed ${own}`,
				() => work(ledger, own),
				PROCESSES_LIMIT,
			);
		}
	},
};
