/** Comparisons of a rowid with any value, as rowids. */

import type { RowId } from "../codec/key.js";
import type { Execution, Tuple } from "../execute/operator.js";
import { numericIfWhole } from "../value/convert.js";
import type { Value } from "../value/value.js";
import { integer, isNumeric, MAX_INTEGER, MIN_INTEGER, Real } from "../value/value.js";
import type { CompileFixed } from "./access.js";
import type { EqualCondition } from "./path.js";
import { coerced } from "./selectivity.js";

/** The rowid equal to the value, or undefined where none can be. */
export function rowIdOf(value: Value): RowId | undefined {
	const number = numericIfWhole(value);
	if (!isNumeric(number)) return undefined;
	if (number instanceof Real) return number.value;
	if (typeof number === "bigint" || Number.isSafeInteger(number)) return number;
	if (!Number.isInteger(number) || number < -(2 ** 63) || number >= 2 ** 63) return undefined;
	return integer(BigInt(number));
}

/** The same at run time; undefined where the equality stands for more than one value. */
export function oneRowId({ values, query, coercion }: EqualCondition, compileFixed: CompileFixed) {
	const [only, ...others] = values;
	if (query !== null || only === undefined || others.length > 0) return undefined;
	const evaluate = compileFixed(only);
	return (outer: Tuple, run: Execution): RowId | undefined => rowIdOf(coerced(evaluate(outer, run), coercion));
}

export interface RowIdBound {
	readonly operator: "=" | "<" | "<=" | ">" | ">=";
	readonly value: Value;
}

/** The rowids that satisfy all bounds, ends included; undefined for none at all. */
export function rowIdBounds(bounds: readonly RowIdBound[]): { least: RowId; greatest: RowId } | undefined {
	let least = MIN_INTEGER;
	let greatest = MAX_INTEGER;
	for (const { operator, value } of bounds) {
		const number = numericIfWhole(value);
		if (number === null) return undefined;
		const upward = operator === ">" || operator === ">=";
		if (!isNumeric(number)) {
			// Every number is less than every text and blob.
			if (upward || operator === "=") return undefined;
			continue;
		}
		const plain = number instanceof Real ? number.value : number;
		if (plain === Infinity || plain === -Infinity) {
			if (operator === "=" || upward === plain > 0) return undefined;
			continue;
		}
		const below = typeof plain === "bigint" ? plain : BigInt(Math.floor(plain));
		const isWhole = typeof plain === "bigint" || Number.isInteger(plain);
		if (operator === "=" && !isWhole) return undefined;
		if (upward || operator === "=") {
			const bound = operator === ">" || !isWhole ? below + 1n : below;
			if (bound > least) least = bound;
		}
		if (!upward) {
			const bound = operator === "<" && isWhole ? below - 1n : below;
			if (bound < greatest) greatest = bound;
		}
	}
	return least > greatest ? undefined : { least: integer(least), greatest: integer(greatest) };
}
