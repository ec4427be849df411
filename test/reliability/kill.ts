import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { Random } from "../support/random.js";
import type { Campaign } from "./campaign.js";
import { checkpoint, repairs } from "./kill/copy-scenarios.js";
import { Life } from "./kill/life.js";
import { load } from "./kill/load-scenarios.js";
import { Race } from "./kill/race.js";
import type { Scenario } from "./kill/scenario.js";
import { compaction, creation, recovery, session, statements } from "./kill/store-scenarios.js";
import { type Point, Sweep } from "./kill/sweep.js";
import { type Ledger, PROCESSES_LIMIT } from "./ledger.js";

/** Rounds that one directory lives. */
const LIFE_ROUNDS = 30;
const RACE_ROUNDS = 5;
/** Number of the first life where those are counted that are lived because there is nothing more to sweep. */
const MORE_LIVES = 500;
/** At most so much of all rounds is the sweeps', and so much the races'; the rest are lives. */
const SWEEP_SHARE = 0.6;
const RACE_SHARE = 0.08;

/** Processes that are killed, and what the next one finds. */
export const killCampaign: Campaign = {
	name: "kill",
	unit: "SIGKILL rounds",
	full: 1000,
	short: 20,
	async run(ledger, cases, seed) {
		const root = mkdtempSync(path.join(tmpdir(), "wlsm-kill-"));
		try {
			const races = Math.max(1, Math.round(cases * RACE_SHARE));
			const swept = Math.floor(cases * SWEEP_SHARE);
			// Two rounds at a time: one starts processes while the other looks at files.
			const sweeps = async () => {
				const sweep = new Sweep(root, ledger);
				const points = await pointsFor(sweep, swept, seed);
				await sweepOver(ledger, sweep, points, seed);
				await live(ledger, root, swept - points.length, seed, MORE_LIVES);
			};
			const lives = async () => {
				await live(ledger, root, Math.max(1, cases - swept - races), seed, 0);
				await race(ledger, root, races, seed);
			};
			await Promise.all([sweeps(), lives()]);
		} finally {
			rmSync(root, { recursive: true, force: true });
		}
	},
};

function scenarios(seed: number): Scenario[] {
	return [
		creation(),
		recovery(seed),
		session(seed),
		compaction(seed),
		statements(seed, "transaction"),
		statements(seed, "nothing"),
		checkpoint(seed),
		repairs(seed, "nothing"),
		repairs(seed, "manifest"),
		repairs(seed, "table"),
		repairs(seed, "log"),
		load(seed, "new"),
		load(seed, "widened"),
		load(seed, "append"),
		load(seed, "replace"),
		load(seed, "pairs"),
	];
}

/** All points of all scenarios, or, where those are too many, some of some. */
async function pointsFor(sweep: Sweep, most: number, seed: number): Promise<Point[]> {
	const random = new Random(seed);
	const points: Point[] = [];
	// A scenario takes several processes before its first round.
	for (const scenario of shuffled(scenarios(seed), random).slice(0, Math.ceil(most / 6))) {
		points.push(...(await sweep.points(scenario)));
	}
	return shuffled(points, random).slice(0, most);
}

function shuffled<Item>(items: readonly Item[], random: Random): Item[] {
	const left = [...items];
	return items.map(() => left.splice(random.below(left.length), 1)[0] as Item);
}

async function sweepOver(ledger: Ledger, sweep: Sweep, points: readonly Point[], seed: number): Promise<void> {
	for (const point of points) {
		const { scenario, moment, what, changes } = point;
		const name = () =>
			`seed ${seed}, ${scenario.name}: ${moment.signal} ${moment.how} change ${moment.at} of ${changes} (${what})`;
		await ledger.case(name, () => sweep.round(point), PROCESSES_LIMIT);
		ledger.count(`rounds of ${scenario.name}`);
	}
}

/** Directories that live for a number of rounds each, until one round goes wrong. */
async function live(ledger: Ledger, root: string, rounds: number, seed: number, first: number): Promise<void> {
	for (let done = 0, number = first; done < rounds; number++) {
		const life = new Life(path.join(root, `life-${number}`, "db"), seed * 1000 + number, ledger);
		done += await liveOn(ledger, life, Math.min(LIFE_ROUNDS, rounds - done), `seed ${seed}, life ${number}`);
	}
	if (rounds > 0) ledger.count("rounds of lives", rounds);
}

async function race(ledger: Ledger, root: string, rounds: number, seed: number): Promise<void> {
	for (let done = 0, number = 0; done < rounds; number++) {
		const race = new Race(path.join(root, `race-${number}`), seed * 1000 + number, ledger);
		done += await liveOn(ledger, race, Math.min(RACE_ROUNDS, rounds - done), `seed ${seed}, race ${number}`);
	}
	ledger.count("rounds of races", rounds);
}

async function liveOn(ledger: Ledger, subject: Life | Race, rounds: number, name: string): Promise<number> {
	try {
		let well = true;
		while (well && subject.rounds < rounds) {
			const round = async () => {
				await subject.round();
				if (subject.rounds === rounds) await subject.end();
			};
			well = await ledger.case(() => `${name}, round ${subject.rounds}`, round, PROCESSES_LIMIT);
		}
		return subject.rounds;
	} finally {
		subject.remove();
	}
}
