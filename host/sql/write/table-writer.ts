/**
 * Puts rows into a stored table and takes them out, with its indexes, after checking its constraints. Rows are
 * `[rowid, ...columns]`; what is given to `insert` and `update` is theirs to change.
 */

import { indexesAsChecked } from "../catalog/index-columns.js";
import type { RowId } from "../codec/key.js";
import { OBJECT_ID_BYTES, readRowId } from "../codec/key.js";
import type { Evaluate } from "../execute/compile.js";
import { isTrue } from "../execute/compile.js";
import type { Execution, Tuple } from "../execute/operator.js";
import type { ConflictAction, TriggerEvent } from "../parse/ast.js";
import { sqlError } from "../parse/source.js";
import { applyAffinity } from "../value/convert.js";
import type { Value } from "../value/value.js";
import { isInteger } from "../value/value.js";
import { checkTypes, fail } from "./constraint.js";
import { ForeignChecks } from "./foreign-checks.js";
import type { RowChanges, WriteRun } from "./plan.js";
import type { IndexKeys } from "./row-codec.js";
import { RowStore, sameBytes } from "./row-store.js";
import { SEQUENCE_NAME } from "./sequence.js";
import type { IndexPlan, TablePlan, TablePlans } from "./table-plan.js";
import type { TriggerRunner, TriggersOf } from "./trigger-runner.js";

/** One thing that must be unique: an index, or the rows' own key. */
export interface UniqueCheck {
	/** Position in the plan's indexes, or -1 for the key. */
	readonly at: number;
	readonly action: ConflictAction;
	/** The clause of ON CONFLICT that takes care of it, or -1. */
	readonly clause: number;
	readonly message: string;
}

export interface WriteTarget {
	readonly plan: TablePlan;
	/** Of the tables that writing this one may lead to. */
	readonly plans: TablePlans;
	/** What the statement says about conflicts; null leaves it to the constraints, then to "abort". */
	readonly onConflict: ConflictAction | null;
	/** In the order in which they are checked. */
	readonly uniques: readonly UniqueCheck[];
	/** Null where the table has none. */
	readonly triggers: TriggersOf | null;
}

/** What becomes of a row that ON CONFLICT takes care of, as that sees it: `owner` is the key of the row that is in its way. */
export type Conflict = (clause: number, owner: Uint8Array, row: Tuple) => void;

/** What writing a row takes, in rows read. */
const ROWS_PER_WRITE = 4;

export class TableWriter implements RowChanges {
	readonly #store: RowStore;
	readonly #target: WriteTarget;
	readonly #write: WriteRun;
	readonly #foreign: ForeignChecks | null;
	readonly #triggers: TriggerRunner | null;

	constructor(target: WriteTarget, write: WriteRun) {
		this.#target = target;
		this.#write = write;
		this.#store = new RowStore(target.plan, write);
		const links = write.foreign === null ? null : target.plans.links(target.plan.table);
		this.#foreign =
			links === null || write.foreign === null ? null : new ForeignChecks(links, write.foreign, write, target.plans);
		this.#triggers = target.triggers === null ? null : target.triggers(write);
	}

	/** What is known of the rows of sqlite_sequence does not hold once a statement writes to it. */
	#forgetSequences(): void {
		if (this.#target.plan.table.name === SEQUENCE_NAME) this.#write.rowIds.sequences.clear();
	}

