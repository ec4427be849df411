/** What a scalar function is. */

import { sqlError } from "../parse/source.js";
import { type Collation, foldCase } from "../value/compare.js";
import type { Value } from "../value/value.js";
import { JsonCache } from "./json/parse.js";
import type { JsonKind, JsonValue } from "./json/subtype.js";

/** What a function may know of the connection and the statement it runs in. */
export interface FunctionContext {
	readonly changes: number;
	readonly totalChanges: number;
	readonly lastInsertRowId: number | bigint;
	/** Milliseconds since 1970, the same throughout one run of a statement; without it each call asks the clock. */
	readonly now?: () => number;
	readonly jsonCache?: JsonCache;
	/** In SQLite's words, the place in the schema where a function must not read the clock or the time zone. */
	readonly timelessPlace?: string;
}

export interface ScalarFunction {
	readonly name: string;
	readonly minimum: number;
	/** Infinity where any number of arguments will do. */
	readonly maximum: number;
	/** Same arguments, same result within one run of a statement. */
	readonly deterministic: boolean;
	/** Whether the result depends on the time: of some functions only where the arguments say so, as 'now' does. */
	readonly readsClock?: "always" | "sometimes";
	/** One of the user's: nobody knows how long it takes. */
	readonly isOwn?: boolean;
	/** A user's function that the schema (triggers, views, CHECK, DEFAULT, indexes) must not call. */
	readonly directOnly?: boolean;
	/** `values` may be used again by the caller: a function must not keep the array. */
	readonly call: (values: readonly Value[], context: FunctionContext, collation: Collation) => Value;
	/**
	 * Of the JSON functions: the same call where text that is JSON is known from text that is not, in the arguments and
	 * in the result. To be preferred to `call` where an argument may be JSON and where the result goes into such a call;
	 * see json/subtype.ts.
	 */
	readonly callWithJson?: (values: readonly JsonValue[], context: FunctionContext) => JsonValue;
	/** Which texts among the results of `callWithJson` are JSON. */
	readonly returnsJson?: JsonKind;
}

export type ScalarBody = ScalarFunction["call"];

export function define(
	name: string,
	minimum: number,
	maximum: number,
	call: ScalarBody,
	traits: Partial<Pick<ScalarFunction, "deterministic" | "readsClock">> = {},
): ScalarFunction {
	return { name, minimum, maximum, deterministic: true, ...traits, call };
}

/** Of one argument. */
export function unary(name: string, body: (value: Value) => Value): ScalarFunction {
	return define(name, 1, 1, ([value = null]) => body(value));
}

export function byName<T extends { readonly name: string }>(definitions: readonly T[]): ReadonlyMap<string, T> {
	return new Map(definitions.map((definition) => [foldCase(definition.name), definition]));
}

/** The context of one run of one statement: its clock stands still from its first use on. */
export function statementContext(connection: FunctionContext, clock: () => number = Date.now): FunctionContext {
	return new StatementContext(connection, clock);
}

/** The context of a function in an expression of the schema that must not depend on the time. */
export function timelessContext(connection: FunctionContext, place: string): FunctionContext {
	const { changes, totalChanges, lastInsertRowId } = connection;
	return { changes, totalChanges, lastInsertRowId, timelessPlace: place };
}

/** To be called by a function before it reads the clock or the time zone. */
export function refuseTimeless(name: string, { timelessPlace }: FunctionContext): void {
	if (timelessPlace !== undefined) throw sqlError(`non-deterministic use of ${name}() in ${timelessPlace}`);
}

class StatementContext implements FunctionContext {
	readonly #connection: FunctionContext;
	readonly #clock: () => number;
	#moment: number | undefined;
	#jsonCache: JsonCache | undefined;

	constructor(connection: FunctionContext, clock: () => number) {
		this.#connection = connection;
		this.#clock = clock;
	}

	get changes(): number {
		return this.#connection.changes;
	}

	get totalChanges(): number {
		return this.#connection.totalChanges;
	}

	get lastInsertRowId(): number | bigint {
		return this.#connection.lastInsertRowId;
	}

	get jsonCache(): JsonCache {
		this.#jsonCache ??= new JsonCache();
		return this.#jsonCache;
	}

	now(): number {
		this.#moment ??= this.#clock();
		return this.#moment;
	}
}
