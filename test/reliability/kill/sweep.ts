import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import * as path from "node:path";
import { Random } from "../../support/random.js";
import { type Ledger, Violation } from "../ledger.js";
import type { Moment } from "./moment.js";
import { type Ended, runToEnd } from "./process.js";
import type { Place, Scenario } from "./scenario.js";

/** A scenario that is stopped at one of its changes to files. */
export interface Point {
	readonly scenario: Scenario;
	readonly moment: Moment;
	/** The change, and how many there are without being stopped. */
	readonly what: string;
	readonly changes: number;
	/** The process that comes next is killed too. */
	readonly second: Moment | undefined;
}

/** Scenarios with their folders as they are before each run. */
export class Sweep {
	readonly #root: string;
	readonly #ledger: Ledger;

	constructor(root: string, ledger: Ledger) {
		this.#root = root;
		this.#ledger = ledger;
	}

	/**
	 * Prepares the scenario, runs it once to its end, and answers every point at which it can be stopped: none where that goes
	 * wrong without being stopped.
	 */
	async points(scenario: Scenario): Promise<Point[]> {
		try {
			return await this.#points(scenario);
		} catch (error) {
			const kind = error instanceof Violation ? error.kind : "wrong";
			this.#ledger.fail(kind, `${scenario.name}, not stopped: ${error instanceof Error ? error.message : error}`);
			return [];
		}
	}

	async #points(scenario: Scenario): Promise<Point[]> {
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
		const random = new Random(changes.length);
		return changes.flatMap((what, index) =>
			momentsOf(scenario, what, index).map((moment) => {
				const at = 1 + random.below(changes.length);
				const second = scenario.repeatable === "again" && random.once(2);
				return {
					scenario,
					moment,
					what,
					changes: changes.length,
					second: second ? ({ at, how: "half", signal: "SIGKILL" } as const) : undefined,
				};
			}),
		);
	}

	/** One round: the process is stopped, perhaps its successor too, and what is there then is looked at. */
	async round({ scenario, moment, second }: Point): Promise<void> {
		const place = this.#copy(scenario);
		let ended: Ended | undefined;
		for (const order of second === undefined ? [moment] : [moment, second]) {
			ended = await runToEnd(scenario.script, scenario.words(place), order);
			const died = ended.signal === "SIGKILL";
			this.#ledger.count(died ? "kills at a change to files" : `ends with exit code ${ended.code}`);
			// A worker may have had less to do this time, so that it came to its end before.
			if (died && order.signal !== "SIGKILL")
				throw new Violation("wrong", `${order.signal} killed it: ${ended.stderr}`);
		}
		if (ended !== undefined) await scenario.check(place, ended);
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
