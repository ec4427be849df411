// Every constant of the on-disk formats; host/FORMAT.md explains them. Imported by both compilers: plain constants only.

/** Raised by any change that an older reader would misread. */
export const FORMAT_VERSION = 1;

// -- Entries ---------------------------------------------------------------------------------------------------------
// A trailer is sequence * 256 + kind. Entries order by key ascending, then trailer descending.
export const KIND_DELETE = 0;
export const KIND_PUT = 1;
/** A put that ends: its value is a u64, the moment from which on it is absent in Unix milliseconds, and then the user's value. */
export const KIND_PUT_EXPIRING = 2;
export const EXPIRY_BYTES = 8;
/** 2^53 - 1. */
export const EXPIRY_MAX = 9007199254740991;
/** Its key is where the range starts, its value the first key behind it. */
export const KIND_DELETE_RANGE = 3;
/** The highest kind a trailer can hold: `sequence * 256 + KIND_SEEK` sorts before every entry of that sequence. */
export const KIND_SEEK = 255;

/** A key of the public API (65,535 bytes) and its keyspace byte. */
export const KEY_MAX_BYTES = 65536;
/** The ends of a range of keys may be the first key after a longest one. */
export const BOUND_MAX_BYTES = 65537;
/** 256 MiB. */
export const VALUE_MAX_BYTES = 268435456;

// -- Log records (WAL and manifest) ----------------------------------------------------------------------------------
export const RECORD_HEADER_BYTES = 32;
export const RECORD_HEADER_CHECKSUM = 0;
export const RECORD_PAYLOAD_LENGTH = 4;
export const RECORD_PAYLOAD_CHECKSUM = 8;
export const RECORD_SEQUENCE = 16;
export const RECORD_DURABLE = 24;
/** Records start at multiples of this many bytes; the gap is zero and belongs to the payload's checksum. */
export const RECORD_ALIGN = 8;

/** An operation in a batch: u32 kind << 24 | keyLength, u32 valueLength, key, value. */
export const OPERATION_HEADER_BYTES = 8;

// -- Blocks ----------------------------------------------------------------------------------------------------------
// u32 count, u32 sharedPrefixLength, u64 head[count], u32 offset[count + 1], entries.
export const BLOCK_COUNT = 0;
export const BLOCK_PREFIX = 4;
export const BLOCK_HEADS = 8;
// An entry: u64 trailer, u32 keyLength, key, value; it ends where the next one starts.
export const ENTRY_TRAILER = 0;
export const ENTRY_KEY_LENGTH = 8;
export const ENTRY_KEY = 12;

// Behind every block's stored bytes: u32 decodedLength, u8 type, u8 compression, u16 zero, u64 checksum.
export const BLOCK_TRAILER_BYTES = 16;
export const BLOCK_TRAILER_DECODED_LENGTH = 0;
export const BLOCK_TRAILER_TYPE = 4;
export const BLOCK_TRAILER_COMPRESSION = 5;
export const BLOCK_TRAILER_CHECKSUM = 8;
export const BLOCK_TYPE_DATA = 1;
export const BLOCK_TYPE_INDEX = 2;
export const BLOCK_TYPE_FILTER = 3;
export const BLOCK_TYPE_PROPERTIES = 4;
export const BLOCK_TYPE_RANGES = 5;
export const COMPRESSION_NONE = 0;
export const COMPRESSION_LZ4 = 1;

/** A value of the index block: u64 offset, u32 storedLength (without trailer), u32 zero. */
export const INDEX_VALUE_BYTES = 16;

// -- Filter ----------------------------------------------------------------------------------------------------------
// u32 lineCount, u32 probes, then lines of 64 bytes.
export const FILTER_HEADER_BYTES = 8;
export const FILTER_LINE_BYTES = 64;

// -- Properties ------------------------------------------------------------------------------------------------------
export const PROPERTIES_ENTRIES = 0;
export const PROPERTIES_DELETIONS = 8;
export const PROPERTIES_KEY_BYTES = 16;
export const PROPERTIES_VALUE_BYTES = 24;
export const PROPERTIES_MIN_SEQUENCE = 32;
export const PROPERTIES_MAX_SEQUENCE = 40;
export const PROPERTIES_BLOCKS = 48;
export const PROPERTIES_SMALLEST_LENGTH = 52;
export const PROPERTIES_LARGEST_LENGTH = 56;
export const PROPERTIES_FIRST_EXPIRY = 64;
export const PROPERTIES_RANGE_DELETIONS = 72;
/** Then the smallest and the largest key. */
export const PROPERTIES_HEADER_BYTES = 80;

// -- Footer: the last bytes of a table -------------------------------------------------------------------------------
export const FOOTER_BYTES = 88;
export const FOOTER_INDEX_OFFSET = 0;
export const FOOTER_FILTER_OFFSET = 8;
export const FOOTER_RANGES_OFFSET = 16;
export const FOOTER_PROPERTIES_OFFSET = 24;
export const FOOTER_INDEX_LENGTH = 32;
export const FOOTER_FILTER_LENGTH = 36;
export const FOOTER_RANGES_LENGTH = 40;
export const FOOTER_PROPERTIES_LENGTH = 44;
export const FOOTER_VERSION = 48;
export const FOOTER_FILE_NUMBER = 56;
/** With the file number it makes the seed of all checksums, this footer's included: what a table is can be told from it alone. */
export const FOOTER_DATABASE_ID = 64;
export const FOOTER_CHECKSUM = 72;
export const FOOTER_MAGIC = 80;
/** "wlsm-tbl" read as two little-endian words. */
export const TABLE_MAGIC_LOW = 0x6d736c77;
export const TABLE_MAGIC_HIGH = 0x6c62742d;
