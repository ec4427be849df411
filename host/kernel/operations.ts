import {
	EXPIRY_BYTES,
	KIND_DELETE,
	KIND_DELETE_RANGE,
	KIND_PUT,
	KIND_PUT_EXPIRING,
	OPERATION_HEADER_BYTES,
} from "../../assembly/shared/format.js";
import type { Operation, RecordBuffer } from "./contract.js";

const NOTHING = new Uint8Array(0);

/** A put. `expiry`: Unix milliseconds from which on the value is absent; without one it stays. Nothing is checked. */
export function putOperation(key: Uint8Array, value: Uint8Array, expiry?: number): Operation {
	if (expiry === undefined) return { kind: KIND_PUT, key, value };
	const stored = new Uint8Array(EXPIRY_BYTES + value.length);
	writeExpiry(expiry, stored, 0);
	stored.set(value, EXPIRY_BYTES);
	return { kind: KIND_PUT_EXPIRING, key, value: stored };
}

/** A deletion of one key. */
export function deleteOperation(key: Uint8Array): Operation {
	return { kind: KIND_DELETE, key, value: NOTHING };
}

/** Deletes every key between two bounds: the lower one inclusive, the upper one exclusive and greater. */
export function deleteRangeOperation({
	lower,
	upper,
}: {
	readonly lower: Uint8Array;
	readonly upper: Uint8Array;
}): Operation {
	return { kind: KIND_DELETE_RANGE, key: lower, value: upper };
}

/** What stands in front of a value that expires. */
export function writeExpiry(expiry: number, target: Uint8Array, at: number): void {
	new DataView(target.buffer, target.byteOffset + at, EXPIRY_BYTES).setBigUint64(0, BigInt(expiry), true);
}

/** A batch as it stands in the record buffer: the payload's length and the number of operations. */
export interface EncodedBatch {
	/** Bytes. */
	readonly length: number;
	/** Operations. */
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
