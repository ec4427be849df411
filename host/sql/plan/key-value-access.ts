/** Ways to the key-value data as the table `kv`. */

import { Buffer } from "node:buffer";
import { Keyspace } from "../../engine/store.js";
import { numberText, utf8 } from "../value/text.js";
import type { Value } from "../value/value.js";
import type { Access, CompileFixed } from "./access.js";
import { greatest, least } from "./key-range.js";
import type { CompareCondition } from "./path.js";

/** `kv` is ordered and compared by the bytes of its keys, whether these are text or not. */
export function keyValueAccess(
	conditions: readonly CompareCondition[],
	compileFixed: CompileFixed,
	described: string,
): Access {
	const bounds = conditions.map(({ operator, value }) => ({ operator, value: compileFixed(value) }));
	const equal = bounds.find(({ operator }) => operator === "=");
	const kind = equal === undefined ? "over a range of the key" : "by key";
	return {
		describe: bounds.length === 0 ? "" : `${kind} (${described})`,
		space: Keyspace.keyValue,
		order: "key",
		atMostOneRow: equal !== undefined,
		select: (run, outer) => {
			if (equal !== undefined) {
				const key = keyBytes(equal.value(outer, run));
				return key === undefined ? { kind: "none" } : { kind: "points", keys: [key] };
			}
			let lower: Uint8Array | undefined;
			let upper: Uint8Array | undefined;
			for (const { operator, value } of bounds) {
				const key = keyBytes(value(outer, run));
				if (key === undefined) return { kind: "none" };
				// The next key after k is k with a zero byte.
				const behind = Buffer.concat([key, new Uint8Array(1)]);
				if (operator === ">") lower = lower === undefined ? behind : greatest(lower, behind);
				if (operator === ">=") lower = lower === undefined ? key : greatest(lower, key);
				if (operator === "<") upper = least(upper, key);
				if (operator === "<=") upper = least(upper, behind);
			}
			return { kind: "range", ranges: [{ gte: lower, lt: upper }], indirect: false };
		},
	};
}

/** A value as a key of the key-value data; undefined for NULL, which equals nothing. */
function keyBytes(value: Value): Uint8Array | undefined {
	if (value === null) return undefined;
	if (value instanceof Uint8Array) return value;
	return utf8(typeof value === "string" ? value : numberText(value));
}
