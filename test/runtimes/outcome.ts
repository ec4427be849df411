/** What came of the tests. */

import { countsText } from "../support/counts.js";

export interface Outcome {
	readonly runtime: string;
	/** What was tested. */
	readonly name: string;
	readonly passed: number;
	readonly failed: number;
	readonly skipped: number;
	readonly seconds: number;
	/** Shown where something failed. */
	readonly output: string;
}

const NONE = { passed: 0, failed: 0, skipped: 0, seconds: 0, output: "" };

export function outcome(runtime: string, name: string, facts: Partial<Outcome>): Outcome {
	return { ...NONE, ...facts, runtime, name };
}

/** A line for each runtime, then the sums as uvu prints them. */
export function report(outcomes: readonly Outcome[]): string {
	const lines: string[] = [];
	for (const runtime of new Set(outcomes.map((one) => one.runtime))) {
		const own = sum(outcomes.filter((one) => one.runtime === runtime));
		const counts = `${own.passed} passed, ${own.failed} failed, ${own.skipped} skipped`;
		lines.push(`  ${runtime.padEnd(18)} ${counts}, ${own.seconds.toFixed(0)} s of processes`);
	}
	const { passed, failed, skipped } = sum(outcomes);
	return `${lines.join("\n")}\n\n${countsText({ total: passed + failed + skipped, passed, skipped })}`;
}

function sum(outcomes: readonly Outcome[]) {
	const total = { passed: 0, failed: 0, skipped: 0, seconds: 0 };
	for (const { passed, failed, skipped, seconds } of outcomes) {
		total.passed += passed;
		total.failed += failed;
		total.skipped += skipped;
		total.seconds += seconds;
	}
	return total;
}
