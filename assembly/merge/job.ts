// A flush or a compaction: entries of memtables and sorted runs, merged into new tables. Runs in steps: each answers with
// bytes to write out, bytes to read, or the end. What it may drop:
//   - a version that a newer one shadows for every snapshot;
//   - a version that a range deletion shadows for every snapshot;
//   - a deletion that every snapshot sees, where no level below the output holds its key.
// What has expired becomes a deletion: it is absent for every reader, snapshots or not, but older versions must stay hidden.

import {
	EMIT_PART, EMIT_TABLE_END, JOB_BELOW, JOB_BITS_PER_KEY, JOB_BLOCK_BYTES, JOB_COMPRESSION, JOB_DATABASE_ID, JOB_INPUTS, JOB_MEMTABLES, JOB_NOW,
	JOB_RUNS, JOB_SNAPSHOTS, JOB_SUPERVERSION, JOB_TABLE_BYTES, LEVELS,
} from "../shared/abi";
import { KIND_DELETE, KIND_PUT_EXPIRING } from "../shared/format";
import { STATUS_DONE, STATUS_OUT_OF_MEMORY } from "../shared/status";
import { Fetch, FETCH_NONE, fetchAbandon } from "../read/fetch";
import { aheadLimit, Cursor, CURSOR_RUN, cursorOverMemtable, cursorOverRun, GO_FIRST } from "../cursor/cursor";
import { Merge, mergeAdvance, mergeCursor, mergeInitialize, mergeRelease, mergeStart, mergeTop, outOfOrder, SOURCE_BYTES } from "../cursor/merge";
import { compareKeys } from "../key/compare";
import { allocateZeroed, capacityOf, free, reallocate } from "../memory/allocator";
import { copyBytes } from "../memory/copy";
import { memtableFree } from "../memtable/memtable";
import { gatherRanges, isRangeDeleted, writeRanges, writeRangesUpToLast } from "./ranges";
import {
	TableBuilder, tableBuilderAdd, tableBuilderCreate, tableBuilderEmitted, tableBuilderFinish, tableBuilderFree,
	tableBuilderSize, tableBuilderStart,
} from "../table/builder";
import { emit, EMIT_BYTES, EMITTED_NOTHING, EMITTED_PART, EMITTED_TABLE } from "../table/emit";
import { findTable, levelCount, levelTables, tableAt, tableStartsAfter } from "../version/superversion";

const READ_AHEAD: u32 = 128 << 10;
const READ_AHEAD_LIMIT: u32 = 1 << 20;
const LAST_KEY_BYTES: u32 = 64;

@unmanaged
export class MergeJob {
	// A read that is under way: as class Fetch.
	fetchKind: u32;
	fetchTable: u32;
	fetchBlock: u32;
	fetchTarget: u32;
	/** Range deletions of all inputs (memtable/ranges.ts), 0 where there are none. */
	ranges: u32;
	/** Inputs, the oldest first, and tables of the next one of which the range deletions are in `ranges`. */
	gathered: u32;
	gatheredTables: u32;
	/** The last boundary of `ranges` at or before the current key, 0 where there is none. */
	boundary: u32;
	/** The boundary from which on range deletions are to be written, 0 where all are. */
	unwritten: u32;
	merge: u32;
	builder: u32;
	words: u32;
	snapshots: u32;
	snapshotCount: u32;
	superversion: u32;
	below: u32;
	now: u64;
	tableBytes: u32;
	started: u32;
	/** Whether a table is open, that is, has a file number. */
	building: u32;
	/** What the last step emitted: freed at the next. */
	emitted: u32;
	lastKey: u32;
	lastKeyLength: u32;
	hasLast: u32;
	/** Whether a version of the last key has been written. */
	lastWritten: u32;
	/** Stripe of the version of the last key that was kept or, as a deletion, dropped. */
	lastStripe: u32;
}

const JOB_BYTES: u32 = (<u32>offsetof<MergeJob>() + 7) & ~7;
const MERGE_BYTES: u32 = (<u32>offsetof<Merge>() + 7) & ~7;

