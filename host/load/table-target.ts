import { type ColumnType, convert, type FieldValue } from "../csv/column-type.js";
import { invalid, show } from "../csv/failure.js";
import { FORMS, hasForm, isDeclaredType } from "../csv/form.js";
import { findColumn } from "../csv/header.js";
import { WlsmError } from "../errors.js";
import { heapShare } from "../storage/index.js";
import type { ConflictChoice, LoadSettings } from "./options.js";
import { type CsvRecord, isNull } from "./records.js";
import type { Conflicts, LoadColumn, LoadDatabase, LoadTarget, Problem, Reject } from "./target.js";

type TableDestination = Extract<LoadSettings["destination"], { kind: "table" }>;
type Statement = ReturnType<LoadDatabase["sql"]["prepare"]>;
interface TableColumn {
	readonly name: string;
	readonly type: string;
}

/** Characters after which a batch is written even if it has fewer rows: rows may be as long as `maxRecordBytes`. */
const maxBatchLength = 4 * 1024 * 1024;

/** What holds the rows for a table that is there: a transaction, or, within one that is open before, a part of it. */
const transaction = { begin: "BEGIN", keep: "COMMIT", undo: "ROLLBACK" };
const savepoint = {
	begin: "SAVEPOINT wlsm_load",
	keep: "RELEASE wlsm_load",
	undo: "ROLLBACK TO wlsm_load; RELEASE wlsm_load",
};

/**
 * A typed table. A new table is filled in transactions of at most `batchSize` rows, which bounds the memory, and dropped where the
 * load fails; only a process that is killed leaves it behind, with the batches that were complete. Where the table is
 * there already (append, replace) one transaction holds the whole load, so that its old rows are never at risk; its memory grows
 * with the rows. Within a transaction that is open the load is a part of that, and whether it stays is decided there.
 */
export class TableTarget implements LoadTarget {
	readonly columns: readonly LoadColumn[];
	readonly #hasDeclaredTypes: boolean;
	readonly #db: LoadDatabase;
	/** Of the table. */
	readonly name: string;
	readonly mode: "create" | "append" | "replace";
	/** The column, -1 where there is none. */
	readonly primaryKey: number;
	readonly #batchSize: number;
	readonly #onConflict: ConflictChoice;
	readonly #reject: Reject;
	#types: readonly ColumnType[] = [];
	#insert: Statement | undefined;
	/** For a row that others are in the way of. */
	#replace: Statement | undefined;
	#ignored = 0;
	#replaced = 0;
	#batch: CsvRecord[] = [];
	#batchLength = 0;
	/** Whether a table of ours is there to be dropped. */
	#created: "no" | "yes" = "no";
	#holder: typeof transaction | undefined;

	constructor(
		db: LoadDatabase,
		names: readonly string[],
		settings: LoadSettings,
		to: TableDestination,
		reject: Reject,
	) {
		this.#db = db;
		this.name = to.name;
		this.#batchSize = settings.batchSize;
		this.#onConflict = settings.onConflict;
		this.#reject = reject;
		checkName(to);
		const existing = existingColumns(db, to.name);
		if (existing.length > 0 && to.ifExists === "fail") {
			throw new WlsmError("WLSM_EXISTS", `There is a table ${show(to.name)} already; append to it or replace it`);
		}
		this.mode = existing.length === 0 ? "create" : to.ifExists === "append" ? "append" : "replace";
		this.columns = this.mode === "append" ? appended(names, existing, settings) : created(names, settings);
		this.#hasDeclaredTypes = this.columns.some(({ declared }) => declared !== undefined);
		this.primaryKey = this.mode === "append" ? -1 : findOptional(names, settings.primaryKey);
	}

