/** Both engines side by side: every statement runs in both, and what has to be the same is compared. */

import type { Precision } from "./aggregates.js";
import { type Difference, differenceOf, shownOutcome } from "./compare.js";
import { isDeliberate } from "./differences.js";
import { type Engine, type Outcome, ReferenceEngine } from "./engines.js";
import { isOrdered, type Node, textOf } from "./tree.js";

export interface Step {
	readonly tree: Node;
	readonly precision: Precision;
}

export interface Ran {
	readonly sql: string;
	readonly ours: Outcome;
	/** Of a statement that this engine does not support: whether SQLite would have run it. */
	readonly theirs: Outcome | "would run" | "would refuse";
	readonly difference?: Difference;
}

const QUERY = /^\s*(SELECT|VALUES|WITH\b(?!.*\b(INSERT|UPDATE|DELETE)\b))/is;
const CHANGES_SCHEMA = /^\s*(CREATE|ALTER|DROP|ROLLBACK)/i;
/** But for what ANALYZE keeps, which is each engine's own. */
const SCHEMA = "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_stat%'";
/** In which order it meets the rows is up to the plan; INSERT is in the order of its source. */
const IN_ANY_ORDER = /^\s*(UPDATE|DELETE)/i;

export class Pair {
	readonly #ours: Engine;
	readonly #theirs = new ReferenceEngine();

	constructor(open: () => Engine) {
		this.#ours = open();
	}

	get inTransaction(): boolean {
		return this.#theirs.inTransaction;
	}

	run({ tree, precision }: Step): Ran {
		const sql = textOf(tree);
		const ours = this.#ours.run(sql);
		if (ours.kind === "unsupported") {
			return { sql, ours, theirs: this.#theirs.accepts(sql) ? "would run" : "would refuse" };
		}
		const theirs = this.#theirs.run(sql);
		const order = isOrdered(tree) ? "total" : "any";
		const constraint = IN_ANY_ORDER.test(sql) ? "any" : "same";
		const found = differenceOf(ours, theirs, { precision, order, constraint });
		const difference = found !== undefined && !isDeliberate(sql, found) ? found : this.#stateDifference(sql, theirs);
		return difference === undefined ? { sql, ours, theirs } : { sql, ours, theirs, difference };
	}

	/** Every table's number of rows. */
	counts(): Map<string, number> {
		return new Map(this.#tables().map((name) => [name, this.#rows(name)]));
	}

	close(): Difference | undefined {
		const left = this.#ours.close();
		this.#theirs.close();
		return left === "" ? undefined : { kind: "leak", expected: "nothing left open", actual: left };
	}

	#tables(): string[] {
		const outcome = this.#theirs.run(
			"SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
		);
		return outcome.kind === "done" ? outcome.rows.map(([name]) => String(name)) : [];
	}

	#rows(table: string): number {
		const outcome = this.#theirs.run(`SELECT count(*) FROM ${table}`);
		return outcome.kind === "done" ? Number(outcome.rows[0]?.[0]) : 0;
	}

	/** After a statement that may have changed something: all that is stored, and whether a transaction is open. */
	#stateDifference(sql: string, outcome: Outcome): Difference | undefined {
		if (QUERY.test(sql)) return undefined;
		if (this.#ours.inTransaction !== this.#theirs.inTransaction) {
			const shown = (open: boolean) => (open ? "a transaction is open" : "no transaction is open");
			const [expected, actual] = [shown(this.#theirs.inTransaction), shown(this.#ours.inTransaction)];
			return { kind: "transaction", expected, actual };
		}
		if (CHANGES_SCHEMA.test(sql)) {
			const found = this.#asked(SCHEMA, outcome);
			if (found !== undefined) return found;
		}
		for (const table of this.#tables()) {
			const withRowid = `SELECT rowid, * FROM ${table}`;
			const select = this.#theirs.accepts(withRowid) ? withRowid : `SELECT * FROM ${table}`;
			const found = this.#asked(select, outcome);
			if (found !== undefined) return found;
		}
		return undefined;
	}

	/** What the query answers differently after a statement of that outcome. */
	#asked(query: string, outcome: Outcome): Difference | undefined {
		const [ours, theirs] = [this.#ours.run(query), this.#theirs.run(query)];
		const found = differenceOf(ours, theirs, { precision: "exact", order: "any", constraint: "any" });
		if (found === undefined) return undefined;
		const before = outcome.kind === "refused" ? `${shownOutcome(outcome)}; ` : "";
		return { kind: "state", expected: `${before}${query}: ${found.expected}`, actual: found.actual };
	}
}

/** The difference that the last of the steps makes, run from the beginning. */
export function replay(steps: readonly Step[], open: () => Engine): Difference | undefined {
	const pair = new Pair(open);
	let difference: Difference | undefined;
	for (const [i, step] of steps.entries()) {
		const ran = pair.run(step);
		if (i === steps.length - 1) difference = ran.difference;
		else if (ran.difference !== undefined && ran.difference.kind === "state") break; // the rest would only repeat it
	}
	const deliberate = difference !== undefined && isDeliberate(textOf((steps.at(-1) as Step).tree), difference);
	return pair.close() ?? (deliberate ? undefined : difference);
}
