import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import * as path from "node:path";
import type { Ledger } from "../ledger.js";
import type { Moment } from "./moment.js";
import { Child, runToEnd } from "./process.js";
import type { Place, Scenario } from "./scenario.js";

/** A scenario that is stopped at one of its changes to files. */
export interface Point {
	readonly scenario: Scenario;
	readonly moment: Moment;
	/** The change, and how many there are without being stopped. */
	readonly what: string;
	readonly changes: number;
}

/** Scenarios with their folders as they are before each run. */
export class Sweep {
	readonly #root: string;
	readonly #ledger: Ledger;

	constructor(root: string, ledger: Ledger) {
		this.#root = root;
		this.#ledger = ledger;
	}

	/** Prepares the scenario, runs it once to its end, and answers every point at which it can be stopped. */
	async points(scenario: Scenario): Promise<Point[]> {
		const original = this.#place(scenario, "original");
		mkdirSync(original.folder, { recursive: true });
		await scenario.prepare(original);
		const place = this.#copy(scenario);
		const trace = path.join(this.#root, "trace");
		rmSync(trace, { force: true });
		const ended = await runToEnd(scenario.script, scenario.words(place), { trace });
		if (ended.code === null || ended.signal !== null) throw new Error(`${scenario.name} does not run: ${ended.stderr}`);
		await scenario.check(place, ended);
		const changes = existsSync(trace) ? readFileSync(trace, "utf8").trimEnd().split("\n") : [];
		return changes.flatMap((what, index) =>
			momentsOf(scenario, what, index).map((moment) => ({ scenario, moment, what, changes: changes.length })),
		);
	}

	/** One round: the process is stopped, in every other round its successor too, and what is there then is looked at. */
	async round({ scenario, moment }: Point): Promise<void> {
		const place = this.#copy(scenario);
		const ended = await new Child(scenario.script, scenario.words(place), moment).end();
		this.#ledger.count(ended.signal === "SIGKILL" ? "kills at a change to files" : "signals at a change to files");
		await scenario.check(place, ended);
		this.#ledger.count("reopenings");
	}

	#place({ name }: Scenario, what: string): Place {
		const folder = path.join(this.#root, name.replaceAll(" ", "-"), what);
		return { folder, directory: path.join(folder, "db") };
	}

	#copy(scenario: Scenario): Place {
		const place = this.#place(scenario, "work");
		rmSync(place.folder, { recursive: true, force: true });
		cpSync(this.#place(scenario, "original").folder, place.folder, { recursive: true });
		return place;
	}
}

function momentsOf({ signals }: Scenario, what: string, index: number): Moment[] {
	const at = index + 1;
	const moments: Moment[] = [{ at, how: "before", signal: "SIGKILL" }];
	if (/^write (?!1$)/.test(what)) moments.push({ at, how: "half", signal: "SIGKILL" });
	if (signals === "all") moments.push({ at, how: "before", signal: index % 2 === 0 ? "SIGINT" : "SIGTERM" });
	return moments;
}
