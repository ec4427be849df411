/** count(*) of all rows of a scan: entries are counted, not read. */

import type { PartSelection, SelectedParts } from "../plan/access.js";
import { openRanges } from "./index-scan.js";
import type { Execution, Operator, Run } from "./operator.js";
import { emit, NO_ROW } from "./operator.js";
import { nextPage, openRowRange, plainRows } from "./row-scan.js";
import type { OpenedRows, Scan } from "./scan.js";

export class CountRows implements Operator {
	readonly inputs: readonly Operator[];
	readonly describe = "Count rows";
	readonly #scan: Scan;
	readonly #calls: number;

	/** `calls`: how many columns the result has, all of them the count. The scan has no filter. */
	constructor(scan: Scan, calls: number) {
		this.inputs = [scan];
		this.#scan = scan;
		this.#calls = calls;
	}

	open(run: Execution): Run {
		return emit([new Array<number>(this.#calls).fill(this.#count(run))]);
	}

	#count(run: Execution): number {
		const selection = this.#scan.options.access.select(run, NO_ROW);
		// As many rows as entries that point to them.
		const isIndirect = selection.kind === "range" && selection.indirect;
		const opened = isIndirect ? undefined : this.#scan.openRows(run, selection);
		if (opened !== undefined) return countRows(opened, run);
		return selection.kind === "many"
			? this.#countParts(selection.open("forward"), run)
			: this.#countEntries(selection, run);
	}

	#countParts(parts: SelectedParts, run: Execution): number {
		let count = 0;
		try {
			for (let part = parts.next(); part !== undefined; part = parts.next()) count += this.#countEntries(part, run);
		} finally {
			parts.close();
		}
		return count;
	}

	#countEntries(selection: PartSelection, run: Execution): number {
		const { access } = this.#scan.options;
		if (selection.kind === "none") return 0;
		if (selection.kind === "points")
			return selection.keys.filter((key) => run.view.get(access.space, key) !== undefined).length;
		const cursor = openRanges(run.view, access.space, selection.ranges, false);
		let count = 0;
		try {
			for (let page = cursor?.next(); page !== undefined; page = cursor?.next()) count += page.count;
		} finally {
			cursor?.close();
		}
		return count;
	}
}

/** Nothing of the rows is read but whether they are there. */
function countRows({ range }: OpenedRows, run: Execution): number {
	const cursor = openRowRange(range, run, plainRows([], []));
	let count = 0;
	try {
		for (let page = nextPage(cursor, range); page !== undefined; page = nextPage(cursor, range)) {
			run.stop?.look();
			count += page.count;
		}
	} finally {
		cursor.close();
	}
	return count;
}
