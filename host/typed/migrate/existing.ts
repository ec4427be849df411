/** What is there under the name of a table. */

import type { SqlDatabase } from "../../index.js";
import { prepared } from "../connection.js";
import { folded, inMain } from "../names.js";
import { bracketed, normalForm, partsOf, step, type Word, wordsOf } from "../words.js";

export interface ExistingColumn {
	readonly name: string;
	readonly type: string;
	readonly isNotNull: boolean;
	/** The text of its default. */
	readonly default: string | null;
	/** Its place in the primary key from 1, or 0. */
	readonly key: number;
	readonly isGenerated: boolean;
	/** In lower case. */
	readonly collation: string;
	/** As it stands in CREATE TABLE. */
	readonly text: string;
}

export interface ExistingIndex {
	readonly name: string;
	readonly isUnique: boolean;
	/** By CREATE INDEX, a constraint, or the primary key. */
	readonly origin: "c" | "u" | "pk";
	/** The condition of a partial index in normal form; null where it has all rows. */
	readonly where: string | null;
	/** Null for an expression. */
	readonly columns: readonly { readonly name: string | null; readonly collation: string }[];
}

export interface ExistingForeignKey {
	readonly columns: readonly string[];
	readonly table: string;
	readonly to: readonly string[];
	readonly onDelete: string;
	readonly onUpdate: string;
}

export interface ExistingTable {
	readonly kind: "table";
	readonly name: string;
	readonly columns: readonly ExistingColumn[];
	readonly indexes: readonly ExistingIndex[];
	readonly foreignKeys: readonly ExistingForeignKey[];
	/** In normal form. */
	readonly checks: readonly string[];
	readonly isStrict: boolean;
	readonly isWithoutRowid: boolean;
	readonly isAutoincrement: boolean;
	readonly isEmpty: boolean;
	/** Indexes and triggers of the table, with their statements. */
	readonly parts: readonly { readonly type: string; readonly name: string; readonly sql: string }[];
}

/** A view, or a table that is none of the stored ones. */
export interface ExistingOther {
	readonly kind: "view" | "other";
	readonly name: string;
}

export function existingTable(sql: SqlDatabase, name: string): ExistingTable | ExistingOther | undefined {
	const rows = <Row>(text: string, ...parameters: unknown[]) => prepared(sql, text).all(...parameters) as Row[];
	const [found] = rows<{ name: string; type: string; wr: number; strict: number }>(
		"SELECT name, type, wr, strict FROM pragma_table_list(?) WHERE schema = 'main'",
		name,
	);
	if (found === undefined) return undefined;
	if (found.type !== "table") return { kind: found.type === "view" ? "view" : "other", name: found.name };
	const entries = rows<{ type: string; name: string; sql: string }>(
		"SELECT type, name, sql FROM main.sqlite_master WHERE tbl_name = ? AND sql IS NOT NULL",
		found.name,
	);
	const said = saidIn(entries.find(({ type }) => type === "table")?.sql ?? "");
	const columns = rows<{
		name: string;
		type: string;
		notnull: number;
		dflt_value: string | null;
		pk: number;
		hidden: number;
	}>("SELECT name, type, \"notnull\", dflt_value, pk, hidden FROM pragma_table_xinfo(?, 'main')", found.name);
	return {
		kind: "table",
		name: found.name,
		columns: columns.map((column) => ({
			name: column.name,
			type: column.type,
			isNotNull: column.notnull === 1,
			default: column.dflt_value,
			key: column.pk,
			isGenerated: column.hidden !== 0,
			collation: said.columns.get(folded(column.name))?.collation ?? "binary",
			text: said.columns.get(folded(column.name))?.text ?? "",
		})),
		indexes: rows<{ name: string; unique: number; origin: "c" | "u" | "pk"; partial: number }>(
			"SELECT name, \"unique\", origin, partial FROM pragma_index_list(?, 'main')",
			found.name,
		).map((index) => ({
			name: index.name,
			isUnique: index.unique === 1,
			origin: index.origin,
			where: index.partial === 1 ? conditionOf(entries.find(({ name }) => name === index.name)?.sql ?? "") : null,
			columns: rows<{ name: string | null; coll: string }>(
				"SELECT name, coll FROM pragma_index_xinfo(?, 'main') WHERE key = 1 ORDER BY seqno",
				index.name,
			).map((column) => ({ name: column.name, collation: column.coll.toLowerCase() })),
		})),
		foreignKeys: existingForeignKeys(sql, found.name),
		checks: said.checks,
		isStrict: found.strict === 1,
		isWithoutRowid: found.wr === 1,
		isAutoincrement: said.isAutoincrement,
		isEmpty: sql.prepare(`SELECT 1 FROM ${inMain(found.name)} LIMIT 1`).get() === undefined,
		parts: entries.filter(({ type }) => type !== "table"),
	};
}