	get conflicts(): Conflicts {
		return { ignored: this.#ignored, replaced: this.#replaced };
	}

	check({ fields }: CsvRecord): Problem | undefined {
		if (this.primaryKey !== -1 && (fields[this.primaryKey] ?? "") === "") {
			return { field: this.primaryKey, reason: "the primary key is empty" };
		}
		if (!this.#hasDeclaredTypes) return undefined;
		const field = this.columns.findIndex(({ declared }, i) => {
			const text = fields[i];
			return declared !== undefined && text && !hasForm(text, declared);
		});
		const declared = this.columns[field]?.declared;
		return declared === undefined ? undefined : { field, reason: `not ${FORMS[declared]}` };
	}

	begin(types: readonly ColumnType[]): void {
		this.#types = types;
		this.#batch = [];
		this.#ignored = this.#replaced = 0;
		const { sql } = this.#db;
		if (this.mode !== "create") {
			const holder = sql.inTransaction ? savepoint : transaction;
			sql.exec(holder.begin);
			this.#holder = holder;
		}
		if (this.mode === "replace") sql.exec(`DROP TABLE ${this.identifier}`);
		if (this.mode !== "append") sql.exec(this.definition(types));
		if (this.mode === "create") this.#created = "yes";
		const names = this.columns.map((column) => identifier(column.name)).join(", ");
		const places = this.columns.map(() => "?").join(", ");
		const insert = (or: string) => sql.prepare(`INSERT ${or} INTO ${this.identifier} (${names}) VALUES (${places})`);
		// What is asked for here counts, whatever the table's own clauses are: a conflict is always seen.
		this.#insert = insert(this.#onConflict === "reject" ? "" : "OR ABORT");
		this.#replace = this.#onConflict === "replace" ? insert("OR REPLACE") : undefined;
	}

	add(record: CsvRecord): void {
		this.#batch.push(record);
		for (const field of record.fields) this.#batchLength += field.length;
		if (this.#batch.length >= this.#batchSize || this.#batchLength >= maxBatchLength) this.#flush();
	}

	finish(): void {
		this.#flush();
		if (this.#holder !== undefined) this.#db.sql.exec(this.#holder.keep);
		this.#holder = undefined;
	}

	undo(): void {
		this.#batch = [];
		const { sql } = this.#db;
		if (this.#holder !== undefined) {
			// A transaction may have ended by itself, as with ON CONFLICT ROLLBACK.
			if (sql.inTransaction) sql.exec(this.#holder.undo);
			this.#holder = undefined;
		} else if (this.#created === "yes") {
			sql.exec(`DROP TABLE ${this.identifier}`);
			this.#created = "no";
		}
	}

	#flush(): void {
		const batch = this.#batch;
		this.#batch = [];
		this.#batchLength = 0;
		const insertAll = () => {
			for (const record of batch) this.#insertRow(record);
		};
		if (this.mode === "create") {
			this.#db.sql.transaction(insertAll)();
		} else {
			checkMemory();
			insertAll();
		}
	}

	#insertRow(record: CsvRecord): void {
		const values = this.columns.map((_, i) => this.#valueOf(record, i));
		const reason = brokenConstraint(() => this.#insert?.run(...values));
		if (reason === undefined) return;
		const isConflict = /^UNIQUE constraint failed/.test(reason);
		if (!isConflict || this.#onConflict === "reject" || this.#onConflict === "fail")
			this.#reject(record, { field: undefined, reason, isConflict });
		else if (this.#onConflict === "ignore") this.#ignored++;
		else this.#replaceRow(record, values);
	}

	#replaceRow(record: CsvRecord, values: readonly FieldValue[]): void {
		const reason = brokenConstraint(() => this.#replace?.run(...values));
		if (reason === undefined) this.#replaced++;
		else this.#reject(record, { field: undefined, reason });
	}

	#valueOf(record: CsvRecord, column: number): FieldValue {
		const text = record.fields[column] ?? "";
		if (text === "" && (this.columns[column]?.declared !== undefined || isNull(record, column))) return null;
		const type = this.#types[column] ?? "text";
		// In a column of numbers a word can only be JSON's true or false.
		if (type !== "text" && (text === "true" || text === "false")) return text === "true" ? 1 : 0;
		return convert(text, type);
	}

	/** CREATE TABLE; `name` is that of another table with the same columns, which may have another key. */
	definition(types: readonly ColumnType[], { name = this.identifier, primaryKey = this.primaryKey } = {}): string {
		const columns = this.columns.map(({ name, declared }, i) => {
			const key = i === primaryKey ? " PRIMARY KEY NOT NULL" : "";
			return `${identifier(name)} ${(declared ?? types[i] ?? "text").toUpperCase()}${key}`;
		});
		return `CREATE TABLE ${name} (${columns.join(", ")})`;
	}

	/** The table's name as SQL has it. */
	get identifier(): string {
		return identifier(this.name);
	}
}

/** Runs a statement; answers the constraint that the row breaks, which is that row's fault. Any other error is the load's. */
export function brokenConstraint(insert: () => unknown): string | undefined {
	try {
		insert();
		return undefined;
	} catch (error) {
		if (!(error instanceof Error) || !/constraint failed/i.test(error.message)) throw error;
		return error.message;
	}
}

function checkName({ name, ifExists }: TableDestination): void {
	if (/^sqlite_/i.test(name)) throw invalid("Names of tables that begin with sqlite_ are reserved; give another one");
	if (/^kv$/i.test(name) && ifExists !== "append") {
		throw invalid('The table "kv" is the key-value data; give another name, or a schema of two columns to load pairs');
	}
}

/** Of the runtime's heap: what a transaction takes beyond this would end the process, with nothing said. */
const maxHeapShare = 0.75;

function checkMemory(): void {
	if (heapShare() < maxHeapShare) return;
	throw new WlsmError(
		"WLSM_OUT_OF_MEMORY",
		"A load into a table that is there is one transaction, which does not fit memory, so it was undone. " +
			"Load into a new table, which takes no more than a batch, or load less at a time, or allow the process more " +
			"memory (in Node by NODE_OPTIONS=--max-old-space-size=MEGABYTES).",
	);
}

function created(names: readonly string[], settings: LoadSettings): TableTarget["columns"] {
	findOptional(names, settings.primaryKey);
	const fixed = new Map([...settings.types].map(([name, type]) => [find(names, name), type]));
	return names.map((name, i) => {
		const type = fixed.get(i);
		return type !== undefined && isDeclaredType(type) ? { name, fixed: "text", declared: type } : { name, fixed: type };
	});
}

/** With a header columns are matched by name, without one by position. The table decides about the types. */
function appended(
	names: readonly string[],
	table: readonly TableColumn[],
	settings: LoadSettings,
): TableTarget["columns"] {
	if (settings.types.size > 0) throw invalid("The types of an existing table are given by the table");
	if (settings.primaryKey !== undefined) throw invalid("The primary key of an existing table is given by the table");
	if (!settings.header && names.length !== table.length) {
		throw invalid(`The table has ${table.length} columns, the file ${names.length}`);
	}
	const tableNames = table.map((column) => column.name);
	return names.map((name, i) => {
		const column = table[settings.header ? find(tableNames, name) : i];
		return { name: column?.name ?? name, fixed: typeOfDeclaration(column?.type ?? "") };
	});
}

/** SQLite's affinity rules; columns without integer or real affinity take the text, and convert it by those rules themselves. */
function typeOfDeclaration(declared: string): ColumnType {
	if (/INT/i.test(declared)) return "integer";
	return /REAL|FLOA|DOUB/i.test(declared) && !/CHAR|CLOB|TEXT/i.test(declared) ? "real" : "text";
}

/** The columns of a table that is there and is to get more rows; undefined where none is. */
export function columnsToAppendTo(db: LoadDatabase, to: LoadSettings["destination"]): string[] | undefined {
	if (to.kind !== "table" || to.ifExists !== "append") return undefined;
	const columns = existingColumns(db, to.name);
	return columns.length === 0 ? undefined : columns.map(({ name }) => name);
}

function existingColumns(db: LoadDatabase, table: string): TableColumn[] {
	return db.sql.prepare(`PRAGMA table_info('${table.replaceAll("'", "''")}')`).all() as TableColumn[];
}

function findOptional(names: readonly string[], wanted: string | undefined): number {
	return wanted === undefined ? -1 : find(names, wanted);
}

function find(names: readonly string[], wanted: string): number {
	const index = findColumn(names, wanted);
	if (index === -1) throw invalid(`There is no column ${show(wanted)}; the columns are ${names.join(", ")}`);
	return index;
}

/** A name as SQL takes any. */
export function identifier(name: string): string {
	return `"${name.replaceAll('"', '""')}"`;
}
