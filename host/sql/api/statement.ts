/** A prepared statement in the shape of better-sqlite3's. */

import { WlsmError } from "../../errors.js";
import type { Run } from "../execute/operator.js";
import { FULL_BATCH } from "../execute/operator.js";
import type { PointSelect } from "../execute/point-select.js";
import type { StopOptions, StopSignal } from "../execute/stop.js";
import { checkStopOptions } from "../execute/stop.js";
import type { StatementNode } from "../parse/ast.js";
import type { Source } from "../parse/source.js";
import { statementText } from "../parse/source.js";
import type { Value } from "../value/value.js";
import type { PlainInsert } from "../write/plain-insert.js";
import type { Prepared } from "./prepare.js";
import { sizeError } from "./prepare.js";
import type { IntegerMode, RowBuilder, RowMode } from "./rows.js";
import { rowBuilder } from "./rows.js";
import type { Session } from "./session.js";
import type { Planned } from "./statement-cache.js";
import { isCurrent, planNow } from "./statement-cache.js";

/** What a statement changed. */
export interface RunResult {
	/** Rows that were inserted, changed or deleted, not counting what triggers and foreign keys did. */
	readonly changes: number;
	/** Rowid of the row that was inserted last by this connection, 0 where none was; a bigint beyond 2^53, or with `safeIntegers`. */
	readonly lastInsertRowid: number | bigint;
}

/** A column of a statement's rows. What is no column of a table has null for the rest. */
export interface ColumnDefinition {
	/** As rows have it. */
	readonly name: string;
	/** Of the table that it is from. */
	readonly column: string | null;
	/** That table. */
	readonly table: string | null;
	/** "main". */
	readonly database: string | null;
	/** As the column was declared. */
	readonly type: string | null;
}

/** How many rows iterate() asks for at first; each later batch is twice as large, up to FULL_BATCH. */
const FIRST_BATCH = 16;

/** "loose": by the rules of better-sqlite3; "exact": one array or object of just the parameters that there are. */
export type Binding = "loose" | "exact";

type PreparedPoint = Prepared & { readonly point: PointSelect };

/**
 * A prepared statement, in the shape of better-sqlite3's. Parameters are values in the order of `?`, or an object for `:name`, `@name` and
 * `$name`: null, numbers, bigints, strings, Uint8Arrays. Rows are objects, one property for each column, unless `raw` or `pluck` is set.
 */
export class Statement {
	readonly #session: Session;
	readonly #node: StatementNode;
	readonly #text: Source;
	#planned: Planned;
	#bound: readonly Value[] | null = null;
	#mode: RowMode = "object";
	#integers: IntegerMode = "number";
	#builder: RowBuilder | null = null;
	#stop: StopOptions;
	readonly #binding: Binding;

	/** @internal */
	constructor(
		session: Session,
		node: StatementNode,
		text: Source,
		planned: Planned,
		integers: IntegerMode,
		stop: StopOptions,
		binding: Binding = "loose",
	) {
		this.#session = session;
		this.#node = node;
		this.#text = text;
		this.#integers = integers;
		this.#stop = stop;
		this.#planned = planned;
		this.#binding = binding;
	}

	/** Plans anew: tables grow. @internal */
	replan(): void {
		this.#planned = planNow(this.#node, this.#text, this.#session);
		this.#builder = null;
	}

