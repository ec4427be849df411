/**
 * JavaScript values -> parameters, by the rules of better-sqlite3: a number binds as REAL whatever its value (columns
 * with INTEGER affinity make an INTEGER of it again), a bigint as INTEGER, an array gives several positional values, one
 * plain object gives the named ones.
 */

import type { WlsmError } from "../../errors.js";
import type { Value } from "../value/value.js";
import { fitsInteger, integer, real } from "../value/value.js";
import { describeGiven, invalid, loneSurrogate } from "./given.js";

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
				`cannot bind ${describeGiven(value)}: only numbers, strings, bigints, Uint8Arrays and null can be bound`,
			);
	}
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
	/** None has a name. */
	readonly isPositional: boolean;
	/** Where the named ones stand, and their names without the sigil. */
	readonly #named: readonly { readonly index: number; readonly key: string }[];
	/** Those names, each once. */
	readonly #keys: ReadonlySet<string>;

	constructor(names: readonly (string | null)[]) {
		this.names = names;
		this.#named = names.flatMap((name, index) => (name === null ? [] : [{ index, key: keyOf(name) }]));
		this.isPositional = this.#named.length === 0;
		this.#keys = new Set(this.#named.map(({ key }) => key));
	}

	/**
	 * The values in the order of the statement, as they were given: by an array of all of them, or by an object that has the names of
	 * the statement and no others.
	 */
	exactly(given: unknown): readonly unknown[] {
		if (this.isPositional) return this.#listed(given);
		if (this.#named.length < this.names.length) {
			throw invalid("the statement has parameters with and without names: use prepare(), which takes both");
		}
		if (!isPlainObject(given)) {
			throw invalid(`expected an object with the values of ${list(this.#keys)}, not ${describeGiven(given)}`);
		}
		const values: unknown[] = [];
		for (const { key } of this.#named) {
			const value = given[key];
			// What is no value of its own is mostly not there at all.
			if (value === undefined || !Object.hasOwn(given, key)) throw this.#missing(key, given);
			if (typeof value === "string" && !value.isWellFormed()) throw loneSurrogate(`parameter ${key}`);
			values.push(value);
		}
		let count = 0;
		for (const _ in given) count++;
		if (count !== this.#keys.size) this.#refuseOthers(given);
		return values;
	}

	/** As `bind`, of what `exactly` takes. */
	bindExactly(given: unknown): readonly Value[] {
		return this.exactly(given).map((value, index) => {
			try {
				return toValue(value);
			} catch (error) {
				const name = this.names[index] ?? null;
				throw invalid(`parameter ${name === null ? index + 1 : keyOf(name)}: ${(error as WlsmError).message}`);
			}
		});
	}

	#listed(given: unknown): readonly unknown[] {
		const { length } = this.names;
		if (Array.isArray(given)) {
			for (const [index, value] of given.entries()) {
				if (typeof value === "string" && !value.isWellFormed()) throw loneSurrogate(`parameter ${index + 1}`);
			}
			if (given.length === length) return given;
			throw invalid(`${given.length} values for ${positional(this.names)}: a ? inside quotes or a comment is none`);
		}
		if (length > 0) throw invalid(`expected an array with the values of ${positional(this.names)}`);
		if (given === undefined) return [];
		if (!isPlainObject(given)) throw invalid(`the statement has no parameters, and was given ${describeGiven(given)}`);
		this.#refuseOthers(given);
		return [];
	}

	#missing(key: string, given: Record<string, unknown>): WlsmError {
		if (!Object.hasOwn(given, key)) return invalid(`missing parameter ${key}: the statement has ${list(this.#keys)}`);
		return invalid(`parameter ${key} is undefined: only numbers, strings, bigints, Uint8Arrays and null can be bound`);
	}

	#refuseOthers(given: Record<string, unknown>): void {
		const others = Object.keys(given).filter((key) => !this.#keys.has(key));
		if (others.length === 0) return;
		const known = this.#keys.size === 0 ? "no parameters" : list(this.#keys);
		throw invalid(`no such parameter: ${list(others)}; the statement has ${known}`);
	}

	/** `given` may become the answer. */
	bind(given: unknown[]): readonly Value[] {
		if (!this.isPositional || given.length !== this.names.length) return this.#bindAny(given);
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
			if (!this.isPositional && object === undefined)
				throw invalid(`missing named parameters: ${names.filter((name) => name !== null).join(", ")}`);
			throw invalid(
				`too few parameter values were provided: the statement has ${positional(names)}, given were ${bound}`,
			);
		}
		return values;
	}
}

/** What values are given under: `{name}`, `:name`, `@name` and `$name` without their signs. */
export function keyOf(name: string): string {
	return name.startsWith("{") ? name.slice(1, -1) : name.slice(1);
}

const list = (names: Iterable<string>) => [...names].join(", ");

/** A value by itself, not several of them. */
function isPlain(value: unknown): boolean {
	return typeof value !== "object" || value === null || value instanceof Uint8Array;
}

function positional(names: readonly (string | null)[]): string {
	const count = names.filter((name) => name === null).length;
	return `${count} positional parameter${count === 1 ? "" : "s"}`;
}
