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
	BOUND_MAX_BYTES, EXPIRY_BYTES, EXPIRY_MAX, KEY_MAX_BYTES, KIND_DELETE, KIND_DELETE_RANGE, KIND_PUT, KIND_PUT_EXPIRING, OPERATION_HEADER_BYTES, RECORD_ALIGN, RECORD_DURABLE, RECORD_HEADER_BYTES,
	RECORD_HEADER_CHECKSUM, RECORD_PAYLOAD_CHECKSUM, RECORD_PAYLOAD_LENGTH, RECORD_SEQUENCE, VALUE_MAX_BYTES,
} from "../shared/format";
import { xxh64 } from "../hash/xxh64";
import { compareKeys, headOf, sharedPrefix } from "../key/compare";
import { allocate, free } from "../memory/allocator";
import { Memtable, memtableAdmit, memtableFirst, memtableInsert, memtableInsertNext, memtableReserve } from "../memtable/memtable";
import { rangesBound, rangesCells, rangesInsert, rangesOf, rangesReserve } from "../memtable/ranges";
import { orderAddress, orderAt, orderBytes, orderNumber, orderSet, orderSort } from "./order";

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
		if (kind > <u32>KIND_DELETE_RANGE) return -1;
		if (kind == KIND_DELETE_RANGE && !isRange(batch + at, keyLength, valueLength, length - at)) return -1;
		const extra: u32 = kind == KIND_PUT_EXPIRING ? EXPIRY_BYTES : 0;
		const longest: u32 = kind == KIND_DELETE_RANGE ? BOUND_MAX_BYTES : KEY_MAX_BYTES;
		if (keyLength > longest || valueLength > <u32>VALUE_MAX_BYTES + extra || valueLength < extra) return -1;
		if (kind == KIND_DELETE && valueLength != 0) return -1;
		const size: u32 = OPERATION_HEADER_BYTES + keyLength + valueLength;
		if (length - at < size) return -1;
		if (extra != 0 && load<u64>(batch + at + OPERATION_HEADER_BYTES + keyLength) > <u64>EXPIRY_MAX) return -1;
		at += size;
		count += 1;
	}
	return count;
}

/** Whether a range deletion, of which `left` bytes are there, starts before it ends. */
function isRange(operation: u32, startLength: u32, endLength: u32, left: u32): bool {
	if (startLength == 0 || startLength > <u32>BOUND_MAX_BYTES || endLength > <u32>BOUND_MAX_BYTES) return false;
	if (left < <u32>OPERATION_HEADER_BYTES + startLength + endLength) return false;
	const start = operation + OPERATION_HEADER_BYTES;
	return compareKeys(start, startLength, start + startLength, endLength) < 0;
}

/**
 * Makes room for a well-formed batch in a memtable; false where memory is used up. For a range deletion that is a cell at
 * each boundary that it covers, those of the batch itself among them: all are made first, which changes nothing yet.
 */
export function batchReserve(batch: u32, length: u32, entries: u32, memtable: u32): bool {
	if (!memtableReserve(memtable, entries, length)) return false;
	const end = batch + length;
	let found = false;
	for (let at = batch; at < end; at = operationEnd(at)) {
		if (load<u8>(at, 3) != KIND_DELETE_RANGE) continue;
		const ranges = rangesOf(memtable);
		const start = at + OPERATION_HEADER_BYTES;
		const startLength = operationKeyLength(at);
		if (ranges == 0 || !rangesBound(ranges, start, startLength, start + startLength, load<u32>(at, 4))) return false;
		found = true;
	}
	if (!found) return true;
	const ranges = rangesOf(memtable);
	let cells: u64 = 0;
	for (let at = batch; at < end; at = operationEnd(at)) {
		if (load<u8>(at, 3) != KIND_DELETE_RANGE) continue;
		const start = at + OPERATION_HEADER_BYTES;
		const startLength = operationKeyLength(at);
		cells += rangesCells(ranges, start, startLength, start + startLength, load<u32>(at, 4), u64.MAX_VALUE);
	}
	return rangesReserve(ranges, cells);
}

