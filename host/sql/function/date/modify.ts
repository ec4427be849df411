/** Modifiers: what stands behind the time value in a date function's arguments. */

import { EPOCH_JULIAN_MS, Moment } from "./moment.js";
import { readTime, wholeNumber } from "./read.js";

/** Seconds per unit, and the numbers that are too many of them. */
const UNITS: ReadonlyMap<string, { readonly seconds: number; readonly limit: number }> = new Map([
	["second", { seconds: 1, limit: Math.fround(4.6427e14) }],
	["minute", { seconds: 60, limit: Math.fround(7.7379e12) }],
	["hour", { seconds: 3600, limit: Math.fround(1.2897e11) }],
	["day", { seconds: 86400, limit: 5373485 }],
	["month", { seconds: 2592000, limit: 176546 }],
	["year", { seconds: 31536000, limit: 14713 }],
]);

export function readsTimeZone(modifier: string): boolean {
	return /^(localtime|utc)$/i.test(modifier);
}

/** Changes the moment by the modifier that is the `index`th behind the time value; false where it is none. */
export function modify(moment: Moment, modifier: string, index: number): boolean {
	switch (modifier[0]?.toLowerCase()) {
		case "a":
			return modifier.toLowerCase() === "auto" && index === 1 && guessNumber(moment);
		case "j":
			return modifier.toLowerCase() === "julianday" && index === 1 && takeAsJulian(moment);
		case "l":
			if (modifier.toLowerCase() !== "localtime") return false;
			toLocal(moment);
			return true;
		case "u":
			if (modifier.toLowerCase() === "unixepoch") return index === 1 && takeAsSeconds(moment);
			if (modifier.toLowerCase() !== "utc") return false;
			toUtc(moment);
			return true;
		case "w":
			return toWeekday(moment, modifier);
		case "s":
			return toStart(moment, modifier);
		default:
			return /^[-+0-9]/.test(modifier) && shift(moment, modifier);
	}
}

function guessNumber(moment: Moment): boolean {
	const { raw } = moment;
	if (raw === null || moment.julianMs !== null) {
		moment.raw = null;
	} else if (raw >= -210_866_760_000 && raw <= 253_402_300_799) {
		setSeconds(moment, raw);
	} else {
		return false;
	}
	return true;
}

function takeAsJulian(moment: Moment): boolean {
	if (moment.julianMs === null || moment.raw === null) return false;
	moment.raw = null;
	return true;
}

function takeAsSeconds(moment: Moment): boolean {
	const { raw } = moment;
	if (raw === null) return false;
	const julian = raw * 1000 + EPOCH_JULIAN_MS;
	if (!(julian >= 0 && julian < 464_269_060_800_000)) return false;
	setSeconds(moment, raw);
	return true;
}

function setSeconds(moment: Moment, seconds: number): void {
	moment.forgetCalendar();
	moment.julianMs = Math.trunc(seconds * 1000 + EPOCH_JULIAN_MS + 0.5);
	moment.raw = null;
}

/** The years of which the C library's time zone rules are trusted; others take those of a similar year. */
const FIRST_LOCAL_MS = 2_108_667_600_000 * 100;
const LAST_LOCAL_MS = 2_130_141_456_000 * 100;

function toLocal(moment: Moment): void {
	const julian = moment.toJulian();
	let shiftedYears = 0;
	let seconds: number;
	if (julian < FIRST_LOCAL_MS || julian > LAST_LOCAL_MS) {
		const similar = moment.copy();
		const date = similar.toDate();
		similar.toTime();
		shiftedYears = 2000 + (date.year % 4) - date.year;
		date.year += shiftedYears;
		similar.julianMs = null;
		seconds = Math.trunc(similar.toJulian() / 1000) - EPOCH_JULIAN_MS / 1000;
	} else {
		seconds = Math.trunc(julian / 1000) - EPOCH_JULIAN_MS / 1000;
	}
	const local = new Date(seconds * 1000);
	moment.date = { year: local.getFullYear() - shiftedYears, month: local.getMonth() + 1, day: local.getDate() };
	moment.time = {
		hour: local.getHours(),
		minute: local.getMinutes(),
		second: local.getSeconds() + (julian % 1000) * 0.001,
	};
	moment.julianMs = null;
	moment.raw = null;
	moment.offset = 0;
	moment.failed = false;
}

