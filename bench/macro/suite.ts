import type { Contender } from "../contenders.js";
import type { Workload } from "../operations.js";
import type { WorkloadName } from "./names.js";

/** As `Sizes.quietMilliseconds`; the tests' inputs leave nothing to compact. */
export const QUIET_MILLISECONDS = { full: 100, smoke: 20 } as const;

export interface Sizes {
	readonly entries: number;
	readonly valueBytes: number;
	/** Nothing written for so long: what a fill left to compact is done. */
	readonly quietMilliseconds: number;
}

/** A line of the table. */
export interface Step extends Workload {
	readonly of: WorkloadName;
	/** Also done, and not reported, where only later steps of its suite are asked for. */
	readonly prerequisite?: true;
	/** Done before the time begins. */
	prepare?(store: Contender): Promise<void>;
}

/** Steps that one store goes through, in this order. */
export interface Suite {
	readonly workloads: readonly WorkloadName[];
	/** Makes their data anew, the same each time, so that it takes no memory when it is others' turn. `scratch`: a directory for files that all contenders read. */
	steps(sizes: Sizes, scratch: string): readonly Step[];
}
