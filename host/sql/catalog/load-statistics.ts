/** What ANALYZE has written, read with the catalog: sqlite_stat1 as in SQLite, and histograms. */

import type { ByteView } from "../../engine/store.js";
import { OBJECT_ID_BYTES, readRowId, rowKey } from "../codec/key.js";
import { storedEntries } from "../codec/object.js";
import { RowSource } from "../codec/row.js";
import { foldCase } from "../value/compare.js";
import type { Value } from "../value/value.js";
import type { Bucket, IndexStatistics, TableStatistics } from "./statistics.js";
import { Histogram } from "./statistics.js";
import { HISTOGRAM_TABLE } from "./system.js";
import type { StoredTable } from "./table.js";

export const STATISTICS_NAME = "sqlite_stat1";

const COLUMNS_PER_OWNER = 32768;

function histogramRowId(owner: number, column: number): number {
	return owner * COLUMNS_PER_OWNER + column;
}

/** `owner` is a table, or an index that begins with an expression: its column 0. */
export function histogramKey(owner: number, column: number): Uint8Array {
	return rowKey(HISTOGRAM_TABLE.id, histogramRowId(owner, column));
}

/** The keys of all histograms of an owner. */
export function histogramRange(owner: number): { readonly gte: Uint8Array; readonly lt: Uint8Array } {
	return { gte: histogramKey(owner, 0), lt: histogramKey(owner + 1, 0) };
}

/** The tables with what is known of them. */
export function withStatistics(tables: readonly StoredTable[], view: ByteView): readonly StoredTable[] {
	const known = tables.filter(({ name }) => foldCase(name) === STATISTICS_NAME);
	if (known.length === 0) return tables;
	const histograms = new Map<number, Uint8Array>();
	for (const { key, value } of storedEntries(view, HISTOGRAM_TABLE.id)) {
		histograms.set(Number(readRowId(key, OBJECT_ID_BYTES)), value.slice());
	}
	const rows = new Map<StoredTable, Map<string, readonly number[]>>();
	for (const table of known) rows.set(table, readFigures(view, table));
	return tables.map((table) => {
		const own = known.find(({ temporary }) => temporary === table.temporary);
		const statistics = own === undefined ? undefined : statisticsOf(table, rows.get(own), histograms);
		return statistics === undefined ? table : { ...table, statistics };
	});
}

const figureName = (table: string, index: string | null) =>
	`${foldCase(table)}\0${index === null ? "" : foldCase(index)}`;

/** Users may write to sqlite_stat1: what makes no sense there says nothing. */
function readFigures(view: ByteView, table: StoredTable): Map<string, readonly number[]> {
	const found = new Map<string, readonly number[]>();
	for (const { value } of storedEntries(view, table.id)) {
		const source = new RowSource(value);
		const [tbl, idx, stat] = [0, 1, 2].map((column) => source.column(0, value.length, column) ?? null);
		if (typeof tbl !== "string" || (idx !== null && typeof idx !== "string")) continue;
		const figures = /^[0-9 ]*/.exec(String(stat))?.[0].trim().split(/ +/).map(Number) ?? [];
		if (figures[0] !== undefined && figures.every(Number.isFinite)) found.set(figureName(tbl, idx ?? null), figures);
	}
	return found;
}

function statisticsOf(
	table: StoredTable,
	figures: ReadonlyMap<string, readonly number[]> | undefined,
	histograms: ReadonlyMap<number, Uint8Array>,
): TableStatistics | undefined {
	let rows = figures?.get(figureName(table.name, null))?.[0];
	const indexes = new Map<number, IndexStatistics>();
	for (const index of table.indexes) {
		const name = index.id === table.id ? table.name : index.name;
		const [entries, ...perPrefix] = figures?.get(figureName(table.name, name)) ?? [];
		if (entries === undefined) continue;
		indexes.set(index.id, { rows: entries, perPrefix });
		if (index.where === null) rows = Math.max(rows ?? 0, entries);
	}
	if (rows === undefined) return undefined;
	const decoded = new Map<number, Histogram>();
	const histogram = (owner: number, column: number, collation: StoredTable["columns"][number]["collation"]) => {
		const id = histogramRowId(owner, column);
		const bytes = histograms.get(id);
		if (bytes !== undefined && !decoded.has(id)) decoded.set(id, decodeHistogram(bytes, collation));
		return decoded.get(id);
	};
	return {
		rows,
		indexes,
		histogram: (column) => histogram(table.id, column, table.columns[column]?.collation ?? "binary"),
		expressionHistogram: (id) => {
			const part = table.indexes.find((index) => index.id === id)?.columns[0];
			return histogram(id, 0, part?.collation ?? "binary");
		},
	};
}

function decodeHistogram(bytes: Uint8Array, collation: StoredTable["columns"][number]["collation"]): Histogram {
	const source = new RowSource(bytes);
	const field = (column: number): Value => source.column(0, bytes.length, column) ?? null;
	const encoded = field(5);
	const buckets: Bucket[] = [];
	if (encoded instanceof Uint8Array) {
		const inner = new RowSource(encoded);
		const at = (column: number): Value => inner.column(0, encoded.length, column) ?? null;
		for (let i = 0; i < inner.columnCount(0); i += 4) {
			buckets.push({
				upper: at(i),
				rows: Number(at(i + 1)),
				equal: Number(at(i + 2)),
				distinct: Number(at(i + 3)),
			});
		}
	}
	return new Histogram(Number(field(2)), Number(field(3)), Number(field(4)), buckets, collation);
}