function existingForeignKeys(sql: SqlDatabase, table: string): ExistingForeignKey[] {
	const text =
		'SELECT id, "table", "from", "to", on_update, on_delete FROM pragma_foreign_key_list(?, \'main\') ORDER BY id, seq';
	const rows = prepared(sql, text).all(table) as {
		id: number;
		table: string;
		from: string;
		to: string | null;
		on_update: string;
		on_delete: string;
	}[];
	return [...new Set(rows.map(({ id }) => id))].map((id) => {
		const parts = rows.filter((row) => row.id === id);
		const [first] = parts as [(typeof parts)[number]]; // ids are of rows
		const named = parts.flatMap(({ to }) => to ?? []);
		return {
			columns: parts.map(({ from }) => from),
			table: first.table,
			to: named.length > 0 ? named : primaryKeyOf(sql, first.table),
			onDelete: first.on_delete.toLowerCase(),
			onUpdate: first.on_update.toLowerCase(),
		};
	});
}

function primaryKeyOf(sql: SqlDatabase, table: string): string[] {
	return sql
		.prepare("SELECT name FROM pragma_table_info(?, 'main') WHERE pk > 0 ORDER BY pk")
		.pluck()
		.all(table) as string[];
}

interface SaidOfColumn {
	readonly collation: string;
	readonly text: string;
}

/** What the text of CREATE TABLE says and no PRAGMA tells. */
function saidIn(sql: string): {
	readonly checks: readonly string[];
	readonly columns: ReadonlyMap<string, SaidOfColumn>;
	readonly isAutoincrement: boolean;
} {
	const words = wordsOf(sql) ?? [];
	const isAutoincrement = words.some(({ kind, text }) => kind === "word" && text === "autoincrement");
	const start = words.findIndex((word) => step(word) > 0);
	const checks: string[] = [];
	const columns = new Map<string, SaidOfColumn>();
	for (const part of start < 0 ? [] : partsOf(bracketed(words.slice(start)))) {
		const [first] = part;
		const last = part.at(-1);
		if (first === undefined || last === undefined) continue;
		const isConstraint = first.kind === "word" && /^(constraint|check|primary|unique|foreign)$/.test(first.text);
		const said = isConstraint ? part : part.slice(1);
		checks.push(...behind(said, "check").map((words) => normalForm(bracketed(words))));
		const [collation] = behind(said, "collate").at(-1) ?? [];
		if (!isConstraint)
			columns.set(first.text, { collation: collation?.text ?? "binary", text: sql.slice(first.at, last.end) });
	}
	return { checks, columns, isAutoincrement };
}

/** What CREATE INDEX has behind WHERE, in normal form. */
function conditionOf(sql: string): string {
	return normalForm(behind(wordsOf(sql) ?? [], "where")[0] ?? []);
}

/** The words behind each occurrence of a keyword that is in no brackets. */
function behind(words: readonly Word[], keyword: string): (readonly Word[])[] {
	let depth = 0;
	return words.flatMap((word, i) => {
		depth += step(word);
		return depth === 0 && word.kind === "word" && word.text === keyword ? [words.slice(i + 1)] : [];
	});
}
