import type { Crew } from "../bulk/crew.js";
import { type ColumnType, classify, fits, Seen, typeOf } from "../csv/column-type.js";
import { invalid, show } from "../csv/failure.js";
import { columnNames, numberedColumns } from "../csv/header.js";
import type { Engine } from "../engine/engine.js";
import { WlsmError } from "../errors.js";
import { type BulkLoaded, bulkEngine, crewFor, loadInBulk } from "./in-bulk.js";
import type { LoadInput, LoadSource } from "./input.js";
import { JsonKeys } from "./json/keys.js";
import { readJsonLines } from "./json/lines.js";
import { locatorOf, openInput } from "./opening.js";
import { checkOptions, type LoadOptions, type LoadSettings } from "./options.js";
import { PairTarget } from "./pair-target.js";
import { type CsvRecord, type RecordSink, readRecords } from "./records.js";
import { quoteField, Rejects } from "./rejects.js";
import type { LoadSummary } from "./summary.js";
import { columnsToAppendTo, TableTarget } from "./table-target.js";
import type { LoadDatabase, LoadTarget, Problem } from "./target.js";

/**
 * The types that a load begins with are those of so many records, or characters, from the beginning of the file: of fewer where a file is
 * to be loaded in bulk, which is begun again soon.
 */
const sampleRecords = 20_000;
const sampleLength = 1024 * 1024;
const bulkRecords = 2000;
const bulkLength = 128 * 1024;
/** A file that is smaller is loaded before threads have started. */
const bulkBytes = 1 << 20;

/**
 * Loads CSV files into a table or into key-value pairs: several of them as one. Memory is bounded by the batch and by the longest
 * record.
 *
 * `WLSM_INVALID_ARGUMENT` where options and files do not make sense together (no such file or column, an empty file, another
 * header, a damaged archive), `WLSM_EXISTS` where the table is there already, `TooManyRejectsError`, `WLSM_IO`, the signal's reason.
 * A load into a table that fails leaves nothing behind; a load of pairs leaves the batches that were complete.
 */
export async function loadCsv(
	db: LoadDatabase,
	source: LoadSource | readonly LoadSource[],
	options: LoadOptions,
): Promise<LoadSummary> {
	const given = checkOptions(options);
	const started = performance.now();
	const { input, settings } = await openInput(source, given);
	try {
		const rejects = new Rejects(settings.rejects, settings.maxErrors, input, locatorOf(input, settings));
		try {
			const crew = crewFor(db, input, settings);
			try {
				const load = new Load(db, input, settings, rejects, crew);
				await load.run();
				return load.summary(performance.now() - started);
			} finally {
				crew?.stop();
			}
		} finally {
			rejects.close();
		}
	} finally {
		input.close();
	}
}

/**
 * - sample: records are kept while their types are found out;
 * - load: they go to the target, as long as they fit those types;
 * - scan: one did not. What was loaded is undone and the rest of the file read for its types alone;
 * - reload: the file is loaded from its beginning, with types that hold for all of it.
 *
 * So the types never depend on how much was sampled, and no value is ever stored in a form that loses some of it.
 */
type Phase = "sample" | "load" | "scan" | "reload";

/** Ends the reading of a file whose records behind the sample are loaded in bulk. */
class SampleComplete extends Error {
	readonly engine: Engine;

	constructor(engine: Engine) {
		super("the sample is complete");
		this.engine = engine;
	}
}

class Load implements RecordSink {
	readonly #db: LoadDatabase;
	readonly #input: LoadInput;
	readonly #settings: LoadSettings;
	readonly #rejects: Rejects;
	readonly #crew: Crew | undefined;
	#phase: Phase = "sample";
	#target: LoadTarget | undefined;
	#sample: CsvRecord[] = [];
	#sampled = 0;
	#isOffered = false;
	/** What each column has held so far, and the types that the target was begun with first and last. */
	#seen: number[] = [];
	#firstTypes: ColumnType[] | undefined;
	#types: ColumnType[] = [];
	/** Where it was loaded in bulk. */
	#bulk: BulkLoaded | undefined;
	#headerDone = false;
	/** Of JSON Lines, the columns so far. */
	readonly #keys: JsonKeys | undefined;
	#read = 0;

	constructor(db: LoadDatabase, input: LoadInput, settings: LoadSettings, rejects: Rejects, crew: Crew | undefined) {
		this.#crew = crew;
		this.#db = db;
		this.#input = input;
		this.#settings = settings;
		this.#rejects = rejects;
		if (settings.format === "jsonl") this.#keys = new JsonKeys(columnsToAppendTo(db, settings.destination));
	}

