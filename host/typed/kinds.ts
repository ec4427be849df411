/** The types of columns: what SQL stores for a value of JavaScript, and the way back. */

import { Buffer } from "node:buffer";
import type { SqlValue } from "../index.js";
import { invalid } from "./names.js";

/** What SQL stores: as parameters are bound. */
export type Stored = number | bigint | string | Uint8Array;

export interface Kind {
	readonly name: "integer" | "bigint" | "real" | "text" | "blob" | "boolean" | "json" | "date" | "timestamp";
	readonly sqlType: "INTEGER" | "REAL" | "TEXT" | "BLOB";
	/** What it takes, for errors. */
	readonly takes: string;
	readonly compares: "order" | "text" | "equality" | "nothing";
	/** As the only column of a primary key it is the rowid. */
	readonly isRowid: boolean;
	/** Undefined where the value is none of these. */
	store(value: unknown): Stored | undefined;
	/** Of what is not NULL; undefined where that is nothing that this column holds. */
	read(stored: Exclude<SqlValue, null>): unknown;
}

const integer: Kind = {
	name: "integer",
	sqlType: "INTEGER",
	takes: "a whole number within ±(2^53 - 1)",
	compares: "order",
	isRowid: true,
	store: (value) => (Number.isSafeInteger(value) ? (value as number) : undefined),
	// Beyond 2^53 it comes as a bigint.
	read: (stored) => (typeof stored === "number" ? stored : undefined),
};

const LEAST = -(2n ** 63n);

const bigint: Kind = {
	name: "bigint",
	sqlType: "INTEGER",
	takes: "a bigint of 64 bits",
	compares: "order",
	isRowid: true,
	store: (value) => (typeof value === "bigint" && value >= LEAST && value < -LEAST ? value : undefined),
	read: (stored) => {
		if (typeof stored === "bigint") return stored;
		return Number.isSafeInteger(stored) ? BigInt(stored as number) : undefined;
	},
};

const real: Kind = {
	name: "real",
	sqlType: "REAL",
	takes: "a number that is not NaN",
	compares: "order",
	isRowid: false,
	// NaN would become NULL.
	store: (value) => (typeof value === "number" && !Number.isNaN(value) ? value : undefined),
	read: (stored) => (typeof stored === "number" ? stored : undefined),
};

const text: Kind = {
	name: "text",
	sqlType: "TEXT",
	takes: "a string without halves of surrogate pairs",
	compares: "text",
	isRowid: false,
	// UTF-8 has no halves of pairs: they would become another character.
	store: (value) => (typeof value === "string" && value.isWellFormed() ? value : undefined),
	read: (stored) => (typeof stored === "string" ? stored : undefined),
};

const blob: Kind = {
	name: "blob",
	sqlType: "BLOB",
	takes: "a Uint8Array",
	compares: "order",
	isRowid: false,
	store: (value) => (value instanceof Uint8Array ? value : undefined),
	read: (stored) => (Buffer.isBuffer(stored) ? stored : undefined),
};

const boolean: Kind = {
	name: "boolean",
	sqlType: "INTEGER",
	takes: "true or false",
	compares: "equality",
	isRowid: false,
	store: (value) => (typeof value === "boolean" ? Number(value) : undefined),
	read: (stored) => (stored === 1 ? true : stored === 0 ? false : undefined),
};

const json: Kind = {
	name: "json",
	sqlType: "TEXT",
	takes: "what JSON has a text for",
	compares: "nothing",
	isRowid: false,
	store: (value) => {
		try {
			return JSON.stringify(value);
		} catch (error) {
			throw invalid(
				"JSON has no text for what was given: a bigint, an object that is within itself, or what throws.",
				error,
			);
		}
	},
	read: (stored) => {
		if (typeof stored !== "string") return undefined;
		try {
			return JSON.parse(stored) as unknown;
		} catch {
			return undefined;
		}
	},
};

/** Texts of these years are in the order of time, and no others are. */
function isoText(value: unknown): string | undefined {
	if (!(value instanceof Date)) return undefined;
	const year = value.getUTCFullYear();
	return year >= 0 && year <= 9999 ? value.toISOString() : undefined;
}

const DAY = /^\d{4}-\d\d-\d\d$/;

/** `iso` begins with a day. Of the 30th of February JavaScript would make the 1st or 2nd of March. */
function dateOf(iso: string): Date | undefined {
	const date = new Date(iso);
	const day = Number(iso.slice(8, 10));
	return date.getUTCDate() === day ? date : undefined;
}

const MIDNIGHT = "T00:00:00.000Z";

const date: Kind = {
	name: "date",
	sqlType: "TEXT",
	takes: "a Date at midnight UTC, of a year from 0 to 9999",
	compares: "order",
	isRowid: false,
	store: (value) => {
		const iso = isoText(value);
		return iso?.endsWith(MIDNIGHT) ? iso.slice(0, -MIDNIGHT.length) : undefined;
	},
	read: (stored) => (typeof stored === "string" && DAY.test(stored) ? dateOf(`${stored}${MIDNIGHT}`) : undefined),
};

/** What `store` makes. */
const USUAL = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
/** What SQLite's functions make besides: without a zone it is UTC. */
const MOMENT = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d)?(\.\d+)?Z?$/;

const timestamp: Kind = {
	name: "timestamp",
	sqlType: "TEXT",
	takes: "a Date of a year from 0 to 9999",
	compares: "order",
	isRowid: false,
	store: isoText,
	read: (stored) => {
		if (typeof stored !== "string") return undefined;
		if (USUAL.test(stored)) return usualMoment(stored) ?? dateOf(stored);
		const [, day, minutes, seconds = ":00", fraction = ""] = MOMENT.exec(stored) ?? [];
		return day === undefined ? undefined : dateOf(`${day}T${minutes}${seconds}${fraction}Z`);
	},
};

/** Twice as fast as the runtime's parser. Undefined where that has to look: days that a month may not have, the first century. */
function usualMoment(iso: string): Date | undefined {
	const two = (at: number) => (iso.charCodeAt(at) - 48) * 10 + iso.charCodeAt(at + 1) - 48;
	const year = two(0) * 100 + two(2);
	const [month, day, hour, minute, second] = [two(5), two(8), two(11), two(14), two(17)];
	if (year < 100 || month < 1 || month > 12 || day < 1 || day > 28 || hour > 23 || minute > 59 || second > 59)
		return undefined;
	const milliseconds = two(20) * 10 + iso.charCodeAt(22) - 48;
	return new Date(Date.UTC(year, month - 1, day, hour, minute, second, milliseconds));
}

export const KINDS = { integer, bigint, real, text, blob, boolean, json, date, timestamp };