function toUtc(moment: Moment): void {
	if (moment.isUtc) return;
	const local = moment.toJulian();
	let guess = local;
	let error = 0;
	// Summer time makes a second guess necessary, and there are local times that do not exist.
	for (let round = 0; round < 4; round++) {
		guess -= error;
		const back = Moment.ofJulian(guess);
		toLocal(back);
		error = back.toJulian() - local;
		if (error === 0) break;
	}
	Object.assign(moment, new Moment(), { julianMs: guess, isUtc: true });
}

function toWeekday(moment: Moment, modifier: string): boolean {
	if (!/^weekday /i.test(modifier)) return false;
	const wanted = wholeNumber(modifier.slice(8));
	if (wanted === null || !Number.isInteger(wanted) || wanted < 0 || wanted > 6) return false;
	moment.toDate();
	moment.toTime();
	moment.offset = 0;
	moment.julianMs = null;
	const julian = moment.toJulian();
	const today = Math.trunc((julian + 129_600_000) / 86_400_000) % 7;
	const days = wanted - (today > wanted ? today - 7 : today);
	moment.add(days * 86_400_000);
	return true;
}

function toStart(moment: Moment, modifier: string): boolean {
	const unit = /^start of (month|year|day)$/i.exec(modifier)?.[1]?.toLowerCase();
	if (!/^start of /i.test(modifier)) return false;
	if (moment.julianMs === null && moment.date === null && moment.time === null) return false;
	const date = moment.toDate();
	moment.time = { hour: 0, minute: 0, second: 0 };
	moment.raw = null;
	moment.offset = 0;
	moment.julianMs = null;
	if (unit === undefined) return false;
	if (unit !== "day") date.day = 1;
	if (unit === "year") date.month = 1;
	return true;
}

/** `NNN units`, or a time of day to add. */
function shift(moment: Moment, modifier: string): boolean {
	const numberText = /^.[^: \t\n\v\f\r]*/.exec(modifier)?.[0] ?? "";
	const number = wholeNumber(numberText);
	if (number === null) return false;
	const rest = modifier.slice(numberText.length);
	if (rest.startsWith(":")) return shiftByTime(moment, modifier);
	const word = rest.replace(/^[ \t\n\v\f\r]+/, "").toLowerCase();
	if (word.length > 10 || word.length < 3) return false;
	const name = word.endsWith("s") ? word.slice(0, -1) : word;
	moment.toJulian();
	const unit = UNITS.get(name);
	if (unit === undefined || !(Math.abs(number) < unit.limit)) return false;
	let amount = number;
	if (name === "month" || name === "year") {
		const whole = Math.trunc(amount);
		const date = moment.toDate();
		moment.toTime();
		if (name === "year") {
			date.year += whole;
		} else {
			date.month += whole;
			const years = Math.trunc((date.month > 0 ? date.month - 1 : date.month - 12) / 12);
			date.year += years;
			date.month -= years * 12;
		}
		moment.julianMs = null;
		amount -= whole;
	}
	const rounder = number < 0 ? -0.5 : 0.5;
	moment.toJulian();
	moment.add(Math.trunc(amount * 1000 * unit.seconds + rounder));
	return true;
}

function shiftByTime(moment: Moment, modifier: string): boolean {
	const time = new Moment();
	if (!readTime(/^[0-9]/.test(modifier) ? modifier : modifier.slice(1), time)) return false;
	const ms = (time.toJulian() - 43_200_000) % 86_400_000;
	moment.toJulian();
	moment.add(modifier.startsWith("-") ? -ms : ms);
	return true;
}