	async run(): Promise<void> {
		try {
			const engine = await this.#firstPass();
			if (engine !== undefined) {
				if (await this.#loadInBulk(engine)) return;
				this.#restart();
				this.#begin("load");
				await this.#pass();
			}
			if (this.#target === undefined && this.#keys === undefined) throw this.#empty();
			if (this.#phase === "sample") this.#begin("load");
			if (this.#phase === "scan") {
				this.#restart();
				this.#begin("reload");
				await this.#pass();
			}
			this.#target?.finish();
		} catch (error) {
			this.#undo(error);
			this.#settings.signal?.throwIfAborted();
			throw error;
		}
	}

	/** Answers the engine where what comes behind the sample is to be loaded in bulk; it has not been read then. */
	async #firstPass(): Promise<Engine | undefined> {
		try {
			await this.#pass();
			return undefined;
		} catch (error) {
			if (error instanceof SampleComplete) return error.engine;
			throw error;
		}
	}

	/** False where it has to be loaded row by row after all, and nothing was done. */
	async #loadInBulk(engine: Engine): Promise<boolean> {
		const target = this.#target as TableTarget | PairTarget; // there are no others
		this.#firstTypes = this.#currentTypes();
		this.#sample = [];
		const loaded = await loadInBulk(engine, {
			db: this.#db,
			input: this.#input,
			settings: this.#settings,
			target,
			rejects: this.#rejects,
			crew: this.#crew,
			seen: this.#seen,
		});
		if (loaded === undefined) return false;
		this.#bulk = loaded;
		this.#types = [...loaded.types];
		this.#read = loaded.rows + this.#rejects.count;
		return true;
	}

	summary(milliseconds: number): LoadSummary {
		const { destination } = this.#settings;
		const conflicts = (this.#bulk ?? this.#target)?.conflicts;
		const ignored = conflicts?.ignored ?? 0;
		const columns = (this.#target?.columns ?? []).map(({ name, declared }, i) => ({
			name,
			type: declared ?? this.#types[i] ?? "text",
		}));
		const widened = columns.flatMap(({ name }, i) => {
			const from = this.#firstTypes?.[i] ?? this.#types[i] ?? "text";
			const to = this.#types[i] ?? "text";
			return from === to ? [] : [{ column: name, from, to }];
		});
		return {
			table: destination.kind === "table" ? destination.name : undefined,
			files: this.#input.files,
			columns,
			read: this.#read,
			loaded: this.#read - this.#rejects.count - ignored,
			rejected: this.#rejects.count,
			ignored,
			replaced: conflicts?.replaced,
			widened,
			firstRejected: this.#rejects.first,
			bytes: this.#input.size,
			milliseconds,
		};
	}

	record(record: CsvRecord): void {
		if (!this.#headerDone && this.#keys === undefined) {
			this.#headerDone = true;
			this.#target ??= this.#openTarget(record);
			if (this.#settings.header) return;
		}
		this.#read++;
		if (this.#phase === "sample") this.#takeSample(record);
		else this.#take(record);
	}

	progress(bytes: number): void {
		this.#settings.signal?.throwIfAborted();
		this.#settings.onProgress({
			phase: this.#phase === "scan" ? "scan" : "load",
			bytes,
			totalBytes: this.#input.size,
			rows: this.#read,
			rejected: this.#rejects.count,
		});
	}

