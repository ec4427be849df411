// What a kernel call answers. Imported by both compilers: plain constants only.

/** The operation is complete; its result lies where the call's documentation says. */
export const STATUS_DONE = 0;
/** The operation is complete: there is no such entry, or no further one. */
export const STATUS_ABSENT = 1;
/** The kernel wants bytes of a file: read them to the given address and call again. */
export const STATUS_NEED = 2;
/** The kernel has bytes for the output file: write them and call again. */
export const STATUS_EMIT = 3;
/** Bytes read from a file are not what was written. */
export const STATUS_CORRUPT = 4;
/** The memory budget or the address space is used up; nothing was changed. */
export const STATUS_OUT_OF_MEMORY = 5;
/** As STATUS_DONE for a value that ends: it counts until RESULT_EXPIRY. */
export const STATUS_EXPIRING = 6;

// Reasons of STATUS_CORRUPT.
/** A checksum is not that of the bytes. */
export const CORRUPT_CHECKSUM = 1;
/** What stands at the end of a table is no footer, or not that of this file. */
export const CORRUPT_FOOTER = 2;
/** A block is not laid out as blocks are. */
export const CORRUPT_BLOCK = 3;
/** The index does not name the blocks one behind the other, or promises what a block does not have. */
export const CORRUPT_INDEX = 4;
/** The filter is not laid out as filters are. */
export const CORRUPT_FILTER = 5;
/** The properties are too short. */
export const CORRUPT_PROPERTIES = 6;
/** A compressed block cannot be decoded. */
export const CORRUPT_COMPRESSION = 7;
/** Keys do not ascend. */
export const CORRUPT_ORDER = 8;
/** Not damage: the table says soundly that its format is another one. */
export const CORRUPT_VERSION = 9;
/** Range deletions are not laid out as they are, out of order, or overlap. */
export const CORRUPT_RANGES = 10;
