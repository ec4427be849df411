/** date(), time(), datetime(), julianday(), unixepoch(), strftime() and the current_ functions. */

import { toText } from "../../value/convert.js";
import { formatReal } from "../../value/decimal.js";
import { beforeNul } from "../../value/text.js";
import type { Value } from "../../value/value.js";
import { isNumeric, real, toDouble } from "../../value/value.js";
import type { FunctionContext, ScalarBody, ScalarFunction } from "../definition.js";
import { define, refuseTimeless } from "../definition.js";
import { modify, readsTimeZone } from "./modify.js";
import { EPOCH_JULIAN_MS, Moment } from "./moment.js";
import { numberMoment, readMoment } from "./read.js";

/** The moment of the statement, for a function of that name. */
function currentMoment(name: string, context: FunctionContext): Moment {
	refuseTimeless(name, context);
	return Moment.ofJulian(Math.trunc(context.now?.() ?? Date.now()) + EPOCH_JULIAN_MS);
}

/** The moment that a time value and the modifiers behind it stand for; null for none. */
function momentOf(name: string, values: readonly Value[], context: FunctionContext): Moment | null {
	const [first, ...modifiers] = values;
	if (first === undefined) return currentMoment(name, context);
	let moment: Moment | null;
	if (isNumeric(first)) {
		moment = numberMoment(toDouble(first));
	} else {
		const text = toText(first);
		moment = text === null ? null : readMoment(beforeNul(text), () => currentMoment(name, context));
	}
	if (moment === null) return null;
	for (const [index, given] of modifiers.entries()) {
		const text = toText(given);
		if (text === null) return null;
		const modifier = beforeNul(text);
		if (readsTimeZone(modifier)) refuseTimeless(name, context);
		if (!modify(moment, modifier, index + 1)) return null;
	}
	moment.toJulian();
	return moment.isValid ? moment : null;
}

function pad(value: number, width = 2): string {
	return String(Math.trunc(value)).padStart(width, "0");
}

function dateText(moment: Moment): string {
	const { year, month, day } = moment.toDate();
	return `${year < 0 ? "-" : ""}${pad(Math.abs(year), 4)}-${pad(month)}-${pad(day)}`;
}

function timeText(moment: Moment): string {
	const { hour, minute, second } = moment.toTime();
	return `${pad(hour)}:${pad(minute)}:${pad(second)}`;
}

function epochSeconds(moment: Moment): number {
	return Math.trunc(moment.toJulian() / 1000) - EPOCH_JULIAN_MS / 1000;
}

/** Days since the first of January. */
function dayOfYear(moment: Moment): number {
	const first = moment.copy();
	first.julianMs = null;
	first.date = { year: moment.toDate().year, month: 1, day: 1 };
	return Math.trunc((moment.toJulian() - first.toJulian() + 43_200_000) / 86_400_000);
}

const PLAIN = { prefix: "", alternate: false, long: false, exponentLetter: "e" } as const;

/** One conversion of strftime(); null for an unknown one. */
function conversion(letter: string | undefined, moment: Moment): string | null {
	const date = moment.toDate();
	const time = moment.toTime();
	const julian = moment.toJulian();
	switch (letter) {
		case "d":
			return pad(date.day);
		case "f":
			return formatReal(Math.min(time.second, 59.999), { ...PLAIN, style: "fixed", precision: 3 }).padStart(6, "0");
		case "H":
			return pad(time.hour);
		case "j":
			return pad(dayOfYear(moment) + 1, 3);
		case "J":
			return formatReal(julian / 86_400_000, { ...PLAIN, style: "general", precision: 16 });
		case "m":
			return pad(date.month);
		case "M":
			return pad(time.minute);
		case "s":
			return String(epochSeconds(moment));
		case "S":
			return pad(time.second);
		case "w":
			return String(Math.trunc((julian + 129_600_000) / 86_400_000) % 7);
		case "W": {
			const fromMonday = Math.trunc((julian + 43_200_000) / 86_400_000) % 7;
			return pad((dayOfYear(moment) + 7 - fromMonday) / 7);
		}
		case "Y":
			return date.year < 0 ? `-${pad(-date.year, 3)}` : pad(date.year, 4);
		case "%":
			return "%";
		default:
			return null;
	}
}

function strftime(format: string, moment: Moment): string | null {
	let text = "";
	for (let i = 0; i < format.length; i++) {
		if (format[i] !== "%") {
			text += format[i];
			continue;
		}
		const part = conversion(format[++i], moment);
		if (part === null) return null;
		text += part;
	}
	return text;
}

function clock(name: string, result: (moment: Moment) => Value): ScalarFunction {
	const call: ScalarBody = (values, context) => {
		const moment = momentOf(name, values, context);
		return moment === null ? null : result(moment);
	};
	return define(name, 0, Infinity, call, { readsClock: "sometimes" });
}

const dateAndTime = (moment: Moment) => `${dateText(moment)} ${timeText(moment)}`;

function current(name: string, result: (moment: Moment) => string): ScalarFunction {
	return define(name, 0, 0, (_, context) => result(currentMoment(name, context)), { readsClock: "always" });
}

export const DATE_FUNCTIONS = [
	clock("date", dateText),
	clock("time", timeText),
	clock("datetime", dateAndTime),
	clock("julianday", (moment) => real(moment.toJulian() / 86_400_000)),
	clock("unixepoch", epochSeconds),
	define(
		"strftime",
		0,
		Infinity,
		([format = null, ...values], context) => {
			const text = toText(format);
			const moment = text === null ? null : momentOf("strftime", values, context);
			return text === null || moment === null ? null : strftime(beforeNul(text), moment);
		},
		{ readsClock: "sometimes" },
	),
	current("current_date", dateText),
	current("current_time", timeText),
	current("current_timestamp", dateAndTime),
];