/** 0 where memory is used up. */
export function jobCreate(words: u32): u32 {
	const memtables = load<u32>(words, JOB_MEMTABLES);
	const runs = load<u32>(words, JOB_RUNS);
	const snapshots = load<u32>(words, JOB_SNAPSHOTS);
	let wordsLength = JOB_INPUTS + 4 * memtables;
	for (let run: u32 = 0; run < runs; run++) wordsLength += 4 + 4 * load<u32>(words + wordsLength);
	wordsLength += 8 * snapshots;
	const cursors = memtables + runs;
	const address = allocateZeroed(JOB_BYTES + MERGE_BYTES + SOURCE_BYTES * cursors + wordsLength);
	if (address == 0) return 0;
	const job = changetype<MergeJob>(address as usize);
	job.merge = address + JOB_BYTES;
	const merge = changetype<Merge>(job.merge as usize);
	mergeInitialize(merge, job.merge + MERGE_BYTES, cursors, false);
	job.words = job.merge + MERGE_BYTES + SOURCE_BYTES * cursors;
	memory.copy(job.words, words, wordsLength);
	job.superversion = load<u32>(words, JOB_SUPERVERSION);
	job.below = load<u32>(words, JOB_BELOW);
	job.tableBytes = load<u32>(words, JOB_TABLE_BYTES);
	job.now = <u64>load<f64>(words, JOB_NOW);
	job.snapshotCount = snapshots;
	job.snapshots = job.words + wordsLength - 8 * snapshots;
	job.lastKey = allocateZeroed(LAST_KEY_BYTES);
	job.builder = tableBuilderCreate(
		load<u32>(words, JOB_BLOCK_BYTES), load<u32>(words, JOB_BITS_PER_KEY), load<u32>(words, JOB_COMPRESSION),
		load<u64>(words, JOB_DATABASE_ID),
	);
	let at = job.words + JOB_INPUTS;
	let position: u32 = 0;
	for (let index: u32 = 0; index < memtables; index++, at += 4) {
		cursorOverMemtable(mergeCursor(merge, position++), load<u32>(at));
	}
	const limit = aheadLimit(READ_AHEAD_LIMIT, cursors);
	for (let run: u32 = 0; run < runs; run++) {
		const tables = load<u32>(at);
		cursorOverRun(mergeCursor(merge, position++), at + 4, tables, 0, min<u32>(READ_AHEAD, limit), limit);
		at += 4 + 4 * tables;
	}
	if (job.lastKey == 0 || job.builder == 0) {
		jobFree(address);
		return 0;
	}
	return address;
}

export function jobFree(address: u32): void {
	const job = changetype<MergeJob>(address as usize);
	if (job.fetchKind != FETCH_NONE) fetchAbandon(changetype<Fetch>(address as usize));
	mergeRelease(changetype<Merge>(job.merge as usize));
	if (job.ranges != 0) memtableFree(job.ranges);
	if (job.builder != 0) tableBuilderFree(job.builder);
	free(job.lastKey);
	free(address);
}

/**
 * Goes on until there is something to tell: STATUS_NEED; STATUS_EMIT with RESULT bytes to append to the output and EMIT_FLAG
 * (at EMIT_TABLE_END `jobDescription` says what the table is); STATUS_DONE when all input is used up. `file` and `seed` are
 * those of the next table to start; `last`: there are no further numbers, this table takes all that is left.
 */
