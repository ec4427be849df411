/**
 * Enforces foreign keys as SQLite does: violations are counted, immediate ones until the statement ends and deferred ones
 * until the transaction does, and a count that is not zero by then is an error. So rows may refer to each other in any
 * order within a statement.
 */

import type { StoredTable } from "../catalog/table.js";
import type { Operator, Tuple } from "../execute/operator.js";
import { collectRows } from "../execute/operator.js";
import type { ForeignAction, TriggerEvent } from "../parse/ast.js";
import { compareValues } from "../value/compare.js";
import type { Value } from "../value/value.js";
import { withRowId } from "./assignments.js";
import { fail } from "./constraint.js";
import type { ForeignLink, ForeignLinks } from "./foreign-links.js";
import { parentExists } from "./foreign-links.js";
import type { WriteRun } from "./plan.js";
import { changesTo } from "./plan.js";
import { sameBytes } from "./row-store.js";
import type { TablePlans } from "./table-plan.js";

export const FOREIGN_KEY_FAILED = "FOREIGN KEY constraint failed";

/** Of a transaction: what has to be zero when it commits. */
export interface DeferredCounts {
	/** Of foreign keys that are deferred. */
	deferred: number;
	/** Of the others, while PRAGMA defer_foreign_keys is on. */
	immediate: number;
}

/** The counts of one run of a statement. */
export class ForeignCounts {
	/** Has to be zero when the statement ends. */
	immediate = 0;
	readonly deferred: DeferredCounts;
	readonly #defersAll: boolean;

	constructor(deferred: DeferredCounts, defersAll: boolean) {
		this.deferred = deferred;
		this.#defersAll = defersAll;
	}

	get defersAll(): boolean {
		return this.#defersAll;
	}

	add({ key }: ForeignLink, count: number): void {
		if (key.deferred) this.deferred.deferred += count;
		else if (this.#defersAll) this.deferred.immediate += count;
		else this.immediate += count;
	}

	/** Nothing was violated, so nothing can be put right. */
	isZero({ key }: ForeignLink): boolean {
		const own = key.deferred ? this.deferred.deferred : this.immediate;
		return own === 0 && this.deferred.immediate === 0;
	}
}

export class ForeignChecks {
	readonly #links: ForeignLinks;
	readonly #counts: ForeignCounts;
	readonly #write: WriteRun;
	readonly #plans: TablePlans;

	constructor(links: ForeignLinks, counts: ForeignCounts, write: WriteRun, plans: TablePlans) {
		this.#links = links;
		this.#counts = counts;
		this.#write = write;
		this.#plans = plans;
	}

	/** Fails where a foreign key that the statement is about has no parent, or no key there. */
	announced(event: TriggerEvent, assigned: readonly number[]): void {
		const { outgoing, incoming } = this.#links;
		if (event === "update" && !this.#concerns(assigned)) return;
		for (const link of outgoing) {
			if (event !== "update" || link.isSelf || mayChange(link, assigned)) link.resolve();
		}
		// A new row of a parent puts nothing wrong.
		if (event === "insert") return;
		for (const link of incoming) if (event === "delete" || link.mayRefer(assigned)) link.resolve();
	}

	/** Whether a foreign key, or what one refers to, is among the slots. */
	#concerns(assigned: readonly number[]): boolean {
		const { outgoing, incoming } = this.#links;
		return outgoing.some((link) => mayChange(link, assigned)) || incoming.some((link) => link.mayRefer(assigned));
	}

