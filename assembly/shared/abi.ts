// Layout of what the kernel and its host hand each other. Imported by both compilers: plain constants only.

// -- Scratch: one per thread, at the address that `attach` answers ----------------------------------------------------
/** After STATUS_NEED: number of the file of which bytes are wanted, u32. */
export const NEED_FILE = 0;
/** How many bytes, u32. */
export const NEED_LENGTH = 4;
/** Where in the file, f64. */
export const NEED_OFFSET = 8;
/** Where in memory they go, u32. */
export const NEED_ADDRESS = 16;
/** Result of the last call: where a value, a page's bytes or bytes to write out lie, u32. */
export const RESULT_ADDRESS = 24;
/** How many bytes that are, u32. */
export const RESULT_LENGTH = 28;
/** After STATUS_CORRUPT: number of the file, u32. */
export const ERROR_FILE = 32;
/** CORRUPT_… of status.ts, u32. */
export const ERROR_REASON = 36;
/** Where in the file, f64. */
export const ERROR_OFFSET = 40;
/** After a page: its entries or rows, u32. */
export const PAGE_COUNT = 48;
/** Of a page of entries: where its bounds lie, u32. */
export const PAGE_BOUNDS = 52;
/** Whether every byte of it is ASCII, u32. */
export const PAGE_ASCII = 56;
/** After a page of columns: where its values lie, u32. */
export const PAGE_VALUES = 80;
/** Where the groups' numbers lie, u32. */
export const PAGE_GROUPS = 84;
/** Where the tags lie, u32. */
export const PAGE_TAGS = 88;
/** Rows that these have room for, u32. */
export const PAGE_CAPACITY = 92;
/** Whether a row is damaged, u32. */
export const PAGE_DAMAGED = 96;
/** What of each entry goes into the pages of a scan: its key. */
export const SCAN_KEYS = 1;
/** Its value. */
export const SCAN_VALUES = 2;
/** Trailer of the entry that a get found: sequence * 256 + kind, as two words. */
export const RESULT_TRAILER = 64;
/** After STATUS_EXPIRING: Unix milliseconds as u64. */
export const RESULT_EXPIRY = 72;
/** Where the host puts the key of the next call. */
export const KEY_BUFFER = 128;
/** Room for the longest key and the words around it. */
export const SCRATCH_BYTES = 65792;

// -- Table description: what the manifest knows of a table, read by tableCreate and written at the end of an output ----
/** Number of the file, u32. */
export const TABLE_FILE = 0;
/** Bytes of filter, index, range deletions, properties and footer, u32. */
export const TABLE_TAIL_LENGTH = 4;
/** Bytes of the file, f64. */
export const TABLE_SIZE = 8;
/** Of its checksums, u64. */
export const TABLE_SEED = 16;
/** How many entries, f64. */
export const TABLE_ENTRIES = 24;
/** Those of the entries that are deletions, f64. */
export const TABLE_DELETIONS = 32;
/** The lowest sequence number, f64. */
export const TABLE_MIN_SEQUENCE = 40;
/** The highest, f64. */
export const TABLE_MAX_SEQUENCE = 48;
/** Of the smallest key, u32. */
export const TABLE_SMALLEST_LENGTH = 56;
/** Of the largest key, u32. */
export const TABLE_LARGEST_LENGTH = 60;
/** Earliest expiry of an entry in Unix milliseconds, 0 where none expires, f64. */
export const TABLE_FIRST_EXPIRY = 64;
/** One for each stretch of keys that it covers, f64. */
export const TABLE_RANGE_DELETIONS = 72;
/** Then the smallest and the largest key. */
export const TABLE_KEYS = 80;

// -- Memtables: what counts until one is full, beside keys and values; the same for every kernel -----------------------
/** For each entry. */
export const MEMTABLE_ENTRY_BYTES = 40;
/** For each key where range deletions begin or end: an entry of four bytes. */
export const MEMTABLE_BOUNDARY_BYTES = MEMTABLE_ENTRY_BYTES + 4;
/** For each such key and each range deletion that covers the keys behind it. */
export const MEMTABLE_CELL_BYTES = 16;

// -- Levels and jobs ----------------------------------------------------------------------------------
/** Level 0 and the sorted runs below it. */
export const LEVELS = 7;

// A superversion, read by superversionCreate: u32 memtables, u32 tables of each of the LEVELS levels; then the addresses: memtables
// newest first, tables of level 0 newest first, those of each further level by key.

// A job, read by jobCreate: u32 words, 8 bytes where it says so.
/** How many memtables go in. */
export const JOB_MEMTABLES = 0;
/** How many sorted runs. */
export const JOB_RUNS = 4;
/** The superversion whose levels from JOB_BELOW on lie below the output. */
export const JOB_SUPERVERSION = 8;
/** Beyond LEVELS: nothing is known of what lies below, so every deletion is kept. At LEVELS there is nothing. */
export const JOB_BELOW = 12;
/** How many snapshots. */
export const JOB_SNAPSHOTS = 16;
/** A block ends at the first entry beyond this many bytes. */
export const JOB_BLOCK_BYTES = 20;
/** Of the filter; 0 for none. */
export const JOB_BITS_PER_KEY = 24;
/** COMPRESSION_… of the format. */
export const JOB_COMPRESSION = 28;
/** A table ends at the first new key beyond this many bytes. */
export const JOB_TABLE_BYTES = 32;
/** Eight bytes. */
export const JOB_DATABASE_ID = 36;
/** Eight bytes, f64: Unix milliseconds; what has expired by then is taken for deleted. */
export const JOB_NOW = 44;
/**
 * Then the memtables, newest first; of each run, newest first, how many tables it has, and these by key; the snapshots' sequence
 * numbers as f64, ascending.
 */
export const JOB_INPUTS = 52;

// After STATUS_EMIT.
/** More of the same table follows. */
export const EMIT_PART = 0;
/** The table is complete; its description lies behind RESULT. */
export const EMIT_TABLE_END = 1;
/** In the scratch: EMIT_PART or EMIT_TABLE_END, u32. */
export const EMIT_FLAG = 60;

// -- Counters: u64 each, from the address that `countersAddress` answers ----------------------------------------------
/** Entries and blocks that were in the cache. */
export const COUNTER_CACHE_HITS = 0;
/** Blocks that had to be read. */
export const COUNTER_CACHE_MISSES = 8;
/** Tables whose filter was asked. */
export const COUNTER_FILTER_CHECKS = 16;
/** Tables that a filter spared. */
export const COUNTER_FILTER_REJECTS = 24;
/** Tables that had nothing although their filter let the read pass. */
export const COUNTER_FILTER_FALSE_POSITIVES = 32;
// Regions of the memory, in bytes: of the database's thread, as they are now.
/** Tails and block maps of open tables. */
export const REGION_TABLES = 40;
/** Memtables and overlays of transactions, with their filters. */
export const REGION_MEMTABLES = 48;
/** Bytes of all of them. */
export const COUNTERS_BYTES = 64;
