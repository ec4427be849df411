/**
 * The 80-bit floats of x87, as far as SQLite 3.40 prints REALs with them: not negative, 64 bits of mantissa, rounded to
 * nearest and ties to even. Exponents are not limited. A value is mantissa * 2^exponent; 0 is mantissa 0.
 */
export interface Extended {
	/** 0, or 64 bits long where it came out of an operation that rounds. */
	readonly mantissa: bigint;
	readonly exponent: number;
}

const PRECISION = 64;

function bitLength(value: bigint): number {
	const hex = value.toString(16);
	return hex.length * 4 - Math.clz32(Number.parseInt(hex[0] ?? "0", 16)) + 28;
}

/** `sticky`: something was lost below the last bit. */
function rounded(mantissa: bigint, exponent: number, sticky = false): Extended {
	if (mantissa === 0n) return { mantissa, exponent: 0 };
	const excess = bitLength(mantissa) - PRECISION;
	if (excess <= 0) return { mantissa: mantissa << BigInt(-excess), exponent: exponent + excess };
	const shift = BigInt(excess);
	const kept = mantissa >> shift;
	const rest = mantissa - (kept << shift);
	const half = 1n << (shift - 1n);
	const up = rest > half || (rest === half && (sticky || (kept & 1n) === 1n));
	const result = up ? kept + 1n : kept;
	// A carry to 2^64 is 65 bits long, but a power of two.
	return result >> 64n === 0n
		? { mantissa: result, exponent: exponent + excess }
		: { mantissa: result >> 1n, exponent: exponent + excess + 1 };
}

const VIEW = new DataView(new ArrayBuffer(8));

/** A double that is finite and not negative. */
export function extended(value: number): Extended {
	VIEW.setFloat64(0, value);
	const bits = VIEW.getBigUint64(0);
	const biased = Number(bits >> 52n);
	const fraction = bits & 0xfffffffffffffn;
	return biased === 0 ? rounded(fraction, -1074) : rounded(fraction | (1n << 52n), biased - 1075);
}

export function multiply(a: Extended, b: Extended): Extended {
	return rounded(a.mantissa * b.mantissa, a.exponent + b.exponent);
}

export function divide(a: Extended, b: Extended): Extended {
	const numerator = a.mantissa << 66n;
	const quotient = numerator / b.mantissa;
	return rounded(quotient, a.exponent - b.exponent - 66, quotient * b.mantissa !== numerator);
}

export function add(a: Extended, b: Extended): Extended {
	if (a.mantissa === 0n) return b;
	if (b.mantissa === 0n) return a;
	const [high, low] = a.exponent >= b.exponent ? [a, b] : [b, a];
	const distance = high.exponent - low.exponent;
	// Less than a quarter of the last bit changes nothing.
	if (distance > PRECISION + 2) return high;
	return rounded((high.mantissa << BigInt(distance)) + low.mantissa, low.exponent);
}

export function isLess(a: Extended, b: Extended): boolean {
	if (a.mantissa === 0n || b.mantissa === 0n) return a.mantissa === 0n && b.mantissa !== 0n;
	const lengthA = bitLength(a.mantissa) + a.exponent;
	const lengthB = bitLength(b.mantissa) + b.exponent;
	if (lengthA !== lengthB) return lengthA < lengthB;
	const distance = a.exponent - b.exponent;
	return distance >= 0 ? a.mantissa << BigInt(distance) < b.mantissa : a.mantissa < b.mantissa << BigInt(-distance);
}

/** The whole part of a value below 16 and the rest of it, which is exact. */
export function split(value: Extended): { readonly whole: number; readonly rest: Extended } {
	if (value.exponent <= -68 || value.mantissa === 0n) return { whole: 0, rest: value };
	const shift = BigInt(-value.exponent);
	const whole = value.mantissa >> shift;
	const rest = value.mantissa - (whole << shift);
	return { whole: Number(whole), rest: { mantissa: rest, exponent: value.exponent } };
}
