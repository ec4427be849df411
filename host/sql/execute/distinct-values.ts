/** Aggregates with DISTINCT: a group's rows whose first argument was there before do not count. */

import type { AggregateState } from "../function/aggregate.js";
import type { JsonValue } from "../function/json/subtype.js";
import { withoutJson } from "../function/json/subtype.js";
import type { Collation } from "../value/compare.js";
import { groupingKey } from "../value/compare.js";
import type { Value } from "../value/value.js";
import type { ArgumentRows } from "./argument-rows.js";
import type { RowKey } from "./gather.js";
import { ofColumns } from "./gather.js";
import { forEachRow } from "./operator.js";
import type { GatheringRun } from "./ordered.js";
import { LaterRows } from "./spill/later-rows.js";
import { keyBytes } from "./spill/size.js";

/** Of a set that is empty. */
const SET_BYTES = 200;

/**
 * Values that there is no room for in the set come later: sorted, of equals the first, and of these again in the order in which they
 * came, as this is the order in which the function sees them.
 */
export class DistinctValues implements AggregateState {
	readonly #state: AggregateState;
	readonly #collation: Collation;
	readonly #form: ArgumentRows;
	readonly #run: GatheringRun;
	readonly #budgetBytes: number;
	readonly #seen = new Set<RowKey>();
	#bytes = SET_BYTES;
	#later: LaterRows | null = null;

	constructor(state: AggregateState, collation: Collation, form: ArgumentRows, run: GatheringRun) {
		this.#state = state;
		this.#collation = collation;
		this.#form = form;
		this.#run = run;
		this.#budgetBytes = run.spill?.budgetBytes ?? Infinity;
	}

	get heldBytes(): number {
		return this.#bytes + (this.#state.heldBytes ?? 0);
	}

	step(values: readonly JsonValue[]): boolean {
		const key = groupingKey(withoutJson(values[0] ?? null), this.#collation);
		const seen = this.#seen;
		if (this.#later !== null) {
			if (!seen.has(key)) this.#later.add(this.#form.pack(values));
			return false;
		}
		const before = seen.size;
		seen.add(key);
		if (seen.size === before) return false;
		if (this.#budgetBytes !== Infinity) {
			this.#bytes += keyBytes(key);
			if (this.#bytes > this.#budgetBytes) this.#later = new LaterRows(ofColumns([this.#collation]), this.#run);
		}
		return this.#state.step(values);
	}

	/** To be asked once: no more rows come. */
	finish(): Value {
		if (this.#later !== null) {
			this.#seen.clear();
			forEachRow(this.#later.finish(), (row) => {
				this.#run.stop?.count(1);
				this.#state.step(this.#form.unpack(row));
			});
		}
		return this.#state.finish();
	}

	close(): void {
		this.#later?.close();
		this.#state.close?.();
	}
}
