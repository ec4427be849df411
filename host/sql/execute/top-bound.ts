/** What the first rows of a sort tell the scan below it: rows behind the worst of them need not be read. */

import { TERM_GREATER, TERM_GREATER_EQUAL, TERM_LESS, TERM_LESS_EQUAL } from "../../../assembly/shared/row.js";
import type { RowTerm } from "../../engine/store.js";
import type { Value } from "../value/value.js";
import type { SortTerm } from "./gather.js";
import type { Execution } from "./operator.js";
import { rowValue } from "./row-scan.js";

export class TopBound {
	/** The number of the first term's column, as in a scan's program. */
	readonly #column: number;
	readonly #operator: number;
	readonly #nullHolds: boolean;
	/** Of each run of the sort. */
	readonly #terms = new WeakMap<Execution, RowTerm>();

	/** `only`: there is no further term, so that a row equal to the worst does not come before it. */
	constructor(column: number, { descending, nulls }: SortTerm, only: boolean) {
		this.#column = column;
		if (descending) this.#operator = only ? TERM_GREATER : TERM_GREATER_EQUAL;
		else this.#operator = only ? TERM_LESS : TERM_LESS_EQUAL;
		this.#nullHolds = nulls === "first";
	}

	/** A sort begins. */
	begin(run: Execution): void {
		this.#terms.delete(run);
	}

	/** The worst of the first rows has this value. */
	set(run: Execution, value: Value): void {
		if (value === null) return;
		const term = { column: this.#column, operator: this.#operator, value: rowValue(value), nullHolds: this.#nullHolds };
		this.#terms.set(run, term);
	}

	/** What rows have to fulfil from now on, or undefined while there is nothing to be said; the same object until that changes. */
	term(run: Execution): RowTerm | undefined {
		return this.#terms.get(run);
	}
}
