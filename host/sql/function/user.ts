/** Functions written in JavaScript, by the rules of better-sqlite3. */

import { Buffer } from "node:buffer";
import { WlsmError } from "../../errors.js";
import type { Value } from "../value/value.js";
import { fitsInteger, integer, isInteger, Real, real } from "../value/value.js";
import type { AggregateFunction, AggregateState } from "./aggregate.js";
import type { ScalarFunction } from "./definition.js";

/** What a function of one's own is like. All are false by default. */
export interface FunctionOptions {
	/** Any number of arguments, whatever the length of the function. */
	readonly varargs?: boolean;
	/** Same arguments, same result. */
	readonly deterministic?: boolean;
	/** Not to be called from the schema. */
	readonly directOnly?: boolean;
	/** INTEGER arguments as bigints. */
	readonly safeIntegers?: boolean;
}

/** What is called with the values of the arguments, and answers the result. */
// biome-ignore lint/suspicious/noExplicitAny: a user's function takes what it expects to be called with
export type UserFunction = (...values: any[]) => unknown;

/** An aggregate of one's own. */
export interface AggregateOptions extends FunctionOptions {
	/** What a group begins with, or a function that makes it. */
	readonly start?: unknown;
	/** The state and a row's values -> the next state; undefined leaves it as it is. */
	readonly step: UserFunction;
	/** Takes a row out again: makes it a window function. */
	readonly inverse?: UserFunction;
	/** The state -> the result. */
	readonly result?: UserFunction;
}

type IntegerMode = "number" | "bigint";

const MAX_ARGUMENTS = 100;

function invalid(message: string): WlsmError {
	return new WlsmError("WLSM_INVALID_ARGUMENT", message);
}

function booleanOption(options: object, key: keyof FunctionOptions): boolean {
	if (!(key in options)) return false;
	const value = (options as Record<string, unknown>)[key];
	if (typeof value !== "boolean") throw invalid(`Expected the "${key}" option to be a boolean`);
	return value;
}

function functionOption(options: object, key: "step" | "inverse" | "result"): UserFunction | null {
	const value = key in options ? (options as Record<string, unknown>)[key] : null;
	if (typeof value === "function") return value as UserFunction;
	if (value !== null && value !== undefined) throw invalid(`Expected the "${key}" option to be a function`);
	if (key === "step") throw invalid(`Missing required option "${key}"`);
	return null;
}

function integersOption(options: object, otherwise: IntegerMode): IntegerMode {
	if (!("safeIntegers" in options)) return otherwise;
	return booleanOption(options, "safeIntegers") ? "bigint" : "number";
}

function checkName(name: unknown): asserts name is string {
	if (typeof name !== "string") throw invalid("Expected first argument to be a string");
}

function lengthOf(body: UserFunction): number {
	const { length } = body;
	if (Number.isInteger(length) && length >= 0) return length;
	throw invalid("Expected function.length to be a positive integer");
}

function arity(count: number, varargs: boolean): { readonly minimum: number; readonly maximum: number } {
	if (varargs) return { minimum: 0, maximum: Infinity };
	if (count > MAX_ARGUMENTS) throw invalid("User-defined functions cannot have more than 100 arguments");
	return { minimum: count, maximum: count };
}

function toArgument(value: Value, integers: IntegerMode): unknown {
	if (integers === "bigint" && isInteger(value)) return BigInt(value);
	if (typeof value !== "object" || value === null) return value;
	return value instanceof Real ? value.value : Buffer.from(value); // a copy: the function may keep or change it
}

function toResult(value: unknown, name: string): Value {
	switch (typeof value) {
		case "number":
			return real(value);
		case "string":
			return value;
		case "bigint":
			if (!fitsInteger(value)) throw invalid(`User-defined function ${name}() returned a bigint that was too big`);
			return integer(value);
		case "undefined":
			return null;
		default:
			if (value === null) return null;
			if (value instanceof Uint8Array) return new Uint8Array(value);
			throw invalid(`User-defined function ${name}() returned an invalid value`);
	}
}

/** The arguments of `db.function(name, [options], body)`, checked. */
export function userFunction(
	name: unknown,
	given: unknown,
	givenBody: unknown,
	defaultIntegers: IntegerMode,
): ScalarFunction {
	const options = typeof given === "function" ? {} : (given ?? {});
	const body = typeof given === "function" ? given : givenBody;
	checkName(name);
	if (typeof body !== "function") throw invalid("Expected last argument to be a function");
	if (typeof options !== "object") throw invalid("Expected second argument to be an options object");
	if (name === "") throw invalid("User-defined function name cannot be an empty string");
	const integers = integersOption(options, defaultIntegers);
	const deterministic = booleanOption(options, "deterministic");
	const directOnly = booleanOption(options, "directOnly");
	const varargs = booleanOption(options, "varargs");
	const call = body as UserFunction;
	return {
		name,
		...arity(varargs ? 0 : lengthOf(call), varargs),
		deterministic,
		directOnly,
		isOwn: true,
		call: (values) => toResult(call(...values.map((value) => toArgument(value, integers))), name),
	};
}

/** The arguments of `db.aggregate(name, options)`, checked. */
export function userAggregate(name: unknown, options: unknown, defaultIntegers: IntegerMode): AggregateFunction {
	checkName(name);
	if (typeof options !== "object" || options === null) {
		throw invalid("Expected second argument to be an options object");
	}
	if (name === "") throw invalid("User-defined function name cannot be an empty string");
	const start = "start" in options ? options.start : null;
	const step = functionOption(options, "step") as UserFunction; // required
	const inverse = functionOption(options, "inverse");
	const result = functionOption(options, "result");
	const integers = integersOption(options, defaultIntegers);
	booleanOption(options, "deterministic"); // of no use to an aggregate
	const directOnly = booleanOption(options, "directOnly");
	const varargs = booleanOption(options, "varargs");
	// The state is not counted.
	const count = varargs ? 0 : Math.max(lengthOf(step), inverse === null ? 0 : lengthOf(inverse));
	return {
		name,
		...arity(Math.max(0, count - 1), varargs),
		picksRow: false,
		notWindow: inverse === null,
		directOnly,
		create: () => new UserState(name, start, step, inverse, result, integers),
	};
}

class UserState implements AggregateState {
	readonly #name: string;
	readonly #step: UserFunction;
	readonly #result: UserFunction | null;
	readonly #integers: IntegerMode;
	#state: unknown;
	readonly inverse?: (values: readonly Value[]) => void;

	constructor(
		name: string,
		start: unknown,
		step: UserFunction,
		inverse: UserFunction | null,
		result: UserFunction | null,
		integers: IntegerMode,
	) {
		this.#name = name;
		this.#step = step;
		this.#result = result;
		this.#integers = integers;
		this.#state = typeof start === "function" ? (start as UserFunction)() : start;
		if (inverse !== null) this.inverse = (values) => this.#apply(inverse, values);
	}

	step(values: readonly Value[]): boolean {
		this.#apply(this.#step, values);
		return false;
	}

	#apply(body: UserFunction, values: readonly Value[]): void {
		const next = body(this.#state, ...values.map((value) => toArgument(value, this.#integers)));
		if (next !== undefined) this.#state = next;
	}

	finish(): Value {
		return toResult(this.#result === null ? this.#state : this.#result(this.#state), this.#name);
	}
}
