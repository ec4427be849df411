/** Random queries over random tables: what runs compiles, and rows are what the compiler says. */

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { rowType } from "../../cli/typegen/types.js";
import type { ByteStore } from "../../host/engine/store.js";
import { SqlDatabase } from "../../host/sql/index.js";
import { supportedFeatures } from "../sql/fuzz/features.js";
import { Generator, NO_SCOPE } from "../sql/fuzz/generator.js";
import { topQuery } from "../sql/fuzz/queries.js";
import { counted, nextStatement, rolledBack, START, type State } from "../sql/fuzz/statements.js";
import { textOf } from "../sql/fuzz/tree.js";
import { attempt, removeStrays, withoutNulls } from "../sql/fuzz/trusted.js";
import { MemoryStore } from "../support/memory-store.js";
import { Random } from "../support/random.js";
import { compile } from "./compile.js";
import { constantsIn, problem, rowOf } from "./rows.js";

const FIRST_SEED = Number(process.env.SEED ?? 1);
/** Databases, the statements that make each of them, and queries of each. */
const CASES = Number(process.env.CASES ?? 2);
const STATEMENTS = 40;
const QUERIES = 200;
const QUERY_DEPTH = 3;
const MAX_SQL = 1500;
const MAX_ROWS = 200;

const UNKNOWN = "Record<string, unknown>[]";

function filled(database: SqlDatabase, random: Random): State {
	const features = supportedFeatures();
	let state: State = START;
	for (let i = 0; i < STATEMENTS; i++) {
		const { tree, apply } = nextStatement(new Generator(random, state.schema, features), state);
		const sql = withoutNulls(textOf(tree), random);
		const isDone = attempt(() => {
			database.exec(sql);
			return true;
		});
		if (isDone) state = apply(state);
		if (!database.inTransaction && state.savepoints.length > 0) state = rolledBack(state);
		state = counted(state, removeStrays(database).counts);
	}
	return state;
}

function queriesFor(database: SqlDatabase, { schema }: State, random: Random): string[] {
	const features = supportedFeatures();
	const found: string[] = [];
	while (found.length < QUERIES) {
		const generator = new Generator(random, schema, features);
		const text = textOf(topQuery(generator, NO_SCOPE, random.between(1, QUERY_DEPTH)).tree);
		// The sign of an exponent is one of its own to the compiler.
		if (text.length > MAX_SQL || /\de-/i.test(text)) continue;
		if (attempt(() => database.prepare(text)) !== undefined) found.push(text);
	}
	return found;
}

/** As `wlsm typegen` declares them. */
function declarations(database: SqlDatabase): string {
	const names = database
		.prepare("SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%'")
		.pluck()
		.all() as string[];
	return names
		.map((name) => {
			// A view over what is gone has no columns.
			const columns = attempt(() => database.describe(`SELECT * FROM "${name}"`).columns) ?? [];
			const members = columns.map((column) => `${JSON.stringify(column.name)}: ${rowType(column)}`);
			return `${JSON.stringify(name)}: { ${members.join("; ")} };\n`;
		})
		.join("");
}

const test = suite("types of random inline queries");

for (let seed = FIRST_SEED; seed < FIRST_SEED + CASES; seed++) {
	test(`admit every value that comes, seed ${seed}`, () => {
		const random = new Random(Math.imul(seed, 0x9e3779b1));
		const database = new SqlDatabase(new MemoryStore() as ByteStore);
		const queries = queriesFor(database, filled(database, random), random);
		const head = `import { openSync } from "wlsm";
declare module "wlsm" { interface DeclaredTables {
${declarations(database)}} }
const { sql } = openSync(":memory:");
`;
		const calls = queries.map((text, i) => `export const c${i} = sql.query(${JSON.stringify(text)});\n`);
		const compiled = compile("inline-fuzz", { "queries.ts": head + calls.join("") });
		const line = head.split("\n").length;
		const refused = compiled.diagnostics.map((one) => `${queries[one.line - line]}: ${one.message}`);
		assert.equal(refused, [], `seed ${seed}`);
		const types = constantsIn(compiled.declarations("queries"));
		let known = 0;
		for (const [i, text] of queries.entries()) {
			const type = types.get(i) ?? "";
			if (type === UNKNOWN) continue;
			known++;
			const rows = attempt(() => database.prepare(text).all()) ?? [];
			for (const row of rows.slice(0, MAX_ROWS)) {
				const values = Object.entries(row as object).map(([name, value]) => [
					name,
					typeof value === "bigint" ? Number(value) : value,
				]);
				assert.is(problem(Object.fromEntries(values), rowOf(type)), undefined, `seed ${seed}: ${text}`);
			}
		}
		assert.ok(known > QUERIES / 3, `${known} of ${QUERIES} are read`);
	});
}

test.run();
