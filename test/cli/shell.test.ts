import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { inDirectories, runCli } from "./process.js";
import { hasTerminals, keys, Terminal, type TerminalOptions } from "./terminal.js";

const test = suite<{ cwd: string }>("command line: shell");

inDirectories(test);

/** A test at a prompt, on a terminal that is gone behind it. */
function atPrompt(
	title: string,
	work: (terminal: Terminal, cwd: string) => Promise<void>,
	options: Partial<TerminalOptions> & { readonly words?: readonly string[] } = {},
): void {
	if (!hasTerminals) return;
	test(title, async ({ cwd }) => {
		const terminal = new Terminal(options.words ?? ["shell"], { ...options, cwd });
		try {
			await terminal.until(/wlsm> $/);
			await work(terminal, cwd);
		} finally {
			terminal.kill();
		}
	});
}

const makeTable = "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT);";
/** It would take days. */
const forever =
	"WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 5000) SELECT count(*) FROM c a, c b, c d, c e;";

const script = `
${makeTable}
INSERT INTO people VALUES (1, 'Ada; Countess'),
	(2, NULL);
put k1 "a b"
put k2 c;
CREATE TRIGGER renamed AFTER UPDATE ON people BEGIN
	DELETE FROM kv WHERE key = 'k1';
END;
UPDATE people SET name = 'Bob' WHERE id = 2;
DELETE FROM
	people WHERE id = 3;
get k1
get k2
.mode jsonl
SELECT * FROM people -- ; no end
	ORDER BY id;
scan k
del k2
.mode csv
SELECT count(*) AS n FROM kv`;

test("without a terminal it runs a script of SQL, keys and commands", async ({ cwd }) => {
	const { exitCode, stdout, stderr } = await runCli(["shell"], { cwd, input: script });
	assert.equal([exitCode, stderr], [0, ""]);
	const rows = '{"id":1,"name":"Ada; Countess"}\n{"id":2,"name":"Bob"}\n';
	assert.is(stdout, `(no such key)\nc\n${rows}{"key":"k2","value":"c"}\nn\n0\n`);
});

