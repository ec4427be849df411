/** Figures in docs/comparison.md are those of docs/BENCHMARKS.md, which other runs may change a little. */

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { textOf } from "./blocks.js";

const test = suite("figures of the comparison");

interface Row {
	readonly label: string;
	readonly cells: ReadonlyMap<string, string>;
}

/** Of all tables of a document: cells by the names of their columns. */
function rowsOf(document: string): Row[] {
	let columns: readonly string[] = [];
	return textOf(document)
		.split("\n")
		.flatMap((line, index, lines) => {
			if (!line.startsWith("|")) return [];
			const [label = "", ...cells] = line
				.split("|")
				.slice(1, -1)
				.map((cell) => cell.trim());
			if (/^\| *:?-/.test(lines[index + 1] ?? "")) columns = cells;
			else if (!/^:?-+:?$/.test(label))
				return [{ label, cells: new Map(columns.map((name, i) => [name, cells[i] ?? ""])) }];
			return [];
		});
}

const units: Readonly<Record<string, number>> = { "/s": 1, "k/s": 1e3, "M/s": 1e6, µs: 1e-6, ms: 1e-3, s: 1 };

/** NaN for a dash. */
function figureOf(cell: string): number {
	const [, digits = "", unit = ""] = /^([\d.]+) (\S+)$/.exec(cell) ?? [];
	return Number(digits === "" ? "x" : digits) * (units[unit] ?? Number.NaN);
}

/** The machine is shared: two runs differ by a third and more. */
const mostTimes = 2;

test("agree with the benchmarks", () => {
	const measured = rowsOf("docs/BENCHMARKS.md");
	let compared = 0;
	for (const { label, cells } of rowsOf("docs/comparison.md")) {
		if (![...cells.values()].some((cell) => !Number.isNaN(figureOf(cell)))) continue;
		// Several tables may have a line of that name.
		const sources = measured.filter((row) => row.label === label);
		const agree = ({ cells: there }: Row) =>
			[...cells].every(([name, cell]) => isNear(figureOf(cell), figureOf(there.get(name) ?? "")));
		assert.ok(sources.some(agree), `BENCHMARKS.md says otherwise of ${label}`);
		compared++;
	}
	assert.ok(compared > 15);
});

function isNear(here: number, there: number): boolean {
	return Number.isNaN(here) ? Number.isNaN(there) : Math.max(here / there, there / here) <= mostTimes;
}

test.run();
