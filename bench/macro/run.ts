/*
 * The macro-benchmark: contenders take turns, suite by suite and round by round. Each has a process of its own for all
 * rounds, since the kernels of wlsm share the code above them: in one process the compiler would make that fit all of
 * them, and none of them well.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { inDirectory, median } from "../support.js";
import type { Answer, Figure, Job, Turn } from "./child.js";
import type { WorkloadName } from "./names.js";
import type { Sizes } from "./suite.js";
import { suites } from "./suites.js";

export interface Plan {
	readonly workloads: readonly WorkloadName[];
	readonly contenders: readonly string[];
	/** Of the program whose packages the peers are. */
	readonly packages: string;
	/** Where the databases lie, in a directory of their own that is gone afterwards. */
	readonly directory: string;
	readonly sizes: Sizes;
	readonly rounds: number;
}

/** A line of the table. */
export interface Row {
	readonly workload: WorkloadName;
	readonly name: string;
	/** Operations per second, the median of the rounds, of each contender in turn; NaN where it has no such operation. */
	readonly rates: readonly number[];
}

export interface Watch {
	/** Stops it at once; what it throws then is the signal's reason. */
	readonly signal?: AbortSignal;
	/** Is told what is done next. */
	onTurn?(round: number, contender: string, workloads: readonly WorkloadName[]): void;
}

export async function measure(plan: Plan, { signal, onTurn }: Watch = {}): Promise<Row[]> {
	const wanted = [...suites.entries()].filter(([, { workloads }]) =>
		workloads.some((name) => plan.workloads.includes(name)),
	);
	return inDirectory(async (scratch) => {
		const players = plan.contenders.map((name) => new Player(name, plan, scratch));
		const stop = () => {
			for (const player of players) void player.kill();
		};
		signal?.addEventListener("abort", stop);
		const figures: Figures = new Map();
		try {
			// Before any is measured, for it takes the processor.
			await Promise.all(players.map((player) => player.ready));
			for (let round = 0; round < plan.rounds; round++) {
				for (const [number, suite] of wanted) {
					for (const [index, player] of players.entries()) {
						signal?.throwIfAborted();
						onTurn?.(
							round,
							player.name,
							suite.workloads.filter((name) => plan.workloads.includes(name)),
						);
						note(figures, index, await player.turn(number));
					}
				}
			}
		} catch (error) {
			// Those that were killed say that they were.
			signal?.throwIfAborted();
			throw error;
		} finally {
			signal?.removeEventListener("abort", stop);
			await Promise.all(players.map((player) => player.kill()));
		}
		return [...figures.values()].map(({ workload, name, rates }) => ({
			workload,
			name,
			rates: players.map((_, index) => median(rates[index] ?? [])),
		}));
	}, plan.directory);
}

/** By the steps' names, for each contender the rates of its rounds. */
type Figures = Map<string, { readonly workload: WorkloadName; readonly name: string; readonly rates: number[][] }>;

function note(figures: Figures, contender: number, turn: readonly Figure[]): void {
	for (const { workload, name, rate } of turn) {
		const row = figures.get(name) ?? { workload, name, rates: [] };
		figures.set(name, row);
		row.rates[contender] ??= [];
		if (rate !== null) row.rates[contender].push(rate);
	}
}

/** A contender's process. */
class Player {
	readonly name: string;
	/** Resolves when the contender is loaded. */
	readonly ready: Promise<unknown>;
	readonly #child: ChildProcess;
	readonly #exit: Promise<unknown>;

	constructor(name: string, { packages, sizes, workloads }: Plan, scratch: string) {
		this.name = name;
		const job: Job = { contender: name, packages, scratch, sizes, workloads };
		// Standard output is for results.
		this.#child = fork(fileURLToPath(new URL("child.js", import.meta.url)), [JSON.stringify(job)], {
			stdio: ["ignore", 2, 2, "ipc"],
		});
		this.#exit = once(this.#child, "exit");
		this.ready = this.#answer();
	}

	/** Does a suite once. */
	turn(suite: number): Promise<readonly Figure[]> {
		const answer = this.#answer();
		this.#child.send({ suite } satisfies Turn);
		return answer;
	}

	/** Repeating is harmless. */
	async kill(): Promise<void> {
		this.#child.kill("SIGKILL");
		await this.#exit;
	}

	/** The next message's figures. Throws where it tells of a failure, or the process ends before. */
	async #answer(): Promise<readonly Figure[]> {
		const message = once(this.#child, "message") as Promise<[Answer]>;
		const [answer] = (await Promise.race([message, this.#exit])) as [Answer | number | null];
		if (typeof answer !== "object" || answer === null) {
			throw new Error(`the process of ${this.name} ended before its work was done`);
		}
		switch (answer.kind) {
			case "ready":
				return [];
			case "figures":
				return answer.figures;
			case "failure":
				throw Object.assign(new Error(`${this.name}: ${answer.message}`), answer.code && { code: answer.code });
		}
	}
}
