/** About how many bytes of the heap values take. */

import type { Value } from "../../value/value.js";
import type { Tuple } from "../operator.js";

const ROW_BYTES = 40;
const SLOT_BYTES = 8;
const BOX_BYTES = 24;
const TEXT_BYTES = 24;
const BLOB_BYTES = 120;

function valueBytes(value: Value): number {
	switch (typeof value) {
		case "string":
			return TEXT_BYTES + value.length;
		case "number":
			// Small integers stand in the slot itself.
			return (value | 0) === value ? 0 : BOX_BYTES;
		case "bigint":
			return BOX_BYTES;
		default:
			return value === null ? 0 : value instanceof Uint8Array ? BLOB_BYTES + value.length : BOX_BYTES;
	}
}

export function rowBytes(row: Tuple): number {
	let bytes = ROW_BYTES + row.length * SLOT_BYTES;
	for (let i = 0; i < row.length; i++) bytes += valueBytes(row[i] as Value); // i is within
	return bytes;
}

/** A key in a Set or a Map, with its place there. */
export function keyBytes(key: string | number | bigint | null): number {
	return 48 + valueBytes(key);
}

/** What each of many keys takes that an index is searched by: its bytes, their place among others, and the range that they become. */
export const SEARCH_KEY_BYTES = 400;
