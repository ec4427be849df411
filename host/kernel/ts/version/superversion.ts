import { LEVELS } from "../../../../assembly/shared/abi.js";
import type { Superversion as KernelSuperversion } from "../../contract.js";
import { sharedPrefix } from "../key/compare.js";
import type { KeyView } from "../key/key-view.js";
import { type Memtable, NO_NODE } from "../memtable/memtable.js";
import type { Table } from "../table/table.js";
import { Run } from "./run.js";

/** What a read looks through, newest first: memtables, the tables of level 0, the sorted runs of the levels below. */
export class Superversion implements KernelSuperversion {
	readonly memtables: readonly Memtable[];
	/** Each table of level 0 by itself, then each level below that has tables. */
	readonly runs: readonly Run[];
	readonly #levels: readonly (Run | undefined)[];

	constructor(memtables: readonly Memtable[], levels: readonly (readonly Table[])[]) {
		this.memtables = memtables;
		this.#levels = levels.map((tables, level) => (level === 0 || tables.length === 0 ? undefined : new Run(tables)));
		this.runs = [
			...(levels[0] ?? []).map((table) => new Run([table])),
			...this.#levels.filter((run) => run !== undefined),
		];
	}

	/** The runs of the levels from `level`, which is not 0, on. */
	below(level: number): readonly Run[] {
		return this.#levels.slice(level, LEVELS).filter((run) => run !== undefined);
	}

	/** Nothing to give back: tables and memtables belong to the host. */
	free(): void {}
}

/**
 * Leading bytes that all keys of the sources have in common. A memtable may take in others later, which shows in its own
 * `shared`; what is empty now does not count.
 */
export function sharedBytes(memtables: readonly Memtable[], runs: readonly Run[]): number {
	const prefixes: KeyView[] = [];
	for (const memtable of memtables) if (memtable.first() !== NO_NODE) prefixes.push(memtable.prefix());
	for (const run of runs) {
		const prefix = run.prefix();
		if (prefix !== undefined) prefixes.push(prefix);
	}
	const [first, ...others] = prefixes;
	if (first === undefined) return 0;
	return others.reduce(
		(shared, { view, at, length }) => sharedPrefix(first.view, first.at, shared, view, at, length),
		first.length,
	);
}
