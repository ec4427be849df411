// Loading of CSV: what the kernel and its host hand each other. Imported by both compilers: plain constants only.

// -- Settings of a load: u32 words, 8 bytes where it says so -------------------------------------------------------------
/** The byte between fields. */
export const CSV_DELIMITER = 0;
/** NO_QUOTE where there is no quoting. */
export const CSV_QUOTE = 4;
/** The byte that ends records. A carriage return in front of a line feed belongs to it. */
export const CSV_NEWLINE = 8;
/** The longest record, its line end not counted. */
export const CSV_MAX_RECORD_BYTES = 12;
/** Of the table that the rows are for. */
export const CSV_OBJECT_ID = 16;
/** As JOB_BLOCK_BYTES. */
export const CSV_BLOCK_BYTES = 20;
/** As JOB_BITS_PER_KEY. */
export const CSV_BITS_PER_KEY = 24;
/** As JOB_COMPRESSION. */
export const CSV_COMPRESSION = 28;
/** A table ends at the first record beyond this many bytes. */
export const CSV_TABLE_BYTES = 32;
/** How many columns a record has. */
export const CSV_COLUMN_COUNT = 36;
/** Eight bytes. */
export const CSV_DATABASE_ID = 40;
/** f64: where in the file the first byte stands. */
export const CSV_FIRST_OFFSET = 48;
/** f64: records that begin here or behind it are another part's. */
export const CSV_STOP_OFFSET = 56;
/**
 * f64, added to the sequence number of each sorted run to make that of the next: of several entries with one key the last one stays,
 * or the first one where it is below 0.
 */
export const CSV_SEQUENCE_STEP = 64;
/** CSV_KIND_…: what becomes of a record. */
export const CSV_KIND = 72;
/** The column of the rowid, or of the pair's key. */
export const CSV_KEY_COLUMN = 76;
/** The column of the pair's value. */
export const CSV_VALUE_COLUMN = 80;
/** Bytes of entries that are sorted together, where they do not come in the order of their keys. */
export const CSV_RUN_BYTES = 84;
/** How many texts stand for NULL where they are a whole field without quotes. */
export const CSV_NULL_COUNT = 88;
/** Bytes that they take, their lengths included. */
export const CSV_NULL_BYTES = 92;
/** Then the type of each column, u32, and behind them those texts: the length of each, u32, and its bytes. */
export const CSV_TYPES = 96;

/** A row whose rowid is the number of its line. */
export const CSV_KIND_LINES = 0;
/** A row whose rowid is a column of type INTEGER. */
export const CSV_KIND_ROW_IDS = 1;
/** A pair of two columns. */
export const CSV_KIND_PAIRS = 2;

/** No byte. */
export const NO_QUOTE = 256;

/** TEXT. */
export const CSV_TEXT = 0;
/** INTEGER. */
export const CSV_INTEGER = 1;
/** REAL. */
export const CSV_REAL = 2;
/** Texts that have a certain form (host/csv/form.ts), here true or false, or NULL; always with CSV_FIXED. */
export const CSV_BOOLEAN = 3;
/** A date, likewise. */
export const CSV_DATE = 4;
/** A date and a time, likewise. */
export const CSV_TIMESTAMP = 5;
/** JSON, likewise. */
export const CSV_JSON = 6;
/** A text that is no number, as a column of affinity NUMERIC keeps it; never with CSV_FIXED. */
export const CSV_NUMERIC = 7;
/** All of those. */
export const CSV_TYPE_MASK = 255;
/** Beside a type: a record whose value does not fit is refused; without it the load ends, to begin anew with a wider type. */
export const CSV_FIXED = 256;
/** Beside a type: a record whose value is NULL or an empty text is refused. */
export const CSV_FILLED = 1024;

// -- What csvStep answers beside STATUS_EMIT, STATUS_DONE and STATUS_OUT_OF_MEMORY -----------------------------------------
/** All records that are whole have been taken: csvRoom and csvFeed give it more. */
export const CSV_MORE = 16;
/** A record is refused: the words below. The next step goes on behind it. */
export const CSV_REFUSED = 17;
/** A value fits no column of its type, which is not fixed. The next step looks at the same record, unless csvPass passes it over. */
export const CSV_WIDEN = 18;
/** What number stands in RESULT, or whether it is JSON, which is the text of the field CSV_FIELD, is for csvAnswer to say. */
export const CSV_ASKED = 19;

// After CSV_REFUSED and CSV_WIDEN, in the scratch.
/** f64: where in the file the record begins. */
export const CSV_RECORD_OFFSET = 104;
/** Where in memory it is, u32. */
export const CSV_RECORD_ADDRESS = 112;
/** How long it is without its line end, u32. */
export const CSV_RECORD_LENGTH = 116;
/** The field that is at fault, NO_FIELD for the record as a whole, u32. */
export const CSV_FIELD = 120;
/** How many there are, u32. */
export const CSV_FIELDS = 124;
/** CSV_FLAW_…, in place of NEED_FILE. */
export const CSV_REASON = 0;
/** No number of a field. */
export const NO_FIELD = 0xffffffff;

/** Its fields are too few or too many, a quote is where none can be, or a text is no UTF-8. */
export const CSV_FLAW_RECORD = 1;
/** A field has no value of its column's type. */
export const CSV_FLAW_TYPE = 2;
/** It is longer than records may be: the load ends. Of the record there is at least as much as may be. */
export const CSV_FLAW_LENGTH = 3;
/** Its last quote is not closed. */
export const CSV_FLAW_UNCLOSED = 4;
/** Its key is empty or too long. */
export const CSV_FLAW_KEY = 5;

// -- What csvCount counts: f64 at the address that csvCountCreate answers --------------------------------------------------
/** Line ends. */
export const COUNT_LINES = 0;
/** Those of them outside quotes where the first byte is. */
export const COUNT_OUTSIDE = 8;
/** Quotes. */
export const COUNT_QUOTES = 16;
