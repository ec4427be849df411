/** Foreign keys as they are enforced: which rows of the child refer to a row of the parent, and which it refers to. */

import type { ByteView } from "../../engine/store.js";
import { Keyspace } from "../../engine/store.js";
import type { Bound } from "../bind/bound.js";
import { compareBound } from "../bind/bound.js";
import { Scope } from "../bind/scope.js";
import type { Catalog } from "../catalog/catalog.js";
import { clusteredIndex } from "../catalog/index-columns.js";
import type { ForeignKey, Index, StoredTable } from "../catalog/table.js";
import { ROWID } from "../catalog/table.js";
import { IndexKeyWriter, rowKey } from "../codec/key.js";
import type { Operator } from "../execute/operator.js";
import { sqlError } from "../parse/source.js";
import type { PlanContext } from "../plan/context.js";
import type { Logical } from "../plan/logical.js";
import { physicalPlan } from "../plan/physical.js";
import { foldCase } from "../value/compare.js";
import { applyAffinity } from "../value/convert.js";
import type { Value } from "../value/value.js";
import { isInteger } from "../value/value.js";

/** The key of the parent that a foreign key refers to: the rowid, or a unique index. */
export interface ParentKey {
	readonly table: StoredTable;
	/** Null for the rowid. */
	readonly index: Index | null;
	/** Positions in the parent, in the order of the foreign key's columns. */
	readonly columns: readonly number[];
}

export class ForeignLink {
	readonly key: ForeignKey;
	readonly child: StoredTable;
	readonly #context: PlanContext;
	#parent: ParentKey | undefined;
	/** Slots of the parent. */
	#referred: readonly number[] | undefined;
	#counted: Operator | undefined;
	#acted: Operator | undefined;

	constructor(key: ForeignKey, child: StoredTable, context: PlanContext) {
		this.key = key;
		this.child = child;
		this.#context = context;
	}

	/** Fails where there is no such table, or no such key in it. */
	get parent(): ParentKey {
		return this.resolve();
	}

	resolve(): ParentKey {
		this.#parent ??= findParent(this.key, this.child, this.#context.catalog);
		return this.#parent;
	}

	/** Whether it may refer to one of these slots of the parent, whether there is such a key or not. */
	mayRefer(assigned: readonly number[]): boolean {
		this.#referred ??= this.#slotsReferredTo();
		return this.#referred.some((slot) => assigned.includes(slot));
	}

	#slotsReferredTo(): number[] {
		const { key } = this;
		const parent = this.#context.catalog.find(key.parent, this.child.temporary ? "temp" : "main");
		const names = key.parentColumns?.map(foldCase);
		return (parent?.columns ?? []).flatMap(({ name, primaryKey }, i) =>
			(names === undefined ? primaryKey > 0 : names.includes(foldCase(name))) ? [i + 1] : [],
		);
	}

	get isSelf(): boolean {
		return foldCase(this.key.parent) === foldCase(this.child.name);
	}

	/** The child's rows, as `[rowid, ...columns]`, that refer to the values in `outer`: those of the parent's key. */
	get counted(): Operator {
		this.#counted ??= this.#children("as in the parent");
		return this.#counted;
	}

	/** The same rows as the actions of SQLite find them: they compare values that have lost the parent's affinity. */
	get acted(): Operator {
		this.#acted ??= this.#children("none");
		return this.#acted;
	}

	#children(affinity: "as in the parent" | "none"): Operator {
		const { child, key, parent } = this;
		const scope = new Scope([{ name: child.name, table: child }]);
		const conditions = key.columns.map((column, index): Bound => {
			const definition = parent.table.columns[parent.columns[index] ?? ROWID];
			const value: Bound = {
				kind: "outer",
				index,
				affinity: affinity === "none" ? null : (definition?.affinity ?? "integer"),
				collation: { collation: definition?.collation ?? "binary", explicit: false },
			};
			return compareBound("=", value, scope.column(0, column));
		});
		const scan: Logical = { op: "scan", source: 0 };
		const [only] = conditions;
		const condition: Bound =
			only !== undefined && conditions.length === 1 ? only : { kind: "and", operands: conditions };
		const rowId: Bound = child.withoutRowId ? { kind: "constant", value: null } : scope.column(0, ROWID);
		const columns = [rowId, ...child.columns.map((_, i) => scope.column(0, i))];
		return physicalPlan(
			{ op: "project", input: { op: "filter", input: scan, condition }, columns },
			scope,
			this.#context,
		);
	}
}

