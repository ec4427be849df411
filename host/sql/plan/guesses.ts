/** Which values of parameters a plan was made for, and what statistics had to say of them. */

import type { Coercion } from "../bind/bound.js";
import type { Histogram } from "../catalog/statistics.js";
import type { Value } from "../value/value.js";
import { coerced } from "./selectivity.js";

/** What a histogram is asked about a value: which share of rows is equal to it, or is below it. */
export type Question = "equal" | "below";

interface Asked {
	readonly parameter: number;
	readonly coercion: Coercion;
	readonly histogram: Histogram;
	readonly question: Question;
}

/** Shares of rows are as good as the same up to this factor. */
const MUCH = 8;
/** Shares that are less than this do not matter. */
const LITTLE = 1e-5;

/** Longer values are not kept with a plan, and it is not asked what they are. */
const MAX_LENGTH = 1000;

export class Guesses {
	/** Null for a plan that is made before there are any. */
	readonly #values: readonly (Value | undefined)[] | null;
	readonly #asked: Asked[] = [];

	constructor(values: readonly Value[] | null) {
		this.#values = values?.map((value) => (isLong(value) ? undefined : value)) ?? null;
	}

	/** The value that is planned for, as it is compared; undefined where it is not known. */
	valueOf(parameter: number, coercion: Coercion, histogram: Histogram, question: Question): Value | undefined {
		const isKnown = this.#asked.some(
			(asked) =>
				asked.parameter === parameter &&
				asked.histogram === histogram &&
				asked.question === question &&
				asked.coercion === coercion,
		);
		if (!isKnown) this.#asked.push({ parameter, coercion, histogram, question });
		const value = this.#values?.[parameter];
		return value === undefined ? undefined : coerced(value, coercion);
	}

	/** Whether statistics say about the same of these values. */
	hold(values: readonly Value[]): boolean {
		const planned = this.#values;
		if (planned === null) return this.#asked.length === 0;
		return this.#asked.every(({ parameter, coercion, histogram, question }) => {
			const before = planned[parameter];
			const now = values[parameter] ?? null;
			if (before === now) return true;
			if (before === undefined || isLong(now)) return before === undefined && isLong(now);
			const a = shareOf(coerced(before, coercion), histogram, question);
			const b = shareOf(coerced(now, coercion), histogram, question);
			return isNear(a, b) && (question === "equal" || isNear(1 - a, 1 - b));
		});
	}
}

function isLong(value: Value): boolean {
	return (typeof value === "string" || value instanceof Uint8Array) && value.length > MAX_LENGTH;
}

function shareOf(value: Value, histogram: Histogram, question: Question): number {
	return question === "equal" ? histogram.equal(value) : histogram.below(value, true);
}

function isNear(a: number, b: number): boolean {
	return Math.max(a, b) + LITTLE <= MUCH * (Math.min(a, b) + LITTLE);
}
