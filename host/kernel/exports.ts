/*
 * The module's exports (assembly/index.ts) as TypeScript sees them: numbers only. What stands here is the source of the table in
 * docs/kernel.md, which a test compares with the module itself.
 */
import type { WasmMemory } from "./webassembly.js";

/** An address of linear memory. 0 stands for none. One that is answered comes as a signed number: `>>> 0` makes it an address. */
export type Address = number;
/** A length in bytes, u32. One that is answered is to be read by `>>> 0`, as an address. */
export type ByteLength = number;
/** A whole number, u32, or a word of settings. */
export type Count = number;
/** 1 where it holds, 0 where it does not. */
export type Flag = number;
/** One of the two halves of a 64-bit number: hashes, seeds of checksums. */
export type Word = number;
/** What a call came to: `status.STATUS_…`; of `csvStep` also `csv.CSV_MORE`, `CSV_REFUSED`, `CSV_WIDEN` and `CSV_ASKED`. */
export type StatusWord = number;
/** A sequence number: a whole number from 0 to 2^53 - 1, as f64. */
export type Sequence = number;
/** A moment in milliseconds since 1970, as f64. */
export type UnixMilliseconds = number;
/** A count, an offset in a file or a rowid: a whole number from 0 to 2^53 - 1, as f64. */
export type LargeCount = number;
/** A number as it is, f64. */
export type Double = number;

/**
 * The exports of `kernel.wasm`. What is handed to them is not checked: wrong addresses and lengths trap, or break what lies in the
 * memory. A broken invariant is a trap too, `WebAssembly.RuntimeError`; after one the memory is not to be used any more. docs/kernel.md
 * has the layouts of what lies at the addresses, and the protocol that answers of the type StatusWord belong to.
 */
export interface KernelExports {
	/** The imported memory. */
	readonly memory: WasmMemory;

	// -- Memory --------------------------------------------------------------------------------------------------------

	/** Lays the memory out, once, for the instance that owns it, to grow to `limitBytes`; answers this instance's scratch, 0 where memory is used up. `cacheBytes` is the budget of blocks and tails of tables. */
	attach(limitBytes: ByteLength, cacheBytes: ByteLength): Address;
	/** Joins another thread's instance, which runs jobs and nothing else, to a memory that is laid out; answers its scratch, 0 where memory is used up. */
	attachBackground(): Address;
	/** `bytes` bytes at a multiple of 8, contents undefined; cached blocks make way. 0 where there is no room. */
	allocate(bytes: ByteLength): Address;
	/** Gives back what `allocate` or `reallocate` answered; 0 is allowed. Traps where it was given back before and that is noticed. */
	free(address: Address): void;
	/** An allocation of at least `bytes` that begins with the first `keep` bytes of the old one, which is freed; 0 leaves the old one as it was. */
	reallocate(address: Address, keep: ByteLength, bytes: ByteLength): Address;
	/** Bytes that are handed out, to everything, headers included. */
	allocatedBytes(): ByteLength;
	/** Bytes of decoded blocks in the cache. */
	cacheUsedBytes(): ByteLength;
	/** Where the counters lie: u64 at `abi.COUNTER_…` and `abi.REGION_…`. */
	countersAddress(): Address;
	/** XXH64 of `length` bytes; the answer stands at RESULT_TRAILER of the scratch, u64. */
	hash(address: Address, length: ByteLength, seedLow: Word, seedHigh: Word): void;

	// -- Log -----------------------------------------------------------------------------------------------------------

