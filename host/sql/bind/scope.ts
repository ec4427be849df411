/** Which names an expression can see. */

import type { Index, Table } from "../catalog/table.js";
import { ROWID } from "../catalog/table.js";
import type { Collation } from "../value/compare.js";
import { foldCase } from "../value/compare.js";
import type { Affinity } from "../value/convert.js";
import type { Bound, BoundColumn } from "./bound.js";
import { affinityOf, collationOf } from "./bound.js";
import type { ExpressionBinder } from "./expression.js";
import { sameBound, sourcesOf } from "./traverse.js";

export interface ScopeColumn {
	readonly name: string;
	/** Null for an expression without one, which is not the same as "blob". */
	readonly affinity: Affinity | null;
	readonly collation: Collation;
	/** The column of a table that it shows unchanged. */
	readonly origin: { readonly table: string; readonly column: string; readonly type: string | null } | null;
	/** Can be named, but `*` leaves it out. */
	readonly hidden: boolean;
	/** Its text may be JSON. */
	readonly json?: boolean | undefined;
}

export interface ScopeTable {
	/** The alias, or the table's own name. */
	readonly name: string;
	/** Its columns are seen only where its name stands before theirs, as those of `excluded` in an upsert. */
	readonly onlyQualified?: boolean | undefined;
	/** Where the rows come from; null for those of a subquery or a function. */
	readonly table: Table | null;
	readonly columns: readonly ScopeColumn[];
	/** INDEXED BY, NOT INDEXED. */
	readonly hint?: { readonly kind: "by"; readonly index: Index } | { readonly kind: "none" } | undefined;
}

/** A table of the catalog under a name. */
export function tableInScope(name: string, table: Table, hint?: ScopeTable["hint"]): ScopeTable {
	return {
		name,
		table,
		hint,
		columns: table.columns.map((column) => ({
			name: column.name,
			affinity: column.affinity,
			collation: column.collation,
			origin: { table: table.name, column: column.name, type: column.typeName || null },
			hidden: false,
		})),
	};
}

/** Columns that USING or NATURAL made one. Columns of the scope stand here as `source.column`. */
export class JoinedColumns {
	/** By folded name: what the name alone stands for. */
	readonly byName = new Map<string, Bound>();
	/** By the leftmost of the columns: what `*` shows in its place. */
	readonly leading = new Map<string, Bound>();
	/** The others, which `*` leaves out. */
	readonly suppressed = new Set<string>();
	/** Of these those in brackets, whose tables of one name share what they call so. */
	readonly bracketed = new Set<string>();

	copy(): JoinedColumns {
		const copy = new JoinedColumns();
		for (const [name, bound] of this.byName) copy.byName.set(name, bound);
		for (const [place, bound] of this.leading) copy.leading.set(place, bound);
		for (const place of this.suppressed) copy.suppressed.add(place);
		for (const place of this.bracketed) copy.bracketed.add(place);
		return copy;
	}
}

const ROWID_NAMES = new Set(["rowid", "oid", "_rowid_"]);

export type Lookup = Bound | "absent" | "ambiguous";

export class Scope {
	readonly tables: readonly ScopeTable[];
	readonly #joined: JoinedColumns;
	/** Which of the tables can be named: [first, behind the last). */
	readonly #range: readonly [number, number];
	/** Per table its columns by folded name, made at first need. */
	#byName: ReadonlyMap<string, number>[] | undefined;

	constructor(
		tables: readonly (ScopeTable | (Pick<ScopeTable, "name" | "onlyQualified" | "hint"> & { readonly table: Table }))[],
		joined: JoinedColumns = new JoinedColumns(),
		range: readonly [number, number] = [0, Number.POSITIVE_INFINITY],
	) {
		this.tables = tables.map((entry) =>
			"columns" in entry ? entry : { ...tableInScope(entry.name, entry.table), ...entry },
		);
		this.#joined = joined;
		this.#range = range;
	}

	column(source: number, column: number): BoundColumn {
		const definition = (this.tables[source] as ScopeTable).columns[column]; // callers have source from this scope
		if (definition === undefined) return { kind: "column", source, column, affinity: "integer", collation: "binary" };
		const { affinity, collation, json } = definition;
		return { kind: "column", source, column, affinity, collation, ...(json && { json }) };
	}

	/** As `*` shows it: with what USING made one with it. */
	shown(source: number, column: number): Bound {
		return this.#joined.leading.get(`${source}.${column}`) ?? this.column(source, column);
	}

