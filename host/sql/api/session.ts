/** One connection's state: its transaction, its view of the schema, its counters. */

import type { ByteStore, ByteView } from "../../engine/store.js";
import { WlsmError } from "../../errors.js";
import type { Catalog } from "../catalog/catalog.js";
import { loadCatalog } from "../catalog/load.js";
import type { RunLimits, Tuple } from "../execute/operator.js";
import { Execution } from "../execute/operator.js";
import type { PointSelect } from "../execute/point-select.js";
import type { Scratch } from "../execute/spill/file.js";
import { SpillSpace } from "../execute/spill/file.js";
import type { StopOptions } from "../execute/stop.js";
import { Stop } from "../execute/stop.js";
import { NO_READ_CSV } from "../function/csv.js";
import { FunctionRegistry } from "../function/registry.js";
import type { FunctionContext } from "../function/scalar.js";
import { sqlError } from "../parse/source.js";
import { foldCase } from "../value/compare.js";
import type { Value } from "../value/value.js";
import { ConstraintError, fail } from "../write/constraint.js";
import { Encoders } from "../write/encoders.js";
import type { DeferredCounts } from "../write/foreign-checks.js";
import { FOREIGN_KEY_FAILED, ForeignCounts } from "../write/foreign-checks.js";
import type { Journal } from "../write/journal.js";
import type { PlainInsert } from "../write/plain-insert.js";
import type { Counters, WriteRun } from "../write/plan.js";
import { RowIds } from "../write/rowids.js";
import { needsSettling, settleCatalog } from "../write/settle.js";
import { pragmaFunctions } from "./pragma-tables.js";
import { Settings } from "./settings.js";
import { StoredSizes } from "./sizes.js";
import { StatementRun } from "./statement-run.js";

/** What all connections to one store in this process must agree on. */
class SharedState {
	/** Changes whenever a schema change was committed. */
	schemaEpoch = 0;
	/** Nobody has looked at the catalog since the store was opened: it may have to be settled. */
	isFresh = true;
	readonly rowIds = new RowIds();
}

/** What the database was opened with, as far as statements are concerned. */
export interface SqlOptions {
	readonly timeoutMs?: number;
	/** What each sort, each join and so on of a statement may hold in memory, where there is a place for what is more. */
	readonly memoryBytes?: number;
	/** Where statements put temporary files. */
	readonly scratch?: Scratch | undefined;
	/** Whether statements may read files by `read_csv`. */
	readonly readsFiles?: boolean;
}

const DEFAULT_MEMORY_BYTES = 64 << 20;

/** Keyed by the store itself, so that it lives and dies with it. */
const SHARED = new WeakMap<ByteStore, SharedState>();

function sharedStateOf(store: ByteStore): SharedState {
	let state = SHARED.get(store);
	if (state === undefined) {
		state = new SharedState();
		SHARED.set(store, state);
	}
	return state;
}

/** To be called after SQL data was written past this layer, as bulk ingestion does. */
export function noteForeignWrite(store: ByteStore): void {
	const shared = sharedStateOf(store);
	shared.schemaEpoch++;
	shared.rowIds.forget();
}

/** What a statement does with its transaction. */
interface Work<T> {
	run(write: WriteRun): T;
}

const SYNCED = { sync: true };
/** By the option of the database. */
const AS_OPENED = {};

interface SavePoint {
	readonly name: string;
	readonly mark: number;
	readonly counts: DeferredCounts;
	/** The savepoint began the transaction, so releasing it commits. */
	readonly outermost: boolean;
}

export class Session implements FunctionContext, Counters {
	changes = 0;
	totalChanges = 0;
	lastInsertRowId: number | bigint = 0;
	readonly store: ByteStore;
	readonly encoders = new Encoders();
	/** What statements can call: the built-in functions and those that the user defined. */
	readonly functions = new FunctionRegistry();
	readonly settings = new Settings();
	readonly sizes = new StoredSizes((body) => this.read(body));
	/** What a sort, or the like, may hold in memory. */
	readonly memoryBytes: number;
	/** Of statements that have none of their own; 0 for none. */
	readonly timeoutMs: number;
	/** Violations of foreign keys that may yet be put right before the transaction commits. */
	#foreignCounts: DeferredCounts = { deferred: 0, immediate: 0 };
	readonly #scratch: Scratch | undefined;
	readonly #shared: SharedState;
	#catalog: Catalog | null = null;
	#epoch = -1;
	#journal: Journal | null = null;
	#schemaChanged = false;
	/** What the last statement of the open transaction worked with. */
	#idleRun: StatementRun | null = null;
	/** Rows that the last statement changed. */
	#written = 0;
	#savePoints: SavePoint[] = [];

