// Records of the write-ahead log and of the manifest, and the batch of operations that a WAL record carries (host/FORMAT.md).

import {
	BOUND_MAX_BYTES,
	EXPIRY_BYTES,
	EXPIRY_MAX,
	KEY_MAX_BYTES,
	KIND_DELETE,
	KIND_DELETE_RANGE,
	KIND_PUT_EXPIRING,
	OPERATION_HEADER_BYTES,
	RECORD_ALIGN,
	RECORD_DURABLE,
	RECORD_HEADER_BYTES,
	RECORD_HEADER_CHECKSUM,
	RECORD_PAYLOAD_CHECKSUM,
	RECORD_PAYLOAD_LENGTH,
	RECORD_SEQUENCE,
	VALUE_MAX_BYTES,
} from "../../../../assembly/shared/format.js";
import type { Word64 } from "../../contract.js";
import type { Xxh64 } from "../hash/xxh64.js";
import { compareBytes } from "../key/compare.js";
import { getCount, setCount } from "../memory/bytes.js";

function padded(length: number): number {
	return Math.ceil(length / RECORD_ALIGN) * RECORD_ALIGN;
}

/** Completes the record whose payload stands behind the room for its header; answers its whole length. */
export function sealRecord(
	xxh64: Xxh64,
	view: DataView,
	at: number,
	payloadLength: number,
	sequence: number,
	durableBytes: number,
	seed: Word64,
): number {
	const payload = at + RECORD_HEADER_BYTES;
	const length = padded(payloadLength);
	for (let index = payloadLength; index < length; index++) view.setUint8(payload + index, 0);
	view.setUint32(at + RECORD_PAYLOAD_LENGTH, payloadLength, true);
	xxh64.hash(view, payload, length, seed.low, seed.high);
	view.setInt32(at + RECORD_PAYLOAD_CHECKSUM, xxh64.low, true);
	view.setInt32(at + RECORD_PAYLOAD_CHECKSUM + 4, xxh64.high, true);
	setCount(view, at + RECORD_SEQUENCE, sequence);
	setCount(view, at + RECORD_DURABLE, durableBytes);
	hashHeader(xxh64, view, at, seed);
	view.setInt32(at + RECORD_HEADER_CHECKSUM, xxh64.low, true);
	return RECORD_HEADER_BYTES + length;
}

function hashHeader(xxh64: Xxh64, view: DataView, at: number, seed: Word64): void {
	const start = RECORD_PAYLOAD_LENGTH;
	xxh64.hash(view, at + start, RECORD_HEADER_BYTES - start, seed.low, seed.high);
}

/** Whole length of the record that starts here by its header, 0 where no sound header stands here. */
export function measureRecord(xxh64: Xxh64, view: DataView, at: number, seed: Word64): number {
	hashHeader(xxh64, view, at, seed);
	if (view.getInt32(at + RECORD_HEADER_CHECKSUM, true) !== xxh64.low) return 0;
	return RECORD_HEADER_BYTES + padded(payloadLength(view, at));
}

/** Whether the payload of a measured record is what was written. */
export function isSoundRecord(xxh64: Xxh64, view: DataView, at: number, seed: Word64): boolean {
	xxh64.hash(view, at + RECORD_HEADER_BYTES, padded(payloadLength(view, at)), seed.low, seed.high);
	return (
		view.getInt32(at + RECORD_PAYLOAD_CHECKSUM, true) === xxh64.low &&
		view.getInt32(at + RECORD_PAYLOAD_CHECKSUM + 4, true) === xxh64.high
	);
}

export function payloadLength(view: DataView, at: number): number {
	return view.getUint32(at + RECORD_PAYLOAD_LENGTH, true);
}

/** Number of operations in a batch, -1 where it is malformed. */
export function countOperations(view: DataView, at: number, length: number): number {
	const end = at + length;
	let count = 0;
	for (let operation = at; operation < end; count++) {
		const size = operationSize(view, operation, end - operation);
		if (size === 0) return -1;
		operation += size;
	}
	return count;
}

/** What a well-formed operation takes, of which `left` bytes are there; 0 where it is malformed. */
function operationSize(view: DataView, at: number, left: number): number {
	if (left < OPERATION_HEADER_BYTES) return 0;
	const kind = view.getUint8(at + 3);
	const keyLength = view.getUint32(at, true) & 0xffffff;
	const valueLength = view.getUint32(at + 4, true);
	const extra = kind === KIND_PUT_EXPIRING ? EXPIRY_BYTES : 0;
	const isRange = kind === KIND_DELETE_RANGE;
	if (kind > KIND_DELETE_RANGE || keyLength > (isRange ? BOUND_MAX_BYTES : KEY_MAX_BYTES)) return 0;
	if (valueLength < extra || valueLength > VALUE_MAX_BYTES + extra) return 0;
	if (kind === KIND_DELETE && valueLength !== 0) return 0;
	const size = OPERATION_HEADER_BYTES + keyLength + valueLength;
	if (size > left) return 0;
	const key = at + OPERATION_HEADER_BYTES;
	const value = key + keyLength;
	if (extra !== 0 && getCount(view, value) > EXPIRY_MAX) return 0;
	if (!isRange) return size;
	// A range starts before it ends.
	if (keyLength === 0 || valueLength > BOUND_MAX_BYTES) return 0;
	return compareBytes(view, key, keyLength, view, value, valueLength) < 0 ? size : 0;
}
