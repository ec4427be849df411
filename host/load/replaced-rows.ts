import type { RowGate, RowRange } from "../bulk/row-gate.js";
import type { Database } from "../index.js";

/** To count more rows than this for each one that is loaded is slower, at worst, than to look for the row that is replaced. */
const COUNTED_FOR_EACH = 4;

/** Lets the rows of a load take the place of those with the same rowids, and knows how many these were. */
export class ReplacedRows implements RowGate {
	readonly replaces = true;
	readonly #sql: Database["sql"];
	readonly #from: string;
	readonly #gate: RowGate;
	/** Rows that the table has gained. */
	#gained = 0;

	/** `table` and its column of rowids as SQL has their names; `gate`: for rows that replace none. */
	constructor(sql: Database["sql"], table: string, column: string, gate: RowGate) {
		this.#sql = sql;
		this.#from = `FROM ${table} WHERE ${column} BETWEEN ? AND ?`;
		this.#gate = gate;
	}

	mayEnter(range: RowRange): boolean {
		if (!this.#gate.mayEnter(range)) return false;
		const most = COUNTED_FOR_EACH * range.rows;
		const count = this.#count(`SELECT count(*) FROM (SELECT 1 ${this.#from} LIMIT ${most + 1})`, range);
		this.#gained = -count;
		return count <= most;
	}

	commit(tables: Parameters<RowGate["commit"]>[0]): boolean {
		return this.#gate.commit(tables);
	}

	entered(range: RowRange): void {
		this.#gained += this.#count(`SELECT count(*) ${this.#from}`, range);
	}

	/** Of so many records, those that have taken the place of a row, or of one another. */
	of(records: number): number {
		return records - this.#gained;
	}

	#count(query: string, { first, last }: RowRange): number {
		return this.#sql.prepare(query).pluck().get(first, last) as number; // as the query says
	}
}
