/**
 * JavaScript values -> parameters, by the rules of better-sqlite3: a number binds as REAL whatever its value (columns
 * with INTEGER affinity make an INTEGER of it again), a bigint as INTEGER, an array gives several positional values, one
 * plain object gives the named ones.
 */

import { WlsmError } from "../../errors.js";
import type { Value } from "../value/value.js";
import { fitsInteger, integer, real } from "../value/value.js";

function invalid(message: string): WlsmError {
	return new WlsmError("WLSM_INVALID_ARGUMENT", message);
}

function toValue(value: unknown): Value {
	switch (typeof value) {
		case "number":
			return real(value);
		case "string":
			return value;
		case "bigint":
			if (!fitsInteger(value)) throw invalid("the bound bigint does not fit 64 bits");
			return integer(value);
		default:
			if (value === null) return null;
			if (value instanceof Uint8Array) return value;
			throw invalid(
				`cannot bind ${describe(value)}: only numbers, strings, bigints, Uint8Arrays and null can be bound`,
			);
	}
}

function describe(value: unknown): string {
	if (typeof value !== "object") return `a value of type ${typeof value}`;
	return `an object of class ${(value as object).constructor?.name ?? "without a name"}`;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
	if (typeof value !== "object" || value === null || value instanceof Uint8Array) return false;
	const prototype: unknown = Object.getPrototypeOf(value);
	// Of another realm too: its Object.prototype has no prototype either.
	return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** The parameters of a statement, looked at once so that binding looks at the values alone. */
export class Parameters {
	/** Per parameter its name with the sigil, or null for a positional one. */
	readonly names: readonly (string | null)[];
	readonly #isPositional: boolean;
	/** Where the named ones stand, and their names without the sigil. */
	readonly #named: readonly { readonly index: number; readonly key: string }[];

	constructor(names: readonly (string | null)[]) {
		this.names = names;
		this.#named = names.flatMap((name, index) => (name === null ? [] : [{ index, key: name.slice(1) }]));
		this.#isPositional = this.#named.length === 0;
	}

	/** `given` may become the answer. */
	bind(given: unknown[]): readonly Value[] {
		if (!this.#isPositional || given.length !== this.names.length) return this.#bindAny(given);
		for (let i = 0; i < given.length; i++) if (!isPlain(given[i])) return this.#bindAny(given);
		for (let i = 0; i < given.length; i++) given[i] = toValue(given[i]);
		return given as Value[];
	}

	#bindAny(given: readonly unknown[]): Value[] {
		const { names } = this;
		const values: Value[] = new Array<null>(names.length).fill(null);
		let position = -1;
		let bound = 0;
		let object: Record<string, unknown> | undefined;
		const bindNext = (value: unknown) => {
			position++;
			while (names[position] !== undefined && names[position] !== null) position++;
			if (position >= names.length)
				throw invalid(`too many parameter values were provided: the statement has ${positional(names)}`);
			values[position] = toValue(value);
			bound++;
		};
		for (const argument of given) {
			if (Array.isArray(argument)) argument.forEach(bindNext);
			else if (isPlainObject(argument)) {
				if (object !== undefined) throw invalid("named parameters cannot be given in two different objects");
				object = argument;
			} else bindNext(argument);
		}
		if (object !== undefined) {
			for (const { index, key } of this.#named) {
				if (!Object.hasOwn(object, key)) throw invalid(`missing named parameter "${key}"`);
				values[index] = toValue(object[key]);
				bound++;
			}
		}
		if (bound < names.length) {
			if (!this.#isPositional && object === undefined)
				throw invalid(`missing named parameters: ${names.filter((name) => name !== null).join(", ")}`);
			throw invalid(
				`too few parameter values were provided: the statement has ${positional(names)}, given were ${bound}`,
			);
		}
		return values;
	}
}

/** A value by itself, not several of them. */
function isPlain(value: unknown): boolean {
	return typeof value !== "object" || value === null || value instanceof Uint8Array;
}

function positional(names: readonly (string | null)[]): string {
	const count = names.filter((name) => name === null).length;
	return `${count} positional parameter${count === 1 ? "" : "s"}`;
}