	/** Completes the record whose payload stands `format.RECORD_HEADER_BYTES` behind `record`, with up to seven bytes of room behind it; answers the record's length. */
	recordSeal(
		record: Address,
		payloadLength: ByteLength,
		sequence: Sequence,
		durableBytes: LargeCount,
		seedLow: Word,
		seedHigh: Word,
	): ByteLength;
	/** Length of the record whose header, 32 bytes, stands here; 0 where no sound header does. */
	recordMeasure(record: Address, seedLow: Word, seedHigh: Word): LargeCount;
	/** Whether the payload of a measured record, all of which is there, is what was written. */
	recordSound(record: Address, seedLow: Word, seedHigh: Word): Flag;
	/** How many operations a batch has; -1 where it is malformed. */
	batchCount(batch: Address, length: ByteLength): Count;
	/** `batchReserve` and `recordSeal` in one; answers the record's length, 0 where memory is used up. */
	batchSeal(
		record: Address,
		payloadLength: ByteLength,
		entries: Count,
		memtable: Address,
		sequence: Sequence,
		durableBytes: LargeCount,
		seedLow: Word,
		seedHigh: Word,
	): ByteLength;
	/** Makes room in the memtable for a well-formed batch of so many operations; 0 where memory is used up. */
	batchReserve(batch: Address, length: ByteLength, entries: Count, memtable: Address): Flag;
	/** Puts the operations of a batch, for which there is room, into the memtable, with sequence numbers from `firstSequence` on, each one higher than all before. Cannot fail. */
	batchApply(batch: Address, length: ByteLength, memtable: Address, firstSequence: Sequence): void;

	// -- Memtables -----------------------------------------------------------------------------------------------------

	/** An empty memtable; `indexBytes` is what an index for point reads may take, 0 for none. 0 where memory is used up. */
	memtableCreate(indexBytes: ByteLength): Address;
	/** Frees a memtable that no superversion names any more. */
	memtableFree(memtable: Address): void;
	/** Bytes of keys and values, and `abi.MEMTABLE_…_BYTES` for each entry. */
	memtableBytes(memtable: Address): ByteLength;
	/** Operations that are in it. */
	memtableEntries(memtable: Address): Count;
	/** Puts one operation into a transaction's memtable; `write` is its number, from 0 on, which orders it. 0 where memory is used up. */
	overlayPut(
		memtable: Address,
		key: Address,
		keyLength: ByteLength,
		value: Address,
		valueLength: ByteLength,
		kind: Count,
		write: Count,
	): Flag;
	/** What a transaction wrote last for the key: DONE or EXPIRING with the value at RESULT; ABSENT, with RESULT_TRAILER 0 where it wrote nothing. */
	overlayGet(memtable: Address, key: Address, keyLength: ByteLength): StatusWord;

	// -- Tables and superversions --------------------------------------------------------------------------------------

	/** A table of which the description (`abi.TABLE_…`) is given, and copied; its file is read when it is needed. 0 where memory is used up. */
	tableCreate(description: Address): Address;
	/** Frees a table that no superversion names any more, with its tail and its cached blocks. */
	tableFree(table: Address): void;
	/** What reads look through: memtables and tables, listed in words that are copied. 0 where memory is used up. */
	superversionCreate(words: Address): Address;
	/** Frees a superversion that no read is under way in, and nothing that it names. */
	superversionFree(superversion: Address): void;

	// -- Point reads ---------------------------------------------------------------------------------------------------

	/** An operation for one read at a time, used again and again. Freed by `getOperationReset` and `free`. 0 where memory is used up. */
	getOperationCreate(): Address;
	/** Ends the read wherever it stands. */
	getOperationReset(operation: Address): void;
	/** Copies the key, so that the operation can wait while others start: DONE or OUT_OF_MEMORY. */
	getOperationDetach(operation: Address): StatusWord;
	/** Reads the key that stands at KEY_BUFFER of the scratch, as of `sequence`: DONE or EXPIRING with the value at RESULT, ABSENT, NEED, CORRUPT or OUT_OF_MEMORY. */
	getStart(operation: Address, superversion: Address, keyLength: ByteLength, sequence: Sequence): StatusWord;
	/** Goes on after NEED, when the bytes are there. */
	getContinue(operation: Address): StatusWord;

	// -- Scans ---------------------------------------------------------------------------------------------------------

