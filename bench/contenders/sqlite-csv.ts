/* How a program of today loads a CSV file into SQLite: csv-parser, and INSERTs in transactions. */
import { createReadStream } from "node:fs";
import csvParser from "csv-parser";
import type { CsvTable } from "../contenders.js";

/** Texts in the order of the table's columns; the columns' types make numbers of them. */
export type CsvRow = readonly string[];

/** Rows of a transaction, as many as wlsm's own loader takes. */
const BATCH = 10_000;

export function createTable({ name, primaryKey, columns }: CsvTable): string {
	const definitions = Object.entries(columns).map(
		([column, type]) => `${column} ${type.toUpperCase()}${column === primaryKey ? " PRIMARY KEY" : ""}`,
	);
	return `CREATE TABLE ${name} (${definitions.join(", ")})`;
}

export function insertInto({ name, columns }: CsvTable): string {
	const places = Object.keys(columns).map(() => "?");
	return `INSERT INTO ${name} VALUES (${places.join(", ")})`;
}

/** Hands over the file's rows, in parts for a transaction each; answers how many there were. */
export async function readCsv(
	file: string,
	{ columns }: CsvTable,
	insert: (rows: readonly CsvRow[]) => void,
): Promise<number> {
	const names = Object.keys(columns);
	let rows: CsvRow[] = [];
	let count = 0;
	const commit = () => {
		insert(rows);
		count += rows.length;
		rows = [];
	};
	for await (const record of createReadStream(file).pipe(csvParser()) as AsyncIterable<Record<string, string>>) {
		rows.push(names.map((name) => record[name] as string));
		if (rows.length === BATCH) commit();
	}
	commit();
	return count;
}
