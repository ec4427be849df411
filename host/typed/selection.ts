/** Rows that a condition tells, in an order, from one place to another: a value, independent of any database. */

import type { SqlDatabase } from "../index.js";
import type { Assignments } from "./assignments.js";
import { type Where, whereOf } from "./condition.js";
import { prepared, type SqlSource, sqlOf, type Texts } from "./connection.js";
import type { TableDefinition } from "./definition.js";
import { inMain, invalid, quoted, quotedList, shown } from "./names.js";
import { columnNamed, type RowReader } from "./rows.js";
import type { Columns, RowIn, TableKeys, UpdateIn } from "./types.js";

/** NULL comes first where the order ascends, and last where it descends, unless it says otherwise. */
export type Direction = "asc" | "desc" | "asc nulls last" | "desc nulls first";

const DIRECTIONS: Readonly<Record<Direction, string>> = {
	asc: "",
	desc: " DESC",
	"asc nulls last": " ASC NULLS LAST",
	"desc nulls first": " DESC NULLS FIRST",
};

/** What a selection knows of its table. */
export interface SelectionSource {
	readonly table: TableDefinition;
	readonly reader: RowReader;
	/** Of statements that select rows. */
	readonly texts: Texts;
	readonly assignments: Assignments;
}

interface Said {
	readonly where: Where;
	/** Terms of ORDER BY. */
	readonly order: readonly string[];
	readonly limit?: number;
	readonly offset?: number;
}

/**
 * Rows of one table, as `where` answers them: a value that no database is part of. `orderBy`, `limit` and `offset` answer another one and leave
 * this one as it is; the other methods run a statement on the database that they are given.
 */
export class Selection<C extends Columns, K extends TableKeys> {
	readonly #source: SelectionSource;
	readonly #said: Said;

	private constructor(source: SelectionSource, said: Said) {
		this.#source = source;
		this.#said = said;
	}

	/** @internal */
	static of<C extends Columns, K extends TableKeys>(source: SelectionSource, condition: unknown): Selection<C, K> {
		return new Selection(source, { where: whereOf(condition, source.table), order: [] });
	}

