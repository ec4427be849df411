/** Names of tables and columns. */

import { WlsmError } from "../index.js";

export function invalid(message: string, cause?: unknown): WlsmError {
	return new WlsmError("WLSM_INVALID_ARGUMENT", message, { cause });
}

/** As an identifier of SQL, whatever is in it. */
export function quoted(name: string): string {
	return `"${name.replaceAll('"', '""')}"`;
}

/** Always of the database's own schema: a temporary table of the same name is another one. */
export function inMain(name: string): string {
	return `main.${quoted(name)}`;
}

export function quotedList(names: readonly string[]): string {
	return names.map(quoted).join(", ");
}

/** Names are the same that differ in the case of ASCII letters alone. */
export function folded(name: string): string {
	return name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** By names that differ in more than case. */
export function byName<Named extends { readonly name: string }>(all: readonly Named[]): Map<string, Named> {
	return new Map(all.map((one) => [folded(one.name), one]));
}

/** The same text for lists of the same names in the same order. */
export function listKey(names: readonly string[]): string {
	return JSON.stringify(names.map(folded));
}

/** The same text for lists of the same names in whatever order. */
export function setKey(names: readonly string[]): string {
	return JSON.stringify(names.map(folded).sort());
}

/** A value as an error message shows it. */
export function shown(value: unknown): string {
	if (typeof value === "string") return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
	if (typeof value === "bigint") return `${value}n`;
	if (value === null || typeof value !== "object") return String(value);
	if (Array.isArray(value)) return "an array";
	if (value instanceof Date)
		return Number.isNaN(value.getTime()) ? "an invalid Date" : `the Date ${value.toISOString()}`;
	return `an object of class ${Object.prototype.toString.call(value).slice(8, -1)}`;
}

export function checkedName(name: unknown, what: string): string {
	if (typeof name !== "string") throw invalid(`The name of a ${what} is a string, not ${shown(name)}.`);
	if (name === "") throw invalid(`The name of a ${what} is empty.`);
	if (!name.isWellFormed()) throw invalid(`The name ${shown(name)} of a ${what} has half of a surrogate pair.`);
	return name;
}

/** A plain object and not an array, a Map, or what has a prototype of its own: `{ __proto__: … }` sets one. */
export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
	if (typeof value !== "object" || value === null) return false;
	const prototype = Object.getPrototypeOf(value) as object | null;
	// Of another realm too: its Object.prototype has no prototype either.
	return (
		prototype === null || (Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, "hasOwnProperty"))
	);
}
