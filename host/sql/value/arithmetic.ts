/** The operators on numbers. INTEGER results that do not fit 64 bits become REAL, as in SQLite. */

import { toInteger, toNumeric } from "./convert.js";
import type { Value } from "./value.js";
import { fitsInteger, integer, isInteger, real, toDouble } from "./value.js";

export type ArithmeticOperator = "+" | "-" | "*" | "/" | "%";

export function add(a: Value, b: Value): Value {
	if (typeof a === "number" && typeof b === "number") {
		const sum = a + b;
		if (Number.isSafeInteger(sum) && Number.isSafeInteger(a) && Number.isSafeInteger(b)) return sum;
	}
	return slow("+", a, b);
}

export function subtract(a: Value, b: Value): Value {
	if (typeof a === "number" && typeof b === "number") {
		const difference = a - b;
		if (Number.isSafeInteger(difference) && Number.isSafeInteger(a) && Number.isSafeInteger(b)) return difference;
	}
	return slow("-", a, b);
}

export function multiply(a: Value, b: Value): Value {
	if (typeof a === "number" && typeof b === "number") {
		const product = a * b;
		// + 0: a negative zero is not an INTEGER
		if (Number.isSafeInteger(product) && Number.isSafeInteger(a) && Number.isSafeInteger(b)) return product + 0;
	}
	return slow("*", a, b);
}

export function divide(a: Value, b: Value): Value {
	if (typeof a === "number" && typeof b === "number" && Number.isSafeInteger(a) && Number.isSafeInteger(b)) {
		// The quotient of two safe integers is never rounded across an integer.
		return b === 0 ? null : Math.trunc(a / b) + 0;
	}
	return slow("/", a, b);
}

export function remainder(a: Value, b: Value): Value {
	if (typeof a === "number" && typeof b === "number" && Number.isSafeInteger(a) && Number.isSafeInteger(b)) {
		return b === 0 ? null : (a % b) + 0;
	}
	return slow("%", a, b);
}

function slow(operator: ArithmeticOperator, a: Value, b: Value): Value {
	const left = toNumeric(a);
	const right = toNumeric(b);
	if (left === null || right === null) return null;
	if (isInteger(left) && isInteger(right)) return exact(operator, left, right);
	if (operator === "%") return realRemainder(a, b);
	const x = toDouble(left);
	const y = toDouble(right);
	switch (operator) {
		case "+":
			return real(x + y);
		case "-":
			return real(x - y);
		case "*":
			return real(x * y);
		case "/":
			return y === 0 ? null : real(x / y);
	}
}

function exact(operator: ArithmeticOperator, a: number | bigint, b: number | bigint): Value {
	const x = BigInt(a);
	const y = BigInt(b);
	let result: bigint;
	switch (operator) {
		case "+":
			result = x + y;
			break;
		case "-":
			result = x - y;
			break;
		case "*":
			result = x * y;
			break;
		case "/":
			if (y === 0n) return null;
			result = x / y;
			break;
		case "%":
			if (y === 0n) return null;
			result = x % y;
			break;
	}
	if (fitsInteger(result)) return integer(result);
	return real(inDoubles(operator, Number(a), Number(b)));
}

function inDoubles(operator: ArithmeticOperator, x: number, y: number): number {
	return operator === "+" ? x + y : operator === "-" ? x - y : operator === "*" ? x * y : x / y;
}

/** Both operands lose their fractions (text keeps the integer it begins with), the result is REAL all the same. */
function realRemainder(a: Value, b: Value): Value {
	const x = BigInt(toInteger(a) as number | bigint); // neither is NULL
	const y = BigInt(toInteger(b) as number | bigint);
	return y === 0n ? null : real(Number(x % y));
}

export function negate(value: Value): Value {
	if (typeof value === "number" && Number.isSafeInteger(value)) return 0 - value;
	return slow("-", 0, value);
}

export function bitNot(value: Value): Value {
	const bits = toInteger(value);
	return bits === null ? null : integer(~BigInt(bits));
}

export type BitOperator = "&" | "|" | "<<" | ">>";

export function bitOperation(operator: BitOperator, a: Value, b: Value): Value {
	const left = toInteger(a);
	const right = toInteger(b);
	if (left === null || right === null) return null;
	switch (operator) {
		case "&":
			return integer(BigInt(left) & BigInt(right));
		case "|":
			return integer(BigInt(left) | BigInt(right));
		case "<<":
			return shiftLeft(BigInt(left), BigInt(right));
		case ">>":
			return shiftLeft(BigInt(left), -BigInt(right));
	}
}

/** By a negative count it shifts right. Bits beyond the 64 are lost; the sign fills from the left. */
function shiftLeft(value: bigint, count: bigint): Value {
	if (count >= 64n) return 0;
	if (count <= -64n) return value < 0n ? -1 : 0;
	return integer(count >= 0n ? BigInt.asIntN(64, value << count) : value >> -count);
}
