import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import type { Campaign } from "./campaign.js";
import { Life } from "./kill/life.js";
import type { Ledger } from "./ledger.js";

/** Rounds that one directory lives. */
const LIFE_ROUNDS = 30;

/** Processes that are killed, and what the next one finds. */
export const killCampaign: Campaign = {
	name: "kill",
	unit: "SIGKILL rounds",
	full: 1000,
	short: 20,
	async run(ledger, cases, seed) {
		const root = mkdtempSync(path.join(tmpdir(), "wlsm-kill-"));
		try {
			await live(ledger, root, cases, seed);
		} finally {
			rmSync(root, { recursive: true, force: true });
		}
	},
};

async function live(ledger: Ledger, root: string, rounds: number, seed: number): Promise<void> {
	for (let done = 0, number = 0; done < rounds; number++) {
		const life = new Life(path.join(root, `life-${number}`), seed * 1000 + number, ledger);
		let well = true;
		while (well && done < rounds && life.rounds < LIFE_ROUNDS) {
			const name = () => `seed ${seed}, life ${number}, round ${life.rounds}`;
			well = await ledger.case(
				name,
				async () => {
					await life.round();
					if (life.rounds === LIFE_ROUNDS || done + 1 === rounds) await life.end();
				},
				20_000,
			);
			done++;
		}
		life.remove();
	}
}
