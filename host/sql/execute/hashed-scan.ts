/**
 * A scan inside a query that is run again and again, for rows that equal values from outside. When its runs have looked
 * at as many rows as there are, the next one keeps all of them by what they are compared with.
 */

import type { Comparison } from "../bind/bound.js";
import type { Evaluate } from "./compile.js";
import { isTrue } from "./compile.js";
import { keyReader } from "./join.js";
import type { Execution, Operator, Run, Tuple } from "./operator.js";
import { emit, forEachRow, NO_ROW } from "./operator.js";
import type { LoadingRun, Scan } from "./scan.js";

export interface HashedScanOptions {
	/** With all conditions. */
	readonly plain: Scan;
	/** The same columns, with the conditions alone that nothing from outside is in. */
	readonly whole: Operator;
	/** How many rows it takes to see all. */
	readonly entries: number;
	/** Over the rows, and what these equal: without a row. */
	readonly keys: readonly Evaluate[];
	readonly wanted: readonly Evaluate[];
	readonly comparisons: readonly Comparison[];
	/** What else must hold of a row; null for nothing. */
	readonly test: Evaluate | null;
	readonly text: string;
}

interface Kept {
	/** How many rows runs have looked at; infinite where one of them has seen all. */
	seen: number;
	rows: ReadonlyMap<unknown, readonly Tuple[]> | undefined;
}

export class HashedScan implements Operator {
	readonly inputs: readonly Operator[];
	readonly describe: string;
	readonly #options: HashedScanOptions;
	readonly #wantedKey: ReturnType<typeof keyReader>;

	constructor(options: HashedScanOptions) {
		this.#options = options;
		this.#wantedKey = keyReader(options.wanted, options.comparisons);
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
		kept.rows ??= this.#hashed(run);
		const key = this.#wantedKey(NO_ROW, run);
		const rows = (key === undefined ? undefined : kept.rows.get(key)) ?? [];
		return emit(test === null ? rows : rows.filter((row) => isTrue(test(row, run))));
	}

	#hashed(run: Execution): ReadonlyMap<unknown, readonly Tuple[]> {
		const { whole, keys, comparisons } = this.#options;
		const keyOf = keyReader(keys, comparisons);
		const found = new Map<unknown, Tuple[]>();
		forEachRow(whole.open(run), (row) => {
			const key = keyOf(row, run);
			if (key === undefined) return;
			const others = found.get(key);
			if (others === undefined) found.set(key, [row]);
			else others.push(row);
		});
		return found;
	}
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
