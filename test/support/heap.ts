import type { WasmKernel } from "../../host/kernel/index.js";

// assembly/memory: where the heap starts, the root's fields, and a block's header.
const HEAP = 8200;
const ROOT_ALLOCATED_BYTES = 1024 + 8;
const ROOT_HEAP_END = 1024 + 16;
const FREE = 1;

export interface HeapReport {
	readonly blocks: number;
	readonly freeBlocks: number;
	readonly allocatedBytes: number;
}

/**
 * Walks every block of the heap. Throws where a header does not fit its neighbours, two free blocks lie side by side, or
 * the sum of what is handed out is not what the allocator says: the trace of a write outside its buffer.
 */
export function checkHeap(kernel: WasmKernel): HeapReport {
	kernel.memory.refresh();
	const { words } = kernel.memory;
	const word = (at: number) => words[at >>> 2] as number;
	const end = word(ROOT_HEAP_END);
	let [blocks, freeBlocks, allocatedBytes] = [0, 0, 0];
	let [previous, previousFree] = [0, false];
	for (let at = HEAP; at !== end; ) {
		const size = word(at) & ~FREE;
		const free = (word(at) & FREE) !== 0;
		if (size < 16 || size % 16 !== 0 || at + size > end) throw new Error(`the block at ${at} has size ${size}`);
		if (word(at + 4) !== previous)
			throw new Error(`the block at ${at} says that ${word(at + 4)} precedes it, not ${previous}`);
		if (free && previousFree) throw new Error(`free blocks at ${previous} and ${at} are not joined`);
		blocks += 1;
		if (free) freeBlocks += 1;
		else allocatedBytes += size;
		[previous, previousFree] = [at, free];
		at += size;
	}
	if (word(end) !== 0 || word(end + 4) !== previous) throw new Error("the heap's end is damaged");
	if (allocatedBytes !== word(ROOT_ALLOCATED_BYTES)) {
		throw new Error(`${allocatedBytes} bytes are handed out, the allocator says ${word(ROOT_ALLOCATED_BYTES)}`);
	}
	return { blocks, freeBlocks, allocatedBytes };
}
