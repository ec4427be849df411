/** PRAGMAs that programs ask for. Unknown ones answer with nothing, as in SQLite. */

import type { Catalog } from "../catalog/catalog.js";
import { loadCatalog, writeState } from "../catalog/load.js";
import type { StoredTable } from "../catalog/table.js";
import type { Tuple } from "../execute/operator.js";
import type { PragmaNode } from "../parse/ast.js";
import type { Session } from "./session.js";

interface PragmaPlan {
	readonly columns: readonly string[];
	rows(session: Session): Tuple[];
}

/** Settings that SQLite has and this engine does not: always the same answer. */
const FIXED: Readonly<Record<string, string | number>> = {
	foreign_keys: 0,
	journal_mode: "wal",
	synchronous: 1,
	encoding: "UTF-8",
	integrity_check: "ok",
	quick_check: "ok",
	busy_timeout: 0,
	recursive_triggers: 0,
	case_sensitive_like: 0,
};

export function pragma(node: PragmaNode): PragmaPlan {
	const name = node.name.toLowerCase();
	const { value } = node;
	switch (name) {
		case "table_info":
		case "table_xinfo":
			return tableInfo(value, name === "table_xinfo");
		case "table_list":
			return {
				columns: ["schema", "name", "type", "ncol", "wr", "strict"],
				rows: (session) => tableList(session.catalog()),
			};
		case "index_list":
			return {
				columns: ["seq", "name", "unique", "origin", "partial"],
				rows: (session) =>
					[...(storedTable(session, value)?.indexes ?? [])]
						.reverse()
						.map((index, i) => [i, index.name, index.unique ? 1 : 0, ORIGINS[index.origin], 0]),
			};
		case "index_info":
			return { columns: ["seqno", "cid", "name"], rows: (session) => indexInfo(session.catalog(), value) };
		case "user_version":
		case "application_id":
			return value === null ? readNumber(name) : writeNumber(name, Number(value));
		case "schema_version":
			return { columns: [name], rows: (session) => [[session.catalog().state.schemaVersion]] };
		case "database_list":
			return { columns: ["seq", "name", "file"], rows: () => [[0, "main", ""]] };
		default: {
			const fixed = Object.hasOwn(FIXED, name) ? FIXED[name] : undefined;
			if (fixed === undefined) return { columns: [], rows: () => [] };
			// Like SQLite, most settings say nothing when they are set.
			const silent = value !== null && !/^(journal_mode|integrity_check|quick_check|busy_timeout)$/.test(name);
			return { columns: silent ? [] : [name], rows: () => (silent ? [] : [[fixed]]) };
		}
	}
}

const ORIGINS = { "primary key": "pk", unique: "u", "create index": "c" } as const;

function storedTable(session: Session, name: string | null): StoredTable | undefined {
	const table = session.catalog().find(name ?? "");
	return table?.kind === "stored" ? table : undefined;
}

function tableInfo(name: string | null, extended: boolean): PragmaPlan {
	const columns = ["cid", "name", "type", "notnull", "dflt_value", "pk"];
	return {
		columns: extended ? [...columns, "hidden"] : columns,
		rows: (session) =>
			(session.catalog().find(name ?? "")?.columns ?? []).map((column, i) => [
				i,
				column.name,
				column.typeName,
				column.notNull ? 1 : 0,
				column.default?.text ?? null,
				column.primaryKey,
				...(extended ? [0] : []),
			]),
	};
}

function tableList(catalog: Catalog): Tuple[] {
	const stored = catalog.tables().map((table): Tuple => ["main", table.name, "table", table.columns.length, 0, 0]);
	return [...stored, ["main", "kv", "virtual", 2, 1, 0], ["main", "sqlite_schema", "table", 5, 0, 0]];
}

function indexInfo(catalog: Catalog, name: string | null): Tuple[] {
	const found = catalog.findIndex(name ?? "");
	if (found === undefined) return [];
	return found.index.columns.map(({ column }, i) => [i, column, found.table.columns[column]?.name ?? null]);
}

function readNumber(name: "user_version" | "application_id"): PragmaPlan {
	return {
		columns: [name],
		rows: (session) => {
			const { state } = session.catalog();
			return [[name === "user_version" ? state.userVersion : state.applicationId]];
		},
	};
}

function writeNumber(name: "user_version" | "application_id", value: number): PragmaPlan {
	return {
		columns: [],
		rows: (session) => {
			const number = Number.isFinite(value) ? Math.trunc(value) | 0 : 0;
			session.changeSchema((journal, catalog) => {
				const { state } = catalog;
				writeState(
					journal,
					name === "user_version" ? { ...state, userVersion: number } : { ...state, applicationId: number },
				);
				return loadCatalog(journal);
			});
			return [];
		},
	};
}
