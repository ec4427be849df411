// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are sources
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { findQueries } from "../../../cli/typegen/find.js";
import { Random } from "../../support/random.js";

const test = suite("queries in sources");

function found(source: string, isJsx = false): string[] {
	return findQueries(source, isJsx).queries.map(({ to, text }) => `${to}: ${text}`);
}

test("are literals that methods of the library are given first", () => {
	const cases: readonly (readonly [source: string, ...queries: string[]])[] = [
		["db.sql.query('SELECT 1', {})", "query: SELECT 1"],
		['db.sql.queryOne("SELECT \\"a\\"")', 'queryOne: SELECT "a"'],
		["sql.execute(`DELETE\nFROM t`, [1])", "execute: DELETE\nFROM t"],
		["this.#db?.sql!.prepare<Row<[number]>>( /* all */ `SELECT 1`, )", "prepare: SELECT 1"],
		["db.sql.query?.<A, B>('SELECT 1')", "query: SELECT 1"],
		["db.sql.query('SELECT 1 ' + `FROM t ` + \"WHERE a\")", "query: SELECT 1 FROM t WHERE a"],
		["db.sql.query('SELECT 1' as const)", "query: SELECT 1"],
		["db.sql.query('SELEC 1')", "query: SELEC 1"],
		["store.prepare('insert into t values (1)')", "prepare: insert into t values (1)"],
		["db.query('-- all\\n/* of them */ SELECT 1')", "query: -- all\n/* of them */ SELECT 1"],
		["`${db.sql.query('SELECT 1')}`; f(() => { a.query('WITH x') })", "query: SELECT 1", "query: WITH x"],
		// Whatever else has such methods:
		["document.query('.selected')"],
		["query('SELECT 1'); db.query; db.querying('SELECT 1')"],
		["db.sql.query(text); db.sql.query(`SELECT ${x}`); db.sql.query('SELECT ' + x)"],
		["db.sql.query('SELECT 1'.trim()); db.sql.query('SELECT 1' ? 2 : 3)"],
		["// db.sql.query('SELECT 1')\n/* db.sql.query('SELECT 1') */ '.query(\"SELECT 1\")'"],
	];
	for (const [source, ...queries] of cases) assert.equal(found(source), queries, source);
	assert.equal(found("<a on={() => db.sql.query('SELECT 1')}>don't `.query(</a>", true), ["query: SELECT 1"]);
});

test("are templates of the library's sql, under whatever name, with parameters for what is substituted", () => {
	const head = 'import { open, sql } from "wlsm";\n';
	const cases: readonly (readonly [source: string, ...queries: string[]])[] = [
		[`${head}sql\`SELECT 1\``, "sql: SELECT 1"],
		[`${head}sql<Row>\`SELECT \${a} + \${\`x\${b}\`}\``, "sql: SELECT ? + ?"],
		["import { sql as q } from 'wlsm'; q`SELECT ${{ a: `}` }}`; sql`SELECT 2`", "sql: SELECT ?"],
		["const { sql: q } = await import('wlsm'); q`SELECT 1`", "sql: SELECT 1"],
		["const { sql } = require('wlsm'); sql`SELECT 1`", "sql: SELECT 1"],
		// A query of which a part is known to be SQL, or which is a part:
		[`${head}sql\`SELECT \${sql\`a\`}, \${1}\`; sql\`SELECT \${sql.join(a)}\`; sql\`WHERE a = \${b}\``],
		[`${head}sql\`SELECT \${sql<A>\`a\`}\`; other.sql\`SELECT 1\``],
		// Somebody else's:
		["import { sql } from 'kysely'; sql`SELECT 1`"],
		["sql`SELECT 1`"],
	];
	for (const [source, ...queries] of cases) assert.equal(found(source), queries, source);
});

test("are left alone where a comment says so", () => {
	const query = "db.sql.query('SELECT 1')";
	assert.equal(found(`// wlsm-ignore\n${query}`), []);
	assert.equal(found(`${query} // wlsm-ignore: made for another database`), []);
	assert.equal(found(`/* wlsm-ignore */ ${query}`), []);
	assert.equal(found(`// wlsm-ignore\n\n${query}`), ["query: SELECT 1"]);
	assert.equal(found(`'wlsm-ignore'; ${query}`), ["query: SELECT 1"]);
});

test("come with the functions, tables and packages that matter to them", () => {
	const { functions, declaredTables, importsKysely } = findQueries(
		`import { Kysely } from "kysely";
		db.sql.function("twice", (x) => x).aggregate('all', { step }); array.function(name); db.function;
		declare module "wlsm" { interface DeclaredTables { users: StoredRow<typeof users>; "odd name": { id: number }; readonly b?: X } }`,
		false,
	);
	assert.equal(functions, [
		{ kind: "function", name: "twice" },
		{ kind: "aggregate", name: "all" },
	]);
	assert.equal(declaredTables, ["users", "odd name", "b"]);
	assert.is(importsKysely, true);
	assert.is(findQueries('import "kysely-codegen"; const kysely = "kysely";', false).importsKysely, false);
});

test("each character of the text knows where it stands", () => {
	const escapes = "'\\x41\\u0042\\u{43}\\n\\t\\'\\\\\\\r\n\\0\\101 \\q'";
	const [only] = findQueries(`db.sql.query(${escapes})`, false).queries;
	assert.is(only?.text, "ABC\n\t'\\\0A q");
	const template = "db.sql.query(`a\r\nb\\`c\\\nd`)";
	const [other] = findQueries(template, false).queries;
	assert.is(other?.text, "a\nb`cd");
	assert.equal(
		other?.places.slice(0, -1).map((place) => template[place]),
		["a", "\r", "b", "\\", "c", "d"],
	);
	assert.is(template[other?.places.at(-1) ?? 0], "`");
});

test("texts are those that JavaScript makes of the same literals", () => {
	const random = new Random(3);
	const pieces = [
		"a",
		"é",
		"😀",
		" ",
		"\\n",
		"\\\\",
		"\\'",
		'\\"',
		"\\`",
		"\\x7f",
		"\\u00e9",
		"\\u{1F600}",
		"\\\n",
		"\\$",
		"$",
		"{",
		"{id}",
		"\\0",
		"\\z",
	];
	for (let i = 0; i < 500; i++) {
		const inside = Array.from({ length: random.below(12) }, () => random.pick(pieces)).join("");
		for (const quote of ["'", '"', "`"]) {
			if (quote === "`" && inside.includes("${")) continue;
			const literal = `${quote}${inside}${quote}`;
			const [query] = findQueries(`db.sql.query(${literal})`, false).queries;
			assert.is(query?.text, new Function(`return ${literal}`)() as string, literal);
			const { places } = query as { places: readonly number[] };
			assert.ok(places.every((place, at) => at === 0 || place >= (places[at - 1] as number)));
		}
	}
});

test.run();
