/** PRAGMA integrity_check: whether rows keep their constraints, and indexes have an entry for each row and no others. */

import type { ByteView } from "../../engine/store.js";
import { Keyspace } from "../../engine/store.js";
import { WlsmError } from "../../errors.js";
import type { StoredTable } from "../catalog/table.js";
import { OBJECT_ID_BYTES } from "../codec/key.js";
import { storedEntries } from "../codec/object.js";
import { isTrue } from "../execute/compile.js";
import type { Execution, RunLimits, Tuple } from "../execute/operator.js";
import { sourceOf, sqlError } from "../parse/source.js";
import { RowCodec } from "../write/row-codec.js";
import { sameBytes } from "../write/row-store.js";
import type { TablePlan } from "../write/table-plan.js";
import { planTable } from "../write/table-plan.js";
import { contextFor } from "./context.js";
import type { PragmaTable } from "./pragma-table.js";
import { define } from "./pragma-table.js";
import type { Session } from "./session.js";

/** Problems that are named, unless the pragma says how many. */
const DEFAULT_LIMIT = 100;

/** `value` is a number of problems at most, or a table's name. */
function checkIntegrity(
	value: string | null,
	entries: "checked" | "left alone",
	session: Session,
	limits: RunLimits,
): string[] {
	const limit = value !== null && /^[0-9]+$/.test(value) ? Number(value) || DEFAULT_LIMIT : DEFAULT_LIMIT;
	const catalog = session.catalog();
	let tables = catalog.tables();
	if (value !== null && !/^[0-9]+$/.test(value)) {
		const table = catalog.find(value);
		if (table === undefined) throw sqlError(`no such table: ${value}`);
		tables = table.kind === "stored" ? [table] : [];
	}
	const problems: string[] = [];
	for (const table of tables) {
		if (problems.length >= limit) break;
		problems.push(...session.read((view) => new TableCheck(table, view, session, limits).problems(entries, limit)));
	}
	return problems.length === 0 ? ["ok"] : problems.slice(0, limit);
}

class TableCheck {
	readonly #table: StoredTable;
	readonly #view: ByteView;
	readonly #plan: TablePlan;
	readonly #execution: Execution;
	readonly #codec: RowCodec;
	readonly #found: string[] = [];

	constructor(table: StoredTable, view: ByteView, session: Session, limits: RunLimits) {
		this.#table = table;
		this.#view = view;
		const context = contextFor(sourceOf(table.sql), session.catalog(), session.functions);
		this.#plan = planTable(table, context);
		this.#execution = session.execution(view, [], limits);
		this.#codec = new RowCodec(this.#plan, session.encoders, { execution: this.#execution });
	}

	problems(entries: "checked" | "left alone", limit: number): string[] {
		const expected = this.#plan.indexes.map(() => 0);
		let number = 0;
		for (const { key, value } of storedEntries(this.#view, this.#table.id, this.#execution.stop)) {
			if (this.#found.length >= limit) return this.#found;
			number++;
			const row = this.#decode(key, value, number);
			if (row === undefined) continue;
			this.#checkRow(row);
			if (entries === "checked") this.#checkEntries(row, key, number, expected);
		}
		if (entries === "checked") {
			for (const [i, { index }] of this.#plan.indexes.entries()) {
				let count = 0;
				for (const _ of storedEntries(this.#view, index.id, this.#execution.stop)) count++;
				if (count !== expected[i]) this.#found.push(`wrong # of entries in index ${index.name}`);
			}
		}
		return this.#found;
	}

	#decode(key: Uint8Array, value: Uint8Array, number: number): Tuple | undefined {
		try {
			const row = this.#codec.decode(key, value);
			if (this.#table.withoutRowId && !sameBytes(this.#codec.keyOf(row), key))
				this.#found.push(`row ${number} of ${this.#table.name} is not under its key`);
			return row;
		} catch (error) {
			if (!(error instanceof WlsmError) || error.code !== "WLSM_CORRUPTION") throw error;
			this.#found.push(`row ${number} of ${this.#table.name} cannot be read`);
			return undefined;
		}
	}

	#checkRow(row: Tuple): void {
		const { notNull, checks, table } = this.#plan;
		for (const { slot, column } of notNull)
			if (row[slot] === null) this.#found.push(`NULL value in ${table.name}.${table.columns[column]?.name}`);
		for (const { test } of checks) {
			const value = test(row, this.#execution);
			if (value !== null && !isTrue(value)) this.#found.push(`CHECK constraint failed in ${table.name}`);
		}
	}

	#checkEntries(row: Tuple, key: Uint8Array, number: number, expected: number[]): void {
		for (const [i, indexKey] of this.#codec.indexKeys(row, key).entries()) {
			if (indexKey === undefined) continue;
			expected[i] = (expected[i] ?? 0) + 1;
			const name = this.#plan.indexes[i]?.index.name;
			const pointer = this.#view.get(Keyspace.sql, indexKey);
			if (pointer === undefined) this.#found.push(`row ${number} missing from index ${name}`);
			else if (!sameBytes(pointer, key.subarray(OBJECT_ID_BYTES)))
				this.#found.push(`non-unique entry in index ${name}`);
		}
	}
}

function checking(name: string, entries: "checked" | "left alone"): PragmaTable {
	return define(name, [name], ["arg"], (value, _, session, limits) =>
		checkIntegrity(value, entries, session, limits).map((text) => [text]),
	);
}

export const INTEGRITY_PRAGMAS = [checking("integrity_check", "checked"), checking("quick_check", "left alone")];
