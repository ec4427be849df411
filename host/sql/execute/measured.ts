/** What the operators of a plan do in one run: rows and time, counted around each of them. */

import type { Operator, Run, Tuple } from "./operator.js";

/** An operator and what it did. */
export interface OperatorProfile {
	/** As in the plan. */
	readonly operator: string;
	/** In the tree: 0 is the root, whose inputs follow it with 1. */
	readonly depth: number;
	/** How often it was run; 0 where it was not needed, or an operator above does its work in one pass of the kernel. */
	readonly runs: number;
	/** That it handed on, in all runs. */
	readonly rows: number;
	/** With all of its inputs. */
	readonly milliseconds: number;
	/** Without them. */
	readonly ownMilliseconds: number;
}

interface Tally {
	runs: number;
	rows: number;
	milliseconds: number;
}

/**
 * Counts around every operator of a plan, which must serve nothing else: each instance gets an `open` of its own in front of that of
 * its class, so that plans that are not measured pay nothing.
 */
export class Measurement {
	readonly #root: Operator;
	readonly #tallies = new Map<Operator, Tally>();

	constructor(root: Operator) {
		this.#root = root;
		this.#watch(root);
	}

	/** Of the root, where it is a writing statement, which is not pulled. */
	note(rows: number, milliseconds: number): void {
		this.#tallies.set(this.#root, { runs: 1, rows, milliseconds });
	}

	profile(): OperatorProfile[] {
		const profiles: OperatorProfile[] = [];
		const visit = (operator: Operator, depth: number) => {
			const { runs, rows, milliseconds } = this.#tallyOf(operator);
			const inner = operator.inputs.reduce((sum, input) => sum + this.#tallyOf(input).milliseconds, 0);
			const ownMilliseconds = Math.max(0, milliseconds - inner);
			profiles.push({ operator: operator.describe, depth, runs, rows, milliseconds, ownMilliseconds });
			for (const input of operator.inputs) visit(input, depth + 1);
		};
		visit(this.#root, 0);
		return profiles;
	}

	#tallyOf(operator: Operator): Tally {
		return this.#tallies.get(operator) ?? { runs: 0, rows: 0, milliseconds: 0 };
	}

	#watch(operator: Operator): void {
		// One that stands in two places of the plan is one.
		if (this.#tallies.has(operator)) return;
		const tally: Tally = { runs: 0, rows: 0, milliseconds: 0 };
		this.#tallies.set(operator, tally);
		const { open } = operator;
		// Some take more than others: what was selected already is not to be selected again.
		operator.open = (...given: Parameters<typeof open>) => {
			tally.runs++;
			return counted(
				timed(tally, () => open.apply(operator, given)),
				tally,
			);
		};
		for (const input of operator.inputs) this.#watch(input);
	}
}

function timed<T>(tally: Tally, work: () => T): T {
	const from = performance.now();
	try {
		return work();
	} finally {
		tally.milliseconds += performance.now() - from;
	}
}

/** What a run can do besides, this one can do too: others ask whether it is there. */
function counted(run: Run, tally: Tally): Run {
	const { restart, narrow } = run;
	return {
		next(limit) {
			const batch = timed(tally, () => run.next(limit));
			tally.rows += batch?.length ?? 0;
			return batch;
		},
		close: () => timed(tally, () => run.close()),
		...(restart === undefined
			? {}
			: {
					restart(outer: Tuple) {
						tally.runs++;
						timed(tally, () => restart.call(run, outer));
					},
				}),
		...(narrow === undefined
			? {}
			: { narrow: (slot: number, keys: ReadonlyMap<unknown, unknown>) => narrow.call(run, slot, keys) }),
	};
}
