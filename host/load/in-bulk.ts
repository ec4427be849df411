import { availableParallelism } from "node:os";
import {
	type BulkOutcome,
	type BulkTarget,
	bulkLoad,
	type RepeatedRows,
	SMALL_BYTES,
	takesBulk,
} from "../bulk/bulk-load.js";
import { Crew } from "../bulk/crew.js";
import type { BulkType } from "../bulk/kernel-words.js";
import type { RowGate } from "../bulk/row-gate.js";
import { behindFirstRecord } from "../bulk/start.js";
import { bulkWorkerUrl } from "../bulk/worker-file.js";
import { type ColumnType, classify, Seen, typeOf } from "../csv/column-type.js";
import { findNewline } from "../csv/dialect.js";
import type { Engine } from "../engine/engine.js";
import { WlsmError } from "../errors.js";
import { Database } from "../index.js";
import { noteForeignWrite, type PlainTable } from "../sql/index.js";
import { isArtifactThere, NodeStorage } from "../storage/index.js";
import type { LoadInput } from "./input.js";
import type { ConflictChoice, LoadSettings } from "./options.js";
import type { PairTarget } from "./pair-target.js";
import type { Rejects } from "./rejects.js";
import { ReplacedRows } from "./replaced-rows.js";
import { brokenConstraint, identifier, TableTarget } from "./table-target.js";
import type { Conflicts, LoadDatabase, LoadTarget } from "./target.js";

/** Of the memory: what entries of indexes are gathered in. To sort and to merge them takes as much again, and so do tables that are read. */
const SHARE_OF_ENTRIES = 4;

/** What loading in bulk needs of a load. */
export interface BulkJob<Target extends TableTarget | PairTarget = TableTarget | PairTarget> {
	readonly db: LoadDatabase;
	readonly input: LoadInput;
	readonly settings: LoadSettings;
	readonly target: Target;
	readonly rejects: Rejects;
	readonly crew: Crew | undefined;
	/** The kinds of values seen in each column so far. */
	readonly seen: readonly number[];
}

/** The threads for a file that is likely to be loaded in bulk, and is large enough for them. A bundle may lack their module. */
export function crewFor(db: LoadDatabase, input: LoadInput, settings: LoadSettings): Crew | undefined {
	const engine = Database.engineOf(db);
	if (engine === undefined || !takesBulk(engine) || settings.format === "jsonl" || input.size <= SMALL_BYTES)
		return undefined;
	if (!isArtifactThere(bulkWorkerUrl())) return undefined;
	return new Crew(settings.parallel ?? availableParallelism());
}

export interface BulkLoaded {
	/** Of the columns, in the end. */
	readonly types: readonly ColumnType[];
	/** Records that were loaded or ignored. */
	readonly rows: number;
	readonly conflicts: Conflicts | undefined;
}

/** The engine where a load can go around INSERT: for pairs, and for a table that nobody else sees before it is complete. */
export function bulkEngine(
	db: LoadDatabase,
	target: LoadTarget,
	settings: LoadSettings,
	input: LoadInput,
	crew: Crew | undefined,
): Engine | undefined {
	const engine = Database.engineOf(db);
	if (crew === undefined && input.size > SMALL_BYTES) return undefined;
	if (engine === undefined || !takesBulk(engine) || settings.format === "jsonl" || db.sql.inTransaction)
		return undefined;
	if (!(target instanceof TableTarget)) return engine;
	return target.mode === "append" && plainTableOf(sqlOf(db), target) === undefined ? undefined : engine;
}

/** The table that rows are appended to, where it has the columns of the file, in their order, and asks for nothing more. */
function plainTableOf(sql: Database["sql"], { name, columns }: TableTarget): PlainTable | undefined {
	const table = sql.plainTable(name);
	if (table === undefined || table.columns.length !== columns.length) return undefined;
	const isSame = (i: number) => {
		const column = table.columns[i];
		return column !== undefined && column.name === columns[i]?.name && columnType(column) === columns[i]?.fixed;
	};
	return columns.every((_, i) => isSame(i)) ? table : undefined;
}

/** What the values of a file are to be for a column of a table that is there. */
function columnType({ type }: PlainTable["columns"][number]): ColumnType {
	return type === "numeric" ? "text" : type;
}

/** Columns such as DATE make numbers of what looks like one, which is for INSERT. */
function hasNumbers({ columns }: PlainTable, seen: readonly number[]): boolean {
	return columns.some(({ type }, i) => type === "numeric" && ((seen[i] ?? Seen.nothing) & ~Seen.text) !== 0);
}

/** Loads all of the file, by threads that make tables of it; undefined where it has to be loaded row by row, and nothing was done. */
export async function loadInBulk(engine: Engine, job: BulkJob): Promise<BulkLoaded | undefined> {
	const { target } = job;
	if (!(target instanceof TableTarget)) return loadPairs(engine, { ...job, target: target as PairTarget });
	return target.mode === "append" ? append(engine, { ...job, target }) : loadTable(engine, { ...job, target });
}

