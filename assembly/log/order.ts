// The operations of a batch in the order of their keys: the memtable finds the place of each from that of the one before it.
//
// An item of the list:
//
//    0  u64  head
//    8  u32  address of the operation
//   12  u32  its number in the batch

import { OPERATION_HEADER_BYTES } from "../shared/format";
import { compareFrom } from "../key/compare";

const ITEM_SHIFT: u32 = 4;
const ITEM_ADDRESS: usize = 8;
const ITEM_NUMBER: usize = 12;

/** Bytes of a list of `count` operations, with room to sort them. */
export function orderBytes(count: u32): u32 {
	return count << (ITEM_SHIFT + 1);
}

// @ts-ignore: decorator
@inline
export function orderAt(list: u32, index: u32): u32 {
	return list + (index << ITEM_SHIFT);
}

// @ts-ignore: decorator
@inline
export function orderAddress(item: u32): u32 {
	return load<u32>(item, ITEM_ADDRESS);
}

// @ts-ignore: decorator
@inline
export function orderNumber(item: u32): u32 {
	return load<u32>(item, ITEM_NUMBER);
}

/** Lists an operation by the head of its key. */
// @ts-ignore: decorator
@inline
export function orderSet(list: u32, number: u32, head: u64, operation: u32): void {
	const item = orderAt(list, number);
	store<u64>(item, head);
	store<u32>(item, operation, ITEM_ADDRESS);
	store<u32>(item, number, ITEM_NUMBER);
}

/**
 * Sorts the list, whose heads follow the first `shared` bytes of the keys, which all of them share; answers where it stands
 * now. Merge sort from runs of one item on.
 */
export function orderSort(list: u32, count: u32, shared: u32): u32 {
	let from = list;
	let to = orderAt(list, count);
	for (let width: u32 = 1; width < count; width *= 2) {
		for (let start: u32 = 0; start < count; start += 2 * width) {
			const middle = min<u32>(start + width, count);
			const end = min<u32>(start + 2 * width, count);
			merge(orderAt(from, start), orderAt(from, middle), orderAt(from, end), orderAt(to, start), shared);
		}
		const sorted = to;
		to = from;
		from = sorted;
	}
	return from;
}

/** Merges the runs [left, middle) and [middle, end). */
function merge(left: u32, middle: u32, end: u32, to: u32, shared: u32): void {
	let right = middle;
	while (left < middle && right < end) {
		const leftHead = load<u64>(left);
		const rightHead = load<u64>(right);
		const takeRight = rightHead < leftHead || (rightHead == leftHead && comesBefore(right, left, shared));
		v128.store(to, v128.load(select(right, left, takeRight)));
		const step = <u32>takeRight << ITEM_SHIFT;
		right += step;
		left += (1 << ITEM_SHIFT) - step;
		to += 1 << ITEM_SHIFT;
	}
	memory.copy(to, left, middle - left);
	memory.copy(to + (middle - left), right, end - right);
}

function comesBefore(item: u32, other: u32, shared: u32): bool {
	const a = orderAddress(item);
	const b = orderAddress(other);
	return compareFrom(
		a + OPERATION_HEADER_BYTES, load<u32>(a) & 0xffffff, b + OPERATION_HEADER_BYTES, load<u32>(b) & 0xffffff, shared,
	) < 0;
}
