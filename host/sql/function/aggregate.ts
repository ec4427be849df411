/** Aggregate functions: a state per group, stepped row by row. */

import { sqlError } from "../parse/source.js";
import type { Collation } from "../value/compare.js";
import { compareValues } from "../value/compare.js";
import { numericIfWhole, toNumeric, toText } from "../value/convert.js";
import type { Value } from "../value/value.js";
import { fitsInteger, integer, isInteger, real, toDouble } from "../value/value.js";

export interface AggregateState {
	/** Answers true where the row became the one that the group's bare columns come from (min and max). */
	step(values: readonly Value[]): boolean;
	finish(): Value;
}

export interface AggregateFunction {
	readonly name: string;
	readonly minimum: number;
	readonly maximum: number;
	/** Its first argument's rows decide what bare columns show. */
	readonly picksRow: boolean;
	create(collation: Collation): AggregateState;
}

class Count implements AggregateState {
	#count = 0;
	step(values: readonly Value[]): boolean {
		// count(*) has no argument
		if (values.length === 0 || values[0] !== null) this.#count++;
		return false;
	}
	finish(): Value {
		return this.#count;
	}
}

/** sum, total and avg: exact while all is INTEGER, in doubles from the first REAL on. */
class Sum implements AggregateState {
	readonly #kind: "sum" | "total" | "avg";
	#count = 0;
	#small = 0;
	#large = 0n;
	#double = 0;
	#isReal = false;
	#overflows = false;

	constructor(kind: "sum" | "total" | "avg") {
		this.#kind = kind;
	}

	step(values: readonly Value[]): boolean {
		const value = values[0] ?? null;
		if (typeof value === "number" && Number.isSafeInteger(value)) {
			this.#count++;
			this.#double += value;
			const sum = this.#small + value;
			if (Number.isSafeInteger(sum)) this.#small = sum;
			else this.#exact(BigInt(value));
			return false;
		}
		if (value === null) return false;
		// Text that is wholly a number counts as that number; any other makes the sum REAL by the number it begins with.
		const number = numericIfWhole(value);
		this.#count++;
		this.#double += toDouble(toNumeric(number) ?? 0);
		if (isInteger(number)) this.#exact(BigInt(number));
		else this.#isReal = true;
		return false;
	}

	#exact(value: bigint): void {
		this.#large += BigInt(this.#small) + value;
		this.#small = 0;
		if (!fitsInteger(this.#large)) this.#overflows = true;
	}

	finish(): Value {
		if (this.#kind === "total") return real(this.#double);
		if (this.#count === 0) return null;
		if (this.#kind === "avg") return real(this.#double / this.#count);
		if (this.#isReal) return real(this.#double);
		const sum = this.#large + BigInt(this.#small);
		if (this.#overflows || !fitsInteger(sum)) throw sqlError("integer overflow");
		return integer(sum);
	}
}

class Extreme implements AggregateState {
	readonly #sign: 1 | -1;
	readonly #collation: Collation;
	#best: Value = null;

	constructor(sign: 1 | -1, collation: Collation) {
		this.#sign = sign;
		this.#collation = collation;
	}

	step(values: readonly Value[]): boolean {
		const value = values[0] ?? null;
		if (value === null) return false;
		if (this.#best !== null && compareValues(value, this.#best, this.#collation) * this.#sign <= 0) return false;
		this.#best = value;
		return true;
	}

	finish(): Value {
		return this.#best;
	}
}

class Concat implements AggregateState {
	#text: string | null = null;
	step(values: readonly Value[]): boolean {
		const text = toText(values[0] ?? null);
		if (text === null) return false;
		const separator = values.length > 1 ? (toText(values[1] ?? null) ?? "") : ",";
		this.#text = this.#text === null ? text : this.#text + separator + text;
		return false;
	}
	finish(): Value {
		return this.#text;
	}
}

function define(
	name: string,
	minimum: number,
	maximum: number,
	create: (collation: Collation) => AggregateState,
	picksRow = false,
): AggregateFunction {
	return { name, minimum, maximum, picksRow, create };
}

export const AGGREGATE_FUNCTIONS: ReadonlyMap<string, AggregateFunction> = new Map(
	[
		define("count", 0, 1, () => new Count()),
		define("sum", 1, 1, () => new Sum("sum")),
		define("total", 1, 1, () => new Sum("total")),
		define("avg", 1, 1, () => new Sum("avg")),
		define("min", 1, 1, (collation) => new Extreme(-1, collation), true),
		define("max", 1, 1, (collation) => new Extreme(1, collation), true),
		define("group_concat", 1, 2, () => new Concat()),
	].map((definition) => [definition.name, definition]),
);