test("a script ends at its first error, with its exit code", async ({ cwd }) => {
	const wrong: [script: string, exitCode: number, message: RegExp][] = [
		["SELECT 1;\nSELECT * FROM nowhere;\nSELECT 3;", 2, /no such table: nowhere/],
		[".mode jsn", 2, /did you mean json\?/],
		[".tabels", 2, /did you mean \.tables\?/],
		["put only", 2, /Use: put KEY VALUE/],
		["scan --limit x", 2, /--limit must be a whole number/],
		["scan --frm x", 2, /Use: scan/],
		["put 'a b", 2, /A ' is not closed/],
		[".read nowhere.sql", 4, /Cannot read nowhere\.sql/],
		[".output no/such/folder", 4, /Cannot write no\/such\/folder/],
		[`${makeTable}\n.schema peple`, 2, /did you mean people\?/],
		[".import nowhere.csv t", 2, /There is no file nowhere\.csv/],
		["SELECT 'open", 2, /^wlsm: /],
		["SELECT :a;", 2, /missing named parameters: :a\. The shell has no values/],
		[".explain analyze SELECT ?", 2, /1 positional parameter.*The shell has no values/],
		[".mode csv now", 2, /Use: \.mode \[FORMAT\]/],
		[".stats now", 2, /Use: \.stats$/m],
		[".help modes", 2, /did you mean \.mode\?/],
	];
	if (existsSync("/dev/full")) wrong.push([".output /dev/full\nSELECT 1;", 4, /Cannot write \/dev\/full: ENOSPC/]);
	for (const [input, exitCode, message] of wrong) {
		rmSync(path.join(cwd, "wlsm-data"), { recursive: true, force: true });
		const outcome = await runCli(["shell"], { cwd, input });
		assert.is(outcome.exitCode, exitCode, input);
		assert.match(outcome.stderr, message);
		assert.not.match(outcome.stderr, /internal error|\n\s+at /);
		assert.not.match(outcome.stdout, /^3$/m);
	}
	const open = await runCli(["shell"], { cwd, input: "BEGIN;\nput a b\n" });
	assert.match(open.stderr, /its transaction is undone/);
});

test("commands of a script: tables, schema, indexes, output, read, import, explain, stats, analyze, dump", async ({
	cwd,
}) => {
	writeFileSync(path.join(cwd, "part.sql"), "CREATE INDEX by_name ON people (name);\n.read self.sql\n");
	writeFileSync(path.join(cwd, "self.sql"), "INSERT INTO people VALUES (7, 'x');\n");
	writeFileSync(path.join(cwd, "towns.csv"), "id,town\n1,Rome\n2,Bonn\n");
	const input = `${makeTable}
.read part.sql
.import towns.csv towns
.import towns.csv towns
.output listing.csv
.tables
\\d people
.indexes people
SELECT count(*) AS n FROM towns;
.output
.explain SELECT * FROM people WHERE name = 'x'
.explain analyze SELECT * FROM people
.analyze people
.stats
.dump people
.help
.quit
SELECT 'not reached';`;
	const { exitCode, stdout, stderr } = await runCli(["shell"], { cwd, input });
	assert.equal([exitCode, stderr], [0, ""]);
	assert.is(
		readFileSync(path.join(cwd, "listing.csv"), "utf8"),
		`name,type,columns\nkv,key-value data,2\npeople,table,2\ntowns,table,2
${makeTable}\nCREATE INDEX by_name ON people (name);\ntable,index,unique,columns\npeople,by_name,0,name\nn\n4\n`,
	);
	assert.match(stdout, /people.*by_name/);
	assert.match(stdout, /^operator +rows +runs +time +share\nScan people.* 1 +1 /m);
	assert.match(stdout, /^people,by_name,1,name,1$/m);
	assert.match(stdout, /^amplification {2}write /m);
	assert.match(stdout, /^INSERT INTO "people" VALUES\(7,'x'\);$/m);
	assert.match(stdout, /\.import FILE TABLE/);
	assert.not.match(stdout, /not reached/);
});

test("a file that is read need not fit memory", async ({ cwd }) => {
	const insert = `INSERT INTO people (name) VALUES ('x'); -- ${"ü".repeat(100_000)}\n`;
	writeFileSync(path.join(cwd, "large.sql"), makeTable + insert.repeat(300));
	const env = { NODE_OPTIONS: "--max-old-space-size=40" };
	const input = ".read large.sql\nSELECT count(*) AS n FROM people;";
	const { exitCode, stdout, stderr } = await runCli(["shell"], { cwd, input, env });
	assert.equal([exitCode, stdout, stderr], [0, "n\n300\n", ""]);
});

test("names are no patterns, and a command has a help of its own", async ({ cwd }) => {
	const tables = ["a_b", "axb"].map((name) => `CREATE TABLE ${name}(c);\nCREATE INDEX of_${name} ON ${name}(c);\n`);
	const input = `${tables.join("")}.schema A_B\n.indexes A_B\n.help \\dt\n`;
	const { exitCode, stdout } = await runCli(["shell"], { cwd, input });
	const [schema] = tables;
	const help = ".tables [PATTERN]  Lists tables and views\n";
	assert.equal([exitCode, stdout], [0, `${schema}table,index,unique,columns\na_b,of_a_b,0,c\n${help}`]);
});

test("keys and values are a part of the transaction that is open", async ({ cwd }) => {
	const before = "put a/0 old\nput a/1 old\nput a/2 old\nput b old\n";
	const within = `BEGIN;
INSERT INTO kv VALUES ('a/3', 'sql');
get a/3
put a/1 new
put 'a/\u{10ffff}' "\\n"
delete a/2
get a/2
scan a/ --reverse --limit 3
scan --gt a/0 --lte a/1
.mode jsonl
SELECT value FROM kv WHERE key = 'a/1';
`;
	const rows = `sql\n(no such key)\nkey,value\na/\u{10ffff},"\n"\na/3,sql\na/1,new\nkey,value\na/1,new\n{"value":"new"}\n`;
	const undone = await runCli(["shell"], { cwd, input: `${before}${within}ROLLBACK;\nget a/1\nget a/3\n` });
	assert.equal([undone.exitCode, undone.stdout], [0, `${rows}old\n(no such key)\n`]);
	const kept = await runCli(["shell"], { cwd, input: `${within}COMMIT;\nget a/1\nget a/3\n` });
	assert.equal([kept.exitCode, kept.stdout], [0, `${rows}new\nsql\n`]);
});

test("files that read each other come to an end", async ({ cwd }) => {
	writeFileSync(path.join(cwd, "a.sql"), ".read a.sql\n");
	const { exitCode, stderr } = await runCli(["shell"], { cwd, input: ".read a.sql" });
	assert.is(exitCode, 2);
	assert.match(stderr, /nested too deeply/);
});

atPrompt("statements of several lines, tables, keys and values, errors, Ctrl-D", async (terminal) => {
	assert.match(terminal.text, /There is none yet: the first statement makes it/);
	await terminal.line(makeTable);
	assert.match(await terminal.line("INSERT INTO people VALUES (1, 'Ada'),"), / \.\.\.> $/);
	assert.match(await terminal.line("(2, NULL);"), /\(2 rows changed\)\nwlsm> $/);
	const rows = await terminal.line("SELECT * FROM people;");
	assert.match(rows, "│ id │ name │\n├────┼──────┤\n│  1 │ Ada  │\n│  2 │ NULL │\n└────┴──────┘\n(2 rows)\n");
	assert.match(terminal.raw, "\x1b[2mNULL\x1b[22m");
	assert.match(await terminal.line("selec 1;"), /did you mean SELECT\?[\s\S]*\^\nwlsm> $/);
	await terminal.line('put k "a b"');
	assert.match(await terminal.line("get k"), /^a b\nwlsm> $/);
	assert.match(await terminal.line("get none"), /\(no such key\)/);
	assert.match(await terminal.line(".timer on"), /timer on/);
	assert.match(await terminal.line("SELECT char(27) || '[31mred' AS x;"), /│ \\x1b\[31mred │[\s\S]*Time: [\d.]+ ms/);
	await terminal.line("BEGIN;");
	terminal.write(keys.end);
	assert.is(await terminal.exit, 0);
	assert.match(terminal.text, /the open transaction is undone/);
});

atPrompt("Ctrl-C ends what runs, and not the shell", async (terminal) => {
	await terminal.line(makeTable);
	for (const statement of [
		forever,
		`.explain analyze ${forever}`,
		`INSERT INTO people ${forever.replace("count(*)", "NULL, b.x")}`,
	]) {
		terminal.write(statement + keys.enter);
		await terminal.until(/\n/);
		await new Promise((resolve) => setTimeout(resolve, 200));
		terminal.write(keys.interrupt);
		assert.match(await terminal.until(/wlsm> $/), /Stopped\.\nwlsm> $/);
	}
	assert.match(await terminal.line("SELECT count(*) AS n FROM people;"), /│ 0 │/);
	terminal.write("SELECT 1,");
	terminal.write(keys.interrupt);
	await terminal.until(/\^C\n(?:.*\n)*.*wlsm> $/);
	assert.match(await terminal.line("SELECT 2,"), / \.\.\.> $/);
	terminal.write(keys.interrupt);
	await terminal.until(/wlsm> $/);
	terminal.write(keys.interrupt);
	await terminal.until(/Ctrl-D or \.quit leaves\)\n[\s\S]*wlsm> $/);
	assert.match(await terminal.line("SELECT 3 AS x;"), /│ 3 │/);
	terminal.write(`.quit${keys.enter}`);
	assert.is(await terminal.exit, 0);
});

atPrompt("Tab completes commands, keywords, tables and columns", async (terminal) => {
	await terminal.line(makeTable);
	const typed = async (...pieces: readonly string[]) => {
		for (const piece of pieces) {
			terminal.write(piece);
			terminal.write(keys.tab);
			// A tab within more input would be taken for text.
			await new Promise((resolve) => setTimeout(resolve, 250));
		}
		terminal.write(keys.enter);
		await terminal.until(/\n/);
		return terminal.until(/wlsm> $/);
	};
	await terminal.line("INSERT INTO people VALUES (1, 'Ada');");
	await typed("sel", " nam", " fro", " peo", ";");
	assert.match(terminal.text, /select name from people;/);
	assert.match(terminal.text, /│ Ada {2}│/);
	await typed(".mod", " jsonl");
	await typed("SELECT 7 AS n FROM people p WHERE p.na", " = 'Ada';");
	assert.match(terminal.text, /p\.name = 'Ada';\n\{"n":7\}/);
});

test("the history holds lines of earlier runs, for its owner alone, and none with --no-history", async ({ cwd }) => {
	if (!hasTerminals) return;
	const file = path.join(cwd, "state", "wlsm", "history");
	const env = { WLSM_HISTORY: "", XDG_STATE_HOME: path.join(cwd, "state") };
	const run = async (words: readonly string[], work: (terminal: Terminal) => Promise<unknown>) => {
		const terminal = new Terminal(["shell", ...words], { cwd, env });
		try {
			await terminal.until(/wlsm> $/);
			await work(terminal);
			terminal.write(`.quit${keys.enter}`);
			assert.is(await terminal.exit, 0);
		} finally {
			terminal.kill();
		}
	};
	await run([], async (terminal) => {
		await terminal.line("SELECT 41 + 1;");
		await terminal.line(" SELECT 'secret';");
	});
	assert.is(readFileSync(file, "utf8"), "SELECT 41 + 1;\n.quit\n");
	assert.is(statSync(file).mode & 0o077, 0);
	await run([], async (terminal) => {
		terminal.write(keys.up);
		terminal.write(keys.up);
		terminal.write(keys.enter);
		await terminal.until(/│ +42 │[\s\S]*wlsm> $/);
	});
	const before = readFileSync(file, "utf8");
	await run(["--no-history"], (terminal) => terminal.line("SELECT 5;"));
	assert.is(readFileSync(file, "utf8"), before);
});

atPrompt(
	"a long result comes page by page, in a narrow terminal",
	async (terminal) => {
		await terminal.line("INSERT INTO kv SELECT 'key ' || value, value FROM generate_series(1, 99999);");
		terminal.write(`SELECT value FROM generate_series(1, 100);${keys.enter}`);
		const first = await terminal.until(/-- more.*--$/);
		assert.match(first, /│ +6 │/);
		assert.not.match(first, /│ +12 │/);
		terminal.write(" ");
		assert.match(await terminal.until(/-- more.*--$/), /│ +12 │/);
		terminal.write("q");
		await terminal.until(/wlsm> $/);
		assert.not.match(terminal.text, /│ +90 │|Stopped/);
		for (const long of [".dump", "scan", "SELECT * FROM kv;"]) {
			terminal.write(long + keys.enter);
			await terminal.until(/-- more.*--$/);
			terminal.write("q");
			await terminal.until(/wlsm> $/);
		}
		assert.not.match(terminal.text, /key 99999/);
		assert.match(await terminal.line("SELECT 'x' AS short;"), /│ x {5}│/);
		const wide = await terminal.line(
			"SELECT 'a text of more than a line' AS x, 'and another one like it' AS y, 123456 AS n;",
		);
		assert.match(wide, "│ a text of m… │ and another… │ 123456 │");
		for (const line of wide.split("\n").filter((row) => row.startsWith("│"))) assert.ok(line.length <= 40, line);
		const columns = Array.from({ length: 12 }, (_, i) => `'value ${i}' AS c${i}`).join(", ");
		terminal.write(`SELECT ${columns};${keys.enter}`);
		assert.match(await terminal.until(/-- more.*--$/), /^ c0 = value 0$/m);
		terminal.write("a");
		assert.match(await terminal.until(/wlsm> $/), /c11 = value 11$/m);
	},
	{ columns: 40, rows: 12 },
);

atPrompt("SIGTERM ends a shell in the middle of a statement, and what it did", async (terminal, cwd) => {
	await terminal.line("put a b");
	terminal.write(forever + keys.enter);
	await terminal.until(/\n/);
	await new Promise((resolve) => setTimeout(resolve, 200));
	terminal.kill("SIGTERM");
	assert.is(await terminal.exit, 143);
	const { stdout } = await runCli(["get", "a"], { cwd });
	assert.is(stdout, "b\n");
});

atPrompt(
	"a program for pages gets the whole result",
	async (terminal, cwd) => {
		terminal.write(`SELECT value FROM generate_series(1, 1000);${keys.enter}`);
		await terminal.until(/wlsm> $/);
		assert.is(readFileSync(path.join(cwd, "paged"), "utf8").match(/│ +\S+ +│/g)?.length, 1001);
	},
	{ rows: 12, env: { PAGER: "cat > paged" } },
);

atPrompt(
	"wlsm alone on a terminal is a shell",
	async (terminal) => {
		assert.match(await terminal.line("SELECT 6 * 7 AS x;"), /│ 42 │/);
	},
	{ words: ["--db", ":memory:"] },
);

test("a database that another process writes to is refused, and can be looked at", async ({ cwd }) => {
	if (!hasTerminals) return;
	const writer = new Terminal(["shell"], { cwd });
	const reader = new Terminal(["shell"], { cwd });
	try {
		await writer.until(/wlsm> $/);
		await writer.line("put a b");
		const second = new Terminal(["shell"], { cwd });
		assert.is(await second.exit, 4);
		assert.match(second.text, /^wlsm: .*\d+/);
		const looking = new Terminal(["shell", "--read-only"], { cwd });
		await looking.until(/wlsm> $/);
		assert.match(await looking.line("get a"), /^b\n/);
		assert.match(await looking.line("put c d"), /read.?only/i);
		looking.kill();
	} finally {
		writer.kill();
		reader.kill();
	}
});

test.run();
