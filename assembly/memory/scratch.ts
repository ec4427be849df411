// What a thread has to itself: the buffer for keys that come in, and the words in which calls answer.

import {
	ERROR_FILE, ERROR_OFFSET, ERROR_REASON, NEED_ADDRESS, NEED_FILE, NEED_LENGTH, NEED_OFFSET, RESULT_ADDRESS,
	RESULT_LENGTH, SCRATCH_BYTES,
} from "../shared/abi";
import { STATUS_CORRUPT, STATUS_NEED } from "../shared/status";
import { allocateZeroed } from "./allocator";

/** Per instance, hence per thread: never state of the database. */
let scratchAddress: u32 = 0;

/** Gives this thread its scratch; 0 where memory is used up. */
export function scratchAttach(): u32 {
	if (scratchAddress == 0) scratchAddress = allocateZeroed(SCRATCH_BYTES);
	return scratchAddress;
}

// @ts-ignore: decorator
@inline
export function scratch(): u32 {
	return scratchAddress;
}

export function answerNeed(file: u32, offset: u64, length: u32, address: u32): u32 {
	const words = scratchAddress;
	store<u32>(words, file, NEED_FILE);
	store<u32>(words, length, NEED_LENGTH);
	store<f64>(words, <f64>offset, NEED_OFFSET);
	store<u32>(words, address, NEED_ADDRESS);
	return STATUS_NEED;
}

export function answerCorrupt(file: u32, offset: u64, reason: u32): u32 {
	const words = scratchAddress;
	store<u32>(words, file, ERROR_FILE);
	store<u32>(words, reason, ERROR_REASON);
	store<f64>(words, <f64>offset, ERROR_OFFSET);
	return STATUS_CORRUPT;
}

export function answerResult(address: u32, length: u32): void {
	const words = scratchAddress;
	store<u32>(words, address, RESULT_ADDRESS);
	store<u32>(words, length, RESULT_LENGTH);
}
