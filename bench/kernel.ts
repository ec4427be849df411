/*
 * What parts of the kernel cost by themselves, in WebAssembly and in TypeScript, on the same bytes.
 *
 *   node dist/bench/kernel.js [--only "LZ4|UUIDs"] [--seconds 0.5] [--json FILE] [--smoke]
 *
 * `--cases` is a regular expression for what stands in the first column, or for a table's title; `--seconds` is how long
 * each side of a line is measured. Both sides answer the same check value, or the benchmark fails.
 */

import { benchFlags, refuse } from "./flags.js";
import { blockGroup } from "./kernel/blocks.js";
import { measure } from "./kernel/case.js";
import { filterGroup, hashGroup, keyGroup, lz4Group } from "./kernel/codecs.js";
import { workingSets } from "./kernel/input.js";
import { memtableGroup } from "./kernel/memtables.js";
import { mergeGroup, pageGroup } from "./kernel/merges.js";
import { factor, publish, type ReportTable } from "./report.js";

const flags = benchFlags({ seconds: 0.5 }, {}, { cases: "" });
const wanted = new RegExp(flags.cases);
const sets = workingSets(flags.smoke);
const groups = [
	hashGroup(sets, flags.smoke),
	keyGroup(sets),
	filterGroup(sets),
	lz4Group(flags.smoke),
	blockGroup(sets),
	memtableGroup(sets),
	mergeGroup(flags.smoke),
	pageGroup(flags.smoke),
];

const nanoseconds = (figure: number) => (figure >= 100 ? figure.toFixed(0) : figure.toFixed(1));
const sixDigits = (figure: number) => Number(figure.toPrecision(6));

const tables: ReportTable[] = [];
for (const { title, cases, notes } of groups) {
	const measured = cases
		.filter(({ name }) => wanted.test(title) || wanted.test(name))
		.map((one) => ({ name: one.name, ...measure(one, flags.smoke ? 0 : flags.seconds) }));
	if (measured.length === 0) continue;
	tables.push({
		title,
		head: ["", "wasm ns/op", "ts ns/op", "ts / wasm", "check"],
		rows: measured.map(({ name, wasm, ts, check }) => [
			name,
			nanoseconds(wasm),
			nanoseconds(ts),
			factor(ts / wasm),
			check.toString(16),
		]),
		notes,
		series: measured.map(({ name, wasm, ts }) => ({
			name,
			unit: "ns",
			figures: { wasm: sixDigits(wasm), ts: sixDigits(ts) },
		})),
	});
}
if (tables.length === 0) refuse(`--cases ${flags.cases} names nothing`);
publish(tables, flags.json);