/** Rows go to the table itself: where they are not to replace others, as long as there are none with the same rowids, or between them, when all are made. */
async function append(engine: Engine, job: BulkJob<TableTarget>): Promise<BulkLoaded | undefined> {
	const { target, db, rejects, settings } = job;
	const sql = sqlOf(db);
	const table = plainTableOf(sql, target);
	if (table === undefined || hasNumbers(table, job.seen)) return undefined;
	const { objectId, rowIdColumn, nextRowId, indexes } = table;
	const types = table.columns.map(columnType);
	const mayEnter = () => {
		const now = sql.inTransaction ? undefined : plainTableOf(sql, target);
		return now?.objectId === objectId && now.indexes === indexes;
	};
	const commit: RowGate["commit"] = (rows) => {
		// They have done their part: what they hold is for the entries of indexes now.
		job.crew?.stop();
		return isSound(() => sql.takeRows(target.name, rows, settings.memoryBytes / SHARE_OF_ENTRIES));
	};
	const plain: RowGate = { mayEnter, replaces: false, commit };
	const keyName = table.columns[rowIdColumn]?.name;
	// Entries of rows that are replaced would stay.
	const replaced =
		settings.onConflict === "replace" && keyName !== undefined && indexes === "none"
			? new ReplacedRows(sql, target.identifier, identifier(keyName), plain)
			: undefined;
	// Who replaces a row may do so for several reasons, one after the other.
	const ofOneRowId =
		indexes === "unique" && settings.onConflict === "replace" ? "refused" : REPEATED[settings.onConflict];
	const to: BulkTarget =
		rowIdColumn === -1
			? { kind: "lines", objectId, firstRowId: nextRowId }
			: { kind: "rowIds", objectId, column: rowIdColumn, repeated: ofOneRowId, keyless: "given" };
	const stored = table.columns.map(({ type }) => type);
	const outcome = await loadFile(engine, job, stored, to, { gate: replaced ?? plain });
	if (outcome.kind === "repeated" || outcome.kind === "misfit") {
		rejects.restart();
		return undefined;
	}
	if (outcome.kind !== "done") throw failureOf(engine, job, outcome);
	noteForeignWrite(engine);
	const { rows, repeated } = outcome;
	return { types, rows, conflicts: conflictsOf(replaced?.of(rows) ?? repeated, settings) };
}

/** False where SQL finds fault with a row: which row that is, and what becomes of it, is for INSERT. */
function isSound(take: () => void): boolean {
	try {
		take();
		return true;
	} catch (error) {
		if (error instanceof WlsmError && error.code === "WLSM_SQL") return false;
		throw error;
	}
}

async function loadPairs(engine: Engine, job: BulkJob<PairTarget>): Promise<BulkLoaded> {
	const { target } = job;
	const types = target.columns.map(() => "text" as const);
	const { key, value } = target;
	const outcome = await loadFile(engine, job, types, { kind: "pairs", key, value });
	if (outcome.kind !== "done") throw failureOf(engine, job, outcome);
	await engine.log.sync();
	return { types, rows: outcome.rows, conflicts: undefined };
}

/**
 * Rows belong to a temporary table until all is there, which becomes the one that is wanted then: whatever happens before, nothing
 * is left of it. A key that is no integer becomes an index then. One that is there twice may be an error of that row, which is for INSERT.
 */
async function loadTable(engine: Engine, job: BulkJob<TableTarget>): Promise<BulkLoaded | undefined> {
	const seen = [...job.seen];
	const { settings, target } = job;
	const { columns } = target;
	for (;;) {
		const types = columns.map(({ fixed }, i) => fixed ?? typeOf(seen[i] ?? Seen.nothing));
		const outcome = await loadOnce(engine, job, types);
		if (outcome.kind === "done")
			return { types, rows: outcome.rows, conflicts: conflictsOf(outcome.repeated, settings) };
		if (outcome.kind !== "misfit" && outcome.kind !== "repeated") throw failureOf(engine, job, outcome);
		job.rejects.restart();
		if (outcome.kind === "repeated") return undefined;
		const { column, value } = outcome.misfit;
		// What is no number at all, and what is one but not of this type and never with the others, is text.
		const after = (seen[column] ?? Seen.nothing) | classify(value);
		seen[column] = typeOf(after) === types[column] ? Seen.text : after;
	}
}

/** Which of several rows with one rowid stays. What is to be said of the others, but for their number, is for INSERT. */
const REPEATED: Record<ConflictChoice, RepeatedRows> = {
	reject: "refused",
	fail: "refused",
	ignore: "first",
	replace: "last",
};

