/** Text as bytes and back, and numbers as SQLite prints them. */

import { Buffer } from "node:buffer";
import type { NumericValue } from "./value.js";
import { Real } from "./value.js";

export function utf8(text: string): Uint8Array {
	return Buffer.from(text, "utf8");
}

export function utf8Text(bytes: Uint8Array): string {
	return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}

/** `%!.15g` of SQLite's printf: 15 significant digits, always with a point or an exponent. */
export function realText(value: number): string {
	if (!Number.isFinite(value)) return value > 0 ? "Inf" : "-Inf";
	if (value === 0) return "0.0";
	// Beyond 15 digits the runtime rounds half up, and so does SQLite.
	const [mantissa = "", exponentText = "0"] = value.toExponential(14).split("e");
	const exponent = Number(exponentText);
	const sign = value < 0 ? "-" : "";
	const digits = mantissa.replace("-", "").replace(".", "").replace(/0+$/, "");
	if (exponent < -4 || exponent > 14) {
		const size = Math.abs(exponent);
		return `${sign}${digits[0]}.${digits.slice(1) || "0"}e${exponent < 0 ? "-" : "+"}${size < 10 ? "0" : ""}${size}`;
	}
	if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`;
	const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, "0");
	return `${sign}${whole}.${digits.slice(exponent + 1) || "0"}`;
}

export function numberText(value: NumericValue): string {
	if (typeof value === "number") return Number.isSafeInteger(value) ? String(value) : realText(value);
	return value instanceof Real ? realText(value.value) : value.toString();
}
