import type { Buffer } from "node:buffer";
import { LEVELS } from "../../assembly/shared/abi.js";
import { BOUND_MAX_BYTES, FOOTER_BYTES } from "../../assembly/shared/format.js";
import type { TableDescription } from "../kernel/contract.js";
import { ByteReader, ByteWriter } from "./bytes.js";
import { FILE_NUMBER_LIMIT } from "./files.js";
import { compareBytes } from "./range.js";

/** No database comes to a sequence number like this; what says that it has could not be written on to. */
export const SEQUENCE_LIMIT = 2 ** 52;

/** No table is as large: what is set aside for a compaction of it, file numbers for one, would be more than there is. */
const TABLE_SIZE_LIMIT = 2 ** 40;

/** A table as the manifest names it: everything but the seed, which follows from the database's id and the file number. */
export type TableRecord = Omit<TableDescription, "seed">;

/** One step of a database's history: a record of the manifest. Absent fields leave things as they were. */
export interface VersionEdit {
	/** Eight random bytes, written once: blocks of one database never pass for another's. */
	readonly databaseId?: Uint8Array;
	/** Files with this number and above have not been named yet. */
	readonly nextFile?: number;
	/** Logs with smaller numbers are no longer needed. */
	readonly firstLog?: number;
	/** Entries up to this sequence number are in tables. */
	readonly flushedSequence?: number;
	/** This much of the log was on stable storage when the database was closed: what is missing of it is damage. */
	readonly closedLog?: { readonly number: number; readonly bytes: number };
	readonly added?: readonly { readonly level: number; readonly table: TableRecord }[];
	readonly removed?: readonly { readonly level: number; readonly file: number }[];
}

const TAG_DATABASE_ID = 1;
const TAG_NEXT_FILE = 2;
const TAG_FIRST_LOG = 3;
const TAG_FLUSHED_SEQUENCE = 4;
const TAG_ADDED = 5;
const TAG_REMOVED = 6;
const TAG_CLOSED_LOG = 7;

export function encodeEdit(edit: VersionEdit): Buffer {
	const writer = new ByteWriter();
	if (edit.databaseId !== undefined) writer.u8(TAG_DATABASE_ID).bytes(edit.databaseId);
	if (edit.nextFile !== undefined) writer.u8(TAG_NEXT_FILE).u64(edit.nextFile);
	if (edit.firstLog !== undefined) writer.u8(TAG_FIRST_LOG).u64(edit.firstLog);
	if (edit.flushedSequence !== undefined) writer.u8(TAG_FLUSHED_SEQUENCE).u64(edit.flushedSequence);
	if (edit.closedLog !== undefined) writer.u8(TAG_CLOSED_LOG).u32(edit.closedLog.number).u64(edit.closedLog.bytes);
	for (const { level, file } of edit.removed ?? []) writer.u8(TAG_REMOVED).u8(level).u32(file);
	for (const { level, table } of edit.added ?? []) {
		writer.u8(TAG_ADDED).u8(level).u32(table.file).u64(table.size).u32(table.tailLength);
		writer.u64(table.entries).u64(table.deletions).u64(table.minSequence).u64(table.maxSequence).u64(table.firstExpiry);
		writer.u64(table.rangeDeletions);
		writer.bytes(table.smallest).bytes(table.largest);
	}
	return writer.finish();
}

/** `RangeError` where the bytes are not an edit. */
export function decodeEdit(bytes: Buffer): VersionEdit {
	const reader = new ByteReader(bytes);
	const edit: { -readonly [Field in keyof VersionEdit]: VersionEdit[Field] } = {};
	const added: { level: number; table: TableRecord }[] = [];
	const removed: { level: number; file: number }[] = [];
	const level = () => below(LEVELS, "level", reader.u8());
	while (!reader.done) {
		const tag = reader.u8();
		switch (tag) {
			case TAG_DATABASE_ID:
				edit.databaseId = reader.bytes();
				if (edit.databaseId.length !== 8) throw new RangeError("a database id that is not 8 bytes long");
				break;
			case TAG_NEXT_FILE:
				edit.nextFile = below(FILE_NUMBER_LIMIT + 1, "next file number", reader.u64());
				break;
			case TAG_FIRST_LOG:
				edit.firstLog = fileNumber(reader.u64());
				break;
			case TAG_FLUSHED_SEQUENCE:
				edit.flushedSequence = sequence(reader.u64());
				break;
			case TAG_CLOSED_LOG:
				edit.closedLog = { number: fileNumber(reader.u32()), bytes: reader.u64() };
				break;
			case TAG_REMOVED:
				removed.push({ level: level(), file: fileNumber(reader.u32()) });
				break;
			case TAG_ADDED:
				added.push({ level: level(), table: decodeTable(reader) });
				break;
			default:
				throw new RangeError(`unknown field ${tag}`);
		}
	}
	return { ...edit, added, removed };
}

function below(limit: number, name: string, value: number): number {
	if (value >= limit) throw new RangeError(`${name} ${value}`);
	return value;
}

function fileNumber(value: number): number {
	return below(FILE_NUMBER_LIMIT, "file number", value);
}

function sequence(value: number): number {
	return below(SEQUENCE_LIMIT, "sequence number", value);
}

/** A table's record, of which nothing asks for memory or reads that no table of its size could justify. */
function decodeTable(reader: ByteReader): TableRecord {
	const table: TableRecord = {
		file: fileNumber(reader.u32()),
		size: below(TABLE_SIZE_LIMIT, "table size", reader.u64()),
		tailLength: reader.u32(),
		entries: reader.u64(),
		deletions: reader.u64(),
		minSequence: sequence(reader.u64()),
		maxSequence: sequence(reader.u64()),
		firstExpiry: reader.u64(),
		rangeDeletions: reader.u64(),
		smallest: reader.bytes(),
		largest: reader.bytes(),
	};
	const { smallest, largest } = table;
	if (table.tailLength < FOOTER_BYTES || table.tailLength > table.size)
		throw new RangeError("a tail longer than its table");
	if (table.deletions > table.entries) throw new RangeError("more deletions than entries");
	if (table.minSequence > table.maxSequence) throw new RangeError("sequence numbers out of order");
	for (const key of [smallest, largest]) {
		if (key.length === 0 || key.length > BOUND_MAX_BYTES) throw new RangeError("a key of an impossible length");
	}
	if (compareBytes(smallest, largest) > 0) throw new RangeError("a table whose keys end before they start");
	return table;
}
