import { type ColumnType, classify, Seen, typeOf } from "./column-type.js";
import { columnNames, numberedColumns } from "./header.js";
import type { CsvReader } from "./reader.js";

export interface CsvColumn {
	readonly name: string;
	readonly type: ColumnType;
}

/** The types are those of so many records, or bytes, from the beginning of the file. */
export const SAMPLE_RECORDS = 20_000;
const SAMPLE_BYTES = 1024 * 1024;

/** The names of the columns: the reader's next record where that is a header; undefined for an empty file. */
export function readNames(reader: CsvReader, header: boolean): string[] | undefined {
	if (!reader.next()) return undefined;
	if (!header) return numberedColumns(reader.count);
	return columnNames(Array.from({ length: reader.count }, (_, i) => reader.text(i)));
}

export interface CsvSample {
	readonly columns: readonly CsvColumn[];
	/** How many records the whole file may have. */
	readonly expectedRecords: number;
}

/**
 * Names and types of the columns, from the beginning of the file; undefined where it is empty. `isNull` tells of the fields that
 * stand for NULL, and so tell nothing of the type.
 */
export function sampleColumns(
	reader: CsvReader,
	header: boolean,
	isNull: (reader: CsvReader, field: number) => boolean,
): CsvSample | undefined {
	const names = readNames(reader, header);
	if (names === undefined) return undefined;
	const seen = names.map((): number => Seen.nothing);
	let records = 0;
	for (let there = !header || reader.next(); there; there = reader.next()) {
		for (let i = 0; i < Math.min(names.length, reader.count); i++) {
			if (!isNull(reader, i)) seen[i] = (seen[i] as number) | classify(reader.text(i)); // i is within
		}
		if (++records >= SAMPLE_RECORDS || reader.position >= SAMPLE_BYTES) break;
	}
	const columns = names.map((name, i) => ({ name, type: typeOf(seen[i] as number) })); // one for each
	return { columns, expectedRecords: Math.round((records * reader.size()) / Math.max(1, reader.position)) };
}
