/** Which names an expression can see. */

import type { Table } from "../catalog/table.js";
import { ROWID } from "../catalog/table.js";
import { foldCase } from "../value/compare.js";
import type { BoundColumn } from "./bound.js";

export interface ScopeTable {
	/** The alias, or the table's own name. */
	readonly name: string;
	readonly table: Table;
}

const ROWID_NAMES = new Set(["rowid", "oid", "_rowid_"]);

export type Lookup = BoundColumn | "absent" | "ambiguous";

export class Scope {
	readonly tables: readonly ScopeTable[];

	constructor(tables: readonly ScopeTable[]) {
		this.tables = tables;
	}

	column(source: number, column: number): BoundColumn {
		const table = (this.tables[source] as ScopeTable).table; // callers have source from this scope
		const definition = table.columns[column];
		if (definition === undefined) return { kind: "column", source, column, affinity: "integer", collation: "binary" };
		return { kind: "column", source, column, affinity: definition.affinity, collation: definition.collation };
	}

	lookup(tableName: string | null, name: string): Lookup {
		const wanted = foldCase(name);
		const wantedTable = tableName === null ? null : foldCase(tableName);
		let found: BoundColumn | undefined;
		for (const [source, { name: sourceName, table }] of this.tables.entries()) {
			if (wantedTable !== null && foldCase(sourceName) !== wantedTable) continue;
			const column = table.columns.findIndex((candidate) => foldCase(candidate.name) === wanted);
			if (column === -1) continue;
			if (found !== undefined) return "ambiguous";
			found = this.column(source, column);
		}
		if (found !== undefined) return found;
		if (!ROWID_NAMES.has(wanted)) return "absent";
		for (const [source, { name: sourceName, table }] of this.tables.entries()) {
			if (table.kind !== "stored" || (wantedTable !== null && foldCase(sourceName) !== wantedTable)) continue;
			if (found !== undefined) return "ambiguous";
			// A column that is another name of the rowid lends it its own.
			found = this.column(source, table.rowIdColumn >= 0 ? table.rowIdColumn : ROWID);
		}
		return found ?? "absent";
	}

	columnNames(): string[] {
		return this.tables.flatMap(({ table }) => table.columns.map((column) => column.name));
	}
}