	constructor(store: ByteStore, { timeoutMs = 0, readsFiles = true, memoryBytes, scratch }: SqlOptions = {}) {
		this.store = store;
		this.timeoutMs = timeoutMs;
		this.memoryBytes = memoryBytes ?? DEFAULT_MEMORY_BYTES;
		this.#scratch = scratch;
		this.#shared = sharedStateOf(store);
		for (const definition of pragmaFunctions(this)) this.functions.defineTable(definition);
		if (!readsFiles) this.functions.defineShapedTable(NO_READ_CSV);
	}

	get inTransaction(): boolean {
		return this.#journal !== null;
	}

	get rowIds(): RowIds {
		return this.#shared.rowIds;
	}

	/** The schema as statements of this connection see it now. The object changes exactly when the schema may have. */
	catalog(): Catalog {
		const stale = this.#epoch !== this.#shared.schemaEpoch && !this.#schemaChanged;
		if (this.#catalog === null || stale) {
			this.#epoch = this.#shared.schemaEpoch;
			const options = { previous: this.#catalog, withoutTemporary: this.store.readOnly };
			this.#catalog = this.read((view) => loadCatalog(view, options));
			this.#settle(this.#catalog);
		}
		return this.#catalog;
	}

	/** What an earlier connection, or an earlier version, left behind. */
	#settle(catalog: Catalog): void {
		const shared = this.#shared;
		if (!shared.isFresh || this.store.readOnly || this.inTransaction) return;
		shared.isFresh = false;
		if (needsSettling(catalog)) this.changeSchema((write) => settleCatalog(write, this.functions));
	}

	/** For a run that begins now; its `spill` is to be closed at its end. */
	limits({ timeoutMs = this.timeoutMs, signal }: StopOptions): RunLimits {
		const spill = this.#scratch === undefined ? undefined : new SpillSpace(this.#scratch, this.memoryBytes);
		return { stop: Stop.of({ timeoutMs, signal }), spill };
	}

	/** A view for reading, and how to give it back. */
	openView(): { readonly view: ByteView; readonly release: () => void } {
		if (this.#journal !== null) return { view: this.#journal, release: () => {} };
		const snapshot = this.store.snapshot();
		return { view: snapshot, release: () => snapshot.release() };
	}

	read<T>(body: (view: ByteView) => T): T {
		const { view, release } = this.openView();
		try {
			return body(view);
		} finally {
			release();
		}
	}

	/** Runs what a statement writes: all of it or nothing, in the open transaction or in one of its own. */
	write<T>(work: Work<T>, parameters: readonly Value[], catalog: Catalog, limits?: RunLimits): T {
		if (this.store.readOnly) throw new WlsmError("WLSM_READ_ONLY", "attempt to write a readonly database");
		const open = this.#journal;
		const journal = open ?? this.store.begin();
		const mark = journal.mark();
		const { deferred, immediate } = this.#foreignCounts;
		const run = this.#takeRun(journal, this.execution(journal, parameters, limits, true), catalog);
		try {
			limits?.stop?.look();
			const result = worked(work, run, () => {
				checkParents(run);
				if (open === null) this.#checkForeignKeys();
			});
			if (open === null) this.#commit(journal);
			this.#written = run.changes;
			return result;
		} catch (error) {
			const how = error instanceof ConstraintError ? error.action : "abort";
			// What was done before stays.
			if (how === "fail") this.#written = run.changes;
			if (open === null) {
				this.#foreignCounts = { deferred: 0, immediate: 0 };
				if (how === "fail") this.#commit(journal);
				else journal.rollback();
			} else if (how !== "fail") {
				open.undoTo(mark);
				this.#foreignCounts = { deferred, immediate };
			}
			this.rowIds.undone();
			if (open !== null && how === "rollback") this.rollback();
			throw asError(error);
		} finally {
			if (open !== null && this.#journal === open) this.#idleRun = run;
		}
	}

	/** As `write`, and counts the rows that were changed. */
	change<T>(work: Work<T>, parameters: readonly Value[], limits?: RunLimits): T {
		const catalog = this.catalog();
		this.#written = 0;
		try {
			return this.write(work, parameters, catalog, limits);
		} finally {
			this.changes = this.#written;
			this.totalChanges += this.#written;
		}
	}

	/** A statement that is one of these, in the open transaction; false where it is left to `change`, and nothing was done. */
	insertPlain(plain: PlainInsert, given: readonly unknown[]): boolean {
		const journal = this.#journal;
		if (journal === null || this.store.readOnly || (this.settings.foreignKeys && plain.hasForeignKeys)) return false;
		const rowId = plain.run(given, journal, this);
		if (rowId === undefined) return false;
		this.lastInsertRowId = rowId;
		this.changes = 1;
		this.totalChanges += 1;
		return true;
	}

	/** A statement that is one of these, outside a transaction. */
	selectPoint(point: PointSelect, parameters: readonly Value[]): Tuple | undefined {
		return point.row(parameters, this.store);
	}

	/** That of the statement before, where this is the next one of the transaction and not one inside it. */
	#takeRun(journal: Journal, execution: Execution, catalog: Catalog): StatementRun {
		const { foreignKeys, deferForeignKeys } = this.settings;
		const foreign = foreignKeys ? new ForeignCounts(this.#foreignCounts, deferForeignKeys) : null;
		const idle = this.#idleRun;
		this.#idleRun = null;
		if (idle?.journal === journal && idle.catalog === catalog) return idle.renew(execution, foreign);
		return new StatementRun(this, journal, catalog, execution, foreign);
	}

	#commit(journal: Journal): void {
		journal.commit(this.settings.syncsCommits ? SYNCED : AS_OPENED);
	}

	/** A write that may leave another schema behind. */
	changeSchema(body: (write: WriteRun) => Catalog, limits?: RunLimits): void {
		const before = this.catalog();
		const after = this.write({ run: body }, [], before, limits);
		if (after === before) return;
		if (this.inTransaction) this.#schemaChanged = true;
		else this.#epoch = ++this.#shared.schemaEpoch;
		this.#catalog = after;
	}

	begin(): void {
		if (this.#journal !== null) throw sqlError("cannot start a transaction within a transaction");
		this.#journal = this.store.begin();
		this.#savePoints = [];
	}

	commit(): void {
		const journal = this.#journal;
		if (journal === null) throw sqlError("cannot commit - no transaction is active");
		this.#checkForeignKeys();
		try {
			this.#commit(journal);
		} catch (error) {
			this.#ended("rolled back");
			journal.rollback();
			throw error;
		}
		this.#ended("committed");
	}

	rollback(): void {
		const journal = this.#journal;
		if (journal === null) throw sqlError("cannot rollback - no transaction is active");
		this.#ended("rolled back");
		journal.rollback();
	}

	/** The transaction goes on where they are violated. */
	#checkForeignKeys(): void {
		const { deferred, immediate } = this.#foreignCounts;
		if (deferred + immediate > 0) throw sqlError(FOREIGN_KEY_FAILED);
	}

	#ended(how: "committed" | "rolled back"): void {
		this.#journal = null;
		this.#idleRun = null;
		this.#savePoints = [];
		this.#foreignCounts = { deferred: 0, immediate: 0 };
		this.settings.deferForeignKeys = false;
		if (how === "rolled back") {
			this.rowIds.undone();
			if (this.#schemaChanged) this.#epoch = -1;
		} else if (this.#schemaChanged) {
			this.#epoch = ++this.#shared.schemaEpoch;
		}
		this.#schemaChanged = false;
	}

	savePoint(name: string): void {
		const outermost = this.#journal === null;
		if (outermost) this.begin();
		this.#savePoints.push({
			name: foldCase(name),
			mark: this.#journal?.mark() ?? 0,
			counts: { ...this.#foreignCounts },
			outermost,
		});
	}

