/** read_csv(file, …): the rows of a CSV file. */

import { type ColumnType, classify, Seen } from "../../csv/column-type.js";
import { checkDialect, DEFAULT_DIALECT, type Dialect } from "../../csv/dialect.js";
import { invalid, show } from "../../csv/failure.js";
import { findColumn } from "../../csv/header.js";
import { CsvReader } from "../../csv/reader.js";
import { type CsvColumn, type CsvSample, readNames, SAMPLE_RECORDS, sampleColumns } from "../../csv/sample.js";
import { sqlError } from "../parse/source.js";
import type { Value } from "../value/value.js";
import { integer, real } from "../value/value.js";
import type { ShapedTableFunction } from "./table.js";

interface CsvFormat {
	readonly dialect: Dialect;
	readonly header: boolean;
	/** What stands for NULL where it is not quoted, in columns of any type. */
	readonly nullText: string | undefined;
	/** Of all columns that have none of their own; undefined where types are found out. */
	readonly type: ColumnType | undefined;
	readonly types: ReadonlyMap<string, ColumnType>;
}

/** Option names, with those that DuckDB has for the same thing. */
const OPTIONS: Readonly<Record<string, string>> = {
	header: "header",
	delimiter: "delimiter",
	delim: "delimiter",
	sep: "delimiter",
	quote: "quote",
	nullstr: "nullstr",
	all_varchar: "all_varchar",
	types: "types",
};

const TYPES: Readonly<Record<string, ColumnType>> = {
	integer: "integer",
	int: "integer",
	bigint: "integer",
	real: "real",
	double: "real",
	float: "real",
	text: "text",
	varchar: "text",
};

type Setting = Value | Readonly<Record<string, unknown>>;

function settingsOf(values: readonly Value[], options: ReadonlyMap<string, Value>): Map<string, Setting> {
	const [, json] = values;
	const given: [string, Setting][] = [...options];
	if (json !== undefined)
		given.unshift(...(Object.entries(objectOf(json, "the second argument")) as [string, Setting][]));
	return new Map(
		given.map(([name, value]) => {
			const known = Object.hasOwn(OPTIONS, name.toLowerCase()) ? OPTIONS[name.toLowerCase()] : undefined;
			if (known === undefined)
				throw sqlError(`read_csv has no option ${name}; it has ${Object.keys(OPTIONS).join(", ")}`);
			return [known, value];
		}),
	);
}

function objectOf(value: unknown, what: string): Readonly<Record<string, unknown>> {
	let object = value;
	if (typeof value === "string") {
		try {
			object = JSON.parse(value);
		} catch (error) {
			throw sqlError(`read_csv: ${what} is no JSON: ${error instanceof Error ? error.message : String(error)}`);
		}
	}
	if (typeof object === "object" && object !== null && !Array.isArray(object)) return object as Record<string, unknown>;
	throw sqlError(`read_csv: ${what} must be an object in JSON`);
}

function formatOf(settings: ReadonlyMap<string, Setting>): CsvFormat {
	const text = (name: string): string | undefined => {
		const value = settings.get(name);
		if (value === undefined || typeof value === "string") return value;
		throw sqlError(`read_csv: ${name} must be a text`);
	};
	const flag = (name: string): boolean | undefined => {
		const value = settings.get(name) as unknown;
		if (value === undefined) return undefined;
		if (value === true || value === 1) return true;
		if (value === false || value === 0) return false;
		throw sqlError(`read_csv: ${name} must be true or false`);
	};
	const dialect = {
		...DEFAULT_DIALECT,
		delimiter: text("delimiter") ?? DEFAULT_DIALECT.delimiter,
		quote: text("quote") ?? DEFAULT_DIALECT.quote,
	};
	checkDialect(dialect);
	const types = settings.has("types") ? objectOf(settings.get("types"), "types") : {};
	return {
		dialect,
		header: flag("header") ?? true,
		nullText: text("nullstr"),
		type: flag("all_varchar") === true ? "text" : undefined,
		types: new Map(Object.entries(types).map(([name, type]) => [name, typeNamed(name, type)])),
	};
}

function typeNamed(name: string, type: unknown): ColumnType {
	const known = TYPES[String(type).toLowerCase()];
	if (known === undefined)
		throw sqlError(`read_csv: the type of ${name} must be integer, real or text, not ${show(String(type))}`);
	return known;
}

/** A path as it is, and the format it is read by. */
class CsvFile {
	readonly #path: string;
	readonly #format: CsvFormat;

