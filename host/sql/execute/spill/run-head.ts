/** A run at one of its rows: what runs are merged by. */

import type { Run, Tuple } from "../operator.js";

/** Rows read ahead of each run. */
const AHEAD = 64;

/** To be advanced once before its row is looked at. */
export class RunHead {
	row: Tuple = [];
	readonly #run: Run;
	#batch: readonly Tuple[] = [];
	#at = 0;

	constructor(run: Run) {
		this.#run = run;
	}

	/** To the next row; false where there is none. */
	advance(): boolean {
		if (this.#at === this.#batch.length) {
			this.#batch = this.#run.next(AHEAD) ?? [];
			this.#at = 0;
		}
		const row = this.#batch[this.#at++];
		if (row === undefined) return false;
		this.row = row;
		return true;
	}

	/** From its row on. Closing it closes the head. */
	rest(): Run {
		let ahead: Tuple[] | undefined = [this.row, ...this.#batch.slice(this.#at)];
		return {
			next: (limit) => {
				if (ahead === undefined) return this.#run.next(limit);
				const rows = ahead;
				ahead = undefined;
				return rows;
			},
			close: () => this.close(),
		};
	}

	close(): void {
		this.#run.close();
	}
}
