/** Rows of the engine -> rows of the API. */

import { Buffer } from "node:buffer";
import type { Tuple } from "../execute/operator.js";
import type { Value } from "../value/value.js";
import { isInteger, Real } from "../value/value.js";

/** A value as JavaScript sees it: INTEGER as number, or bigint beyond 2^53; REAL as number; BLOB as Buffer. */
export type SqlValue = null | number | bigint | string | Buffer;

export type IntegerMode = "number" | "bigint";

export function toJavaScript(value: Value, integers: IntegerMode): SqlValue {
	if (integers === "bigint" && isInteger(value)) return BigInt(value);
	if (typeof value !== "object" || value === null) return value;
	if (value instanceof Real) return value.value;
	return Buffer.isBuffer(value) ? value : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}

export type RowMode = "object" | "raw" | "pluck";

export type RowBuilder = (row: Tuple) => unknown;

export function rowBuilder(mode: RowMode, names: readonly string[], integers: IntegerMode): RowBuilder {
	const width = names.length;
	switch (mode) {
		case "pluck":
			return (row) => toJavaScript(row[0] ?? null, integers);
		case "raw":
			return (row) => {
				const values = new Array<SqlValue>(width);
				for (let i = 0; i < width; i++) values[i] = toJavaScript(row[i] as Value, integers); // rows are as wide as names
				return values;
			};
		case "object":
			return (row) => {
				const object: Record<string, SqlValue> = {};
				for (let i = 0; i < width; i++) {
					const name = names[i] as string; // i is within
					const value = toJavaScript(row[i] as Value, integers);
					if (name === "__proto__") defineOwn(object, name, value);
					else object[name] = value;
				}
				return object;
			};
	}
}

/** Assignment to `__proto__` would set the prototype. */
function defineOwn(object: object, name: string, value: SqlValue): void {
	Object.defineProperty(object, name, { value, enumerable: true, writable: true, configurable: true });
}
