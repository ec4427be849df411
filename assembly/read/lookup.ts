// Rows by their keys: a page of pointers, which entries of an index are, goes in, and a page of columns comes out. A read of one
// row waits for one line of memory after the other. What the reads of several want first is touched ahead for all of them, so
// that they wait together.

import { KEY_BUFFER, PAGE_COUNT, RESULT_ADDRESS, RESULT_EXPIRY, RESULT_LENGTH, RESULT_TRAILER } from "../shared/abi";
import { KEY_MAX_BYTES } from "../shared/format";
import { STATUS_ABSENT, STATUS_DONE, STATUS_EXPIRING, STATUS_OUT_OF_MEMORY } from "../shared/status";
import { ROW_CACHE_BYTES, rowOf, rowsOf, rowTouch, rowTouchTags } from "../cache/rows";
import { xxh64 } from "../hash/xxh64";
import { allocate, allocateZeroed, capacityOf, free } from "../memory/allocator";
import { answerResult, scratch } from "../memory/scratch";
import { memtableTouch } from "../memtable/memtable";
import { ROW_TAKEN, ROW_WITHOUT_MEMORY, Rows, rowsAppend, rowsCreate, rowsFree, rowsNumber, rowsReset, rowsShow, rowsTake, TextBytes } from "../row/rows";
import { memtableAt, memtableCount } from "../version/superversion";
import { findOwn, getContinue, getOperationCreate, getOperationReset, getStart } from "./get";
import { OVERLAY_SEQUENCE } from "./scan";

/** Rows that are touched ahead together. */
const AHEAD: u32 = 16;

@unmanaged
export class Lookup {
	/** Class GetOperation. */
	get: u32;
	/** Class Rows. */
	rows: u32;
	// As class TextBytes.
	bytes: u32;
	bytesUsed: u32;
	superversion: u32;
	/** A transaction's memtable or 0. */
	overlay: u32;
	trailer: u64;
	overlayTrailer: u64;
	/** Unix milliseconds. */
	now: u64;
	/** What stands before each pointer in the key of its row: the keyspace, and the object in it. */
	prefix: u32;
	prefixLength: u32;
	/** The page of pointers, as a scan fills it: values of entries. Without bounds each takes eight bytes, and rows may be missing. */
	pointers: u32;
	bounds: u32;
	total: u32;
	/** Room for pointers that the host gives. */
	given: u32;
	/** The pointer whose row is read next, and the first one that was not touched ahead. */
	next: u32;
	ahead: u32;
	/** Rows on the page. */
	count: u32;
	// The hashes of AHEAD keys follow, and room for a row.
}

const HASHES: u32 = (<u32>offsetof<Lookup>() + 7) & ~7;
const ROW: u32 = HASHES + 8 * AHEAD;
/** Loads may go a few bytes beyond the row's end. */
const LOOKUP_BYTES: u32 = ROW + ROW_CACHE_BYTES + 8;

// @ts-ignore: decorator
@inline
function textsOf(lookup: Lookup): TextBytes {
	return changetype<TextBytes>(changetype<usize>(lookup) + offsetof<Lookup>("bytes"));
}

/** Of rows whose keys begin with the `prefixLength` bytes in the thread's key buffer. 0 where memory is used up. */
export function lookupCreate(superversion: u32, overlay: u32, overlayWrites: u32, trailer: u64, now: u64, prefixLength: u32): u32 {
	const address = allocateZeroed(LOOKUP_BYTES + prefixLength);
	if (address == 0) return 0;
	const lookup = changetype<Lookup>(address as usize);
	lookup.get = getOperationCreate();
	lookup.rows = rowsCreate();
	if (lookup.get == 0 || lookup.rows == 0) {
		lookupFree(address);
		return 0;
	}
	lookup.superversion = superversion;
	lookup.overlay = overlay;
	lookup.trailer = trailer;
	lookup.overlayTrailer = ((OVERLAY_SEQUENCE + overlayWrites) << 8) - 1;
	lookup.now = now;
	lookup.prefix = address + LOOKUP_BYTES;
	lookup.prefixLength = prefixLength;
	memory.copy(lookup.prefix, scratch() + KEY_BUFFER, prefixLength);
	return address;
}

export function lookupFree(address: u32): void {
	const lookup = changetype<Lookup>(address as usize);
	if (lookup.get != 0) {
		getOperationReset(lookup.get);
		free(lookup.get);
	}
	rowsFree(lookup.rows);
	free(lookup.bytes);
	free(lookup.given);
	free(address);
}

/** As scanRows. */
export function lookupRows(address: u32, program: u32): bool {
	return rowsTake(changetype<Rows>(changetype<Lookup>(address as usize).rows as usize), program);
}

/** Room for so many pointers of eight bytes; 0 where memory is used up. */
export function lookupRoom(address: u32, total: u32): u32 {
	const lookup = changetype<Lookup>(address as usize);
	if (lookup.given == 0 || capacityOf(lookup.given) < 8 * total) {
		free(lookup.given);
		lookup.given = allocate(8 * total);
	}
	return lookup.given;
}

/** As `lookupFill` by the pointers in that room. Rows that are not there are passed over; to which pointer each belongs stands in its group. */
export function lookupGiven(address: u32, total: u32): u32 {
	return lookupFill(address, changetype<Lookup>(address as usize).given, 0, total);
}

/**
 * Fills a page with the rows that the entries of a scan's page point to. STATUS_DONE: it stands in the PAGE words. STATUS_ABSENT:
 * one of the rows is not there.
 */