	/**
	 * By one column, and by further ones where this is called again; ascending unless said. The order of rows that nothing tells apart is
	 * not said.
	 */
	orderBy(column: keyof C & string, direction: Direction = "asc"): Selection<C, K> {
		const { name } = columnNamed(column, this.#source.table);
		if (!Object.hasOwn(DIRECTIONS, direction))
			throw invalid(`A direction is one of ${Object.keys(DIRECTIONS).join(", ")}, not ${shown(direction)}.`);
		return this.#with({ order: [...this.#said.order, `${quoted(name)}${DIRECTIONS[direction]}`] });
	}

	/** At most so many rows; the last call counts. */
	limit(count: number): Selection<C, K> {
		return this.#with({ limit: checkedCount(count, "limit") });
	}

	/** Without so many of the first rows; the last call counts. */
	offset(count: number): Selection<C, K> {
		return this.#with({ offset: checkedCount(count, "offset") });
	}

	/** All of these rows, as an array. */
	all(db: SqlSource): RowIn<C, K>[] {
		const { reader } = this.#source;
		return reader.readAll(this.#select(sqlOf(db)).all(...this.#values())) as RowIn<C, K>[];
	}

	/** The first of these rows; undefined where there is none. */
	first(db: SqlSource): RowIn<C, K> | undefined {
		const { limit = 1 } = this.#said;
		const one = this.#with({ limit: Math.min(limit, 1) });
		const row = one.#select(sqlOf(db)).get(...one.#values());
		return row === undefined ? undefined : (this.#source.reader.read(row) as RowIn<C, K>);
	}

	/** How many rows `all` would answer. */
	count(db: SqlSource): number {
		const table = inMain(this.#source.table.name);
		// What is not cut is counted without its rows, in no order.
		const text = this.#isCut
			? `SELECT count(*) FROM (SELECT 1 FROM ${table}${this.#end()})`
			: `SELECT count(*) FROM ${table}${this.#condition()}`;
		return prepared(sqlOf(db), text)
			.pluck()
			.get(...this.#values()) as number; // one row of one number
	}

	/** Rows one by one, over the data as it was at this call. Breaking off releases everything. */
	iterate(db: SqlSource): IterableIterator<RowIn<C, K>> {
		const { reader } = this.#source;
		return readRows(this.#select(sqlOf(db)).iterate(...this.#values()), reader) as IterableIterator<RowIn<C, K>>;
	}

	/** Changes these columns of all these rows, in one statement; answers how many they are. */
	update(db: SqlSource, changes: UpdateIn<C, K>): number {
		const { text, values } = this.#source.assignments.of(changes);
		return this.#change(sqlOf(db), `UPDATE ${inMain(this.#source.table.name)} SET ${text}`, values);
	}

	/** Deletes all these rows, in one statement; answers how many they were. Without a condition, an order and a limit that is every row of the table. */
	delete(db: SqlSource): number {
		return this.#change(sqlOf(db), `DELETE FROM ${inMain(this.#source.table.name)}`, []);
	}

	#with(more: Partial<Said>): Selection<C, K> {
		return new Selection(this.#source, { ...this.#said, ...more });
	}

	get #isCut(): boolean {
		return this.#said.limit !== undefined || this.#said.offset !== undefined;
	}

	#condition(): string {
		const { text } = this.#said.where;
		return text === "" ? "" : ` WHERE ${text}`;
	}

	/** Condition, order, limit and offset: all that is behind the name of the table. */
	#end(): string {
		const { order } = this.#said;
		const ordered = order.length === 0 ? "" : ` ORDER BY ${order.join(", ")}`;
		return `${this.#condition()}${ordered}${this.#isCut ? " LIMIT ? OFFSET ?" : ""}`;
	}

	#values(): unknown[] {
		const { where, limit = -1, offset = 0 } = this.#said;
		return this.#isCut ? [...where.values, BigInt(limit), BigInt(offset)] : [...where.values];
	}

	#select(sql: SqlDatabase) {
		return prepared(sql, this.#source.texts.endingWith(this.#end()));
	}

	#change(sql: SqlDatabase, statement: string, values: readonly unknown[]): number {
		const parameters = [...values, ...this.#values()];
		if (!this.#isCut) return prepared(sql, `${statement}${this.#condition()}`).run(...parameters).changes;
		// UPDATE and DELETE have no LIMIT: the rows are looked up first.
		const { table } = this.#source;
		const key = rowKey(table);
		const found = `SELECT ${key} FROM ${inMain(table.name)}${this.#end()}`;
		return prepared(sql, `${statement} WHERE (${key}) IN (${found})`).run(...parameters).changes;
	}
}

/** What tells rows apart in a statement. */
function rowKey({ name, columns, primaryKey, isWithoutRowid }: TableDefinition): string {
	if (isWithoutRowid || primaryKey.length > 0) return quotedList(primaryKey.map((column) => column.name));
	const free = ["rowid", "_rowid_", "oid"].find(
		(rowid) => !columns.some((column) => column.name.toLowerCase() === rowid),
	);
	if (free !== undefined) return free;
	throw invalid(
		`Table ${shown(name)} has no primary key, and its columns leave no name for the rowid: its rows cannot be changed up to a limit.`,
	);
}

function checkedCount(count: unknown, what: string): number {
	if (Number.isSafeInteger(count) && (count as number) >= 0) return count as number;
	throw invalid(`${what} takes a whole number that is not negative, not ${shown(count)}.`);
}

function readRows(rows: IterableIterator<unknown>, reader: RowReader): IterableIterator<unknown> {
	const read = (result: IteratorResult<unknown>): IteratorResult<unknown> => {
		if (result.done !== true) result.value = reader.read(result.value);
		return result;
	};
	return {
		next: () => {
			const result = rows.next();
			try {
				return read(result);
			} catch (error) {
				rows.return?.();
				throw error;
			}
		},
		return: (value) => rows.return?.(value) ?? { done: true, value },
		throw: (error) => rows.throw?.(error) ?? { done: true, value: undefined },
		[Symbol.iterator]() {
			return this;
		},
	};
}
