/** The sums that uvu prints last. */
export interface Counts {
	readonly total: number;
	readonly passed: number;
	readonly skipped: number;
}

/** Undefined where it has not come that far. */
export function countsIn(output: string): Counts | undefined {
	// biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with one.
	const plain = output.replace(/\x1b\[[0-9;]*m/g, "");
	const count = (name: string) => Number([...plain.matchAll(new RegExp(`^ *${name}: *(\\d+)`, "gm"))].at(-1)?.[1]);
	const counts = { total: count("Total"), passed: count("Passed"), skipped: count("Skipped") };
	return Object.values(counts).some(Number.isNaN) ? undefined : counts;
}

/** The same lines. */
export function countsText({ total, passed, skipped }: Counts): string {
	return `  Total:     ${total}\n  Passed:    ${passed}\n  Skipped:   ${skipped}\n`;
}
