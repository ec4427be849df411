/** Text as bytes and back, and numbers as SQLite prints them. */

import { Buffer } from "node:buffer";
import type { RealFormat } from "./decimal.js";
import { formatReal } from "./decimal.js";
import type { NumericValue } from "./value.js";
import { Real } from "./value.js";

export function utf8(text: string): Uint8Array {
	return Buffer.from(text, "utf8");
}

/** The method behind `write`, which Node, Deno and Bun all have: no encoding's name to look at on each call. */
interface Writing {
	utf8Write(text: string, at: number, length: number): number;
}

/** Below this many characters a loop over them beats a call out of JavaScript. */
const SHORT_CHARACTERS = 36;

/** Writes a text as UTF-8 to `target[at…]`, which has room for it; answers how many bytes it has. */
export function writeText(text: string, target: Buffer, at: number): number {
	const { length } = text;
	if (length <= SHORT_CHARACTERS) {
		let i = 0;
		for (; i < length; i++) {
			const unit = text.charCodeAt(i);
			if (unit > 127) break;
			target[at + i] = unit;
		}
		if (i === length) return length;
	}
	return (target as unknown as Writing).utf8Write(text, at, target.length - at);
}

export function utf8Text(bytes: Uint8Array): string {
	return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}

/** SQLite's functions are written in C: many of them see text up to its first NUL only. */
export function beforeNul(text: string): string {
	const end = text.indexOf("\0");
	return end === -1 ? text : text.slice(0, end);
}

const SHORT: RealFormat = {
	style: "general",
	precision: 15,
	prefix: "",
	alternate: false,
	long: true,
	exponentLetter: "e",
};

/** `%!.15g` of SQLite's printf: 15 significant digits, always with a point or an exponent. */
export function realText(value: number): string {
	if (!Number.isFinite(value)) return value > 0 ? "Inf" : "-Inf";
	if (value === 0) return "0.0";
	const size = Math.abs(value);
	// The runtime's shortest text is it where that has no more digits than are wanted.
	if (size >= 1e-4 && size < 1e15) {
		const short = String(value);
		if (short.length <= 16) return Number.isInteger(value) ? `${short}.0` : short;
	}
	// Three digits more than are shown. Where they say "nearly one half", SQLite's own arithmetic decides; it is off by
	// more where powers of 1e100, which is no exact double, are in it.
	const precise = value.toExponential(17);
	const at = precise.indexOf("e");
	const tail = Math.abs(Number(precise.slice(at - 3, at)) - 500);
	if (tail <= (size >= 1e100 ? 80 : 5)) return formatReal(value, SHORT);
	const [mantissa = "", exponentText = "0"] = value.toExponential(14).split("e");
	const exponent = Number(exponentText);
	const sign = value < 0 ? "-" : "";
	const digits = mantissa.replace("-", "").replace(".", "").replace(/0+$/, "");
	if (exponent < -4 || exponent > 14) {
		const shown = Math.abs(exponent);
		return `${sign}${digits[0]}.${digits.slice(1) || "0"}e${exponent < 0 ? "-" : "+"}${shown < 10 ? "0" : ""}${shown}`;
	}
	if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`;
	const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, "0");
	return `${sign}${whole}.${digits.slice(exponent + 1) || "0"}`;
}

export function numberText(value: NumericValue): string {
	if (typeof value === "number") return Number.isSafeInteger(value) ? String(value) : realText(value);
	return value instanceof Real ? realText(value.value) : value.toString();
}
