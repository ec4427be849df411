import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { SqlDatabase } from "../../host/sql/index.js";
import { sqlStores } from "../support/sql-stores.js";
import type { Step } from "./transcripts.js";
import { TRANSCRIPTS } from "./transcripts.js";

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

function check(sql: SqlDatabase, step: Step): void {
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
		return;
	}
	const rows = statement.safeIntegers().raw().all() as unknown[][];
	assert.equal(
		rows.map((row) => row.map(encoded)),
		step.rows.map((row) => row.map(normal)),
		step.sql,
	);
	assert.equal(
		statement.columns().map((column) => column.name),
		step.columns,
		step.sql,
	);
}

for (const store of await sqlStores()) {
	const test = suite(`SQL transcripts over the ${store.name}`);
	for (const [i, steps] of TRANSCRIPTS.entries()) {
		test(`session ${i + 1}: ${steps[0]?.sql.slice(0, 60)}`, () => {
			const { sql, close } = store.open();
			for (const step of steps) check(sql, step);
			close();
		});
	}
	test.run();
}