	/** After a row was stored. */
	inserted(row: Tuple): void {
		for (const link of this.#links.outgoing) this.#countParent(link, row, 1);
		for (const link of this.#links.incoming) this.#countChildren(link, row, -1);
	}

	/** Before a row is removed, and after it was. */
	deleting(row: Tuple): void {
		for (const link of this.#links.outgoing) this.#countParent(link, row, -1);
		for (const link of this.#links.incoming) this.#countChildren(link, row, 1);
	}

	deleted(row: Tuple): void {
		for (const link of this.#links.incoming) this.#act(link, link.key.onDelete, row, null);
	}

	/** Before a row is replaced, and after it was. `assigned` are the slots that were given values. */
	updating(old: Tuple, row: Tuple, assigned: readonly number[]): void {
		if (!this.#concerns(assigned)) return;
		for (const link of this.#links.outgoing)
			if (link.isSelf || isChildChanged(link, old, row, assigned)) this.#countParent(link, old, -1);
		for (const link of this.#links.incoming)
			if (isParentChanged(link, old, row, assigned)) this.#countChildren(link, old, 1);
	}

	updated(old: Tuple, row: Tuple, assigned: readonly number[]): void {
		if (!this.#concerns(assigned)) return;
		for (const link of this.#links.outgoing)
			if (link.isSelf || isChildChanged(link, old, row, assigned)) this.#countParent(link, row, 1);
		for (const link of this.#links.incoming) {
			if (!isParentChanged(link, old, row, assigned)) continue;
			this.#countChildren(link, row, -1);
			this.#act(link, link.key.onUpdate, old, row);
		}
	}

	/** A row of the child: counts if it refers to a parent that is not there. */
	#countParent(link: ForeignLink, row: Tuple, count: 1 | -1): void {
		const { parent, key } = link;
		if (count < 0 && this.#counts.isZero(link)) return;
		const values = key.columns.map((column) => row[column + 1] as Value); // rows are as wide as their table
		if (values.includes(null) || parentExists(parent, values, this.#write.journal)) return;
		this.#counts.add(link, count);
	}

	/** A row of the parent: counts each row of the child that refers to it. */
	#countChildren(link: ForeignLink, row: Tuple, count: 1 | -1): void {
		if (count < 0 && this.#counts.isZero(link)) return;
		const values = parentValues(link, row);
		if (values === null) return;
		let found = 0;
		for (const child of this.#children(link.counted, values)) if (!isSameRow(link, child, row)) found++;
		if (found > 0) this.#counts.add(link, found * count);
	}

	#children(operator: Operator, values: Value[]): Tuple[] {
		return collectRows(operator.open(this.#write.executionFor(values)));
	}

	#act(link: ForeignLink, action: ForeignAction, old: Tuple, row: Tuple | null): void {
		const values = parentValues(link, old);
		if (action === "no action" || values === null || (action === "restrict" && this.#counts.defersAll)) return;
		if (row !== null && isSameKey(link, old, row)) return;
		const children = this.#children(link.acted, values);
		if (children.length === 0) return;
		if (action === "restrict") fail(FOREIGN_KEY_FAILED, "abort");
		const { child, key, parent } = link;
		this.#write.nesting.enter();
		const changes = changesTo(child, "abort", this.#plans)(this.#write);
		const assigned = withRowId(
			key.columns.map((column) => column + 1),
			child,
		);
		for (const found of children) {
			const current = changes.read(changes.keyOf(found));
			if (current === undefined) continue;
			if (action === "cascade" && row === null) {
				if (changes.delete(current)) this.#write.counters.totalChanges++;
				continue;
			}
			const next = current.slice();
			for (const [i, column] of key.columns.entries()) {
				const value =
					action === "cascade" && row !== null
						? row[(parent.columns[i] as number) + 1] // one per column
						: action === "set default"
							? this.#default(child, column)
							: null;
				next[column + 1] = value ?? null;
				if (column === child.rowIdColumn) next[0] = value ?? null;
			}
			if (changes.update(current, next, assigned) !== null) this.#write.counters.totalChanges++;
		}
		this.#write.nesting.leave();
	}

	#default(table: StoredTable, column: number): Value {
		return this.#plans.of(table).defaults[column]?.([], this.#write.execution) ?? null;
	}
}

/** The parent's key in a row of it; null where one of its values is, as nothing refers to that. */
function parentValues({ parent }: ForeignLink, row: Tuple): Value[] | null {
	const values = parent.columns.map((column) => row[column + 1] as Value); // rows are as wide as their table
	return values.includes(null) ? null : values;
}

function isSameRow({ isSelf, parent }: ForeignLink, child: Tuple, row: Tuple): boolean {
	if (!isSelf) return false;
	const { table } = parent;
	if (!table.withoutRowId) return child[0] === row[0];
	const primary = table.columns.flatMap((column, i) => (column.primaryKey > 0 ? [i] : []));
	return primary.every((i) => compareValues(child[i + 1] as Value, row[i + 1] as Value, "binary") === 0);
}

/** Whether its columns in the child are among the slots, or are computed of others. */
function mayChange({ key, child }: ForeignLink, assigned: readonly number[]): boolean {
	return key.columns.some((column) => assigned.includes(column + 1) || child.columns[column]?.generated !== null);
}

function isChildChanged({ key }: ForeignLink, old: Tuple, row: Tuple, assigned: readonly number[]): boolean {
	return key.columns.some((column) => assigned.includes(column + 1) || !isSameValue(old[column + 1], row[column + 1]));
}

function isParentChanged({ parent }: ForeignLink, old: Tuple, row: Tuple, assigned: readonly number[]): boolean {
	return parent.columns.some(
		(column) => assigned.includes(column + 1) || !isSameValue(old[column + 1], row[column + 1]),
	);
}

function isSameKey({ parent }: ForeignLink, old: Tuple, row: Tuple): boolean {
	return parent.columns.every((column) => {
		const collation = parent.table.columns[column]?.collation ?? "binary";
		return compareValues(old[column + 1] as Value, row[column + 1] as Value, collation) === 0; // as wide
	});
}

function isSameValue(a: Value | undefined, b: Value | undefined): boolean {
	if (a instanceof Uint8Array && b instanceof Uint8Array) return sameBytes(a, b);
	return a === b || compareValues(a ?? null, b ?? null, "binary") === 0;
}
