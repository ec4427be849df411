/** `db.sql`: the shape of better-sqlite3's Database over the store. */

import type { ByteStore, MadeTables } from "../../engine/store.js";
import { WlsmError } from "../../errors.js";
import type { StopOptions } from "../execute/stop.js";
import { checkStopOptions } from "../execute/stop.js";
import type { FunctionRegistry } from "../function/registry.js";
import type { AggregateOptions, FunctionOptions, UserFunction } from "../function/user.js";
import { userAggregate, userFunction } from "../function/user.js";
import type { Source } from "../parse/source.js";
import { sourceOf } from "../parse/source.js";
import { splitStatements } from "../parse/split.js";
import type { QueryParameters, QueryRow, QueryText } from "../typed/query.js";
import type { StatementDescription } from "./describe.js";
import { describeStatement } from "./describe.js";
import type { SqlFragment } from "./fragment.js";
import { InlineStatements } from "./inline.js";
import type { PlainTable } from "./plain-table.js";
import { plainTable, takeTables } from "./plain-table.js";
import { describePlan, prepareAdoption, prepareStatement } from "./prepare.js";
import { profileOf, type StatementProfile } from "./profile.js";
import type { SqlOptions } from "./session.js";
import { Session } from "./session.js";
import type { Binding, RunResult } from "./statement.js";
import { drain, Statement } from "./statement.js";
import { StatementCache } from "./statement-cache.js";

/** What `pragma` answers. */
export interface PragmaOptions {
	/** The first column of the first row alone. Default false. */
	readonly simple?: boolean;
}

interface AdoptOptions {
	readonly dropped: string | undefined;
	readonly memoryBytes: number;
}

/** A function with any parameters. */
export type AnyFunction = (this: unknown, ...parameters: never[]) => unknown;

/** The function inside a transaction; its variants exist for compatibility, as there is one writer anyway. */
export type TransactionFunction<F extends AnyFunction> = F & {
	readonly default: F;
	readonly deferred: F;
	readonly immediate: F;
	readonly exclusive: F;
};

/**
 * SQL over a database's data, `db.sql`: the shape of better-sqlite3's Database. It has one transaction at a time; statements run at once, on
 * the calling thread. Errors in statements are `WLSM_SQL`.
 */
export class SqlDatabase {
	readonly #session: Session;
	readonly #statements: StatementCache;
	readonly #inline = new InlineStatements((text) => this.#prepared(text, {}, "exact"));
	#defaultIntegers: "number" | "bigint" = "number";

	/** @internal */
	constructor(store: ByteStore, options?: SqlOptions) {
		this.#session = new Session(store, options);
		this.#statements = new StatementCache(this.#session);
	}

	/** Whether a transaction is open. */
	get inTransaction(): boolean {
		return this.#session.inTransaction;
	}

	/** What statements can call: the built-in functions and those defined here. @internal */
	get functions(): FunctionRegistry {
		return this.#session.functions;
	}

	/** Whether the database was opened for reading alone. */
	get readonly(): boolean {
		return this.#session.store.readOnly;
	}

	/**
	 * One statement, parsed and planned once and again only when the schema changes; of the last 64 texts, however often they are given. The
	 * options are for each run of it, as those of `stopOn` are. `WLSM_SQL` where it is wrong, `WLSM_INVALID_ARGUMENT` where there are several.
	 */
	prepare(sql: string, options: StopOptions = {}): Statement {
		return this.#prepared(text(sql), options, "loose");
	}

