import {
	EXPIRY_BYTES,
	KEY_MAX_BYTES,
	KIND_DELETE,
	KIND_DELETE_RANGE,
	KIND_PUT,
	KIND_PUT_EXPIRING,
	OPERATION_HEADER_BYTES,
	VALUE_MAX_BYTES,
} from "../../assembly/shared/format.js";
import { WlsmError } from "../errors.js";
import type { Operation, RecordBuffer } from "../kernel/contract.js";
import type { StoredBounds } from "./range.js";

const NOTHING = new Uint8Array(0);

/** A write to a stored key, of which the lengths have been checked. `expiry`: Unix milliseconds, absent for a value that stays. */
export function putOperation(key: Uint8Array, value: Uint8Array, expiry?: number): Operation {
	if (expiry === undefined) return { kind: KIND_PUT, key, value };
	const stored = new Uint8Array(EXPIRY_BYTES + value.length);
	writeExpiry(expiry, stored, 0);
	stored.set(value, EXPIRY_BYTES);
	return { kind: KIND_PUT_EXPIRING, key, value: stored };
}

export function deleteOperation(key: Uint8Array): Operation {
	return { kind: KIND_DELETE, key, value: NOTHING };
}

/** Deletes every key between two stored bounds: the lower one inclusive, the upper one exclusive and greater. */
export function deleteRangeOperation({ lower, upper }: StoredBounds): Operation {
	return { kind: KIND_DELETE_RANGE, key: lower, value: upper };
}

/** What stands in front of a value that expires. */
export function writeExpiry(expiry: number, target: Uint8Array, at: number): void {
	new DataView(target.buffer, target.byteOffset + at, EXPIRY_BYTES).setBigUint64(0, BigInt(expiry), true);
}

/** Of a key without its keyspace, and its value: longer ones are for no file. */
export function checkLengths(keyLength: number, valueLength: number): void {
	if (valueLength > VALUE_MAX_BYTES) throw tooLong("value", valueLength, VALUE_MAX_BYTES);
	if (keyLength >= KEY_MAX_BYTES) throw tooLong("key", keyLength, KEY_MAX_BYTES - 1);
}

function tooLong(what: string, bytes: number, most: number): WlsmError {
	const said = `The ${what} has ${bytes.toLocaleString("en")} bytes; there is room for ${most.toLocaleString("en")}.`;
	return new WlsmError("WLSM_INVALID_ARGUMENT", said);
}

/** A batch as it stands in the record buffer: the payload's length and the number of operations. */
export interface EncodedBatch {
	readonly length: number;
	readonly entries: number;
}

/** Where operations are encoded: the record buffer, or a buffer of their own. */
export type OperationRoom = Pick<RecordBuffer, "bytes" | "at" | "reserve">;

/** Writes a batch into the record buffer. */
export function encodeOperations(record: RecordBuffer, operations: Iterable<Operation>): EncodedBatch {
	let length = 0;
	let entries = 0;
	for (const { kind, key, value } of operations) {
		const next = length + OPERATION_HEADER_BYTES + key.length + value.length;
		record.reserve(next);
		const at = record.at + length;
		record.bytes.writeUInt32LE((kind << 24) | key.length, at);
		record.bytes.writeUInt32LE(value.length, at + 4);
		record.bytes.set(key, at + OPERATION_HEADER_BYTES);
		record.bytes.set(value, at + OPERATION_HEADER_BYTES + key.length);
		length = next;
		entries += 1;
	}
	return { length, entries };
}