	/** Of the statement that is running: what is written for one may be kept for the next. */
	get #run(): Execution {
		return this.#write.execution;
	}

	announce(event: TriggerEvent, assigned: readonly number[]): void {
		this.#foreign?.announced(event, assigned);
	}

	/** Rows that are replaced set off triggers. */
	get #triggersReplace(): boolean {
		return this.#triggers !== null && this.#write.settings.recursiveTriggers;
	}

	keyOf(row: Tuple): Uint8Array {
		return this.#store.keyOf(row);
	}

	read(key: Uint8Array): Tuple | undefined {
		return this.#store.read(key);
	}

	/** Stores a row; answers with it as stored, or null where a conflict skipped it. */
	insert(row: Tuple, onConflict: Conflict | null = null): Tuple | null {
		const { plan } = this.#target;
		const { table } = plan;
		this.#run.stop?.count(ROWS_PER_WRITE);
		// Values get their columns' types when the first of these is looked at: `excluded` may come before that.
		const isGiven = onConflict !== null && plan.generated.length === 0 && plan.checks.length === 0;
		const given = isGiven ? row.slice() : null;
		this.#convert(row);
		if (this.#triggers?.has("before", "insert")) {
			if (table.strict) checkTypes(table, row);
			if (!this.#beforeInsert(row)) return null;
		}
		let isFree = false;
		if (!table.withoutRowId) {
			const { rowIds, journal, sequences } = this.#write;
			isFree = row[0] === null || rowIds.isBeyond(table, journal, row[0] as RowId); // an INTEGER
			if (row[0] === null) {
				row[0] = rowIds.next(table, journal, table.autoincrement ? sequences.greatest(table, this.#write) : 0);
			}
			if (table.rowIdColumn >= 0) row[table.rowIdColumn + 1] = row[0] as Value; // set above
			// A rowid is used up even where a conflict then skips the row.
			if (table.autoincrement) this.#write.sequences.note(table, row[0] as RowId, this.#write); // set above
		}
		this.#generate(row);
		if (!this.#checked(row)) return null;
		const key = table.withoutRowId ? this.#store.keyOf(row) : null;
		const keys = this.#freeKeys(row, key, isFree, null, null, onConflict, given);
		if (keys === null) return null;
		this.#store.put(row, key, keys);
		this.#forgetSequences();
		if (!table.withoutRowId) {
			const rowId = row[0] as RowId; // set above
			this.#write.rowIds.inserted(table, rowId);
			this.#write.counters.lastInsertRowId = rowId;
		}
		this.#foreign?.inserted(row);
		if (this.#triggers !== null) this.#triggers.fire("after", "insert", null, row, null);
		return row;
	}

	/**
	 * Replaces a row by another; answers with the new row, or null where a conflict or a trigger skipped it. `assigned`
	 * are the slots that the statement gives values to.
	 */
	update(old: Tuple, row: Tuple, assigned: readonly number[]): Tuple | null {
		const { table } = this.#target.plan;
		this.#run.stop?.count(ROWS_PER_WRITE);
		this.#convert(row);
		if (!table.withoutRowId && row[0] === null) throw sqlError("datatype mismatch");
		if (table.rowIdColumn >= 0) row[table.rowIdColumn + 1] = row[0] as Value; // checked above
		const oldKey = this.#store.keyOf(old);
		let before = old;
		if (this.#triggers?.has("before", "update")) {
			this.#generate(row);
			if (table.strict) checkTypes(table, row);
			if (!this.#triggers.fire("before", "update", old, row, assigned)) return null;
			// A trigger may have changed the row, or removed it.
			const current = this.#store.read(oldKey);
			if (current === undefined) return null;
			for (let i = 0; i < row.length; i++) if (!assigned.includes(i)) row[i] = current[i] as Value; // as wide
			before = current;
		}
		this.#generate(row);
		if (!this.#checked(row)) return null;
		const key = !table.withoutRowId && row[0] === old[0] ? oldKey : this.#store.keyOf(row);
		const moved = !sameBytes(oldKey, key);
		const keys = this.#freeKeys(row, key, !moved, oldKey, moved ? null : before, null);
		if (keys === null) return null;
		// Triggers of rows that were replaced may have changed this one.
		if (this.#triggersReplace) before = this.#store.read(oldKey) ?? before;
		this.#foreign?.updating(before, row, assigned);
		this.#store.replace(before, oldKey, row, key, keys);
		this.#forgetSequences();
		if (moved && !table.withoutRowId) {
			this.#write.rowIds.deleted(table, old[0] as RowId); // rows of tables with rowids have theirs first
			this.#write.rowIds.inserted(table, row[0] as RowId);
		}
		this.#foreign?.updated(before, row, assigned);
		if (this.#triggers !== null) this.#triggers.fire("after", "update", before, row, assigned);
		return row;
	}

	/** Answers whether the row was removed: a trigger may have kept it, or have removed it first. */
	delete(row: Tuple): boolean {
		this.#run.stop?.count(ROWS_PER_WRITE);
		let old = row;
		const key = this.#store.keyOf(row);
		if (this.#triggers?.has("before", "delete")) {
			if (!this.#triggers.fire("before", "delete", row, null, null)) return false;
			const current = this.#store.read(key);
			if (current === undefined) return false;
			old = current;
		}
		this.#foreign?.deleting(old);
		this.#remove(old, key);
		this.#foreign?.deleted(old);
		if (this.#triggers !== null) this.#triggers.fire("after", "delete", old, null, null);
		return true;
	}

	deleteKey(key: Uint8Array): boolean {
		const { plan } = this.#target;
		if (this.#foreign !== null || this.#triggers !== null || plan.indexes.length > 0) {
			const row = this.#store.read(key);
			return row !== undefined && this.delete(row);
		}
		// Nothing asks what the row was.
		if (!this.#store.has(key)) return false;
		this.#store.removeKey(key);
		this.#forgetSequences();
		if (!plan.table.withoutRowId) this.#write.rowIds.deleted(plan.table, readRowId(key, OBJECT_ID_BYTES));
		return true;
	}

	#remove(row: Tuple, key: Uint8Array): void {
		const { table } = this.#target.plan;
		this.#store.remove(row, key);
		this.#forgetSequences();
		if (!table.withoutRowId) this.#write.rowIds.deleted(table, row[0] as RowId); // theirs first
	}

	/** A BEFORE trigger sees -1 where the rowid is not known yet. */
	#beforeInsert(row: Tuple): boolean {
		const { rowIdColumn, withoutRowId } = this.#target.plan.table;
		const seen = row.slice();
		if (!withoutRowId && seen[0] === null) {
			seen[0] = -1;
			if (rowIdColumn >= 0) seen[rowIdColumn + 1] = -1;
		}
		this.#generate(seen);
		return this.#triggers?.fire("before", "insert", null, seen, null) !== false;
	}

	/** Gives the values the columns' affinities; the rowid is an INTEGER or NULL. */
	#convert(row: Tuple): void {
		const { conversions, table } = this.#target.plan;
		if (!table.withoutRowId) {
			const alias = table.rowIdColumn >= 0 ? (row[table.rowIdColumn + 1] ?? null) : null;
			const given = alias ?? row[0] ?? null;
			if (given !== null) {
				const rowId = applyAffinity(given, "integer");
				if (!isInteger(rowId)) throw sqlError("datatype mismatch");
				row[0] = rowId;
				if (table.rowIdColumn >= 0) row[table.rowIdColumn + 1] = rowId;
			}
		}
		for (let i = 0; i < conversions.length; i++) {
			const { slot, affinity } = conversions[i] as TablePlan["conversions"][number]; // i is within
			const value = row[slot] as Value; // rows are as wide as their table
			if (value !== null) row[slot] = applyAffinity(value, affinity);
		}
	}

	#generate(row: Tuple): void {
		for (const { slot, value, affinity } of this.#target.plan.generated)
			row[slot] = applyAffinity(value(row, this.#run), affinity);
	}

	/** NOT NULL, types and CHECK; false where the row is to be skipped. May fill in defaults under OR REPLACE. */
	#checked(row: Tuple): boolean {
		const { plan, onConflict } = this.#target;
		let replaced = false;
		for (const { slot, column, onConflict: own, message } of plan.notNull) {
			if (row[slot] !== null) continue;
			const action = onConflict ?? own;
			if (action === "replace" && plan.defaults[column]) {
				this.#setDefault(row, slot, plan.defaults[column]);
				replaced = true;
				continue;
			}
			if (action === "ignore") return false;
			fail(message, action === "replace" ? "abort" : action);
		}
		// A default may be NULL itself, and is looked at once all others are not.
		if (replaced) for (const { slot, message } of plan.notNull) if (row[slot] === null) fail(message, "abort");
		// Where there are none, types are looked at when the rowid is known to be free.
		if (plan.table.strict && plan.checks.length > 0) checkTypes(plan.table, row);
		for (const { name, test } of plan.checks) {
			const value = test(row, this.#run);
			if (value === null || isTrue(value)) continue;
			if (onConflict === "ignore") return false;
			fail(`CHECK constraint failed: ${name}`, onConflict === "replace" ? "abort" : onConflict);
		}
		return true;
	}

	#setDefault(row: Tuple, slot: number, fallback: Evaluate): void {
		const { table } = this.#target.plan;
		row[slot] = applyAffinity(fallback(row, this.#run), table.columns[slot - 1]?.affinity ?? "blob");
		this.#generate(row);
	}

	/**
	 * The keys of the row's entries in unique indexes, once nothing that must be unique is another row's; null to skip the row.
	 * `key` is the row's where it is known already, `self` that of the row that it replaces; `old` is that row where it has the
	 * same key. `given`: a row to be inserted before its values were converted.
	 */
	#freeKeys(
		row: Tuple,
		key: Uint8Array | null,
		keyIsFree: boolean,
		self: Uint8Array | null,
		old: Tuple | null,
		onConflict: Conflict | null,
		given: Tuple | null = null,
	): IndexKeys | null {
		const { uniques, plan } = this.#target;
		const keys = this.#store.uniqueKeys(row, key, old);
		let mayBeBack = false;
		let unchecked = plan.table.strict && plan.checks.length === 0;
		for (let i = 0; i < uniques.length; i++) {
			const unique = uniques[i] as UniqueCheck; // i is within
			if (unchecked && !(unique.at === -1 && plan.key === null)) {
				checkTypes(plan.table, row);
				unchecked = false;
			}
			if (unique.at === -1 && keyIsFree) continue;
			const owner = this.#owner(unique, row, key, keys);
			if (owner === undefined || (self !== null && sameBytes(owner, self))) continue;
			if (unique.clause >= 0 && onConflict !== null) {
				const isRowId = i === 0 && unique.at === -1 && plan.key === null;
				onConflict(unique.clause, owner, isRowId && given !== null ? this.#withRowId(given, row) : row);
				return null;
			}
			if (unique.action === "ignore") return null;
			if (unique.action !== "replace") fail(unique.message, unique.action);
			if (this.#replaced(owner) === "with others") mayBeBack = true;
		}
		if (unchecked) checkTypes(plan.table, row);
		if (mayBeBack) this.#lookAgain(row, key, keys, self);
		return keys;
	}

	/** The values as they were given, with the rowid that the row has come to. */
	#withRowId(given: Tuple, row: Tuple): Tuple {
		const { rowIdColumn } = this.#target.plan.table;
		given[0] = row[0] as Value; // rows have theirs first
		if (rowIdColumn >= 0) given[rowIdColumn + 1] = given[0];
		return given;
	}

	/** The key of the row that has what must be unique. */
	#owner(unique: UniqueCheck, row: Tuple, key: Uint8Array | null, keys: IndexKeys): Uint8Array | undefined {
		if (unique.at === -1) {
			const own = key ?? this.#store.keyOf(row);
			return this.#store.has(own) ? own : undefined;
		}
		const indexKey = keys[unique.at];
		const owner = indexKey === undefined ? undefined : this.#store.owner(indexKey);
		// Entries with NULLs differ in the rows' keys, but for a row that is to replace one under its own key.
		const isOwn = owner !== undefined && sameBytes(owner, key ?? this.#store.keyOf(row));
		const index = this.#target.plan.indexes[unique.at] as IndexPlan; // at is within
		return isOwn && this.#store.holdsNull(index, row) ? undefined : owner;
	}

	/** What triggers wrote while rows were replaced is in the way like any other row, and is not replaced once more. */
	#lookAgain(row: Tuple, key: Uint8Array | null, keys: IndexKeys, self: Uint8Array | null): void {
		for (const unique of this.#target.uniques) {
			const owner = this.#owner(unique, row, key, keys);
			if (owner !== undefined && (self === null || !sameBytes(owner, self))) fail(unique.message, "abort");
		}
		if (self !== null && !this.#store.has(self)) fail("constraint failed", "abort");
	}

	/**
	 * Removes a row that is in the way; its triggers run where triggers may set off triggers. "with others": these, or
	 * actions of foreign keys, may have written other rows too.
	 */
	#replaced(key: Uint8Array): "alone" | "with others" {
		const row = this.#store.read(key);
		if (row === undefined) return "alone";
		if (this.#triggersReplace) {
			this.delete(row);
			return "with others";
		}
		this.#foreign?.deleting(row);
		this.#remove(row, key);
		this.#foreign?.deleted(row);
		return this.#foreign === null ? "alone" : "with others";
	}
}

/** What must be unique in a table, in the order in which SQLite checks it. */
export function uniqueChecks(plan: TablePlan, onConflict: ConflictAction | null): UniqueCheck[] {
	const { table, indexes, key } = plan;
	const check = (at: number, own: ConflictAction | null, what: string): UniqueCheck => {
		return { at, action: onConflict ?? own ?? "abort", clause: -1, message: `UNIQUE constraint failed: ${what}` };
	};
	const checks = indexesAsChecked(table).flatMap((index) => {
		if (index === key?.index) return [check(-1, index.onConflict, key.what)];
		const at = indexes.findIndex((candidate) => candidate.index === index);
		const { what } = indexes[at] as IndexPlan; // all but the key's
		return index.unique ? [check(at, index.onConflict, what)] : [];
	});
	if (key !== null) return checks;
	const rowId = check(-1, table.rowIdConflict, `${table.name}.${table.columns[table.rowIdColumn]?.name ?? "rowid"}`);
	// A rowid that replaces comes after what may yet refuse the row.
	return rowId.action === "replace" && onConflict === null ? [...checks, rowId] : [rowId, ...checks];
}
