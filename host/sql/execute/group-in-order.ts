/** Grouping of rows that come in the order of their keys: a group is done when the next one begins. */

import { Aggregate } from "./aggregate.js";
import { ofColumns } from "./gather.js";
import { argumentRoom, Group } from "./group.js";
import { GroupStates } from "./group-states.js";
import type { Execution, Run, Tuple } from "./operator.js";
import { FULL_BATCH } from "./operator.js";

/** Rows per batch at least: a group has several. */
const LEAST_BATCH = 64;

export class GroupInOrder extends Aggregate {
	override readonly describe: string;

	constructor(...[input, options, text]: ConstructorParameters<typeof Aggregate>) {
		super(input, options, text);
		this.describe = `${text}, in order`;
	}

	override open(run: Execution): Run {
		const { keys, collations, calls, inputWidth } = this.options;
		const room = argumentRoom(calls);
		const states = new GroupStates(calls, run);
		const [operator] = this.inputs as [Aggregate["inputs"][number]];
		const input = operator.open(run);
		let group: Group | undefined;
		let done = false;
		let rows: Tuple[] = [];
		let at = 0;
		const compare = ofColumns(collations);
		const next = (limit: number): Tuple[] | undefined => {
			const results: Tuple[] = [];
			while (!done && results.length < limit) {
				if (at === rows.length) {
					const batch = input.next(Math.min(FULL_BATCH, Math.max(limit, LEAST_BATCH)));
					if (batch === undefined) {
						done = true;
						if (group !== undefined) results.push(group.result(inputWidth));
						break;
					}
					rows = batch;
					at = 0;
				}
				const row = rows[at++] as Tuple; // at is within
				const values = keys.map((key) => key(row, run));
				if (group === undefined || compare(group.keys, values) !== 0) {
					if (group !== undefined) results.push(group.result(inputWidth));
					group = new Group(states, values, row);
				}
				group.add(row, this.options, run, room);
			}
			return results.length === 0 ? undefined : results;
		};
		return {
			next,
			close: () => {
				done = true;
				group?.close(states);
				input.close();
			},
		};
	}
}
