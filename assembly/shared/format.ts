// Every constant of the on-disk formats; host/FORMAT.md explains them. Imported by both compilers: plain constants only.

/** Raised by any change that an older reader would misread. */
export const FORMAT_VERSION = 1;

// -- Entries ---------------------------------------------------------------------------------------------------------
// A trailer is sequence * 256 + kind. Entries order by key ascending, then trailer descending.
/** Its value is empty. */
export const KIND_DELETE = 0;
/** A put that stays. */
export const KIND_PUT = 1;
/** A put that ends: its value is a u64, the moment from which on it is absent in Unix milliseconds, and then the user's value. */
export const KIND_PUT_EXPIRING = 2;
/** Of the moment in front of such a value. */
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
/** Of the header of a record. */
export const RECORD_HEADER_BYTES = 32;
/** u32, of the rest of the header. */
export const RECORD_HEADER_CHECKSUM = 0;
/** u32, without padding. */
export const RECORD_PAYLOAD_LENGTH = 4;
/** u64, of payload and padding. */
export const RECORD_PAYLOAD_CHECKSUM = 8;
/** u64: sequence number of the first operation; of a manifest the edit's number. */
export const RECORD_SEQUENCE = 16;
/** u64: bytes of the file that were on stable storage. */
export const RECORD_DURABLE = 24;
/** Records start at multiples of this many bytes; the gap is zero and belongs to the payload's checksum. */
export const RECORD_ALIGN = 8;

/** An operation in a batch: u32 kind << 24 | keyLength, u32 valueLength, key, value. */
export const OPERATION_HEADER_BYTES = 8;

// -- Blocks ----------------------------------------------------------------------------------------------------------
// u32 count, u32 sharedPrefixLength, u64 head[count], u32 offset[count + 1], entries.
/** Of a block: u32, its entries. */
export const BLOCK_COUNT = 0;
/** u32, leading bytes that all its keys share. */
export const BLOCK_PREFIX = 4;
/** u64 for each entry: the eight bytes of its key behind those, most significant first. */
export const BLOCK_HEADS = 8;
// An entry: u64 trailer, u32 keyLength, key, value; it ends where the next one starts.
/** Of an entry: u64, sequence * 256 + kind. */
export const ENTRY_TRAILER = 0;
/** u32. */
export const ENTRY_KEY_LENGTH = 8;
/** Its key, then its value. */
export const ENTRY_KEY = 12;

// Behind every block's stored bytes: u32 decodedLength, u8 type, u8 compression, u16 zero, u64 checksum.
/** Of the trailer behind stored bytes. */
export const BLOCK_TRAILER_BYTES = 16;
/** u32. */
export const BLOCK_TRAILER_DECODED_LENGTH = 0;
/** u8: BLOCK_TYPE_…. */
export const BLOCK_TRAILER_TYPE = 4;
/** u8: COMPRESSION_…. */
export const BLOCK_TRAILER_COMPRESSION = 5;
/** u64, of the stored bytes. */
export const BLOCK_TRAILER_CHECKSUM = 8;
/** Entries. */
export const BLOCK_TYPE_DATA = 1;
/** Where the data blocks are. */
export const BLOCK_TYPE_INDEX = 2;
/** A filter. */
export const BLOCK_TYPE_FILTER = 3;
/** What the table is like. */
export const BLOCK_TYPE_PROPERTIES = 4;
/** Range deletions. */
export const BLOCK_TYPE_RANGES = 5;
/** Bytes as they are. */
export const COMPRESSION_NONE = 0;
/** An LZ4 block. */
export const COMPRESSION_LZ4 = 1;

/** A value of the index block: u64 offset, u32 storedLength (without trailer), u32 zero. */
export const INDEX_VALUE_BYTES = 16;

// -- Filter ----------------------------------------------------------------------------------------------------------
// u32 lineCount, u32 probes, then lines of 64 bytes.
/** u32 lines, u32 probes. */
export const FILTER_HEADER_BYTES = 8;
/** Of each line. */
export const FILTER_LINE_BYTES = 64;

// -- Properties ------------------------------------------------------------------------------------------------------
/** u64. */
export const PROPERTIES_ENTRIES = 0;
/** u64, those of the entries that are deletions. */
export const PROPERTIES_DELETIONS = 8;
/** u64, of all keys. */
export const PROPERTIES_KEY_BYTES = 16;
/** u64, of all values. */
export const PROPERTIES_VALUE_BYTES = 24;
/** u64. */
export const PROPERTIES_MIN_SEQUENCE = 32;
/** u64. */
export const PROPERTIES_MAX_SEQUENCE = 40;
/** u32, data blocks. */
export const PROPERTIES_BLOCKS = 48;
/** u32, of the smallest key. */
export const PROPERTIES_SMALLEST_LENGTH = 52;
/** u32, of the largest key. */
export const PROPERTIES_LARGEST_LENGTH = 56;
/** u64: earliest expiry in Unix milliseconds, 0 where nothing expires. */
export const PROPERTIES_FIRST_EXPIRY = 64;
/** u64. */
export const PROPERTIES_RANGE_DELETIONS = 72;
/** Then the smallest and the largest key. */
export const PROPERTIES_HEADER_BYTES = 80;

// -- Footer: the last bytes of a table -------------------------------------------------------------------------------
/** Of the footer. */
export const FOOTER_BYTES = 88;
/** u64, where in the file the index is. */
export const FOOTER_INDEX_OFFSET = 0;
/** u64. */
export const FOOTER_FILTER_OFFSET = 8;
/** u64. */
export const FOOTER_RANGES_OFFSET = 16;
/** u64. */
export const FOOTER_PROPERTIES_OFFSET = 24;
/** u32, without its trailer; 0 where there is none. */
export const FOOTER_INDEX_LENGTH = 32;
/** u32. */
export const FOOTER_FILTER_LENGTH = 36;
/** u32. */
export const FOOTER_RANGES_LENGTH = 40;
/** u32. */
export const FOOTER_PROPERTIES_LENGTH = 44;
/** u32: FORMAT_VERSION. */
export const FOOTER_VERSION = 48;
/** u64. */
export const FOOTER_FILE_NUMBER = 56;
/** With the file number it makes the seed of all checksums, this footer's included: what a table is can be told from it alone. */
export const FOOTER_DATABASE_ID = 64;
/** u64, of what stands before it. */
export const FOOTER_CHECKSUM = 72;
/** Eight bytes. */
export const FOOTER_MAGIC = 80;
/** "wlsm-tbl" read as two little-endian words. */
export const TABLE_MAGIC_LOW = 0x6d736c77;
/** The second one. */
export const TABLE_MAGIC_HIGH = 0x6c62742d;
