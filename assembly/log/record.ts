// Records of the write-ahead log and of the manifest, and the batch of operations that a WAL record carries.
//
//    0  u32  headerChecksum   low half of XXH64 of bytes 4..32, seed = the file's
//    4  u32  payloadLength
//    8  u64  payloadChecksum  XXH64 of the payload and its padding, seed = the file's
//   16  u64  sequence         of the first operation; in a manifest the edit's number
//   24  u64  durableBytes     how much of the file was on stable storage when this was written
//   32  payload, zeros up to a multiple of 8
//
// The header has a checksum of its own, so that a reader can look for sound records behind damage cheaply and tell a
// torn tail from a hole.

import {
	KEY_MAX_BYTES, KIND_DELETE, KIND_PUT, OPERATION_HEADER_BYTES, RECORD_ALIGN, RECORD_DURABLE, RECORD_HEADER_BYTES,
	RECORD_HEADER_CHECKSUM, RECORD_PAYLOAD_CHECKSUM, RECORD_PAYLOAD_LENGTH, RECORD_SEQUENCE, VALUE_MAX_BYTES,
} from "../shared/format";
import { xxh64 } from "../hash/xxh64";
import { memtableInsert } from "../memtable/memtable";

// @ts-ignore: decorator
@inline
function padded(length: u32): u32 {
	return (length + RECORD_ALIGN - 1) & ~(RECORD_ALIGN - 1);
}

/** Completes the record whose payload stands at `record + RECORD_HEADER_BYTES`; answers its whole length. */
export function recordSeal(record: u32, payloadLength: u32, sequence: u64, durableBytes: u64, seed: u64): u32 {
	const payload = record + RECORD_HEADER_BYTES;
	const length = padded(payloadLength);
	for (let at = payloadLength; at < length; at++) store<u8>(payload + at, 0);
	store<u32>(record, payloadLength, RECORD_PAYLOAD_LENGTH);
	store<u64>(record, xxh64(payload, length, seed), RECORD_PAYLOAD_CHECKSUM);
	store<u64>(record, sequence, RECORD_SEQUENCE);
	store<u64>(record, durableBytes, RECORD_DURABLE);
	store<u32>(record, headerChecksum(record, seed), RECORD_HEADER_CHECKSUM);
	return RECORD_HEADER_BYTES + length;
}

function headerChecksum(record: u32, seed: u64): u32 {
	return <u32>xxh64(record + RECORD_PAYLOAD_LENGTH, RECORD_HEADER_BYTES - RECORD_PAYLOAD_LENGTH, seed);
}

/** Whole length of the record that starts here by its header, 0 where no sound header stands here. 32 bytes are there to read. */
export function recordMeasure(record: u32, seed: u64): f64 {
	if (load<u32>(record, RECORD_HEADER_CHECKSUM) != headerChecksum(record, seed)) return 0;
	return <f64>RECORD_HEADER_BYTES + <f64>((<u64>load<u32>(record, RECORD_PAYLOAD_LENGTH) + RECORD_ALIGN - 1) & ~<u64>(RECORD_ALIGN - 1));
}

/** Whether the payload of a measured record is what was written. */
export function recordSound(record: u32, seed: u64): bool {
	const length = padded(load<u32>(record, RECORD_PAYLOAD_LENGTH));
	return load<u64>(record, RECORD_PAYLOAD_CHECKSUM) == xxh64(record + RECORD_HEADER_BYTES, length, seed);
}

/** Number of operations in a batch, -1 where it is malformed. */
export function batchCount(batch: u32, length: u32): i32 {
	let at: u32 = 0;
	let count: i32 = 0;
	while (at < length) {
		if (length - at < <u32>OPERATION_HEADER_BYTES) return -1;
		const lengths = load<u32>(batch + at);
		const keyLength = lengths & 0xffffff;
		const valueLength = load<u32>(batch + at, 4);
		const kind = lengths >> 24;
		if (kind != KIND_PUT && kind != KIND_DELETE) return -1;
		if (keyLength > <u32>KEY_MAX_BYTES || valueLength > <u32>VALUE_MAX_BYTES) return -1;
		if (kind == KIND_DELETE && valueLength != 0) return -1;
		const size: u32 = OPERATION_HEADER_BYTES + keyLength + valueLength;
		if (length - at < size) return -1;
		at += size;
		count += 1;
	}
	return count;
}

/** Puts the operations of a well-formed batch into a memtable that has room for them. */
export function batchApply(batch: u32, length: u32, memtable: u32, firstSequence: u64): void {
	let at = batch;
	const end = batch + length;
	let sequence = firstSequence;
	while (at < end) {
		const lengths = load<u32>(at);
		const keyLength = lengths & 0xffffff;
		const valueLength = load<u32>(at, 4);
		const key = at + OPERATION_HEADER_BYTES;
		memtableInsert(memtable, key, keyLength, key + keyLength, valueLength, (sequence << 8) | (lengths >> 24));
		sequence += 1;
		at = key + keyLength + valueLength;
	}
}