function findParent(key: ForeignKey, child: StoredTable, catalog: Catalog): ParentKey {
	const schema = child.temporary ? "temp" : "main";
	const table = catalog.find(key.parent, schema);
	if (table?.kind !== "stored") throw sqlError(`no such table: ${schema}.${key.parent}`);
	const mismatch = () => sqlError(`foreign key mismatch - "${child.name}" referencing "${key.parent}"`);
	const { rowIdColumn, columns } = table;
	if (key.parentColumns === null) {
		if (rowIdColumn >= 0) {
			if (key.columns.length === 1) return { table, index: null, columns: [rowIdColumn] };
			throw mismatch();
		}
		const primary = clusteredIndex(table) ?? table.indexes.find(({ origin }) => origin === "primary key");
		if (primary === undefined || primary.columns.length !== key.columns.length) throw mismatch();
		return { table, index: primary, columns: primary.columns.map(({ column }) => column) };
	}
	const named = key.parentColumns.map((name) => {
		const folded = foldCase(name);
		return columns.findIndex((column) => foldCase(column.name) === folded);
	});
	if (named.includes(-1)) throw mismatch();
	if (named.length === 1 && rowIdColumn >= 0 && named[0] === rowIdColumn) return { table, index: null, columns: named };
	const index = table.indexes.find(
		(candidate) =>
			candidate.unique &&
			candidate.where === null &&
			candidate.columns.length === named.length &&
			candidate.columns.every(
				({ column, expression, collation }) =>
					expression === null && named.includes(column) && columns[column]?.collation === collation,
			),
	);
	if (index === undefined) throw mismatch();
	return { table, index, columns: named };
}

/** Whether the parent has a row with this key; none of the values is NULL. */
export function parentExists({ table, index, columns }: ParentKey, values: readonly Value[], view: ByteView): boolean {
	if (index === null) {
		const rowId = applyAffinity(values[0] as Value, "integer"); // one column
		return isInteger(rowId) && view.get(Keyspace.sql, rowKey(table.id, rowId)) !== undefined;
	}
	const key = new IndexKeyWriter().begin(index.id);
	for (const { column, collation, descending } of index.columns) {
		const value = values[columns.indexOf(column)] as Value; // every column of the key is named
		key.value(applyAffinity(value, table.columns[column]?.affinity ?? "blob"), collation, descending);
	}
	return view.get(Keyspace.sql, key.finish()) !== undefined;
}

/** The links of one table: by its own foreign keys, and by those of tables that refer to it. */
export interface ForeignLinks {
	readonly outgoing: readonly ForeignLink[];
	readonly incoming: readonly ForeignLink[];
}

export function foreignLinks(table: StoredTable, context: PlanContext): ForeignLinks | null {
	const outgoing = table.foreignKeys.map((key) => new ForeignLink(key, table, context));
	const folded = foldCase(table.name);
	const incoming = context.catalog
		.tables()
		.filter((child) => child.temporary === table.temporary)
		.flatMap((child) =>
			child.foreignKeys
				.filter(({ parent }) => foldCase(parent) === folded)
				.map((key) => new ForeignLink(key, child, context)),
		);
	// SQLite asks the last one made first.
	return outgoing.length === 0 && incoming.length === 0
		? null
		: { outgoing: outgoing.reverse(), incoming: incoming.reverse() };
}
