/**
 * A moment while a date function works on it: as Julian day, as calendar date and time of day, or as a number that is
 * still to be explained. Only some of them are known at a time, and each is computed from the others where it is
 * needed, in the arithmetic of SQLite's date.c, so that odd dates come out alike.
 */

const DAY_MS = 86_400_000;
/** 9999-12-31 23:59:59.999 */
const MAX_JULIAN_MS = 464_269_060_799_999;
/** 1970-01-01 */
export const EPOCH_JULIAN_MS = 210_866_760_000_000;

export interface CalendarDate {
	year: number;
	month: number;
	day: number;
}

export interface TimeOfDay {
	hour: number;
	minute: number;
	/** With its fraction. */
	second: number;
}

export class Moment {
	/** Milliseconds since noon of -4713-11-24 (Julian day number times 86400000). */
	julianMs: number | null = null;
	date: CalendarDate | null = null;
	time: TimeOfDay | null = null;
	/** A number that was given for a date: Julian days or seconds since 1970, as a modifier will say. */
	raw: number | null = null;
	/** Minutes east of UTC that date and time still include. */
	offset = 0;
	/** A time zone was given, so the moment is UTC. */
	isUtc = false;
	/** There is no such moment. Work goes on with nothing known, and time zones forget the failure, as in SQLite. */
	failed = false;

	static ofJulian(julianMs: number): Moment {
		const moment = new Moment();
		moment.julianMs = julianMs;
		return moment;
	}

	copy(): Moment {
		const moment = new Moment();
		Object.assign(moment, this);
		moment.date = this.date && { ...this.date };
		moment.time = this.time && { ...this.time };
		return moment;
	}

	#fail(): void {
		Object.assign(this, new Moment(), { failed: true });
	}

	get isValid(): boolean {
		return !this.failed && this.julianMs !== null && this.julianMs >= 0 && this.julianMs <= MAX_JULIAN_MS;
	}

	/** 0 where there is no such moment. */
	toJulian(): number {
		if (this.julianMs !== null) return this.julianMs;
		const { year, month, day } = this.date ?? { year: 2000, month: 1, day: 1 };
		if (year < -4713 || year > 9999 || this.raw !== null) {
			this.#fail();
			return 0;
		}
		const early = month <= 2;
		const y = early ? year - 1 : year;
		const m = early ? month + 12 : month;
		const century = Math.trunc(y / 100);
		const gregorian = 2 - century + Math.trunc(century / 4);
		const days = Math.trunc((36525 * (y + 4716)) / 100) + Math.trunc((306001 * (m + 1)) / 10000);
		let result = Math.trunc((days + day + gregorian - 1524.5) * DAY_MS);
		if (this.time !== null) {
			const { hour, minute, second } = this.time;
			result += hour * 3_600_000 + minute * 60_000 + Math.trunc(second * 1000 + 0.5);
			if (this.offset !== 0) {
				result -= this.offset * 60_000;
				this.date = null;
				this.time = null;
				this.offset = 0;
			}
		}
		this.julianMs = result;
		return result;
	}

	/** Changes to the result change the moment. */
	toDate(): CalendarDate {
		if (this.date !== null) return this.date;
		if (this.julianMs === null) {
			this.date = { year: 2000, month: 1, day: 1 };
			return this.date;
		}
		if (this.julianMs < 0 || this.julianMs > MAX_JULIAN_MS) {
			this.#fail();
			return { year: 0, month: 0, day: 0 };
		}
		const z = Math.trunc((this.julianMs + 43_200_000) / DAY_MS);
		const alpha = Math.trunc((z - 1867216.25) / 36524.25);
		const b = z + 1 + alpha - Math.trunc(alpha / 4) + 1524;
		const c = Math.trunc((b - 122.1) / 365.25);
		const d = Math.trunc((36525 * (c & 32767)) / 100);
		const e = Math.trunc((b - d) / 30.6001);
		const month = e < 14 ? e - 1 : e - 13;
		const year = month > 2 ? c - 4716 : c - 4715;
		this.date = { year, month, day: b - d - Math.trunc(30.6001 * e) };
		return this.date;
	}

	toTime(): TimeOfDay {
		if (this.time !== null) return this.time;
		const ms = (this.toJulian() + 43_200_000) % DAY_MS;
		const seconds = Math.trunc(ms / 1000);
		const hour = Math.trunc(seconds / 3600);
		const minute = Math.trunc((seconds - hour * 3600) / 60);
		// In this order of additions, as the fraction keeps its rounding.
		const second = ms / 1000 - seconds + (seconds - hour * 3600 - minute * 60);
		this.raw = null;
		this.time = { hour, minute, second };
		return this.time;
	}

	/** Moves a moment whose Julian day is known; and only that counts from now on. */
	add(ms: number): void {
		if (this.julianMs !== null) this.julianMs += ms;
		this.forgetCalendar();
	}

	forgetCalendar(): void {
		this.date = null;
		this.time = null;
		this.offset = 0;
	}
}
