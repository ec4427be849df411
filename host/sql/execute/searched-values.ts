/** The values of a query that an index is searched by. */

import type { Subquery } from "../bind/bound.js";
import { groupingKey } from "../value/compare.js";
import type { Value } from "../value/value.js";
import type { Evaluate } from "./compile.js";
import type { Execution, Tuple } from "./operator.js";
import { forEachRow } from "./operator.js";
import { KeyList } from "./spill/key-list.js";
import { rowBytes, SEARCH_KEY_BYTES } from "./spill/size.js";
import { remembered } from "./subquery.js";

/** The bytes that a value is looked for by; undefined where nothing can be equal to it. */
export type EncodeKey = (value: Value) => Uint8Array | undefined;

/** The values of a query's only column that are not NULL, each once; where there are too many, what they are looked for by. */
export function compileSearchedValues(
	subquery: Subquery,
	captures: readonly Evaluate[],
	encode: EncodeKey,
): (row: Tuple, run: Execution) => readonly Value[] | KeyList {
	const gather = (inner: Execution) => {
		const found = new SearchedValues(encode, inner);
		forEachRow(subquery.query.operator.open(inner), ([value]) => {
			if (value !== undefined && value !== null) found.add(value);
		});
		return found.finish();
	};
	return remembered({}, captures, gather, (found) => {
		if (found instanceof KeyList) found.letGo();
	});
}

class SearchedValues {
	readonly #encode: EncodeKey;
	readonly #run: Execution;
	readonly #values = new Map<string | number | bigint | null, Value>();
	#bytes = 0;
	#list: KeyList | undefined;

	constructor(encode: EncodeKey, run: Execution) {
		this.#encode = encode;
		this.#run = run;
	}

	add(value: Value): void {
		if (this.#list !== undefined) {
			this.#addTo(this.#list, value);
			return;
		}
		const { size } = this.#values;
		this.#values.set(groupingKey(value, "binary"), value);
		const { spill } = this.#run;
		if (spill === undefined || this.#values.size === size) return;
		this.#bytes += rowBytes([value]) + SEARCH_KEY_BYTES;
		if (this.#bytes <= spill.budgetBytes) return;
		this.#list = new KeyList(this.#run, spill);
		for (const kept of this.#values.values()) this.#addTo(this.#list, kept);
		this.#values.clear();
	}

	/** No more come. */
	finish(): readonly Value[] | KeyList {
		this.#list?.finish();
		return this.#list ?? [...this.#values.values()];
	}

	#addTo(list: KeyList, value: Value): void {
		const key = this.#encode(value);
		if (key !== undefined) list.add(key);
	}
}
