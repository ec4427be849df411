/** Aggregate functions: a state per group, stepped row by row; in a window frame also unstepped. */

import { sqlError } from "../parse/source.js";
import type { Collation } from "../value/compare.js";
import { compareValues } from "../value/compare.js";
import { numericIfWhole, toNumeric } from "../value/convert.js";
import type { Value } from "../value/value.js";
import { fitsInteger, integer, isInteger, isNumeric, Real, real, toDouble } from "../value/value.js";
import { Concat, SlidingConcat } from "./concat.js";
import { byName } from "./definition.js";
import { JSON_AGGREGATES } from "./json/aggregate.js";
import type { JsonValue } from "./json/subtype.js";

export interface AggregateState {
	/**
	 * Answers true where the row became the one that the group's bare columns come from (min and max). The state keeps
	 * the values but not the array, which the caller may use again. Only functions with `takesJson` ever see JsonText.
	 */
	step(values: readonly JsonValue[]): boolean;
	/** Goes on from a sum of so many numbers, all of them INTEGER and the sum a safe one, or not. */
	resume?(count: number, sum: number, kind: "integer" | "real"): void;
	/**
	 * Takes the oldest row out again, given the values it was stepped with. Where there is none, a frame that lost rows
	 * is computed anew.
	 */
	inverse?(values: readonly JsonValue[]): void;
	/** The result of the rows so far. May be asked again after more of them. */
	finish(): Value;
	/** Of one that gathers: about how many bytes of memory that takes now. */
	readonly heldBytes?: number;
	/** Of one that may have files: lets go of them where no result is wanted. */
	close?(): void;
}

export interface AggregateFunction {
	readonly name: string;
	readonly minimum: number;
	readonly maximum: number;
	/** Its first argument's rows decide what bare columns show. */
	readonly picksRow: boolean;
	/** It must not stand before OVER: a user's function without `inverse`. */
	readonly notWindow?: boolean;
	/** As of scalar functions. */
	readonly directOnly?: boolean;
	/** Its arguments are to be evaluated as those of a `callWithJson`; see json/subtype.ts. */
	readonly takesJson?: boolean;
	/** Its result is JSON text. */
	readonly returnsJson?: boolean;
	/** Its states grow with the rows, and have `heldBytes`. */
	readonly gathers?: true;
	/** Its states can be numbers in arrays; see execute/column-states.ts. */
	readonly inColumns?: "count" | "sum" | "total" | "avg";
	create(collation: Collation): AggregateState;
	/** For frames that lose rows, where SQLite computes something else there, or more has to be kept. */
	createSliding?(collation: Collation): AggregateState;
}

class Count implements AggregateState {
	#count = 0;

	step(values: readonly Value[]): boolean {
		// count(*) has no argument
		if (values.length === 0 || values[0] !== null) this.#count++;
		return false;
	}

	inverse(values: readonly Value[]): void {
		if (values.length === 0 || values[0] !== null) this.#count--;
	}

	finish(): Value {
		return this.#count;
	}
}

/**
 * sum, total and avg. SQLite adds up twice: exactly, until the first value that is no INTEGER, and in doubles. While all
 * sums are safe integers both are the same, so only `#exact` is kept, and `#double` begins where that ends.
 */
abstract class Sum implements AggregateState {
	protected count = 0;
	#exact = 0;
	#large = 0n;
	#double = 0;
	#mode: "small" | "large" | "real" | "overflown" = "small";

	resume(count: number, sum: number, kind: "integer" | "real"): void {
		this.count = count;
		if (kind === "real") {
			this.#mode = "real";
			this.#double = sum;
		} else this.#exact = sum;
	}