	/** A scan of the keys from `lower` on (0: open) to before `upper` (0: open); both are copied. `overlay`: a transaction's memtable or 0, of which `overlayWrites` writes are seen. Of each key `skipKeyBytes` are left out; `parts`: `abi.SCAN_KEYS | abi.SCAN_VALUES`. 0 where memory is used up. */
	scanCreate(
		superversion: Address,
		overlay: Address,
		overlayWrites: Count,
		sequence: Sequence,
		now: UnixMilliseconds,
		lower: Address,
		lowerLength: ByteLength,
		upper: Address,
		upperLength: ByteLength,
		reverse: Flag,
		skipKeyBytes: ByteLength,
		parts: Count,
	): Address;
	/** From the next page on the scan reads rows of SQL by a program (`row.PROGRAM_…`), an allocation that is the scan's from here on. 0 where memory is used up: it is not, then. */
	scanRows(scan: Address, program: Address): Flag;
	/** A page of at most `maxEntries` entries and about `maxBytes` bytes (one entry may have more): DONE with the page at RESULT and the PAGE words, ABSENT at the end, NEED, CORRUPT or OUT_OF_MEMORY. After NEED the same call goes on. */
	scanFill(scan: Address, maxEntries: Count, maxBytes: ByteLength): StatusWord;
	/** Whether anything in the range was written or deleted after `sequence` (DONE) or not (ABSENT); NEED, CORRUPT, OUT_OF_MEMORY. For a forward scan with both bounds and without overlay that is used for nothing else. */
	scanChanged(scan: Address, sequence: Sequence): StatusWord;
	/** Ends a scan wherever it stands. */
	scanFree(scan: Address): void;

	// -- Rows by their keys --------------------------------------------------------------------------------------------

	/** A reader of rows of SQL by keys that begin with the `prefixLength` bytes at KEY_BUFFER. 0 where memory is used up. */
	lookupCreate(
		superversion: Address,
		overlay: Address,
		overlayWrites: Count,
		sequence: Sequence,
		now: UnixMilliseconds,
		prefixLength: ByteLength,
	): Address;
	/** Which columns of which rows, as `scanRows`; before the first page. */
	lookupRows(lookup: Address, program: Address): Flag;
	/** The rows that the values of a page of entries point to, given by the page's bytes, bounds and count: DONE with the rows in the PAGE words, ABSENT where one is not there, NEED, CORRUPT or OUT_OF_MEMORY. */
	lookupFill(lookup: Address, pointers: Address, bounds: Address, total: Count): StatusWord;
	/** Room for `total` pointers of eight bytes, for `lookupGiven`. 0 where memory is used up. */
	lookupRoom(lookup: Address, total: Count): Address;
	/** As `lookupFill` by the pointers in that room; rows that are not there are passed over, and the number of its pointer stands in the place of a row's group. */
	lookupGiven(lookup: Address, total: Count): StatusWord;
	/** Goes on after NEED. */
	lookupContinue(lookup: Address): StatusWord;
	/** Ends a lookup wherever it stands. */
	lookupFree(lookup: Address): void;

	// -- Jobs: flush and compaction ------------------------------------------------------------------------------------

	/** A job that merges memtables and sorted runs into new tables, described by words (`abi.JOB_…`) that are copied. 0 where memory is used up. */
	jobCreate(words: Address): Address;
	/** Goes on: EMIT with bytes for the output at RESULT, NEED, CORRUPT, OUT_OF_MEMORY, or DONE at the end. `file` and seed are those of the next table to start; `last`: this table takes all that is left. */
	jobStep(job: Address, file: Count, last: Flag, seedLow: Word, seedHigh: Word): StatusWord;
	/** After an EMIT with EMIT_TABLE_END: the description of the table (`abi.TABLE_…`), until the next step. */
	jobDescription(job: Address): Address;
	/** Ends a job wherever it stands. */
	jobFree(job: Address): void;

	// -- CSV -----------------------------------------------------------------------------------------------------------

