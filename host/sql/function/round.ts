/** Decimal rounding as SQLite 3.40's printf does it, which is not the nearest decimal: round(1.005, 2) is 1.01. */

/** A finite double as an exact fraction: numerator / 2^shift. */
function exactFraction(value: number): { numerator: bigint; shift: bigint } {
	const view = new DataView(new ArrayBuffer(8));
	view.setFloat64(0, value);
	const bits = view.getBigUint64(0);
	const exponent = (bits >> 52n) & 0x7ffn;
	const fraction = bits & 0xfffffffffffffn;
	const mantissa = exponent === 0n ? fraction : fraction | 0x10000000000000n;
	const power = (exponent === 0n ? 1n : exponent) - 1075n;
	return power >= 0n ? { numerator: mantissa << power, shift: 0n } : { numerator: mantissa, shift: -power };
}

/** |value| times 10^digits as a whole number, rounded as SQLite rounds. */
export function scaledDigits(value: number, digits: number): bigint {
	const { numerator, shift } = exactFraction(Math.abs(value));
	const scale = 10n ** BigInt(digits);
	const exponent = Math.floor(Math.log2(Math.abs(value) || 1));
	// SQLite widens by 3e-16 of the value before it adds one half, where few enough digits are asked for.
	const widen = digits + Math.trunc(exponent / 3) < 15 ? 3n : 0n;
	const e16 = 10n ** 16n;
	const scaled = numerator * scale * (e16 + widen);
	const unit = e16 << shift;
	return (scaled + unit / 2n) / unit;
}

/** Only this many significant digits are real; SQLite prints zeros behind them. */
const SIGNIFICANT_DIGITS = 16;

/** `%.*f`: the sign, the whole part and exactly `digits` decimals. */
export function fixedText(value: number, digits: number): string {
	if (!Number.isFinite(value)) return value > 0 ? "Inf" : "-Inf";
	let text = scaledDigits(value, digits).toString();
	if (text.length > SIGNIFICANT_DIGITS) {
		text = text.slice(0, SIGNIFICANT_DIGITS) + "0".repeat(text.length - SIGNIFICANT_DIGITS);
	}
	text = text.padStart(digits + 1, "0");
	const whole = text.slice(0, text.length - digits);
	const sign = value < 0 ? "-" : "";
	return digits === 0 ? sign + whole : `${sign}${whole}.${text.slice(text.length - digits)}`;
}

export function roundTo(value: number, digits: number): number {
	// From here on a double has no fraction.
	if (!(Math.abs(value) < 4503599627370496)) return value;
	if (digits === 0) return value < 0 ? -Math.trunc(-value + 0.5) : Math.trunc(value + 0.5);
	return Number(fixedText(value, digits));
}
