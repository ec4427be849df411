/**
 * A scan inside a query that is run again and again, for rows that equal values from outside. When its runs have looked
 * at as many rows as there are, the next one keeps all of them by what they are compared with.
 */

import type { Evaluate } from "./compile.js";
import { isTrue } from "./compile.js";
import type { KeyedRowsOptions } from "./keyed-rows.js";
import { KeyedRows } from "./keyed-rows.js";
import type { Execution, Operator, Run, Tuple } from "./operator.js";
import { emit, forEachRow, pulled } from "./operator.js";
import type { LoadingRun, Scan } from "./scan.js";

export interface HashedScanOptions extends KeyedRowsOptions {
	/** With all conditions. */
	readonly plain: Scan;
	/** The same columns, with the conditions alone that nothing from outside is in. */
	readonly whole: Operator;
	/** How many rows it takes to see all. */
	readonly entries: number;
	/** What else must hold of a row; null for nothing. */
	readonly test: Evaluate | null;
	readonly text: string;
}

interface Kept {
	/** How many rows runs have looked at; infinite where one of them has seen all. */
	seen: number;
	rows: KeyedRows | undefined;
}

export class HashedScan implements Operator {
	readonly inputs: readonly Operator[];
	readonly describe: string;
	readonly #options: HashedScanOptions;

	constructor(options: HashedScanOptions) {
		this.#options = options;
		this.inputs = [options.plain];
		this.describe = `Hash on ${options.text}, where it is run often`;
	}

	open(run: Execution): Run {
		const { plain, entries, test } = this.#options;
		if (run.changing) return plain.open(run);
		let kept = run.kept.get(this) as Kept | undefined;
		if (kept === undefined) {
			kept = { seen: 0, rows: undefined };
			run.kept.set(this, kept);
		}
		if (kept.seen < entries) return noticing(plain.open(run), kept);
		kept.rows ??= this.#keyed(run);
		const found = kept.rows.find(run);
		if (!Array.isArray(found)) return pulled(tested(found, test, run));
		return emit(test === null ? found : found.filter((row) => isTrue(test(row, run))));
	}

	#keyed(run: Execution): KeyedRows {
		const rows = new KeyedRows(this.#options, run);
		forEachRow(this.#options.whole.open(run), (row) => rows.add(row));
		rows.finish();
		return rows;
	}
}

function* tested(rows: Iterable<Tuple>, test: Evaluate | null, run: Execution): Generator<Tuple> {
	for (const row of rows) if (test === null || isTrue(test(row, run))) yield row;
}

/** Notes in `kept` what is looked at: runs that stop early need no hash. */
function noticing(run: LoadingRun, kept: Kept): Run {
	let noted = 0;
	const note = () => {
		const { loaded = 0 } = run;
		kept.seen += loaded - noted;
		noted = loaded;
	};
	return {
		next: (limit) => {
			const rows = run.next(limit);
			note();
			if (rows === undefined) kept.seen = Infinity;
			return rows;
		},
		close: () => run.close(),
	};
}
