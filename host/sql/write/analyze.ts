/** ANALYZE: what the planner wants to know of tables and indexes, gathered and kept. */

import type { Catalog } from "../catalog/catalog.js";
import { isKnownSchema } from "../catalog/catalog.js";
import { clusteredIndex } from "../catalog/index-columns.js";
import { STATISTICS_NAME } from "../catalog/load-statistics.js";
import type { Index, StoredTable } from "../catalog/table.js";
import type { TableNameNode } from "../parse/ast.js";
import { foldCase } from "../value/compare.js";
import { indexFigures } from "./index-figures.js";
import type { SchemaChange } from "./schema.js";
import { putFigures, removeFigures, removeHistograms } from "./statistics-rows.js";
import { planTable } from "./table-plan.js";
import { putHistograms, sampleRows } from "./table-sample.js";

const STATISTICS_SQL = "CREATE TABLE sqlite_stat1(tbl,idx,stat)";

interface Target {
	readonly table: StoredTable;
	/** The only one; null for all, and for the table itself. */
	readonly index: Index | null;
}

export function analyze(name: TableNameNode | null, change: SchemaChange): Catalog {
	const targets = targetsOf(name, change).filter(({ table }) => !/^sqlite_/i.test(table.name));
	const isNew = [false, true].map((temporary) => {
		const isWanted = targets.some(({ table }) => table.temporary === temporary) || isSchemaTable(name, temporary);
		return isWanted && addStatisticsTable(temporary, change);
	});
	const known = isNew.includes(true) ? change.loaded() : change.catalog;
	for (const { table, index } of targets) {
		const kept = known.find(STATISTICS_NAME, table.temporary ? "temp" : "main");
		if (kept?.kind === "stored") analyzeTable(table, index, kept, change);
	}
	return isNew.includes(true) ? change.finish() : change.loaded();
}

function targetsOf(name: TableNameNode | null, change: SchemaChange): Target[] {
	const { catalog } = change;
	const all = (temporary: boolean) =>
		catalog
			.tables()
			.filter((table) => table.temporary === temporary)
			.map((table) => ({ table, index: null }));
	if (name === null) return all(false);
	if (name.schema === null && isKnownSchema(name.name)) return all(foldCase(name.name) === "temp");
	if (!isKnownSchema(name.schema)) throw change.error(name.at, `unknown database ${name.schema}`);
	const found = catalog.findIndex(name.name, name.schema);
	if (found !== undefined) return [found];
	if (catalog.view(name.name, name.schema) !== undefined) return [];
	const table = catalog.table(name, change.source);
	return table.kind === "stored" ? [{ table, index: null }] : [];
}

/** Of that nothing is gathered, but there are statistics to write to from then on: so begin those in dumps of the sqlite3 shell. */
function isSchemaTable(name: TableNameNode | null, temporary: boolean): boolean {
	const match = /^sqlite_(temp_)?(?:schema|master)$/i.exec(name?.name ?? "");
	const isTemporary = match?.[1] !== undefined || foldCase(name?.schema ?? "") === "temp";
	return match !== null && temporary === isTemporary;
}

/** Whether there was none. */
function addStatisticsTable(temporary: boolean, change: SchemaChange): boolean {
	if (change.catalog.find(STATISTICS_NAME, temporary ? "temp" : "main")?.kind === "stored") return false;
	change.add(temporary, "table", STATISTICS_NAME, STATISTICS_NAME, change.newId(), STATISTICS_SQL);
	return true;
}

function analyzeTable(table: StoredTable, only: Index | null, kept: StoredTable, change: SchemaChange): void {
	const { write } = change;
	const clustered = clusteredIndex(table);
	const nameOf = (index: Index) => (index === clustered ? table.name : index.name);
	removeFigures(kept, table.name, only === null ? null : nameOf(only), write);
	const plan = planTable(table, change.context);
	const sample = sampleRows(plan, write);
	if (only === null) {
		removeHistograms(table, write.journal);
		putHistograms(plan, sample, write);
	}
	if (sample.rows === 0) return;
	const indexes = only === null ? [...table.indexes].reverse() : [only];
	for (const index of indexes) {
		const figures = indexFigures(index, write.journal);
		if (figures[0] !== 0) putFigures(kept, [table.name, nameOf(index), figures.join(" ")], write);
	}
	if (only === null && table.indexes.every(({ where }) => where !== null))
		putFigures(kept, [table.name, null, String(sample.rows)], write);
}