	/** The text it was prepared from. */
	get source(): string {
		return statementText(this.#text).trim();
	}

	/** It returns rows. */
	get reader(): boolean {
		return this.#current().columns.length > 0;
	}

	/** It changes nothing. */
	get readonly(): boolean {
		return this.#current().readOnly;
	}

	/** Runs a statement that returns no rows, or throws those of a `RETURNING` away. `WLSM_INVALID_ARGUMENT` for a SELECT. */
	run(...parameters: unknown[]): RunResult {
		const prepared = this.#current();
		if (prepared.plain !== undefined && this.#insertsPlainly(prepared, prepared.plain, parameters))
			return this.#result(1);
		if (prepared.columns.length > 0 && prepared.readOnly) {
			const instead = this.#binding === "exact" ? "query() or queryOne()" : "get(), all() or iterate()";
			throw new WlsmError("WLSM_INVALID_ARGUMENT", `this statement returns data; use ${instead} instead`);
		}
		const session = this.#session;
		const before = session.totalChanges;
		if (prepared.execute === undefined) drain(this.#start(parameters));
		else {
			const values = this.#values(prepared, parameters);
			this.#preparedFor(values).execute?.(session, values, session.limits(this.#stop));
		}
		return this.#result(session.totalChanges === before ? 0 : session.changes);
	}

	#insertsPlainly({ parameters }: Prepared, plain: PlainInsert, given: readonly unknown[]): boolean {
		if (this.#bound !== null || this.#stop.signal !== undefined) return false;
		const exact = this.#binding === "exact";
		if (!exact && !parameters.isPositional) return false;
		const values = exact ? parameters.exactly(given[0]) : given;
		try {
			return this.#session.insertPlain(plain, values);
		} catch (error) {
			throw sizeError(error);
		}
	}

	#result(changes: number): RunResult {
		const rowId = this.#session.lastInsertRowId;
		return { changes, lastInsertRowid: this.#integers === "bigint" ? BigInt(rowId) : rowId };
	}

	/** The first row, or undefined. `WLSM_INVALID_ARGUMENT` for a statement that returns none. */
	get(...parameters: unknown[]): unknown {
		const prepared = this.#expectReader();
		if (this.#takesPoint(prepared)) return this.#found(prepared, parameters);
		const run = this.#start(parameters);
		try {
			const row = run.next(1)?.[0];
			return row === undefined ? undefined : this.#build()(row);
		} finally {
			run.close();
		}
	}

	/** All rows. */
	all(...parameters: unknown[]): unknown[] {
		const prepared = this.#expectReader();
		if (this.#takesPoint(prepared)) {
			const row = this.#found(prepared, parameters);
			return row === undefined ? [] : [row];
		}
		const rows: unknown[] = [];
		const run = this.#start(parameters);
		try {
			const build = this.#build();
			for (let batch = run.next(FULL_BATCH); batch !== undefined; batch = run.next(FULL_BATCH)) {
				for (const row of batch) rows.push(build(row));
			}
		} finally {
			run.close();
		}
		return rows;
	}

	/** Rows one by one, over the data as it was at this call. Breaking off releases everything. */
	iterate(...parameters: unknown[]): IterableIterator<unknown> {
		this.#expectReader();
		return rowIterator(this.#start(parameters), this.#build(), this.#stop.signal);
	}

	/** Rows as arrays. */
	raw(on = true): this {
		return this.#setMode(on ? "raw" : "object");
	}

	/** The first column alone instead of rows. */
	pluck(on = true): this {
		return this.#setMode(on ? "pluck" : "object");
	}

	/** Every INTEGER as a bigint. */
	safeIntegers(on = true): this {
		this.#integers = on ? "bigint" : "number";
		this.#builder = null;
		return this;
	}

	/** What ends runs that begin from now on before their end: instead of what was given before, or to `prepare`. */
	stopOn(options: StopOptions): this {
		this.#stop = checkStopOptions(options);
		return this;
	}

	/** Binds parameters for good; later calls take none. */
	bind(...parameters: unknown[]): this {
		if (this.#bound !== null) {
			throw new WlsmError("WLSM_INVALID_ARGUMENT", "the bind() method can only be invoked once per statement object");
		}
		this.#bound = this.#current().parameters.bind(parameters);
		return this;
	}

	/** The columns of its rows. */
	columns(): ColumnDefinition[] {
		this.#expectReader();
		return this.#current().columns.map(({ name, column, table, type }) => ({
			name,
			column,
			table,
			database: table === null ? null : "main",
			type,
		}));
	}

	#setMode(mode: RowMode): this {
		this.#expectReader();
		this.#mode = mode;
		this.#builder = null;
		return this;
	}

	/** The plan for the schema and the functions as they are now. */
	#current(): Prepared {
		if (!isCurrent(this.#planned, this.#session)) this.replan();
		return this.#planned.prepared;
	}

	#start(parameters: unknown[]): Run {
		const values = this.#values(this.#current(), parameters);
		return this.#preparedFor(values).start(this.#session, values, this.#session.limits(this.#stop));
	}

	/** The plan for these values, where the current one has others. */
	#preparedFor(values: readonly Value[]): Prepared {
		const { byValues, prepared } = this.#planned;
		return byValues === null || values.length === 0 ? prepared : byValues.for(values);
	}

	#values(prepared: Prepared, parameters: unknown[]): readonly Value[] {
		if (this.#bound !== null) {
			if (parameters.length === 0) return this.#bound;
			throw new WlsmError("WLSM_INVALID_ARGUMENT", "this statement already has bound parameters");
		}
		// EXPLAIN evaluates nothing: its statement's parameters may be left out.
		if (parameters.length === 0 && this.#node.type === "explain") return [];
		if (this.#binding === "exact") return prepared.parameters.bindExactly(parameters[0]);
		return prepared.parameters.bind(parameters);
	}

	#build(): RowBuilder {
		this.#builder ??= rowBuilder(
			this.#mode,
			this.#planned.prepared.columns.map((column) => column.name),
			this.#integers,
		);
		return this.#builder;
	}

	#takesPoint(prepared: Prepared): prepared is PreparedPoint {
		return prepared.point !== undefined && this.#stop.signal === undefined && !this.#session.inTransaction;
	}

	/** The one row that it reads; undefined where there is none. */
	#found(prepared: PreparedPoint, parameters: unknown[]): unknown {
		const row = this.#session.selectPoint(prepared.point, this.#values(prepared, parameters));
		return row === undefined ? undefined : this.#build()(row);
	}

	#expectReader(): Prepared {
		const prepared = this.#current();
		if (prepared.columns.length === 0) {
			const instead = this.#binding === "exact" ? "execute()" : "run()";
			throw new WlsmError("WLSM_INVALID_ARGUMENT", `this statement does not return data; use ${instead} instead`);
		}
		return prepared;
	}
}

export function drain(run: Run): void {
	try {
		while (run.next(FULL_BATCH) !== undefined);
	} finally {
		run.close();
	}
}

function rowIterator(run: Run, build: RowBuilder, signal: StopSignal | undefined): IterableIterator<unknown> {
	let batch: ReturnType<Run["next"]> = [];
	let at = 0;
	let size = FIRST_BATCH;
	const finish = () => {
		batch = undefined;
		run.close();
		return { done: true as const, value: undefined };
	};
	return {
		next: () => {
			// Rows that are there already are not handed out after an abort: the run then says so.
			if (batch !== undefined && (at >= batch.length || signal?.aborted === true)) {
				try {
					batch = run.next(size);
				} catch (error) {
					finish();
					throw error;
				}
				at = 0;
				size = Math.min(size * 2, FULL_BATCH);
			}
			const row = batch?.[at++];
			return row === undefined ? finish() : { done: false, value: build(row) };
		},
		return: finish,
		throw: (error?: unknown) => {
			finish();
			throw error;
		},
		[Symbol.iterator]() {
			return this;
		},
	};
}