function conflictsOf(repeated: number, { onConflict }: LoadSettings): Conflicts {
	return onConflict === "ignore" ? { ignored: repeated, replaced: 0 } : { ignored: 0, replaced: repeated };
}

/** The error to throw where a load has come to no end. */
function failureOf(engine: Engine, { settings, rejects }: BulkJob, outcome: BulkOutcome): unknown {
	if (outcome.kind === "failed") return outcome.error;
	if (outcome.kind === "tooMany") return rejects.tooMany(outcome.rejects);
	settings.signal?.throwIfAborted();
	engine.checkWritable();
	return new RangeError("a load has stopped for no reason that is known");
}

async function loadOnce(engine: Engine, job: BulkJob<TableTarget>, types: readonly ColumnType[]): Promise<BulkOutcome> {
	const { db, target, settings } = job;
	const sql = sqlOf(db);
	checkDefinition(sql, target, types);
	const temporary = `wlsm_load_${crypto.randomUUID()}`;
	const { primaryKey } = target;
	const isRowId = primaryKey !== -1 && types[primaryKey] === "integer";
	sql.exec(target.definition(types, { name: `temp."${temporary}"`, primaryKey: isRowId ? primaryKey : -1 }));
	let isAdopted = false;
	try {
		const objectId = sql.objectId(temporary, "temp");
		const repeated = REPEATED[settings.onConflict];
		const to: BulkTarget = isRowId
			? { kind: "rowIds", objectId, column: primaryKey, repeated, keyless: "refused" }
			: { kind: "lines", objectId, firstRowId: 1 };
		const outcome = await loadFile(engine, job, types, to, { key: isRowId ? -1 : primaryKey });
		if (outcome.kind !== "done") return outcome;
		job.crew?.stop();
		const dropped = target.mode === "replace" ? dropTable(target) : undefined;
		const memoryBytes = settings.memoryBytes / SHARE_OF_ENTRIES;
		const adopt = () => sql.adopt(temporary, target.definition(types), { dropped, memoryBytes });
		if (brokenConstraint(adopt) !== undefined) return { kind: "repeated" };
		isAdopted = true;
		await engine.log.sync();
		return outcome;
	} finally {
		if (!isAdopted && !engine.closed && !engine.failed) sql.exec(`DROP TABLE temp."${temporary}"`);
	}
}

/** What is wrong with the table is said before anything is loaded, and by its own name. */
function checkDefinition(sql: Database["sql"], target: TableTarget, types: readonly ColumnType[]): void {
	sql.exec("BEGIN");
	try {
		if (target.mode === "replace") sql.exec(dropTable(target));
		sql.exec(target.definition(types));
	} finally {
		if (sql.inTransaction) sql.exec("ROLLBACK");
	}
}

function dropTable({ identifier }: TableTarget): string {
	return `DROP TABLE ${identifier}`;
}

interface FileOptions {
	/** The column that must be in all rows, -1 where there is none. */
	readonly key?: number;
	readonly gate?: RowGate;
}

function loadFile(
	engine: Engine,
	{ input, settings, target, rejects, crew }: BulkJob,
	types: readonly BulkType[],
	to: BulkTarget,
	{ key = -1, gate }: FileOptions = {},
): Promise<BulkOutcome> {
	const newline = findNewline(input.head, settings.dialect);
	const start = settings.header
		? behindFirstRecord(new NodeStorage(), input.path, input.begin, settings.dialect, newline.charCodeAt(0))
		: { offset: input.begin, line: 1 };
	return bulkLoad(engine, {
		file: input.path,
		size: input.size,
		start: start.offset,
		firstLine: start.line,
		dialect: settings.dialect,
		newline,
		columns: target.columns.map(({ name, fixed, declared }, i) => ({
			name,
			type: declared ?? types[i] ?? "text",
			isFixed: fixed !== undefined && types[i] !== "numeric",
			isKey: i === key,
		})),
		nullTexts: nullTextsOf(settings),
		target: to,
		gate,
		crew,
		memoryBytes: settings.memoryBytes,
		maxErrors: settings.maxErrors,
		keepsRejects: settings.rejects !== undefined,
		signal: settings.signal,
		onProgress: ({ bytes, rows, rejected }) => {
			const totalBytes = input.size;
			settings.onProgress({ phase: "load", bytes: start.offset + bytes, totalBytes, rows, rejected });
		},
		onPart: (part) => rejects.addAll(part.rejected, part.rejects),
	});
}

/** Half a surrogate pair is in no text of UTF-8. */
function nullTextsOf({ nullValues }: LoadSettings): Uint8Array[] {
	return [...nullValues].filter((text) => !/\p{Surrogate}/u.test(text)).map((text) => new TextEncoder().encode(text));
}

function sqlOf(db: LoadDatabase) {
	return (db as unknown as Database).sql;
}
