/**
 * Sessions as another implementation answered them. Values carry their storage class: `n` NULL, `i:` INTEGER, `r:` REAL,
 * `t:` TEXT, `b:` BLOB in hex. Of an error, the message is what matters up to the place.
 */

import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { SqlDatabase } from "../../host/sql/index.js";
import type { SqlStore } from "./sql-stores.js";

export type Step =
	| { readonly sql: string; readonly columns: readonly string[]; readonly rows: readonly (readonly string[])[] }
	| { readonly sql: string; readonly error: string };

function encoded(value: unknown): string {
	if (value === null) return "n";
	if (typeof value === "bigint") return `i:${value}`;
	if (typeof value === "number") return `r:${value}`;
	return value instanceof Uint8Array ? `b:${Buffer.from(value).toString("hex")}` : `t:${String(value)}`;
}

/** Reals are recorded as sqlite3's host printed them: 1.0, 1e+20, inf. */
function normal(value: string): string {
	if (!value.startsWith("r:")) return value;
	const text = value.slice(2).replace("inf", "Infinity");
	return `r:${Number(text) + 0}`;
}

export function checkStep(sql: SqlDatabase, step: Step): void {
	if ("error" in step) {
		try {
			const statement = sql.prepare(step.sql);
			if (statement.reader) statement.all();
			else statement.run();
		} catch (error) {
			const message = (error as Error).message;
			assert.ok(message.startsWith(step.error), `${step.sql}\ngot: ${message}\nexpected: ${step.error}`);
			return;
		}
		throw new Error(`${step.sql}: expected the error ${step.error}`);
	}
	const statement = sql.prepare(step.sql);
	if (!statement.reader) {
		statement.run();
		assert.equal([], step.rows, step.sql);
		return;
	}
	const rows = statement.safeIntegers().raw().all() as unknown[][];
	const expected = step.rows.map((row) => row.map(normal));
	assert.equal(
		rows.map((row) => row.map(encoded)),
		expected,
		step.sql,
	);
	const names = statement.columns().map((column) => column.name);
	assert.equal(names, step.columns, step.sql);
}

export function transcriptSuite(name: string, store: SqlStore, sessions: readonly (readonly Step[])[]): void {
	const test = suite(`SQL transcripts ${name} over the ${store.name}`);
	for (const [i, steps] of sessions.entries()) {
		test(`session ${i + 1}: ${steps[0]?.sql.slice(0, 60)}`, () => {
			const { sql, close } = store.open();
			for (const step of steps) checkStep(sql, step);
			close();
		});
	}
	test.run();
}
