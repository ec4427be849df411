/** Grouping and aggregate functions. */

import type { AggregateOptions } from "./group.js";
import { GroupTable } from "./group-table.js";
import type { Execution, Operator, Run } from "./operator.js";
import { deferred, FULL_BATCH } from "./operator.js";

/** Groups the rows of its input. */
export class Aggregate implements Operator {
	readonly inputs: readonly Operator[];
	readonly describe: string;
	readonly #input: Operator;
	protected readonly options: AggregateOptions;

	constructor(input: Operator, options: AggregateOptions, text: string) {
		this.inputs = [input];
		this.#input = input;
		this.options = options;
		this.describe = text;
	}

	open(run: Execution): Run {
		return this.gather(this.#input.open(run), run);
	}

	/** Groups the rows of a run of the input. */
	gather(input: Run, run: Execution): Run {
		return deferred(() => {
			const table = new GroupTable(this.options, run);
			for (let batch = input.next(FULL_BATCH); batch !== undefined; batch = input.next(FULL_BATCH)) {
				table.stepBatch(batch);
			}
			return table.finish();
		}, input);
	}
}
