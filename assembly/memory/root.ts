// The one place from which all state of a database is reached. Fixed addresses, because module globals are per instance
// and data segments are copied in anew by every instantiation.
//
//      0 ┌──────────────────────────────┐
//        │ never used: null             │
//   1024 ├──────────────────────────────┤
//        │ Root                         │
//   2048 ├──────────────────────────────┤
//        │ allocator's free lists       │
//   8200 ├──────────────────────────────┤
//        │ heap (allocator.ts) …        │

export const ROOT: usize = 1024;
export const FREE_LISTS: usize = 2048;
// The heap ends 8 bytes before a page ends: starting 8 past a multiple of 16 keeps blocks whole and payloads aligned to 16.
export const HEAP: usize = 8200;

@unmanaged
export class Root {
	/** Set once the heap is laid out. */
	magic: u32;
	/** Spin lock of the allocator: 0 free, 1 held. */
	allocatorLock: u32;
	/** Bytes handed out, headers included. */
	allocatedBytes: u32;
	/** Highest value of allocatedBytes so far. */
	peakBytes: u32;
	/** End of the heap: address of its last header. */
	heapEnd: u32;
	/** The heap may not grow beyond this many bytes. */
	limitBytes: u32;
	cache: u32;
}

export const ROOT_MAGIC: u32 = 0x6d736c77;

export function root(): Root {
	return changetype<Root>(ROOT);
}