export function lookupFill(address: u32, pointers: u32, bounds: u32, total: u32): u32 {
	const lookup = changetype<Lookup>(address as usize);
	// Where the last page failed while bytes were read.
	getOperationReset(lookup.get);
	if (!rowsReset(changetype<Rows>(lookup.rows as usize), total)) return STATUS_OUT_OF_MEMORY;
	if (lookup.bytes == 0) {
		lookup.bytes = allocateZeroed(64);
		if (lookup.bytes == 0) return STATUS_OUT_OF_MEMORY;
	}
	lookup.bytesUsed = 0;
	lookup.pointers = pointers;
	lookup.bounds = bounds;
	lookup.total = total;
	lookup.next = 0;
	lookup.ahead = 0;
	lookup.count = 0;
	return readOn(lookup);
}

/** Goes on after STATUS_NEED, when the bytes asked for have been read. */
export function lookupContinue(address: u32): u32 {
	const lookup = changetype<Lookup>(address as usize);
	const status = take(lookup, getContinue(lookup.get));
	return status == STATUS_DONE ? readOn(lookup) : status;
}

function readOn(lookup: Lookup): u32 {
	while (lookup.next < lookup.total) {
		if (lookup.next == lookup.ahead) touchAhead(lookup);
		const keyLength = stageKey(lookup, lookup.next);
		const status = take(lookup, keyLength == 0 ? STATUS_ABSENT : read(lookup, keyLength));
		if (status != STATUS_DONE) return status;
	}
	getOperationReset(lookup.get);
	rowsShow(changetype<Rows>(lookup.rows as usize));
	store<u32>(scratch(), lookup.count, PAGE_COUNT);
	answerResult(lookup.bytes, lookup.bytesUsed);
	return STATUS_DONE;
}

/** Puts the key of a row into the thread's key buffer; answers its length, 0 where no row has such a key. */
function stageKey(lookup: Lookup, index: u32): u32 {
	let from = 8 * index;
	let length: u32 = 8;
	if (lookup.bounds != 0) {
		const bounds = lookup.bounds + 8 * index;
		from = load<u32>(bounds, 4);
		length = load<u32>(bounds, 8) - from;
	}
	const keyLength = lookup.prefixLength + length;
	if (keyLength > <u32>KEY_MAX_BYTES) return 0;
	const key = scratch() + KEY_BUFFER;
	memory.copy(key, lookup.prefix, lookup.prefixLength);
	memory.copy(key + lookup.prefixLength, lookup.pointers + from, length);
	return keyLength;
}

function read(lookup: Lookup, keyLength: u32): u32 {
	if (lookup.overlay != 0) {
		const status = findOwn(lookup.overlay, scratch() + KEY_BUFFER, keyLength, lookup.overlayTrailer);
		if (status != STATUS_ABSENT || load<u64>(scratch(), RESULT_TRAILER) != 0) return status;
	}
	return getStart(lookup.get, lookup.superversion, keyLength, lookup.trailer);
}

/** Takes the row that a read has found, if it is one to be taken. STATUS_DONE: the next one can be read. */
function take(lookup: Lookup, status: u32): u32 {
	const words = scratch();
	if (status == STATUS_EXPIRING && load<u64>(words, RESULT_EXPIRY) <= lookup.now) status = STATUS_ABSENT;
	if (status == STATUS_ABSENT && lookup.bounds == 0) {
		lookup.next += 1;
		return STATUS_DONE;
	}
	if (status != STATUS_DONE && status != STATUS_EXPIRING) return status;
	const length = load<u32>(words, RESULT_LENGTH);
	let value = load<u32>(words, RESULT_ADDRESS);
	if (length < ROW_CACHE_BYTES) {
		// It may lie in a block that is not pinned, which may make way for what the page takes.
		const copy: u32 = <u32>changetype<usize>(lookup) + ROW;
		memory.copy(copy, value, length);
		value = copy;
	}
	const keyLength = stageKey(lookup, lookup.next);
	const taken = rowsAppend(
		changetype<Rows>(lookup.rows as usize), lookup.count, words + KEY_BUFFER + 1, keyLength - 1,
		value, value + length, textsOf(lookup),
	);
	if (taken == ROW_WITHOUT_MEMORY) return STATUS_OUT_OF_MEMORY;
	if (taken == ROW_TAKEN) {
		if (lookup.bounds == 0) rowsNumber(changetype<Rows>(lookup.rows as usize), lookup.count, lookup.next);
		lookup.count += 1;
	}
	lookup.next += 1;
	return STATUS_DONE;
}

/** Touches what the next rows' reads will look at: the memtables' indexes and the row cache's tags, then its slots, then the rows. */
function touchAhead(lookup: Lookup): void {
	const first = lookup.next;
	const end = min<u32>(first + AHEAD, lookup.total);
	const superversion = lookup.superversion;
	const memtables = memtableCount(superversion);
	const hashes: u32 = <u32>changetype<usize>(lookup) + HASHES;
	lookup.ahead = end;
	rowsOf(superversion);
	for (let index = first; index < end; index++) {
		const hash = xxh64(scratch() + KEY_BUFFER, stageKey(lookup, index), 0);
		store<u64>(hashes + 8 * (index - first), hash);
		for (let position: u32 = 0; position < memtables; position++) memtableTouch(memtableAt(superversion, position), hash);
		rowTouchTags(hash);
	}
	for (let index = first; index < end; index++) {
		const at = hashes + 8 * (index - first);
		// From here on it is the slot.
		store<u64>(at, rowOf(load<u64>(at)));
	}
	for (let index = first; index < end; index++) rowTouch(load<u32>(hashes + 8 * (index - first)));
}