	/** The columns that `*` stands for, of one table or of all. */
	starColumns(tableName: string | null): { source: number; column: number }[] | undefined {
		const wanted = tableName === null ? null : foldCase(tableName);
		const found: { source: number; column: number }[] = [];
		let known = wanted === null;
		for (const [source, { name, columns }] of this.#visible()) {
			if (wanted !== null && foldCase(name) !== wanted) continue;
			known = true;
			for (const [column, { hidden }] of columns.entries()) {
				if (hidden || (wanted === null && this.#joined.suppressed.has(`${source}.${column}`))) continue;
				found.push({ source, column });
			}
		}
		return known ? found : undefined;
	}

	lookup(tableName: string | null, name: string): Lookup {
		const wanted = foldCase(name);
		const wantedTable = tableName === null ? null : foldCase(tableName);
		const merged = wantedTable === null ? this.#mergedColumn(wanted) : undefined;
		let found: Bound | undefined = merged;
		this.#byName ??= this.tables.map((table) => columnsByName(table));
		for (const [source, { name: sourceName, onlyQualified }] of this.#visible()) {
			if (wantedTable === null ? onlyQualified : foldCase(sourceName) !== wantedTable) continue;
			const column = this.#byName[source]?.get(wanted);
			if (column === undefined || (merged !== undefined && this.#isMerged(merged, source, column))) continue;
			if (found !== undefined) {
				// A table's own name comes before "excluded", and of two tables of one name the first has what USING made one.
				const place = `${source}.${column}`;
				const { suppressed, bracketed } = this.#joined;
				if (onlyQualified || (suppressed.has(place) && !bracketed.has(place))) continue;
				return "ambiguous";
			}
			found = this.column(source, column);
		}
		if (found !== undefined) return found;
		if (!ROWID_NAMES.has(wanted)) return "absent";
		for (const [source, { name: sourceName, table }] of this.#visible()) {
			if (
				table?.kind !== "stored" ||
				table.withoutRowId ||
				(wantedTable !== null && foldCase(sourceName) !== wantedTable)
			)
				continue;
			if (found !== undefined) return "ambiguous";
			// A column that is another name of the rowid lends it its own.
			found = this.column(source, table.rowIdColumn >= 0 ? table.rowIdColumn : ROWID);
		}
		return found ?? "absent";
	}

	*#visible(): Iterable<[number, ScopeTable]> {
		const [first, end] = this.#range;
		for (let i = first; i < Math.min(end, this.tables.length); i++) yield [i, this.tables[i] as ScopeTable]; // i is within
	}

	#mergedColumn(folded: string): Bound | undefined {
		const merged = this.#joined.byName.get(folded);
		const [first, end] = this.#range;
		const isHere = merged !== undefined && [...sourcesOf(merged)].every((source) => source >= first && source < end);
		return isHere ? merged : undefined;
	}

	#isMerged(merged: Bound, source: number, column: number): boolean {
		if (this.#joined.suppressed.has(`${source}.${column}`)) return true;
		const parts = merged.kind === "coalesce" ? merged.operands : [merged];
		return parts.some((part) => part.kind === "column" && part.source === source && part.column === column);
	}

	columnNames(): string[] {
		return this.tables.flatMap(({ columns }) => columns.map((column) => column.name));
	}
}

function columnsByName({ columns }: ScopeTable): Map<string, number> {
	const byName = new Map<string, number>();
	for (const [i, { name }] of columns.entries()) {
		const folded = foldCase(name);
		if (!byName.has(folded)) byName.set(folded, i);
	}
	return byName;
}

/**
 * What a query inside an expression takes from outside. Names that its own tables do not have are looked up in the
 * enclosing query's, and become values handed in with each run.
 */
export class Captures {
	readonly list: Bound[] = [];
	/** How often a name was found outside. */
	uses = 0;
	/** Binds names as they are seen from the place where the query stands. */
	readonly enclosing: ExpressionBinder;

	constructor(enclosing: ExpressionBinder) {
		this.enclosing = enclosing;
	}

	/** The capture of the enclosing expression, the same one for the same expression. */
	take(bound: Bound): Bound & { kind: "outer" } {
		this.uses++;
		const isName = bound.kind === "column" || bound.kind === "outer";
		let index = isName ? this.list.findIndex((known) => sameBound(known, bound)) : -1;
		if (index === -1) index = this.list.push(bound) - 1;
		return { kind: "outer", index, affinity: affinityOf(bound), collation: collationOf(bound) };
	}
}
