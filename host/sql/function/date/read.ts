/** Dates and times in text. */

import { Moment } from "./moment.js";

const SPACE = "[ \\t\\n\\v\\f\\r]*";
const DATE = /^(-?)([0-9]{4})-([0-9]{2})-([0-9]{2})/;
const BETWEEN = new RegExp(`^(?:T|${SPACE.slice(0, -1)})*`);
const TIME = /^([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]+))?)?/;
const ZONE = new RegExp(`^${SPACE}(?:([-+])([0-9]{2}):([0-9]{2})|[zZ])${SPACE}$`);
const BLANK = new RegExp(`^${SPACE}$`);

/** HH:MM, HH:MM:SS, HH:MM:SS.FFF, each with or without a time zone, into `moment`; or answers false. */
export function readTime(text: string, moment: Moment): boolean {
	const match = TIME.exec(text);
	if (match === null) return false;
	const [whole, hourText, minuteText, secondText, fractionText] = match;
	const hour = Number(hourText);
	const minute = Number(minuteText);
	const second = Number(secondText ?? 0);
	// A colon behind the minutes wants seconds.
	if (hour > 24 || minute > 59 || second > 59 || (secondText === undefined && text[5] === ":")) return false;
	let fraction = 0;
	let scale = 1;
	for (const digit of fractionText ?? "") {
		fraction = fraction * 10 + Number(digit);
		scale *= 10;
	}
	const rest = text.slice(whole.length);
	const zone = ZONE.exec(rest);
	if (zone === null && !BLANK.test(rest)) return false;
	let offset = 0;
	if (zone?.[1] !== undefined) {
		const hours = Number(zone[2]);
		const minutes = Number(zone[3]);
		if (hours > 14 || minutes > 59) return false;
		offset = (zone[1] === "-" ? -1 : 1) * (hours * 60 + minutes);
	}
	moment.julianMs = null;
	moment.raw = null;
	moment.time = { hour, minute, second: second + fraction / scale };
	moment.offset = offset;
	if (zone !== null) moment.isUtc = true;
	return true;
}

/** YYYY-MM-DD, alone or with a time behind it. */
function readDate(text: string): Moment | null {
	const match = DATE.exec(text);
	if (match === null) return null;
	const [whole, minus, yearText, monthText, dayText] = match;
	const month = Number(monthText);
	const day = Number(dayText);
	if (month < 1 || month > 12 || day < 1 || day > 31) return null;
	const rest = text.slice(whole.length).replace(BETWEEN, "");
	const moment = new Moment();
	if (rest !== "" && !readTime(rest, moment)) return null;
	moment.date = { year: minus === "-" ? -Number(yearText) : Number(yearText), month, day };
	if (moment.offset !== 0) moment.toJulian();
	return moment;
}

/** A number: Julian days where it can be. */
export function numberMoment(value: number): Moment {
	const moment = new Moment();
	moment.raw = value;
	if (value >= 0 && value < 5373484.5) moment.julianMs = Math.trunc(value * 86_400_000 + 0.5);
	return moment;
}

const NUMBER = new RegExp(`^${SPACE}[-+]?(?:[0-9]+\\.?[0-9]*|\\.[0-9]+)(?:[eE][-+]?[0-9]+)?${SPACE}$`);

/** Text that is wholly a number. */
export function wholeNumber(text: string): number | null {
	return NUMBER.test(text) ? Number(text.trim()) : null;
}

/** Null where the text is no date. */
export function readMoment(text: string, now: () => Moment): Moment | null {
	const date = readDate(text);
	if (date !== null) return date;
	const time = new Moment();
	if (readTime(text, time)) return time;
	if (text.toLowerCase() === "now") return now();
	const number = wholeNumber(text);
	return number === null ? null : numberMoment(number);
}
