/**
 * Whatever a query returns, `describe` has said that it may: random queries over random tables whose columns hold what their
 * declared types say, with some of the literals as parameters.
 */

import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { ByteStore } from "../../host/engine/store.js";
import type { DescribedType, StatementDescription } from "../../host/index.js";
import { SqlDatabase } from "../../host/sql/index.js";
import { MemoryStore } from "../support/memory-store.js";
import { Random } from "../support/random.js";
import { supportedFeatures } from "./fuzz/features.js";
import { Generator, NO_SCOPE } from "./fuzz/generator.js";
import { topQuery } from "./fuzz/queries.js";
import { counted, nextStatement, rolledBack, START, type State } from "./fuzz/statements.js";
import { textOf } from "./fuzz/tree.js";
import { attempt, removeStrays, withoutNulls } from "./fuzz/trusted.js";

/** Databases, the statements that make each of them, and queries after each of these. */
const CASES = Number(process.env.WLSM_DESCRIBE_CASES ?? 3);
const STATEMENTS = 40;
const QUERIES = 4;
const QUERY_DEPTH = 3;
const MAX_SQL = 5000;

type Cell = null | bigint | number | string | Uint8Array;

const test = suite("types that describe() tells");

test("admit every value that random queries return", () => {
	const features = supportedFeatures();
	const seen = { values: 0, neverNull: 0, known: 0, returned: 0 };
	for (let seed = 1; seed <= CASES; seed++) {
		const database = new SqlDatabase(new MemoryStore() as ByteStore);
		let state: State = START;
		for (let count = 0; count < STATEMENTS; count++) {
			const random = new Random(Math.imul(seed, 0x9e3779b1) + count);
			const { tree, apply } = nextStatement(new Generator(random, state.schema, features), state);
			const sql = textOf(tree);
			if (!/^(SELECT|WITH|VALUES)\b/.test(sql)) {
				const returned = run(database, returning(withoutNulls(sql, random)));
				if (returned !== undefined) state = apply(state);
				if (!database.inTransaction && state.savepoints.length > 0) state = rolledBack(state);
				const { counts, removed } = removeStrays(database);
				// What is returned is what was stored, which may be what should not be there.
				if (removed === 0 && returned !== undefined) compare(returned, seed, seen);
				state = counted(state, counts);
			}
			for (let i = 0; i < QUERIES; i++) {
				const generator = new Generator(random, state.schema, features);
				const query = textOf(topQuery(generator, NO_SCOPE, random.between(1, QUERY_DEPTH)).tree);
				if (query.length > MAX_SQL) continue;
				const [text, literals] = random.once(2) ? withParameters(query, random) : [query, []];
				const found = run(database, text, literals);
				if (found !== undefined) compare(found, seed, seen);
			}
		}
	}
	assert.ok(
		seen.values > 300 && seen.neverNull > seen.values / 3 && seen.known > seen.values / 3,
		JSON.stringify(seen),
	);
	assert.ok(seen.returned > 10, JSON.stringify(seen));
});

interface Found {
	readonly description: StatementDescription;
	readonly rows: readonly (readonly Cell[])[];
}

/** Undefined where the statement fails. */
function run(database: SqlDatabase, sql: string, literals: readonly (number | string)[] = []): Found | undefined {
	const statement = attempt(() => database.prepare(sql));
	if (statement === undefined) return undefined;
	// What can be prepared can be described.
	const description = database.describe(sql);
	assert.is(description.reader, statement.reader);
	const given = description.parameters.map((type, i) => suited(type, literals[i] ?? null));
	const rows = attempt(() => {
		if (statement.reader)
			return statement
				.raw()
				.safeIntegers()
				.all(...given) as Cell[][];
		statement.run(...given);
		return [];
	});
	return rows === undefined ? undefined : { description, rows };
}

function compare(
	{ description, rows }: Found,
	seed: number,
	seen: Record<"values" | "neverNull" | "known" | "returned", number>,
): void {
	for (const row of rows) {
		for (const [i, value] of row.entries()) {
			const type = description.columns[i] as DescribedType; // one per value
			if (!admits(type, value)) assert.unreachable(failure(seed, description, i, value));
			seen.values++;
			if (!type.nullable) seen.neverNull++;
			if (type.types.length < 4) seen.known++;
			if (description.kind !== "select") seen.returned++;
		}
	}
}

function admits({ types, nullable }: DescribedType, value: Cell): boolean {
	if (value === null) return nullable;
	return types.includes(classOf(value));
}

function classOf(value: Exclude<Cell, null>): DescribedType["types"][number] {
	switch (typeof value) {
		case "bigint":
			return "integer";
		case "number":
			return "real";
		case "string":
			return "text";
		default:
			return "blob";
	}
}

/** The literal where the parameter is meant to be one like it, else something that it is meant to be. */
function suited({ types }: DescribedType, literal: number | string | null): unknown {
	const isNumber = types.includes("integer") || types.includes("real");
	if (typeof literal === "number" && isNumber) return literal;
	if (typeof literal === "string" && types.includes("text")) return literal;
	return isNumber ? 2 : types.includes("text") ? "a" : types.includes("blob") ? new Uint8Array([97]) : null;
}

/** What changes rows returns them, too. */
function returning(sql: string): string {
	return /^(INSERT|REPLACE|UPDATE|DELETE)\b/.test(sql) && !sql.includes(" RETURNING ") ? `${sql} RETURNING *` : sql;
}

/** Some of the literals as parameters, and what they were. */
function withParameters(sql: string, random: Random): readonly [string, (number | string)[]] {
	const literals: (number | string)[] = [];
	const text = sql.replace(/(?<![\w.'])(?:\d+\.\d+|\d+|'(?:[^']|'')*')(?![\w.'])/g, (literal) => {
		if (!random.once(3)) return literal;
		literals.push(literal.startsWith("'") ? literal.slice(1, -1).replaceAll("''", "'") : Number(literal));
		return "?";
	});
	return [text, literals];
}

function failure(seed: number, { text, columns }: StatementDescription, i: number, value: Cell): string {
	const { types, nullable } = columns[i] as DescribedType;
	return `seed ${seed}: column ${i + 1} is ${types.join("|")}${nullable ? " or NULL" : ""}, but ${String(value)} came of\n${text}`;
}

test.run();