export function jobStep(address: u32, file: u32, last: bool, seed: u64): u32 {
	const job = changetype<MergeJob>(address as usize);
	const builder = changetype<TableBuilder>(job.builder as usize);
	const merge = changetype<Merge>(job.merge as usize);
	if (job.emitted != EMITTED_NOTHING) {
		tableBuilderEmitted(builder);
		if (job.emitted == EMITTED_TABLE) job.building = 0;
		job.emitted = EMITTED_NOTHING;
	}
	if (job.gathered < merge.count) {
		const status = gatherRanges(job, merge);
		if (status != STATUS_DONE) return status;
	}
	if (!job.started) {
		const status = mergeStart(merge, GO_FIRST, 0, 0, 0);
		if (status != STATUS_DONE) return status;
		job.started = 1;
	}
	if (merge.moving) {
		const status = mergeAdvance(merge);
		if (status != STATUS_DONE) return status;
	}
	while (merge.size != 0) {
		const cursor = mergeTop(merge);
		if ((<u32>cursor.trailer & 255) == KIND_PUT_EXPIRING && load<u64>(cursor.value) <= job.now) becomeDeletion(cursor);
		const order = orderAfterLast(job, cursor);
		// Of tables that are out of order none must be made that no search can be trusted in.
		if (order < 0 && cursor.kind == CURSOR_RUN) return outOfOrder(cursor);
		const newKey = order != 0;
		const stripe = stripeOf(job, cursor.trailer >> 8);
		if (newKey || stripe != job.lastStripe) {
			if (newKey && job.building && !last && tableBuilderSize(builder) >= job.tableBytes) {
				if (job.ranges != 0 && !writeRangesUpToLast(job, builder)) return STATUS_OUT_OF_MEMORY;
				return endTable(job, builder);
			}
			if (!remember(job, cursor, stripe)) return STATUS_OUT_OF_MEMORY;
			if (newKey) job.lastWritten = 0;
			if (!isDeadDeletion(job, cursor, stripe) && !(job.ranges != 0 && isRangeDeleted(job, cursor, stripe))) {
				if (!job.building) {
					tableBuilderStart(builder, file, seed);
					job.building = 1;
				}
				const first = !job.lastWritten;
				if (!tableBuilderAdd(builder, cursor.key, cursor.keyLength, cursor.trailer, cursor.value, cursor.valueLength, first)) {
					return STATUS_OUT_OF_MEMORY;
				}
				job.lastWritten = 1;
			}
		}
		const status = mergeAdvance(merge);
		if (status != STATUS_DONE) return status;
		if (builder.outputUsed >= EMIT_BYTES) {
			job.emitted = EMITTED_PART;
			return emit(builder, EMIT_PART);
		}
	}
	if (job.unwritten != 0) {
		if (!job.building) tableBuilderStart(builder, file, seed);
		if (!writeRanges(job, builder, 0, 0)) return STATUS_OUT_OF_MEMORY;
		if (builder.rangeDeletions != 0) job.building = 1;
	}
	return job.building ? endTable(job, builder) : STATUS_DONE;
}

/** Address of the description (shared/abi.ts) of the table that ended. */
export function jobDescription(address: u32): u32 {
	return changetype<TableBuilder>(changetype<MergeJob>(address as usize).builder as usize).description;
}

function endTable(job: MergeJob, builder: TableBuilder): u32 {
	if (!tableBuilderFinish(builder)) return STATUS_OUT_OF_MEMORY;
	job.emitted = EMITTED_TABLE;
	return emit(builder, EMIT_TABLE_END);
}

/** In the cursor's view of the entry alone. Sequence numbers are given once, so its place among others stays. */
function becomeDeletion(cursor: Cursor): void {
	cursor.trailer = (cursor.trailer & ~<u64>255) | KIND_DELETE;
	cursor.valueLength = 0;
}

/** As a comparison: the key against that of the entry looked at last. */
// @ts-ignore: decorator
@inline
function orderAfterLast(job: MergeJob, cursor: Cursor): i32 {
	if (job.hasLast == 0) return 1;
	return compareKeys(cursor.key, cursor.keyLength, job.lastKey, job.lastKeyLength);
}

function remember(job: MergeJob, cursor: Cursor, stripe: u32): bool {
	const length = cursor.keyLength;
	if (capacityOf(job.lastKey) < length) {
		const wider = reallocate(job.lastKey, 0, length);
		if (wider == 0) return false;
		job.lastKey = wider;
	}
	copyBytes(job.lastKey, cursor.key, length);
	job.lastKeyLength = length;
	job.lastStripe = stripe;
	job.hasLast = 1;
	return true;
}

/** Versions of a key between two neighbouring snapshots look the same to every reader: the number of snapshots older than this. */
export function stripeOf(job: MergeJob, sequence: u64): u32 {
	let stripe: u32 = 0;
	while (stripe < job.snapshotCount && <u64>load<f64>(job.snapshots + 8 * stripe) < sequence) stripe += 1;
	return stripe;
}

function isDeadDeletion(job: MergeJob, cursor: Cursor, stripe: u32): bool {
	if ((cursor.trailer & 255) != KIND_DELETE || stripe != 0 || job.below > <u32>LEVELS) return false;
	for (let level = job.below; level < <u32>LEVELS; level++) {
		const tables = levelTables(job.superversion, level);
		const count = levelCount(job.superversion, level);
		const position = findTable(tables, count, cursor.head, cursor.key, cursor.keyLength);
		if (position < count && !tableStartsAfter(tableAt(tables, position), cursor.head, cursor.key, cursor.keyLength)) return false;
	}
	return true;
}
