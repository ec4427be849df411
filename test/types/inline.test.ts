/** Inline queries as the compiler sees them, and whether what it says of their rows is so. */

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { sqlStores } from "../support/sql-stores.js";
import { compile } from "./compile.js";
import { ACCEPTED, CASES, OTHERS, REFUSALS, UNKNOWN } from "./inline-cases.js";
import { DECLARED, type Query, randomQuery, SCHEMA } from "./inline-queries.js";
import { constantsIn, problem, type Row, rowOf } from "./rows.js";

const COUNT = Number(process.env.QUERIES ?? 200);
const FIRST_SEED = Number(process.env.SEED ?? 1);

const DECLARATIONS = `import type {} from "wlsm";
${DECLARED}declare module "wlsm" {
	interface DeclaredQueries {
		"SELECT declared": { parameters: { day: Date }; row: { readonly exact: 1 } };
		"nothing that is read": { parameters: {}; row: { readonly none: null } };
	}
}
`;

const HEAD = `import { openSync, type QueryParameters, type QueryText, sql as tag } from "wlsm";
const { sql } = openSync(":memory:");
declare const text: string, pattern: \`SELECT \${string} FROM users\`, declared: "SELECT declared";
declare const either: "SELECT id FROM users" | "SELECT name AS id FROM users";
interface Given { id: number }
declare const given: Given;
function one<const Text extends string>(text: QueryText<Text, "query">, ...parameters: QueryParameters<Text>) {
	return sql.queryOne<Text>(text, ...parameters);
}
void [one, tag, text, pattern, declared, either, given];
`;

/** A line for each call, as constants c0, c1, …. */
const file = (
	calls: readonly string[],
	head = 'import { openSync } from "wlsm";\nconst { sql } = openSync(":memory:");\n',
) => head + calls.map((call, i) => `export const c${i} = ${call};\n`).join("");

const isQuery = (query: string) => !/^\s*(INSERT|REPLACE|UPDATE|DELETE)(?!.*RETURNING)/is.test(query);

function callOf({ text, parameters }: Query): string {
	const given = parameters === undefined ? "" : `, ${JSON.stringify(parameters)}`;
	return `sql.${isQuery(text) ? "query" : "execute"}(${JSON.stringify(text)}${given})`;
}

const seeds = Array.from({ length: COUNT }, (_, i) => FIRST_SEED * 100_000 + i);
const known = [...CASES, ...ACCEPTED.map((text) => [text, undefined] as const)];
const queries: Query[] = [...known.map(([text, parameters]) => ({ text, parameters })), ...seeds.map(randomQuery)];
const compiled = compile("inline", {
	"declared.ts": DECLARATIONS,
	"refused.ts": file(
		REFUSALS.map(([call]) => call),
		HEAD,
	),
	"others.ts": file(
		OTHERS.map(([call]) => call),
		HEAD,
	),
	"queries.ts": file(queries.map(callOf)),
});

/** What the compiler says of a constant of a file. */
const said = (name: string, first: number) => {
	const lines = new Map(
		compiled.diagnostics.filter(({ file }) => file === name).map(({ line, message }) => [line, message]),
	);
	return (i: number) => lines.get(first + i);
};

const typesIn = (name: string) => constantsIn(compiled.declarations(name));

const test = suite("inline queries");

test("what is wrong is said at the call", () => {
	const message = said("refused.ts", HEAD.split("\n").length);
	for (const [i, [call, expected]] of REFUSALS.entries()) {
		assert.ok(message(i)?.includes(expected), `${call}\nis said to be ${message(i)}\nnot ${expected}`);
	}
	assert.is(compiled.diagnostics.filter(({ file }) => file === "refused.ts").length, REFUSALS.length);
});

test("texts that are not read, or that were declared, and fragments have their types", () => {
	assert.equal(
		compiled.diagnostics.filter(({ file }) => file !== "refused.ts"),
		[],
	);
	const types = typesIn("others");
	for (const [i, [call, expected]] of OTHERS.entries()) assert.is(types.get(i)?.replace(/\s+/g, " "), expected, call);
});

test("rows of known queries have the types that were written down", () => {
	const types = typesIn("queries");
	const sorted = (row: Row) => Object.fromEntries([...row].sort(([a], [b]) => (a < b ? -1 : 1)));
	for (const [i, [query, , expected]] of CASES.entries()) {
		const type = types.get(i) ?? "";
		if (expected === undefined) assert.match(type, /RunResult$/, query);
		else if (expected === UNKNOWN) assert.is(type, `${UNKNOWN}[]`, query);
		else assert.equal(sorted(rowOf(type)), sorted(rowOf(`{ ${expected}; }`)), query);
	}
});

for (const store of await sqlStores()) {
	test(`rows are what the compiler says, whatever is asked, over the ${store.name}`, () => {
		const types = typesIn("queries");
		const { sql, close } = store.open();
		sql.exec(SCHEMA);
		for (const [i, { text, parameters }] of queries.entries()) {
			const seed = seeds[i - known.length];
			const shown = `${seed === undefined ? "" : `seed ${seed}: `}${text} ${JSON.stringify(parameters)}`;
			sql.exec("BEGIN");
			if (!isQuery(text)) sql.execute(text as string, parameters);
			else {
				const type = types.get(i) ?? "";
				const found = sql.query(text as string, parameters);
				if (type === `${UNKNOWN}[]`) assert.ok(i < known.length, `${shown} is within the subset`);
				else for (const row of found) assert.is(problem(row, rowOf(type)), undefined, shown);
			}
			sql.exec("ROLLBACK");
		}
		close();
	});
}

test.run();
