/** Operators that pass rows on one by one: constants, filter, projection, limit. */

import { sqlError } from "../parse/source.js";
import { applyAffinity } from "../value/convert.js";
import type { Value } from "../value/value.js";
import { isInteger } from "../value/value.js";
import type { Evaluate } from "./compile.js";
import { isTrue } from "./compile.js";
import type { Execution, Operator, Run, Tuple } from "./operator.js";
import { FULL_BATCH, NO_ROW } from "./operator.js";

/** Rows of expressions: VALUES, and with one empty row a SELECT without FROM. */
export class Values implements Operator {
	readonly inputs: readonly Operator[] = [];
	readonly rows: readonly (readonly Evaluate[])[];

	constructor(rows: readonly (readonly Evaluate[])[]) {
		this.rows = rows;
	}

	get describe(): string {
		const { rows } = this;
		return rows[0]?.length === 0 ? "One row" : `Values (${rows.length} row${rows.length === 1 ? "" : "s"})`;
	}

	open(run: Execution): Run {
		const { rows } = this;
		let at = 0;
		return {
			next: (limit) => {
				if (at >= rows.length) return undefined;
				const part = rows.slice(at, at + Math.min(limit, FULL_BATCH));
				at += part.length;
				return part.map((row) => row.map((value) => value([], run)));
			},
			close: () => {
				at = rows.length;
			},
		};
	}
}

export class Filter implements Operator {
	readonly inputs: readonly Operator[];
	readonly describe: string;
	readonly #input: Operator;
	readonly #test: Evaluate;

	constructor(input: Operator, test: Evaluate, text: string) {
		this.inputs = [input];
		this.#input = input;
		this.#test = test;
		this.describe = `Filter ${text}`;
	}

	open(run: Execution, outer?: Tuple): Run {
		const input = this.#input.open(run, outer);
		const test = this.#test;
		return {
			next: (limit) => {
				for (let batch = input.next(limit); batch !== undefined; batch = input.next(limit)) {
					const kept = batch.filter((row) => isTrue(test(row, run)));
					if (kept.length > 0) return kept;
				}
				return undefined;
			},
			close: () => input.close(),
		};
	}
}

export class Project implements Operator {
	readonly inputs: readonly Operator[];
	readonly describe: string;
	readonly input: Operator;
	readonly columns: readonly Evaluate[];
	/** Where its columns stand in the rows of the input, where each is one of these. */
	readonly slots: readonly number[] | null;

	constructor(input: Operator, columns: readonly Evaluate[], text: string, slots: readonly number[] | null = null) {
		this.inputs = [input];
		this.input = input;
		this.columns = columns;
		this.slots = slots;
		this.describe = `Project ${text}`;
	}

	open(run: Execution): Run {
		const input = this.input.open(run);
		return {
			next: (limit) => input.next(limit)?.map((row) => this.project(row, run)),
			close: () => input.close(),
		};
	}

	project(row: Tuple, run: Execution): Tuple {
		const { columns } = this;
		const projected = new Array<Value>(columns.length);
		for (let i = 0; i < columns.length; i++) projected[i] = (columns[i] as Evaluate)(row, run); // i is within
		return projected;
	}
}

/** A limit of -1, or none, is no limit; a negative offset is 0. */
function countOf(value: Value): number {
	const number = applyAffinity(value, "integer");
	if (!isInteger(number)) throw sqlError("datatype mismatch: LIMIT and OFFSET want integers");
	return Number(number);
}

export class Limit implements Operator {
	readonly inputs: readonly Operator[];
	readonly describe: string;
	readonly #input: Operator;
	readonly #limit: Evaluate;
	readonly #offset: Evaluate | null;

	constructor(input: Operator, limit: Evaluate, offset: Evaluate | null, text: string) {
		this.inputs = [input];
		this.#input = input;
		this.#limit = limit;
		this.#offset = offset;
		this.describe = `Limit ${text}`;
	}

	open(run: Execution): Run {
		const limit = countOf(this.#limit([], run));
		let left = limit < 0 ? Infinity : limit;
		let skip = this.#offset === null ? 0 : Math.max(0, countOf(this.#offset([], run)));
		const input = this.#input.open(run);
		return {
			next: (wanted) => {
				while (left > 0) {
					const batch = input.next(Math.min(wanted, skip > 0 ? FULL_BATCH : left));
					if (batch === undefined) break;
					const rows = skip > 0 ? batch.slice(skip) : batch;
					skip = Math.max(0, skip - batch.length);
					if (rows.length === 0) continue;
					const kept = rows.length > left ? rows.slice(0, left) : rows;
					left -= kept.length;
					return kept;
				}
				input.close();
				return undefined;
			},
			close: () => input.close(),
		};
	}
}

/** Lets its input through where a condition on no row of it holds. */
export class Gate implements Operator {
	readonly inputs: readonly Operator[];
	readonly describe: string;
	readonly #test: Evaluate;

	constructor(input: Operator, test: Evaluate, text: string) {
		this.inputs = [input];
		this.describe = `Only where ${text}`;
		this.#test = test;
	}

	open(run: Execution, outer?: Tuple): Run {
		const [input] = this.inputs as [Operator];
		let opened: Run | undefined;
		let open: boolean | undefined;
		return {
			next: (limit) => {
				open ??= isTrue(this.#test(NO_ROW, run));
				if (!open) return undefined;
				opened ??= input.open(run, outer);
				return opened.next(limit);
			},
			close: () => {
				open = false;
				opened?.close();
			},
		};
	}
}

/** Drops columns behind the first `width`: sort keys that are no results. */
export class Cut implements Operator {
	readonly inputs: readonly Operator[];
	readonly describe: string;
	readonly #input: Operator;
	readonly #width: number;

	constructor(input: Operator, width: number) {
		this.inputs = [input];
		this.#input = input;
		this.#width = width;
		this.describe = `Keep the first ${width} column${width === 1 ? "" : "s"}`;
	}

	open(run: Execution): Run {
		const input = this.#input.open(run);
		const width = this.#width;
		return {
			next: (limit) => input.next(limit)?.map((row: Tuple) => row.slice(0, width)),
			close: () => input.close(),
		};
	}
}