	#pass(): Promise<void> {
		const { dialect, signal, nullValues } = this.#settings;
		if (this.#keys !== undefined) return readJsonLines(this.#input, dialect.maxRecordBytes, this.#keys, this, signal);
		return readRecords(this.#input, dialect, this, signal, nullValues);
	}

	#restart(): void {
		this.#read = 0;
		this.#headerDone = false;
		// With JSON Lines there may be more columns by now.
		if (this.#keys !== undefined) this.#target = undefined;
		this.#rejects.restart();
	}

	/** Begins with the types known by now, and with the records kept while they were not. */
	#begin(phase: "load" | "reload"): void {
		if (this.#keys !== undefined) this.#target ??= this.#openNamed(this.#keyNames(this.#keys));
		this.#types = this.#currentTypes();
		this.#firstTypes ??= this.#types;
		this.#phase = phase;
		this.#target?.begin(this.#types);
		const sample = this.#sample;
		this.#sample = [];
		for (const record of sample) this.#take(record);
	}

	#takeSample(record: CsvRecord): void {
		if (this.#problemOf(record) === undefined) this.#observe(record);
		this.#sample.push(record);
		for (const field of record.fields) this.#sampled += field.length;
		// A row with a late key has a place for each that came before.
		this.#sampled += record.kinds?.length ?? 0;
		if (this.#sample.length === bulkRecords || (this.#sampled >= bulkLength && !this.#isOffered)) this.#offerBulk();
		if (this.#sample.length >= sampleRecords || this.#sampled >= sampleLength) this.#begin("load");
	}

	/** Ends the pass where the file is large enough to be loaded in bulk, and can be. */
	#offerBulk(): void {
		const target = this.#target;
		if (this.#isOffered || target === undefined || this.#input.size < bulkBytes) return;
		this.#isOffered = true;
		const engine = bulkEngine(this.#db, target, this.#settings, this.#input, this.#crew);
		if (engine !== undefined) throw new SampleComplete(engine);
	}

	#take(record: CsvRecord): void {
		const problem = this.#problemOf(record);
		if (problem !== undefined) {
			if (this.#phase !== "scan") this.#reject(record, problem);
			return;
		}
		const isWider = this.#isWider(record);
		if (this.#phase !== "reload" && (this.#observe(record) === "changed" || isWider) && this.#phase === "load") {
			const types = this.#currentTypes();
			if (isWider || types.some((type, i) => type !== this.#types[i])) {
				this.#target?.undo();
				this.#phase = "scan";
			}
		}
		if (isWider && this.#phase === "reload") {
			throw invalid(`${this.#input.name} has changed while it was loaded`, { file: this.#input.name });
		}
		if (this.#phase !== "scan") this.#target?.add(record);
	}

	/** Remembers what kinds of values the record has. */
	#observe(record: CsvRecord): "changed" | "same" {
		let changed: "changed" | "same" = "same";
		for (let i = 0; i < record.fields.length; i++) {
			const before = this.#seen[i] ?? Seen.nothing;
			// Nothing makes a column of text anything else.
			if ((before & Seen.text) !== 0) continue;
			const after = before | kindOf(record, i);
			if (after === before) continue;
			this.#seen[i] = after;
			changed = "changed";
		}
		return changed;
	}

	#currentTypes(): ColumnType[] {
		return (this.#target?.columns ?? []).map(({ fixed }, i) => fixed ?? typeOf(this.#seen[i] ?? Seen.nothing));
	}

	#problemOf(record: CsvRecord): Problem | undefined {
		if (record.flaw !== undefined) return record.flaw;
		const target = this.#target;
		if (target === undefined) return undefined;
		const { columns } = target;
		const count = record.fields.length;
		if (this.#keys === undefined && count !== columns.length) {
			return {
				field: undefined,
				reason: `${count} ${count === 1 ? "field" : "fields"} where ${columns.length} are expected`,
			};
		}
		for (let i = 0; i < Math.min(count, columns.length); i++) {
			const fixed = columns[i]?.fixed;
			if (fixed === undefined || fixed === "text" || fits(kindOf(record, i), fixed)) continue;
			return { field: i, reason: `not ${fixed === "integer" ? "an integer of 64 bits" : "a real number"}` };
		}
		return target.check(record);
	}

	#reject(record: CsvRecord, problem: Problem): void {
		const { field, reason, isConflict } = problem;
		if (isConflict && this.#settings.onConflict === "fail") throw this.#conflict(record, reason);
		const column = field === undefined ? "" : (this.#target?.columns[field]?.name ?? "");
		const value = field === undefined ? record.fields.map(quoteField).join(",") : (record.fields[field] ?? "");
		this.#rejects.add({ line: record.line, column, value, reason });
	}

	#conflict(record: CsvRecord, reason: string): Error {
		const { file, line } = this.#input.place(record.line, undefined);
		const message = `${file}, line ${line}: ${reason}. As a conflict is to fail the load, it was undone`;
		return invalid(message, { file, line });
	}

	#openTarget(first: CsvRecord): LoadTarget {
		const { header } = this.#settings;
		const { line, flaw, fields } = first;
		if (header && flaw !== undefined) {
			throw invalid(`The header on line ${line} of ${this.#input.name} cannot be used: ${flaw.reason}`, { line });
		}
		return this.#openNamed(header ? columnNames(fields) : numberedColumns(fields.length));
	}

	#openNamed(names: readonly string[]): LoadTarget {
		const { destination, batchSize } = this.#settings;
		if (destination.kind === "pairs") return new PairTarget(this.#db, names, destination, batchSize);
		const reject = (record: CsvRecord, problem: Problem) => this.#reject(record, problem);
		return new TableTarget(this.#db, names, this.#settings, destination, reject);
	}

	/** Whether a row of JSON Lines has a key that there is no column for yet. Of pairs other columns do not matter. */
	#isWider({ fields }: CsvRecord): boolean {
		const { destination } = this.#settings;
		return (
			this.#keys !== undefined && destination.kind === "table" && fields.length > (this.#target?.columns.length ?? 0)
		);
	}

	#keyNames(keys: JsonKeys): string[] {
		if (keys.count > 0) return keys.names();
		throw this.#empty(this.#sample[0]?.flaw?.reason);
	}

	#empty(reason?: string): Error {
		const { name } = this.#input;
		const what = reason === undefined ? "is empty" : `has no row that can be loaded; the first one is ${reason}`;
		return invalid(`${name} ${what}`, { file: name });
	}

	#undo(error: unknown): void {
		try {
			this.#target?.undo();
		} catch (second) {
			const [why, what] = [error, second].map((one) => (one instanceof Error ? one.message : String(one)));
			// After a failed write nothing more is written, so that the second message only repeats the first.
			const reason = what?.includes(why ?? "") ? why : `${why} (then: ${what})`;
			const { destination } = this.#settings;
			const table = destination.kind === "table" ? `; the table ${show(destination.name)} is to be dropped later` : "";
			const message = `${reason}. What was loaded by then could not be removed${table}.`;
			throw new WlsmError(error instanceof WlsmError ? error.code : "WLSM_IO", message, { cause: error });
		}
	}
}

/** What kind of value a field is. */
function kindOf({ fields, kinds }: CsvRecord, i: number): number {
	return kinds === undefined ? classify(fields[i] ?? "") : (kinds[i] ?? Seen.nothing);
}
