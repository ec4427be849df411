/** SQLite's math functions. What is no number, or outside of a function's domain, gives NULL. */

import { numericIfWhole, toNumeric } from "../value/convert.js";
import type { Value } from "../value/value.js";
import { isInteger, isNumeric, real, toDouble } from "../value/value.js";
import type { ScalarFunction } from "./definition.js";
import { define, unary } from "./definition.js";

/** Text counts where it is wholly a number, blobs never do. */
function double(value: Value | undefined): number | null {
	const number = numericIfWhole(value ?? null);
	return isNumeric(number) ? toDouble(number) : null;
}

function of(name: string, body: (x: number) => number): ScalarFunction {
	return unary(name, (value) => {
		const x = double(value);
		return x === null ? null : real(body(x));
	});
}

function ofTwo(name: string, body: (x: number, y: number) => number): ScalarFunction {
	return define(name, 2, 2, ([first, second]) => {
		const x = double(first);
		const y = double(second);
		return x === null || y === null ? null : real(body(x, y));
	});
}

/** INTEGERs stay as they are. */
function rounding(name: string, body: (x: number) => number): ScalarFunction {
	return unary(name, (value) => {
		const number = numericIfWhole(value);
		if (isInteger(number)) return number;
		return isNumeric(number) ? real(body(toDouble(number))) : null;
	});
}

/** log(x) is to base 10, log(b, x) to base b. */
function logarithm([first, second]: readonly Value[]): Value {
	const x = double(first);
	if (second === undefined) return x === null || x <= 0 ? null : real(Math.log(x) / Math.LN10);
	// SQLite asks the first argument twice whether it is a number, and the second never.
	const y = toDouble(toNumeric(second) ?? 0);
	if (x === null || x <= 0 || y <= 0) return null;
	const base = Math.log(x);
	return base <= 0 ? null : real(Math.log(y) / base);
}

const positive = (body: (x: number) => number) => (x: number) => (x <= 0 ? Number.NaN : body(x));

/** C's pow(): unlike JavaScript's, 1 to any power is 1, and -1 to an infinite one. */
function power(x: number, y: number): number {
	return x === 1 || (x === -1 && Math.abs(y) === Infinity) ? 1 : x ** y;
}

export const MATH_FUNCTIONS = [
	of("acos", Math.acos),
	of("acosh", Math.acosh),
	of("asin", Math.asin),
	of("asinh", Math.asinh),
	of("atan", Math.atan),
	ofTwo("atan2", Math.atan2),
	of("atanh", Math.atanh),
	rounding("ceil", Math.ceil),
	rounding("ceiling", Math.ceil),
	of("cos", Math.cos),
	of("cosh", Math.cosh),
	of("degrees", (x) => x * (180 / Math.PI)),
	of("exp", Math.exp),
	rounding("floor", Math.floor),
	of("ln", positive(Math.log)),
	define("log", 1, 2, logarithm),
	of(
		"log10",
		positive((x) => Math.log(x) / Math.LN10),
	),
	of(
		"log2",
		positive((x) => Math.log(x) / Math.LN2),
	),
	ofTwo("mod", (x, y) => x % y),
	define("pi", 0, 0, () => Math.PI),
	ofTwo("pow", power),
	ofTwo("power", power),
	of("radians", (x) => x * (Math.PI / 180)),
	of("sin", Math.sin),
	of("sinh", Math.sinh),
	of("sqrt", Math.sqrt),
	of("tan", Math.tan),
	of("tanh", Math.tanh),
	rounding("trunc", Math.trunc),
];
