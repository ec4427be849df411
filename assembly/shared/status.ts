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
export const CORRUPT_CHECKSUM = 1;
export const CORRUPT_FOOTER = 2;
export const CORRUPT_BLOCK = 3;
export const CORRUPT_INDEX = 4;
export const CORRUPT_FILTER = 5;
export const CORRUPT_PROPERTIES = 6;
export const CORRUPT_COMPRESSION = 7;
export const CORRUPT_ORDER = 8;
/** Not damage: the table says soundly that its format is another one. */
export const CORRUPT_VERSION = 9;
export const CORRUPT_RANGES = 10;