	/** A counter of lines: f64 at `csv.COUNT_…`. Freed by `free`. 0 where memory is used up. */
	csvCountCreate(): Address;
	/** Counts on in the next `length` bytes, behind which 64 more can be read. `quote`: a byte, or `csv.NO_QUOTE`. */
	csvCount(count: Address, from: Address, length: ByteLength, quote: Count, newline: Count): void;
	/** A load that makes tables of CSV by settings (`csv.CSV_…`) that are copied. 0 where memory is used up. */
	csvLoadCreate(words: Address): Address;
	/** Ends a load wherever it stands. */
	csvLoadFree(csv: Address): void;
	/** Before the first step: whether the text begins within quotes, and within a record that is passed over; the rowid of its line, and the entries' sequence number. */
	csvBegin(csv: Address, inside: Flag, skip: Flag, rowId: LargeCount, sequence: Sequence): void;
	/** Where `bytes` more bytes of text go; 0 where memory is used up. */
	csvRoom(csv: Address, bytes: ByteLength): Address;
	/** Says how many bytes were put there, and whether the file ends behind them. */
	csvFeed(csv: Address, bytes: ByteLength, isLast: Flag): void;
	/** Goes on: EMIT as a job, DONE, OUT_OF_MEMORY, `csv.CSV_MORE` (room and feed), CSV_REFUSED and CSV_WIDEN (a record, in the scratch), CSV_ASKED (the text of a field, at RESULT). */
	csvStep(csv: Address, file: Count, seedLow: Word, seedHigh: Word): StatusWord;
	/** After CSV_WIDEN: passes the record over. */
	csvPass(csv: Address): void;
	/** Records that became rows. */
	csvRows(csv: Address): LargeCount;
	/** Rows of which others with the same key have taken the place. */
	csvReplaced(csv: Address): LargeCount;
	/** After CSV_ASKED: whether the text fits its column, and its value where that is a number. */
	csvAnswer(csv: Address, fits: Flag, value: Double): void;
	/** As `jobDescription`. */
	csvDescription(csv: Address): Address;

	// -- Blocks, filters and LZ4 by themselves: for programs of one's own -----------------------------------------------

	/** A builder of blocks, used again and again. 0 where memory is used up. */
	blockBuilderCreate(): Address;
	/** Frees a builder. */
	blockBuilderFree(builder: Address): void;
	/** Forgets what was added. */
	blockBuilderReset(builder: Address): void;
	/** Adds an entry behind the one added last: keys ascend, of one key the newest version comes first. `kind`: `format.KIND_…`. 0 where memory is used up: nothing was added, then. */
	blockBuilderAdd(
		builder: Address,
		key: Address,
		keyLength: ByteLength,
		sequence: Sequence,
		kind: Count,
		value: Address,
		valueLength: ByteLength,
	): Flag;
	/** Length of the block if it were finished now. */
	blockBuilderLength(builder: Address): ByteLength;
	/** Writes the block of what was added, at least one entry, to `target`, which has room for that length. */
	blockBuilderFinish(builder: Address, target: Address): void;
	/** Whether the bytes are a block in which searches stay, with no key longer than `longestKey`. That keys ascend behind equal heads is not looked at. */
	blockIsSound(block: Address, length: ByteLength, longestKey: ByteLength): Flag;
	/** The first slot, from 0 on, at or after the newest version of the key that a reader at `sequence` sees; the count of entries where there is none. Of a sound block. */
	blockSeek(block: Address, key: Address, keyLength: ByteLength, sequence: Sequence): Count;
	/** How many probes give the fewest false positives. */
	filterProbes(bitsPerKey: Count): Count;
	/** Length of a filter for so many keys. */
	filterLength(keys: Count, bitsPerKey: Count): ByteLength;
	/** Makes so many bytes an empty filter. */
	filterClear(filter: Address, length: ByteLength, probes: Count): void;
	/** Adds a key, by its XXH64 with seed 0. */
	filterAdd(filter: Address, key: Address, keyLength: ByteLength): void;
	/** 0 where the key was not added; 1 where it was, and seldom where it was not. Of a sound filter. */
	filterMayContain(filter: Address, key: Address, keyLength: ByteLength): Flag;
	/** Whether the bytes are a filter in which probes stay. */
	filterIsSound(filter: Address, length: ByteLength): Flag;
	/** Bytes of working memory that `lz4Encode` wants. */
	lz4TableBytes(): ByteLength;
	/** Compresses to an LZ4 block; answers its length, 0 where it has more than `capacity` bytes. `table`: working memory of that length. */
	lz4Encode(from: Address, length: ByteLength, to: Address, capacity: ByteLength, table: Address): ByteLength;
	/** Decodes an LZ4 block to exactly `capacity` bytes; 0 where it is malformed or has another length. Reads and writes stay within both lengths. */
	lz4Decode(from: Address, length: ByteLength, to: Address, capacity: ByteLength): Flag;
}
