/** printf() and format(): the conversions that SQL texts use. */

import { toInteger, toNumeric, toText } from "../value/convert.js";
import { realText } from "../value/text.js";
import type { Value } from "../value/value.js";
import { toDouble } from "../value/value.js";
import { fixedText } from "./round.js";

const CONVERSION = /%([-+ 0#!,]*)(\*|\d+)?(?:\.(\*|\d+))?(?:l{0,2})([a-zA-Z%])/g;
const MAX_WIDTH = 1_000_000;

export function formatText(values: readonly Value[]): Value {
	const format = values[0] ?? null;
	if (format === null) return null;
	let next = 1;
	const take = () => values[next++] ?? null;
	const size = (text: string | undefined): number | undefined => {
		if (text === undefined) return undefined;
		return Math.min(MAX_WIDTH, Number(text === "*" ? toInteger(take()) : text));
	};
	return (toText(format) as string).replace(
		CONVERSION,
		(whole: string, flags: string, widthText: string | undefined, precisionText: string | undefined, type: string) => {
			let width = size(widthText) ?? 0;
			const left = flags.includes("-") || width < 0;
			width = Math.abs(width);
			const precision = size(precisionText);
			const body = convert(type, flags, precision, take);
			if (body === null) return whole;
			const missing = width - [...body].length;
			if (missing <= 0) return body;
			if (left) return body + " ".repeat(missing);
			if (flags.includes("0") && /[difegDEGuxXo]/.test(type)) {
				const sign = /^[-+ ]/.test(body) ? body.slice(0, 1) : "";
				return sign + "0".repeat(missing) + body.slice(sign.length);
			}
			return " ".repeat(missing) + body;
		},
	);
}

function convert(type: string, flags: string, precision: number | undefined, take: () => Value): string | null {
	const signed = (text: string) =>
		text.startsWith("-") ? text : flags.includes("+") ? `+${text}` : flags.includes(" ") ? ` ${text}` : text;
	switch (type) {
		case "%":
			return "%";
		case "d":
		case "i": {
			const digits = String(toInteger(take()) ?? 0);
			return signed(flags.includes(",") ? digits.replace(/\B(?=(\d{3})+$)/g, ",") : digits);
		}
		case "u":
			return BigInt.asUintN(64, BigInt(toInteger(take()) ?? 0)).toString();
		case "x":
			return BigInt.asUintN(64, BigInt(toInteger(take()) ?? 0)).toString(16);
		case "X":
			return BigInt.asUintN(64, BigInt(toInteger(take()) ?? 0))
				.toString(16)
				.toUpperCase();
		case "o":
			return BigInt.asUintN(64, BigInt(toInteger(take()) ?? 0)).toString(8);
		case "f":
		case "F": {
			const text = fixedText(toDouble(toNumeric(take()) ?? 0), Math.min(precision ?? 6, 300));
			if (!flags.includes(",")) return signed(text);
			const [whole = "", fraction] = text.split(".");
			const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
			return signed(fraction === undefined ? grouped : `${grouped}.${fraction}`);
		}
		case "e":
		case "E": {
			const text = toDouble(toNumeric(take()) ?? 0)
				.toExponential(Math.min(precision ?? 6, 100))
				.replace(/e([+-])(\d)$/, "e$10$2");
			return signed(type === "E" ? text.toUpperCase() : text);
		}
		case "g":
		case "G":
			return signed(general(toDouble(toNumeric(take()) ?? 0), precision ?? 6, flags.includes("!")));
		case "c": {
			const first = [...(toText(take()) ?? "")][0] ?? "";
			return first.repeat(Math.max(1, precision ?? 1));
		}
		case "s":
		case "z":
			return [...(toText(take()) ?? "")].slice(0, precision ?? Infinity).join("");
		case "q":
			return (toText(take()) ?? "(NULL)").replaceAll("'", "''");
		case "Q": {
			const text = toText(take());
			return text === null ? "NULL" : `'${text.replaceAll("'", "''")}'`;
		}
		case "w":
			return (toText(take()) ?? "(NULL)").replaceAll('"', '""');
		default:
			return null;
	}
}

function general(value: number, precision: number, keepsPoint: boolean): string {
	if (keepsPoint && precision === 15) return realText(value);
	if (!Number.isFinite(value)) return value > 0 ? "Inf" : "-Inf";
	const digits = Math.max(1, Math.min(100, precision));
	const exponent = value === 0 ? 0 : Number(value.toExponential(digits - 1).split("e")[1]);
	if (exponent < -4 || exponent >= digits) {
		return value
			.toExponential(digits - 1)
			.replace(/\.?0+e/, "e")
			.replace(/e([+-])(\d)$/, "e$10$2");
	}
	const text = value.toFixed(Math.max(0, Math.min(100, digits - 1 - exponent)));
	return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}
