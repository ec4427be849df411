import { availableParallelism } from "node:os";
import { type BulkOutcome, bulkLoad, takesBulk } from "../bulk/bulk-load.js";
import { behindFirstRecord } from "../bulk/start.js";
import { type ColumnType, classify, Seen, typeOf } from "../csv/column-type.js";
import { findNewline } from "../csv/dialect.js";
import type { Engine } from "../engine/engine.js";
import { Database } from "../index.js";
import { NodeStorage } from "../storage/index.js";
import type { LoadInput } from "./input.js";
import type { LoadSettings } from "./options.js";
import type { Rejects } from "./rejects.js";
import type { TableTarget } from "./table-target.js";
import type { LoadDatabase } from "./target.js";

/** What loading a table in bulk needs of a load. */
export interface BulkJob {
	readonly db: LoadDatabase;
	readonly input: LoadInput;
	readonly settings: LoadSettings;
	readonly target: TableTarget;
	readonly rejects: Rejects;
	/** The kinds of values seen in each column so far. */
	readonly seen: readonly number[];
}

/** The engine where a load can go around INSERT: into a table that nobody else sees before it is complete. */
export function bulkEngine(db: LoadDatabase, target: TableTarget): Engine | undefined {
	const engine = Database.engineOf(db);
	if (engine === undefined || !takesBulk(engine) || db.sql.inTransaction) return undefined;
	return target.mode === "append" || target.hasPrimaryKey ? undefined : engine;
}

/**
 * Loads all rows, by threads that make tables of the file. They belong to a temporary table until all is there, which becomes the
 * one that is wanted then: whatever happens before, nothing is left of it. Answers the types in the end, and the rows.
 */
export async function loadInBulk(
	engine: Engine,
	job: BulkJob,
): Promise<{ readonly types: readonly ColumnType[]; readonly rows: number }> {
	const seen = [...job.seen];
	for (;;) {
		const types = job.target.columns.map(({ fixed }, i) => fixed ?? typeOf(seen[i] ?? Seen.nothing));
		const outcome = await loadOnce(engine, job, types);
		if (outcome.kind === "done") return { types, rows: outcome.rows };
		if (outcome.kind === "failed") throw outcome.error;
		if (outcome.kind === "tooMany") throw job.rejects.tooMany(outcome.first);
		job.settings.signal?.throwIfAborted();
		engine.checkWritable();
		if (outcome.kind === "stopped") throw new RangeError("a load has stopped for no reason that is known");
		const { column, value } = outcome.misfit;
		// What is no number at all, and what is one but not of this type and never with the others, is text.
		const after = (seen[column] ?? Seen.nothing) | classify(value);
		seen[column] = typeOf(after) === types[column] ? Seen.text : after;
		job.rejects.restart();
	}
}

async function loadOnce(
	engine: Engine,
	{ db, input, settings, target, rejects }: BulkJob,
	types: readonly ColumnType[],
): Promise<BulkOutcome> {
	const sql = sqlOf(db);
	const temporary = `wlsm_load_${crypto.randomUUID()}`;
	sql.exec(target.definition(types, `temp."${temporary}"`));
	let isAdopted = false;
	try {
		const newline = findNewline(input.head, settings.dialect);
		const start = settings.header
			? behindFirstRecord(new NodeStorage(), input.path, input.begin, settings.dialect, newline.charCodeAt(0))
			: { offset: input.begin, line: 1 };
		const outcome = await bulkLoad(engine, {
			file: input.path,
			size: input.size,
			start: start.offset,
			firstLine: start.line,
			dialect: settings.dialect,
			newline,
			columns: target.columns.map(({ name, fixed }, i) => ({
				name,
				type: types[i] ?? "text",
				isFixed: fixed !== undefined,
			})),
			objectId: sql.objectId(temporary, "temp"),
			threads: settings.parallel ?? availableParallelism(),
			memoryBytes: settings.memoryBytes,
			maxErrors: settings.maxErrors,
			keepsRejects: settings.rejects !== undefined,
			signal: settings.signal,
			onProgress: ({ bytes, rows, rejected }) => {
				const totalBytes = input.size;
				settings.onProgress({ phase: "load", bytes: start.offset + bytes, totalBytes, rows, rejected });
			},
			onPart: ({ rejected, firstRejected, rejectLines }) => rejects.addAll(rejected, firstRejected, rejectLines),
		});
		if (outcome.kind !== "done") return outcome;
		const adopt = () => {
			if (target.mode === "replace") sql.exec(`DROP TABLE ${target.identifier}`);
			sql.adopt(temporary, target.definition(types));
		};
		sql.transaction(adopt)();
		isAdopted = true;
		await engine.log.sync();
		return outcome;
	} finally {
		if (!isAdopted && !engine.closed && !engine.failed) sql.exec(`DROP TABLE temp."${temporary}"`);
	}
}

function sqlOf(db: LoadDatabase) {
	return (db as unknown as Database).sql;
}