	constructor(path: string, format: CsvFormat) {
		this.#path = path;
		this.#format = format;
	}

	sample(): CsvSample {
		const { header, types, type: typeOfAll, dialect } = this.#format;
		const reader = new CsvReader(this.#path, dialect);
		try {
			const found = sampleColumns(reader, header, (at, field) => this.#isNull(at, field));
			if (found === undefined) throw invalid(`${this.#path} is empty`, { file: this.#path });
			const names = found.columns.map(({ name }) => name);
			const fixed = new Map<number, ColumnType>();
			for (const [name, type] of types) {
				const column = findColumn(names, name);
				if (column === -1)
					throw invalid(`${this.#path} has no column ${show(name)}; it has ${names.join(", ")}`, { file: this.#path });
				fixed.set(column, type);
			}
			const columns = found.columns.map(({ name, type }, i) => ({ name, type: fixed.get(i) ?? typeOfAll ?? type }));
			return { ...found, columns };
		} finally {
			reader.close();
		}
	}

	*rows(columns: readonly CsvColumn[], wanted: ReadonlySet<number>): Generator<Value[]> {
		const { header, dialect } = this.#format;
		const reader = new CsvReader(this.#path, dialect);
		try {
			const names = readNames(reader, header);
			if (names?.length !== columns.length || names.some((name, i) => name !== columns[i]?.name)) {
				const message = `${this.#path} has other columns than when the statement was prepared; prepare it again`;
				throw invalid(message, { file: this.#path });
			}
			const read = columns.map((column, at) => ({ column, at })).filter(({ at }) => wanted.has(at));
			for (let there = !header || reader.next(); there; there = reader.next()) {
				if (reader.count !== columns.length) throw this.#ragged(reader, columns.length);
				const row = new Array<Value>(columns.length).fill(null);
				for (const { at, column } of read) row[at] = this.#value(reader, at, column);
				yield row;
			}
		} finally {
			reader.close();
		}
	}

	#isNull(reader: CsvReader, field: number): boolean {
		const { nullText } = this.#format;
		return nullText !== undefined && !reader.isQuoted(field) && reader.text(field) === nullText;
	}

	#value(reader: CsvReader, field: number, column: CsvColumn): Value {
		if (this.#isNull(reader, field)) return null;
		if (column.type === "text") return reader.text(field);
		const short = reader.shortInteger(field);
		if (short !== undefined) return column.type === "integer" ? short : real(short);
		const text = reader.text(field);
		switch (classify(text)) {
			case Seen.nothing:
				return null;
			case Seen.integer:
			case Seen.wideInteger:
				return column.type === "integer" ? integer(BigInt(text)) : real(Number(text));
			case Seen.real:
				return real(Number(text));
			default:
				throw invalid(
					`${reader.name}, line ${reader.line}: ${show(text.slice(0, 100))} in column ${column.name} is no ${column.type}, which ` +
						`the column's first ${SAMPLE_RECORDS} values are, or the statement says that they are. ` +
						`Give the column a type: types = '${JSON.stringify({ [column.name]: "text" })}', or say by nullstr what stands for NULL`,
					{ file: reader.name, line: reader.line },
				);
		}
	}

	#ragged(reader: CsvReader, count: number): Error {
		const fields = reader.count === 1 ? "1 field" : `${reader.count} fields`;
		const message = `${reader.name}, line ${reader.line}: the record has ${fields}, but there are ${count} columns`;
		return invalid(message, { file: reader.name, line: reader.line });
	}
}

export const READ_CSV: ShapedTableFunction = {
	name: "read_csv",
	minimumArguments: 1,
	maximumArguments: 2,
	shape: (values, options) => {
		const [path] = values;
		if (typeof path !== "string" || path === "")
			throw sqlError("read_csv: the first argument must be the path of a file");
		const file = new CsvFile(path, formatOf(settingsOf(values, options)));
		const { columns, expectedRecords } = file.sample();
		return {
			name: "read_csv",
			columns: columns.map(({ name, type }) => ({ name, typeName: type.toUpperCase(), hidden: false })),
			minimumArguments: 0,
			maximumArguments: 2,
			missingArguments: null,
			expectedRows: expectedRecords,
			rows: (_values, wanted = new Set(columns.keys())) => file.rows(columns, wanted),
		};
	},
};

/** In its place where statements are not to read files. */
export const NO_READ_CSV: ShapedTableFunction = {
	...READ_CSV,
	shape: () => {
		throw sqlError("read_csv: the database was opened with sqlReadsFiles: false");
	},
};