	release(name: string): void {
		const at = this.#findSavePoint(name);
		// Releasing the outermost one commits, which may fail and leaves it as it is then.
		if (this.#savePoints[at]?.outermost === true) this.commit();
		else this.#savePoints.length = at;
	}

	rollbackTo(name: string): void {
		const at = this.#findSavePoint(name);
		const savePoint = this.#savePoints[at];
		this.#journal?.undoTo(savePoint?.mark ?? 0);
		if (savePoint !== undefined) this.#foreignCounts = { ...savePoint.counts };
		this.#savePoints.length = at + 1;
		this.rowIds.undone();
		if (this.#schemaChanged) this.#catalog = this.read((view) => loadCatalog(view, { previous: this.#catalog }));
	}

	#findSavePoint(name: string): number {
		const folded = foldCase(name);
		for (let i = this.#savePoints.length - 1; i >= 0; i--) if (this.#savePoints[i]?.name === folded) return i;
		throw sqlError(`no such savepoint: ${name}`);
	}

	/** For reads through `Execution`. */
	execution(view: ByteView, parameters: readonly Value[], limits?: RunLimits, changing = false): Execution {
		return new Execution(view, parameters, this, limits, changing);
	}
}

/** Does what the statement does, to its end. What OR FAIL breaks off stays only where foreign keys allow it: `check` throws. */
function worked<T>(work: Work<T>, run: StatementRun, check: () => void): T {
	try {
		const result = work.run(run);
		check();
		run.writeSequences();
		return result;
	} catch (error) {
		if (error instanceof ConstraintError && error.action === "fail") check();
		throw error;
	}
}

function checkParents({ foreign }: StatementRun): void {
	if (foreign !== null && foreign.immediate > 0) fail(FOREIGN_KEY_FAILED, "abort");
}

function asError(error: unknown): unknown {
	return error instanceof ConstraintError ? sqlError(error.message) : error;
}
