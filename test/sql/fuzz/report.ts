/** What a campaign found, as text. */

import type { Failure, Report } from "./campaign.js";
import { FEATURES, type Feature } from "./features.js";
import { textOf } from "./tree.js";

const MAX_REASONS = 12;

export function failureText(failure: Failure): string {
	const { steps, difference, seed, repeats } = failure;
	return [
		`-- ${difference.kind}, seed ${seed}${repeats > 0 ? `, and ${repeats} alike` : ""}`,
		...steps.map(({ tree }) => `${textOf(tree)};`),
		`-- SQLite: ${difference.expected}`,
		`-- here:   ${difference.actual}`,
	].join("\n");
}

export function summaryText(report: Report, features: ReadonlySet<Feature>): string {
	const { total, cases, crashes, invalid, failures } = report;
	const all = total.ran + total.refused + total.unsupported;
	const share = all === 0 ? 0 : (100 * invalid) / all;
	const lines = [
		`${all} statements in ${cases} cases: ${total.ran} ran, ${total.refused} refused, ${total.unsupported} not supported yet`,
		`${share.toFixed(1)} % are refused by SQLite${crashes > 0 ? `; it crashed in ${crashes} cases` : ""}`,
	];
	for (const feature of FEATURES) {
		const tally = report.features.get(feature);
		if (tally !== undefined) {
			const missing = tally.unsupported > 0 ? `, ${tally.unsupported} not supported` : "";
			lines.push(`  ${feature}: ${tally.ran} ran, ${tally.refused} refused${missing}`);
		}
	}
	const off = FEATURES.filter((feature) => !features.has(feature));
	if (off.length > 0) lines.push(`not generated: ${off.join(", ")}`);
	const most = (counts: Map<string, number>) => [...counts].sort(([, a], [, b]) => b - a).slice(0, MAX_REASONS);
	lines.push("not supported:", ...most(report.reasons).map(([reason, count]) => `  ${count} x ${reason}`));
	lines.push("refused by SQLite:", ...most(report.refusals).map(([reason, count]) => `  ${count} x ${reason}`));
	lines.push(`${failures.size} distinct failures`);
	return lines.join("\n");
}