	#prepared(sql: string, options: StopOptions, binding: Binding): Statement {
		const stop = checkStopOptions(options);
		const source = onlyStatement(this.#split(sql));
		const { node, planned } = this.#statements.planned(source);
		return new Statement(this.#session, node, source, planned, this.#defaultIntegers, stop, binding);
	}

	/**
	 * All rows of a statement: `query("SELECT id, name FROM users WHERE id = {id}", { id })`. Values are bound under their names, written
	 * `{name}`, `:name`, `@name` or `$name`, or for `?` as an array; all of those and no others have to be given. A text is prepared once and
	 * kept. Or of a fragment: `query(sql`SELECT …`)`.
	 *
	 * Where `DeclaredTables` has tables, TypeScript reads a literal text: a table or column that is not there, a parameter that is missing or
	 * of the wrong type do not compile, and rows have their columns' types. `QueryRow` says what is read.
	 *
	 * Errors: `WLSM_SQL`, with line and column in the text; `WLSM_INVALID_ARGUMENT` for parameters, for a text with a lone surrogate, and
	 * for a statement without rows.
	 */
	query<const Query extends string | SqlFragment<unknown>>(
		query: QueryText<Query, "query">,
		...parameters: QueryParameters<Query>
	): QueryRow<Query>[] {
		const { statement, given } = this.#inline.callOf(query, parameters[0]);
		return statement.all(given) as QueryRow<Query>[];
	}

	/** As `query`, the first row, or undefined where there is none. */
	queryOne<const Query extends string | SqlFragment<unknown>>(
		query: QueryText<Query, "query">,
		...parameters: QueryParameters<Query>
	): QueryRow<Query> | undefined {
		const { statement, given } = this.#inline.callOf(query, parameters[0]);
		return statement.get(given) as QueryRow<Query> | undefined;
	}

	/** Runs a statement that has no rows, or whose rows are of no interest (`RETURNING`); parameters as of `query`. */
	execute<const Query extends string | SqlFragment<unknown>>(
		query: QueryText<Query, "execute">,
		...parameters: QueryParameters<Query>
	): RunResult {
		const { statement, given } = this.#inline.callOf(query, parameters[0]);
		return statement.run(given);
	}

	/** The statements of a script; one that was given before alone is known. */
	#split(script: string): Source[] {
		return this.#statements.has(script) ? [sourceOf(script)] : splitStatements(script);
	}

