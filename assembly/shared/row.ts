// The bytes of a row of SQL (host/sql/ROW_FORMAT.md), and what a scan is told to read of rows. Imported by both compilers:
// plain constants only.

// -- Rows ------------------------------------------------------------------------------------------------------------
/** The first byte of a row whose slots are narrow. */
export const ROW_NARROW = 1;
/** Of one whose slots are wide. */
export const ROW_WIDE = 2;
/** u16, how many columns it has. */
export const ROW_COUNT = 2;
/** Then the tags, the slots and the heap. */
export const ROW_HEADER_BYTES = 4;
/** Of each column's slot, in narrow and in wide rows. */
export const NARROW_SLOT_BYTES = 4;
/** Of wide ones. */
export const WIDE_SLOT_BYTES = 8;
/** In front of the rowid in a row's key. */
export const OBJECT_ID_BYTES = 4;
/** Of the rowid. */
export const ROWID_BYTES = 8;

/** NULL. */
export const TAG_NULL = 0;
/** INTEGER in the slot itself, i32. */
export const TAG_INT32 = 1;
/** INTEGER in the heap, i64. */
export const TAG_INT64 = 2;
/** REAL in the heap, f64. */
export const TAG_REAL = 3;
/** REAL that is a whole number, in the slot itself, i32. */
export const TAG_REAL_INT32 = 4;
/** TEXT of bytes below 0x80 only. */
export const TAG_TEXT_ASCII = 5;
/** Other TEXT. */
export const TAG_TEXT_UTF8 = 6;
/** BLOB. */
export const TAG_BLOB = 7;

// -- Pages of columns: a tag and eight bytes for each value -------------------------------------------------------------
// TAG_NULL; INTEGER: i64, TAG_INT32 where its lower half is the number; TAG_REAL: f64; TEXT and BLOB: where the bytes lie behind
// the page's first one, u32, and their length, u32.
/** The row is older than the column. */
export const TAG_MISSING = 8;
/** The group of a row where the table of groups is full. */
export const NO_GROUP = 0xffffffff;

// -- What a scan reads of rows: u32 words -------------------------------------------------------------------------------
/** How many columns are read. */
export const PROGRAM_COLUMNS = 0;
/** How many terms there are. */
export const PROGRAM_TERMS = 4;
/** How many of the columns, from the first on, say to which group a row belongs. */
export const PROGRAM_GROUPED = 8;
/** What the table of groups may take, in bytes. */
export const PROGRAM_GROUP_BYTES = 12;
/** Then each column's number, u32, and at a multiple of eight each term. */
export const PROGRAM_LIST = 16;
/** The number of the rowid, which stands in the key. */
export const ROWID_COLUMN = 0xffffffff;

/** A row is taken where each term holds: a column, an operator and a constant, compared as SQL does without collation. */
export const TERM_COLUMN = 0;
/** TERM_EQUAL and those below. */
export const TERM_OPERATOR = 4;
/** TAG_NULL where there is no constant, TAG_INT64, TAG_REAL, TAG_TEXT_UTF8 or TAG_BLOB. */
export const TERM_TAG = 8;
/** 1: NULL holds too. */
export const TERM_NULL_HOLDS = 12;
/** i64 or f64. */
export const TERM_VALUE = 16;
/** Of the bytes of TEXT and BLOB, from the program's first byte. */
export const TERM_OFFSET = 24;
/** How many they are. */
export const TERM_LENGTH = 28;
/** Of a term. */
export const TERM_BYTES = 32;

/** The column is equal to the constant. */
export const TERM_EQUAL = 0;
/** It is not. */
export const TERM_NOT_EQUAL = 1;
/** It is less. */
export const TERM_LESS = 2;
/** It is not greater. */
export const TERM_LESS_EQUAL = 3;
/** It is greater. */
export const TERM_GREATER = 4;
/** It is not less. */
export const TERM_GREATER_EQUAL = 5;
/** It is NULL. */
export const TERM_IS_NULL = 6;
/** It is not NULL. */
export const TERM_NOT_NULL = 7;
/** LIKE without escape and regardless of ASCII case; holds for whatever is neither TEXT nor NULL. */
export const TERM_LIKE = 8;