	step(values: readonly Value[]): boolean {
		const value = values[0] as Value; // there is one
		if (value === null) return false;
		this.count++;
		if (this.#mode === "small" && typeof value === "number" && Number.isSafeInteger(value)) {
			const sum = this.#exact + value;
			if (Number.isSafeInteger(sum)) {
				this.#exact = sum;
				return false;
			}
		}
		// Once the sum is REAL, all that there is to numbers is their doubles.
		if (this.#mode === "real" && typeof value === "number") this.#double += value;
		else if (this.#mode === "real" && value instanceof Real) this.#double += value.value;
		else this.#add(value, 1);
		return false;
	}

	inverse(values: readonly Value[]): void {
		const value = values[0] as Value; // there is one
		if (value === null) return;
		this.count--;
		if (this.#mode === "small" && typeof value === "number" && Number.isSafeInteger(value)) {
			const sum = this.#exact - value;
			if (Number.isSafeInteger(sum)) {
				this.#exact = sum;
				return;
			}
		}
		this.#add(value, -1);
	}

	#add(value: Value, sign: 1 | -1): void {
		if (this.#mode === "small") {
			this.#double = this.#exact;
			this.#large = BigInt(this.#exact);
			this.#mode = "large";
		}
		// Text that is wholly a number counts as that number; any other makes the sum REAL by the number it begins with.
		const number = isNumeric(value) ? value : numericIfWhole(value);
		this.#double += sign * toDouble(toNumeric(number) ?? 0);
		if (!isInteger(number)) {
			if (this.#mode === "large") this.#mode = "real";
			return;
		}
		if (this.#mode === "real") return;
		// What overflows stays so however small the sum becomes again. A row that leaves a frame is no reason: others may follow.
		if (this.#mode === "overflown") return;
		this.#large += BigInt(sign) * BigInt(number);
		if (sign === 1 && !fitsInteger(this.#large)) this.#mode = "overflown";
		else if (Number.isSafeInteger(this.#double) && BigInt(this.#double) === this.#large) {
			this.#exact = this.#double;
			this.#mode = "small";
		}
	}

	protected roughly(): number {
		return this.#mode === "small" ? this.#exact : this.#double;
	}

	protected exactly(): Value {
		switch (this.#mode) {
			case "small":
				return this.#exact;
			case "large":
				if (!fitsInteger(this.#large)) throw sqlError("integer overflow");
				return integer(this.#large);
			case "real":
				return real(this.#double);
			case "overflown":
				throw sqlError("integer overflow");
		}
	}

	abstract finish(): Value;
}

class PlainSum extends Sum {
	finish(): Value {
		return this.count === 0 ? null : this.exactly();
	}
}

class Total extends Sum {
	finish(): Value {
		return real(this.roughly());
	}
}

class Average extends Sum {
	finish(): Value {
		return this.count === 0 ? null : real(this.roughly() / this.count);
	}
}

/** No inverse: what the next best was is not known. */
class Extreme implements AggregateState {
	readonly #sign: 1 | -1;
	readonly #collation: Collation;
	/** Which of values that are equal, but not the same, is shown. */
	readonly #shown: "first" | "last";
	#best: Value = null;

	constructor(sign: 1 | -1, collation: Collation, shown: "first" | "last" = "first") {
		this.#sign = sign;
		this.#collation = collation;
		this.#shown = shown;
	}

	step(values: readonly Value[]): boolean {
		const value = values[0] as Value; // there is one
		if (value === null) return false;
		const best = this.#best;
		if (typeof value === "number" && typeof best === "number") {
			if (this.#sign === 1 ? value <= best : value >= best) return false;
		} else if (best !== null) {
			const better = compareValues(value, best, this.#collation) * this.#sign;
			if (this.#shown === "first" ? better <= 0 : better < 0) return false;
		}
		this.#best = value;
		return true;
	}

	finish(): Value {
		return this.#best;
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

function extreme(name: string, sign: 1 | -1): AggregateFunction {
	const createSliding = (collation: Collation) => new Extreme(sign, collation, "last");
	return { ...define(name, 1, 1, (collation) => new Extreme(sign, collation), true), createSliding };
}

/** By name. The names are in lower case. */
export const AGGREGATE_FUNCTIONS = byName<AggregateFunction>([
	{ ...define("count", 0, 1, () => new Count()), inColumns: "count" },
	{ ...define("sum", 1, 1, () => new PlainSum()), inColumns: "sum" },
	{ ...define("total", 1, 1, () => new Total()), inColumns: "total" },
	{ ...define("avg", 1, 1, () => new Average()), inColumns: "avg" },
	extreme("min", -1),
	extreme("max", 1),
	{ ...define("group_concat", 1, 2, () => new Concat()), createSliding: () => new SlidingConcat(), gathers: true },
	...JSON_AGGREGATES,
]);
