/** The keys of the rows that any of several searches leads to: each once, in order. */

import type { StoredTable } from "../catalog/table.js";
import { distinctKeys, forEachRowKey } from "../execute/index-scan.js";
import type { Execution } from "../execute/operator.js";
import { KeyList } from "../execute/spill/key-list.js";
import { rowBytes } from "../execute/spill/size.js";
import type { Selection } from "./access.js";
import { manyKeys } from "./many-keys.js";

const NO_BYTES = new Uint8Array(0);

/** Reads the rows that all of these selections speak of. */
export function unionOf(selections: Iterable<Selection>, table: StoredTable, run: Execution): Selection {
	const keys = new UnionKeys(run);
	try {
		for (const selection of selections) forEachKey(selection, table, run, (key) => keys.add(key));
		return keys.finish();
	} catch (error) {
		keys.close();
		throw error;
	}
}

class UnionKeys {
	readonly #run: Execution;
	#keys: Uint8Array[] = [];
	#bytes = 0;
	/** In the place of all these, where they are too much for memory. */
	#list: KeyList | undefined;

	constructor(run: Execution) {
		this.#run = run;
	}

	add(key: Uint8Array): void {
		if (this.#list !== undefined) {
			this.#list.add(key);
			return;
		}
		this.#keys.push(key);
		const { spill } = this.#run;
		if (spill === undefined) return;
		this.#bytes += rowBytes([key]);
		if (this.#bytes <= spill.budgetBytes) return;
		const list = new KeyList(this.#run, spill);
		this.#list = list;
		for (const held of this.#keys) list.add(held);
		this.#keys = [];
	}

	/** What is selected is to be read once. */
	finish(): Selection {
		const list = this.#list;
		if (list === undefined) {
			return this.#keys.length === 0 ? { kind: "none" } : { kind: "points", keys: distinctKeys(this.#keys) };
		}
		list.finish();
		const { open } = manyKeys(NO_BYTES, [list], this.#run, (keys) => ({ kind: "points", keys }));
		return {
			kind: "many",
			open: (direction) => {
				const parts = open(direction);
				list.letGo();
				return parts;
			},
		};
	}

	close(): void {
		this.#list?.letGo();
	}
}

function forEachKey(selection: Selection, table: StoredTable, run: Execution, visit: (key: Uint8Array) => void): void {
	switch (selection.kind) {
		case "none":
			return;
		case "points":
			selection.keys.forEach(visit);
			return;
		case "range":
			forEachRowKey(run.view, selection.ranges, selection.indirect ? table.id : null, visit);
			return;
		case "many": {
			const parts = selection.open("forward");
			try {
				for (let part = parts.next(); part !== undefined; part = parts.next()) forEachKey(part, table, run, visit);
			} finally {
				parts.close();
			}
		}
	}
}
