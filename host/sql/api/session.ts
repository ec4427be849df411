/** One connection's state: its transaction, its view of the schema, its counters. */

import type { ByteStore, ByteView } from "../../engine/store.js";
import { WlsmError } from "../../errors.js";
import type { Catalog } from "../catalog/catalog.js";
import { loadCatalog } from "../catalog/load.js";
import { Execution } from "../execute/operator.js";
import { FunctionRegistry } from "../function/registry.js";
import type { FunctionContext } from "../function/scalar.js";
import { sqlError } from "../parse/source.js";
import { foldCase } from "../value/compare.js";
import type { Value } from "../value/value.js";
import { ConstraintError } from "../write/constraint.js";
import { Encoders } from "../write/encoders.js";
import type { DeferredCounts } from "../write/foreign-checks.js";
import { FOREIGN_KEY_FAILED, ForeignCounts } from "../write/foreign-checks.js";
import { Journal } from "../write/journal.js";
import { Nesting } from "../write/nesting.js";
import type { Counters, WriteRun } from "../write/plan.js";
import { RowIds } from "../write/rowids.js";
import { needsSettling, settleCatalog } from "../write/settle.js";
import { pragmaFunctions } from "./pragma-tables.js";
import { Settings } from "./settings.js";
import { StoredSizes } from "./sizes.js";

/** What all connections to one store in this process must agree on. */
class SharedState {
	/** Changes whenever a schema change was committed. */
	schemaEpoch = 0;
	/** Nobody has looked at the catalog since the store was opened: it may have to be settled. */
	isFresh = true;
	readonly rowIds = new RowIds();
}

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
	/** Violations of foreign keys that may yet be put right before the transaction commits. */
	#foreignCounts: DeferredCounts = { deferred: 0, immediate: 0 };
	readonly #shared: SharedState;
	#catalog: Catalog | null = null;
	#epoch = -1;
	#journal: Journal | null = null;
	#schemaChanged = false;
	#savePoints: SavePoint[] = [];

	constructor(store: ByteStore) {
		this.store = store;
		this.#shared = sharedStateOf(store);
		for (const definition of pragmaFunctions(this)) this.functions.defineTable(definition);
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
		if (needsSettling(catalog))
			this.changeSchema((journal) => settleCatalog(this.writeRun(journal, [], catalog), this.functions));
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

	/** Runs a statement's writes: all of them or none, in the open transaction or in one of their own. */
	write<T>(body: (journal: Journal) => T): T {
		if (this.store.readOnly) throw new WlsmError("WLSM_READ_ONLY", "attempt to write a readonly database");
		const open = this.#journal;
		if (open !== null) {
			const mark = open.mark();
			const counts = { ...this.#foreignCounts };
			try {
				return body(open);
			} catch (error) {
				if (!(error instanceof ConstraintError && error.action === "fail")) {
					open.undoTo(mark);
					this.#foreignCounts = counts;
				}
				this.rowIds.forget();
				if (error instanceof ConstraintError && error.action === "rollback") this.rollback();
				throw asError(error);
			}
		}
		const journal = new Journal(this.store.begin(), "statement");
		try {
			const result = body(journal);
			this.#checkForeignKeys();
			journal.transaction.commit({ ...(this.settings.syncsCommits && { sync: true }) });
			return result;
		} catch (error) {
			this.#foreignCounts = { deferred: 0, immediate: 0 };
			if (error instanceof ConstraintError && error.action === "fail")
				journal.transaction.commit({ ...(this.settings.syncsCommits && { sync: true }) });
			else journal.transaction.rollback();
			this.rowIds.forget();
			throw asError(error);
		}
	}

	/** A write that may leave another schema behind. */
	changeSchema(body: (journal: Journal, catalog: Catalog) => Catalog): void {
		const before = this.catalog();
		const after = this.write((journal) => body(journal, before));
		if (after === before) return;
		if (this.inTransaction) this.#schemaChanged = true;
		else this.#epoch = ++this.#shared.schemaEpoch;
		this.#catalog = after;
	}

	begin(): void {
		if (this.#journal !== null) throw sqlError("cannot start a transaction within a transaction");
		this.#journal = new Journal(this.store.begin(), "session");
		this.#savePoints = [];
	}

	commit(): void {
		const journal = this.#journal;
		if (journal === null) throw sqlError("cannot commit - no transaction is active");
		this.#checkForeignKeys();
		try {
			journal.transaction.commit({ ...(this.settings.syncsCommits && { sync: true }) });
		} catch (error) {
			this.#ended("rolled back");
			journal.transaction.rollback();
			throw error;
		}
		this.#ended("committed");
	}

	rollback(): void {
		const journal = this.#journal;
		if (journal === null) throw sqlError("cannot rollback - no transaction is active");
		this.#ended("rolled back");
		journal.transaction.rollback();
	}

	/** The transaction goes on where they are violated. */
	#checkForeignKeys(): void {
		const { deferred, immediate } = this.#foreignCounts;
		if (deferred + immediate > 0) throw sqlError(FOREIGN_KEY_FAILED);
	}

	#ended(how: "committed" | "rolled back"): void {
		this.#journal = null;
		this.#savePoints = [];
		this.#foreignCounts = { deferred: 0, immediate: 0 };
		this.settings.deferForeignKeys = false;
		if (how === "rolled back") {
			this.rowIds.forget();
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
		this.rowIds.forget();
		if (this.#schemaChanged) this.#catalog = this.read((view) => loadCatalog(view, { previous: this.#catalog }));
	}

	#findSavePoint(name: string): number {
		const folded = foldCase(name);
		for (let i = this.#savePoints.length - 1; i >= 0; i--) if (this.#savePoints[i]?.name === folded) return i;
		throw sqlError(`no such savepoint: ${name}`);
	}

	/** For writes, as a statement's part of `write`. */
	writeRun(journal: Journal, parameters: readonly Value[], catalog: Catalog): WriteRun {
		const { foreignKeys, deferForeignKeys } = this.settings;
		return {
			journal,
			rowIds: this.rowIds,
			encoders: this.encoders,
			execution: this.execution(journal, parameters, true),
			catalog,
			counters: this,
			settings: this.settings,
			foreign: foreignKeys ? new ForeignCounts(this.#foreignCounts, deferForeignKeys) : null,
			nesting: new Nesting(),
			executionFor: (outer) => new Execution(journal, parameters, this, true, outer),
			progress: { changes: 0 },
		};
	}

	/** For reads through `Execution`. */
	execution(view: ByteView, parameters: readonly Value[], changing = false): Execution {
		return new Execution(view, parameters, this, changing);
	}
}

function asError(error: unknown): unknown {
	return error instanceof ConstraintError ? sqlError(error.message) : error;
}