	/** Runs a script of statements one after the other; rows are thrown away. The options are for each statement. */
	exec(sql: string, options: StopOptions = {}): this {
		const stop = checkStopOptions(options);
		for (const source of this.#split(text(sql))) {
			const prepared = prepareStatement(this.#statements.parsed(source), source, this.#session);
			drain(
				prepared.start(
					this.#session,
					prepared.parameters.names.map(() => null),
					this.#session.limits(stop),
				),
			);
		}
		return this;
	}

	/** A function that runs `body` inside a transaction, or inside a savepoint where one is open already. */
	transaction<F extends AnyFunction>(body: F): TransactionFunction<F> {
		if (typeof body !== "function")
			throw new WlsmError("WLSM_INVALID_ARGUMENT", "expected the first argument to be a function");
		const session = this.#session;
		const wrapped = function (this: unknown, ...parameters: never[]): unknown {
			return inTransaction(session, () => body.apply(this, parameters));
		} as F;
		const variants = { default: wrapped, deferred: wrapped, immediate: wrapped, exclusive: wrapped };
		return Object.assign(wrapped, variants);
	}

	/** Runs `PRAGMA` and what is given: its rows, an empty array where it has none. */
	pragma(source: string, options: PragmaOptions = {}): unknown {
		const statement = this.prepare(`PRAGMA ${text(source)}`);
		if (!statement.reader) {
			statement.run();
			return options.simple === true ? undefined : [];
		}
		return options.simple === true ? statement.pluck().get() : statement.all();
	}

	/**
	 * Defines a scalar function for this connection's statements. It takes as many arguments as `body` has parameters, and
	 * replaces the function of that name and number of arguments; what it throws reaches the caller of the statement.
	 */
	function(name: string, body: UserFunction): this;
	function(name: string, options: FunctionOptions, body: UserFunction): this;
	function(name: string, options: FunctionOptions | UserFunction, body?: UserFunction): this {
		this.#session.functions.defineScalar(userFunction(name, options, body, this.#defaultIntegers));
		return this;
	}

	/** Defines an aggregate, and with `inverse` a window function. */
	aggregate(name: string, options: AggregateOptions): this {
		this.#session.functions.defineAggregate(userAggregate(name, options, this.#defaultIntegers));
		return this;
	}

	/** The physical plan as an indented tree; a script's plans one after the other. */
	explain(sql: string): string {
		const plans = splitStatements(text(sql)).map((source) =>
			describePlan(prepareStatement(this.#statements.parsed(source), source, this.#session)),
		);
		return plans.join("\n");
	}

	/**
	 * What one statement is, returns and is to be given, by the schema as it is now. Nothing is run. `{name}` stands for a named
	 * parameter. Where it cannot be prepared, it fails as `prepare` does, with line and column in the text as it was given.
	 */
	describe(sql: string): StatementDescription {
		const source = onlyStatement(this.#split(text(sql)));
		return describeStatement(this.#statements.parsed(source), source, this.#session);
	}

	/**
	 * Runs one statement to its end, throws its rows away, and tells what each operator of its plan did. What it changes is changed.
	 */
	profile(sql: string, parameters: readonly unknown[] = [], options: StopOptions = {}): StatementProfile {
		const stop = checkStopOptions(options);
		const source = onlyStatement(this.#split(text(sql)));
		const prepared = prepareStatement(this.#statements.parsed(source), source, this.#session);
		return profileOf(prepared, this.#session, prepared.parameters.bind([...parameters]), this.#session.limits(stop));
	}

	/**
	 * A temporary table without indexes becomes the one that a CREATE TABLE describes, with its rows; `dropped`: a DROP TABLE of the one
	 * whose place it takes; `memoryBytes`: for entries of its indexes. @internal
	 */
	adopt(temporary: string, sql: string, { dropped, memoryBytes }: AdoptOptions): void {
		const parsed = (text: string) => {
			const source = onlyStatement(this.#split(text));
			return { node: this.#statements.parsed(source), source };
		};
		const before = dropped === undefined ? undefined : parsed(dropped);
		const prepared = prepareAdoption(temporary, parsed(sql), { dropped: before, memoryBytes }, this.#session);
		drain(prepared.start(this.#session, [], this.#session.limits({})));
	}

	/** A table of main whose rows may be made past this layer, undefined where it is none of these. @internal */
	plainTable(name: string): PlainTable | undefined {
		return plainTable(name, this.#session);
	}

	/** Commits rows that were made for such a table, with the entries of its indexes. @internal */
	takeRows(name: string, rows: MadeTables, memoryBytes: number): void {
		takeTables(name, rows, memoryBytes, this.#session);
	}

	/** The number that keys of a table's rows begin with. @internal */
	objectId(table: string, schema: "main" | "temp"): number {
		const found = this.#session.catalog().find(table, schema);
		if (found?.kind !== "stored") throw new WlsmError("WLSM_SQL", `no such table: ${schema}.${table}`);
		return found.id;
	}

	/** Rolls back what is open. The store belongs to whoever opened it, so it stays open. */
	close(): void {
		if (this.#session.inTransaction) this.#session.rollback();
	}

	/** INTEGERs as bigints in statements prepared from now on. */
	defaultSafeIntegers(on = true): this {
		this.#defaultIntegers = on ? "bigint" : "number";
		this.#inline.forget();
		return this;
	}
}

function onlyStatement([source, second]: readonly Source[]): Source {
	if (source === undefined)
		throw new WlsmError("WLSM_INVALID_ARGUMENT", "the supplied SQL string contains no statements");
	if (second !== undefined) {
		throw new WlsmError("WLSM_INVALID_ARGUMENT", "the supplied SQL string contains more than one statement");
	}
	return source;
}

function text(sql: unknown): string {
	if (typeof sql === "string") return sql;
	throw new WlsmError("WLSM_INVALID_ARGUMENT", `expected SQL as a string, not ${sql === null ? "null" : typeof sql}`);
}

const SAVEPOINT = "\twlsm transaction";

function inTransaction(session: Session, body: () => unknown): unknown {
	const nested = session.inTransaction;
	if (nested) session.savePoint(SAVEPOINT);
	else session.begin();
	try {
		const result = body();
		if (result instanceof Promise)
			throw new WlsmError("WLSM_INVALID_ARGUMENT", "a transaction function cannot return a promise");
		if (nested) session.release(SAVEPOINT);
		else session.commit();
		return result;
	} catch (error) {
		// The error may have ended the transaction already (a commit that failed, OR ROLLBACK).
		if (session.inTransaction) {
			if (nested) {
				session.rollbackTo(SAVEPOINT);
				session.release(SAVEPOINT);
			} else {
				session.rollback();
			}
		}
		throw error;
	}
}
