// Building a block: entries are appended in order, heads and offsets are laid in front of them when it is complete.

import { BLOCK_COUNT, BLOCK_HEADS, BLOCK_PREFIX, ENTRY_KEY, ENTRY_KEY_LENGTH, ENTRY_TRAILER } from "../shared/format";
import { headOf, sharedPrefix } from "../key/compare";
import { allocate, capacityOf, free, reallocate } from "../memory/allocator";
import { copyBytes } from "../memory/copy";

@unmanaged
export class BlockBuilder {
	/** Entries so far, one behind the other. */
	entries: u32;
	entriesBytes: u32;
	/** Start of each entry within `entries`. */
	offsets: u32;
	count: u32;
}

const FIRST_ENTRIES_BYTES: u32 = 8192;
const FIRST_OFFSETS_BYTES: u32 = 1024;

export function blockBuilderInitialize(builder: BlockBuilder): bool {
	builder.entriesBytes = 0;
	builder.count = 0;
	builder.entries = allocate(FIRST_ENTRIES_BYTES);
	builder.offsets = allocate(FIRST_OFFSETS_BYTES);
	return builder.entries != 0 && builder.offsets != 0;
}

export function blockBuilderRelease(builder: BlockBuilder): void {
	free(builder.entries);
	free(builder.offsets);
	builder.entries = 0;
	builder.offsets = 0;
}

export function blockBuilderReset(builder: BlockBuilder): void {
	builder.entriesBytes = 0;
	builder.count = 0;
}

/** Length of the block if it were finished now. */
export function blockBuilderLength(builder: BlockBuilder): u64 {
	return <u64>BLOCK_HEADS + 12 * <u64>builder.count + 4 + builder.entriesBytes;
}

/** False where memory is used up; the block is then as it was. */
export function blockBuilderAdd(builder: BlockBuilder, key: u32, keyLength: u32, trailer: u64, value: u32, valueLength: u32): bool {
	const size = <u32>ENTRY_KEY + keyLength + valueLength;
	const at = builder.entriesBytes;
	if (<u64>at + size > 0xe0000000) return false;
	if (capacityOf(builder.entries) < at + size) {
		const wider = reallocate(builder.entries, at, at + max<u32>(size, min<u32>(at, 1 << 24)));
		if (wider == 0) return false;
		builder.entries = wider;
	}
	if (capacityOf(builder.offsets) < 4 * builder.count + 4) {
		const wider = reallocate(builder.offsets, 4 * builder.count, 8 * builder.count + 4);
		if (wider == 0) return false;
		builder.offsets = wider;
	}
	const entry = builder.entries + at;
	store<u64>(entry, trailer, ENTRY_TRAILER);
	store<u32>(entry, keyLength, ENTRY_KEY_LENGTH);
	copyBytes(entry + ENTRY_KEY, key, keyLength);
	copyBytes(entry + ENTRY_KEY + keyLength, value, valueLength);
	store<u32>(builder.offsets + 4 * builder.count, at);
	builder.entriesBytes = at + size;
	builder.count += 1;
	return true;
}

/** Address of the entry added last. */
export function blockBuilderLastEntry(builder: BlockBuilder): u32 {
	return builder.entries + load<u32>(builder.offsets + 4 * (builder.count - 1));
}

/** Writes the block of at least one entry to `target`, which has `blockBuilderLength` bytes. */
export function blockBuilderFinish(builder: BlockBuilder, target: u32): void {
	const count = builder.count;
	const first = builder.entries;
	const last = blockBuilderLastEntry(builder);
	const shared = sharedPrefix(
		first + <u32>ENTRY_KEY, load<u32>(first, ENTRY_KEY_LENGTH),
		last + <u32>ENTRY_KEY, load<u32>(last, ENTRY_KEY_LENGTH),
	);
	store<u32>(target, count, BLOCK_COUNT);
	store<u32>(target, shared, BLOCK_PREFIX);
	const heads = target + BLOCK_HEADS;
	const offsets = heads + 8 * count;
	const base: u32 = BLOCK_HEADS + 12 * count + 4;
	for (let slot: u32 = 0; slot < count; slot++) {
		const offset = load<u32>(builder.offsets + 4 * slot);
		const entry = first + offset;
		store<u64>(heads + 8 * slot, headOf(entry + <u32>ENTRY_KEY + shared, load<u32>(entry, ENTRY_KEY_LENGTH) - shared));
		store<u32>(offsets + 4 * slot, base + offset);
	}
	store<u32>(offsets + 4 * count, base + builder.entriesBytes);
	memory.copy(target + base, first, builder.entriesBytes);
}
