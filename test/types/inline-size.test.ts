/** Inline queries that are long, or many: what the compiler has to do for them, and that it never gives up. */

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ownCompiler, runCompiler } from "../../bench/types/compiler.js";
import { queriesProgram } from "../../bench/types/queries.js";

const test = suite("size of inline queries");

const list = (count: number, item: (n: number) => string, separator = ", ") =>
	Array.from({ length: count }, (_, n) => item(n)).join(separator);

const WIDEST = 2000;

const HEAD = `import { openSync } from "wlsm";
declare module "wlsm" {
	interface DeclaredTables { wide: { ${list(WIDEST, (n) => `c${n}: number`, "; ")} } }
}
const { sql } = openSync(":memory:");
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? [] : [{ got: A; expected: B }];
const same = <A, B>(..._same: Same<A, B>) => {};
`;

const call = (method: string, text: string, given = "") => `sql.${method}(${JSON.stringify(text)}${given});\n`;

/** Of `n` columns, values, terms, brackets and so on. */
function sized(n: number): string {
	const nested = (most: number, open: string, close: string) =>
		`SELECT ${open.repeat(Math.min(n, most))}1${close.repeat(Math.min(n, most))} AS s FROM wide`;
	const given = `, { ${list(n, (i) => `c${i}: 1`)} }`;
	const names = list(n, (i) => `c${i}`);
	const values = list(n, (i) => `{c${i}}`);
	return [
		call("query", `SELECT ${names} FROM wide`),
		call("query", `SELECT c1 FROM wide WHERE ${list(n, (i) => `c${i} = {c${i}}`, " AND ")}`, given),
		call("query", `SELECT c1 FROM wide WHERE ${list(n, (i) => `c${i}<{c${i}}`, "OR ")}`, given),
		call("query", `SELECT c1 FROM wide WHERE c1 IN (${values})`, given),
		call("query", `SELECT c1 FROM wide WHERE c1 IN (${list(n, String, ",")})`),
		call("execute", `INSERT INTO wide (${names}) VALUES (${values})`, given),
		call("execute", `UPDATE wide SET ${list(n, (i) => `c${i} = {c${i}}`)}`, given),
		call("query", `SELECT ${list(n, (i) => `w.c${i} + 1 AS x${i}`, ",\n\t\t\t")} FROM wide w`),
		call("query", `SELECT ${list(n, (i) => `max(w.c${i})`, ",\n")} FROM wide w`),
		call("query", `SELECT ${"c1 + ".repeat(n)} 1 AS s FROM wide`),
		call("query", `SELECT ${"- ".repeat(n)} 1 AS s FROM wide`),
		call("query", `SELECT c1 FROM wide WHERE ${list(n, (i) => `'a ${i}'`, " || ")}`),
		call("query", `SELECT c1 FROM wide WHERE${" ".repeat(n * 10)}c1 = 1`),
		call("query", `SELECT c1 ${"\n--x".repeat(n)}\n\t\t\tFROM wide`),
		call("query", nested(200, "(", ")")),
		call("query", nested(200, "abs(", ")")),
		call("query", nested(60, "CASE WHEN c1 THEN ", " END")),
		call("query", nested(60, "(SELECT ", ")")),
		call(
			"query",
			`SELECT c1 FROM wide WHERE ${"c1 IN (SELECT c1 FROM wide WHERE ".repeat(Math.min(n, 40))}1${")".repeat(Math.min(n, 40))}`,
		),
		call("query", `SELECT 1 FROM ${"(SELECT c1 FROM ".repeat(Math.min(n, 40))}wide${")".repeat(Math.min(n, 40))}`),
	].join("");
}

test("texts of any length are no errors", () => {
	const program = [5, 60, 120, 190, WIDEST].map(sized).join("");
	assert.ok(runCompiler(ownCompiler, "sized", HEAD + program).instantiations > 0);
});

test("more than a hundred tokens are read, and more than three hundred", () => {
	const text = (n: number) =>
		`SELECT ${list(n, (i) => `c${i}`)} FROM wide WHERE ${list(n, (i) => `c${i} > {c${i}}`, " AND ")}`;
	const read = (n: number) =>
		`{ const rows = sql.query(${JSON.stringify(text(n))}, { ${list(n, (i) => `c${i}: 1n`)} });\n` +
		`same<(typeof rows)[number], { ${list(n, (i) => `c${i}: number`, "; ")} }>(); }\n`;
	// Six tokens each.
	runCompiler(ownCompiler, "long", HEAD + read(17) + read(60));
	const wrong = text(60).replace("c59 >", "nosuch >");
	assert.throws(() => runCompiler(ownCompiler, "long", HEAD + call("query", wrong)), "Error: no column nosuch in wide");
});

test("200 queries are within a budget of instantiations, so that editors stay quick", () => {
	const { instantiations } = runCompiler(ownCompiler, "many", queriesProgram(200, "as queries"));
	assert.ok(instantiations > 100_000 && instantiations < 600_000, `${instantiations} instantiations`);
});

test.run();