/** Fewer operations are not worth sorting. */
const SORT_MIN: u32 = 8;
/** Operations that are sorted together. */
const SORT_MAX: u32 = 1 << 16;

/** Puts the operations of a well-formed batch into a memtable that has room for them. */
export function batchApply(batch: u32, length: u32, memtable: u32, firstSequence: u64): void {
	const end = batch + length;
	// The first one alone: it may be all there is, and in an empty table it is what others are admitted beside.
	let at = insertOne(batch, memtable, firstSequence);
	let sequence = firstSequence + 1;
	let list: u32 = 0;
	while (at < end) {
		const start = at;
		let count: u32 = 0;
		// Range deletions go elsewhere, and do not make the table one that has keys.
		let plain = memtableFirst(memtable) != 0;
		for (; at < end && count < SORT_MAX; count++) {
			if (load<u8>(at, 3) == KIND_DELETE_RANGE) plain = false;
			at = operationEnd(at);
		}
		// Without memory for the list they go in as they come.
		if (list == 0 && plain && count >= SORT_MIN) list = allocate(orderBytes(count));
		if (list == 0 || !plain || count < SORT_MIN) insertAll(start, at, memtable, sequence);
		else insertSorted(list, start, count, memtable, sequence);
		sequence += count;
	}
	free(list);
}

// @ts-ignore: decorator
@inline
function operationKeyLength(operation: u32): u32 {
	return load<u32>(operation) & 0xffffff;
}

// @ts-ignore: decorator
@inline
function operationEnd(operation: u32): u32 {
	return operation + OPERATION_HEADER_BYTES + operationKeyLength(operation) + load<u32>(operation, 4);
}

// @ts-ignore: decorator
@inline
function operationTrailer(operation: u32, sequence: u64): u64 {
	return (sequence << 8) | load<u8>(operation, 3);
}

/** Inserts an operation; answers where the next one starts. */
// @ts-ignore: decorator
@inline
function insertOne(operation: u32, memtable: u32, sequence: u64): u32 {
	const keyLength = operationKeyLength(operation);
	const valueLength = load<u32>(operation, 4);
	const key = operation + OPERATION_HEADER_BYTES;
	const trailer = operationTrailer(operation, sequence);
	if (load<u8>(operation, 3) == KIND_DELETE_RANGE) {
		rangesInsert(rangesOf(memtable), key, keyLength, key + keyLength, valueLength, trailer);
		changetype<Memtable>(memtable as usize).entries += 1;
	} else {
		memtableInsert(memtable, key, keyLength, key + keyLength, valueLength, trailer);
	}
	return key + keyLength + valueLength;
}

function insertAll(start: u32, end: u32, memtable: u32, firstSequence: u64): void {
	let sequence = firstSequence;
	for (let at = start; at < end; sequence++) at = insertOne(at, memtable, sequence);
}

function insertSorted(list: u32, start: u32, count: u32, memtable: u32, firstSequence: u64): void {
	const first = start + OPERATION_HEADER_BYTES;
	let shared = operationKeyLength(start);
	let at = start;
	for (let number: u32 = 0; number < count; number++) {
		const key = at + OPERATION_HEADER_BYTES;
		const keyLength = operationKeyLength(at);
		memtableAdmit(memtable, key, keyLength);
		shared = sharedPrefix(first, shared, key, keyLength);
		at = operationEnd(at);
	}
	at = start;
	let ascending = true;
	let before: u64 = 0;
	for (let number: u32 = 0; number < count; number++) {
		const head = headOf(at + OPERATION_HEADER_BYTES + shared, operationKeyLength(at) - shared);
		ascending = ascending && head > before;
		before = head;
		orderSet(list, number, head, at);
		at = operationEnd(at);
	}
	const sorted = ascending ? list : orderSort(list, count, shared);
	for (let index: u32 = 0; index < count; index++) {
		const item = orderAt(sorted, index);
		const operation = orderAddress(item);
		const keyLength = operationKeyLength(operation);
		const key = operation + OPERATION_HEADER_BYTES;
		const trailer = operationTrailer(operation, firstSequence + orderNumber(item));
		memtableInsertNext(memtable, key, keyLength, key + keyLength, load<u32>(operation, 4), trailer);
	}
}
