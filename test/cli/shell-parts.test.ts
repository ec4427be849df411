import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { complete } from "../../cli/shell/completion.js";
import { defaultHistoryPath, History, keptLines } from "../../cli/shell/history.js";
import { type Input, InputBuffer } from "../../cli/shell/input.js";
import { linesOf } from "../../cli/shell/lines.js";
import { behindPrefix } from "../../cli/shell/pairs.js";
import { countStatements } from "../../cli/shell/session.js";
import { wordsOf } from "../../cli/shell/words.js";
import { Random } from "../support/random.js";

const names = {
	tables: [
		{ name: "people", columns: ["id", "name", "full name"] },
		{ name: "places", columns: ["id", "town"] },
	],
	functions: ["sum", "->"],
};
const commands = ["tables", "timer", "mode", "read"];
const completed = (line: string, pending = "") => complete(pending, line, names, commands);

test("completion knows where it is", () => {
	assert.equal(completed(".t"), [[".tables", ".timer"], ".t"]);
	assert.equal(completed("\\ta"), [["\\tables"], "\\ta"]);
	assert.equal(completed(".mode j"), [["json", "jsonl"], "j"]);
	assert.equal(completed(".schema PE"), [["people"], "PE"]);
	assert.equal(completed("SELECT * FROM p"), [["people", "places"], "p"]);
	assert.equal(completed("p", "SELECT * FROM\n"), [["people", "places"], "p"]);
	assert.equal(completed("SELECT x.t FROM people JOIN places AS x WHERE x."), [["id", "town"], ""]);
	assert.equal(completed("SELECT people.f"), [['"full name"'], "f"]);
	assert.equal(completed("SELECT * FROM places WHERE to"), [["town", "to"], "to"]);
	assert.equal(completed("SELE"), [["SELECT"], "SELE"]);
	assert.equal(completed("sele"), [["select"], "sele"]);
	assert.equal(completed("SELECT su"), [["sum("], "su"]);
	assert.equal(completed("pu"), [["put"], "pu"]);
	assert.equal(completed("get i"), [[], ""], "keys are no names");
	assert.equal(completed("delete fr"), [["from"], "fr"]);
	assert.equal(completed(".help t"), [["tables", "timer"], "t"]);
	assert.equal(completed("SELECT 'FROM p"), [[], ""], "nothing within a text");
	const hostile = { name: "t\x1b]0;x\x07", columns: ["c\x1b[2J", "two\nlines", "c\u202e", "fine"] };
	const offered = (line: string) => complete("", line, { tables: [hostile], functions: [] }, []);
	for (const line of ["SELECT ", "SELECT * FROM ", "DROP TABLE t", ".schema t", "SELECT c"])
		assert.not.match(JSON.stringify(offered(line)), /\\[un]|\u202e/, "nothing that a terminal would act upon");
	assert.equal(offered("SELECT "), [["fine"], ""]);
	const folder = mkdtempSync(path.join(tmpdir(), "wlsm-cli-"));
	writeFileSync(path.join(folder, "script.sql"), "");
	assert.equal(completed(`.read ${folder}/s`), [[`${folder}/script.sql`], `${folder}/s`]);
	assert.equal(completed(".read /no/such/folder/x"), [[], "/no/such/folder/x"]);
	rmSync(folder, { recursive: true });
});

test("words of a line, with quotes", () => {
	assert.equal(wordsOf("put a  'b c' \"d\\n\\\"e\" ''"), ["put", "a", "b c", 'd\n"e', ""]);
	assert.equal(wordsOf("a'b'\"c\"d"), ["abcd"]);
	assert.equal(wordsOf("a \\n"), ["a", "\\n"]);
	assert.throws(() => wordsOf("put 'a"), /A ' is not closed/);
});

function inputs(text: string): Input[] {
	const buffer = new InputBuffer(countStatements);
	const found = text.split("\n").flatMap((line) => buffer.add(line) ?? []);
	const rest = buffer.end();
	return rest === undefined ? found : [...found, rest];
}

test("the end of a prefix is behind all texts that begin with it, by their bytes", () => {
	assert.equal(["a", "ä\ud7ff", "x\u{10ffff}", "\u{10ffff}", "", "a\u{ffff}"].map(behindPrefix), [
		"b",
		"ä\ue000",
		"y",
		undefined,
		undefined,
		"a\u{10000}",
	]);
});

test("lines are put together as the library splits scripts", () => {
	const kinds = (text: string) => inputs(text).map(({ kind }) => kind);
	assert.equal(kinds("delete from t;\ndelete k\ndelete\nfrom t;\nDELETE k;\nget a;\n.x\n\\q"), [
		"sql",
		"keyValue",
		"sql",
		"sql",
		"keyValue",
		"command",
		"command",
	]);
	assert.equal(inputs(".mode  csv "), [{ kind: "command", name: "mode", rest: "csv" }]);
	assert.equal(inputs("put k 'a;b';"), [{ kind: "keyValue", words: ["put", "k", "a;b"] }]);
	// However lines are cut, the statements are those of the whole script.
	const pieces = [
		"SELECT 1;",
		"SELECT 'a;b\nc' -- ; no end\n;",
		"/* ; \n */ SELECT 2;",
		"CREATE TRIGGER x AFTER INSERT ON t BEGIN SELECT 1;\nSELECT CASE WHEN 1 THEN 2 END; END;",
		'SELECT "q;" , [a;b],\n `;`;',
		"-- only a comment;",
		"/* a comment\n of 'lines\n*/",
		"SELECT 'it''s;\n''; ' -- it's\n - 1 / 2 /* ; */\n\n;/* ' */ -- '",
		"SELECT 1; SELECT 2;",
		";",
	];
	const random = new Random(11);
	for (let round = 0; round < 200; round++) {
		const script = Array.from({ length: 6 }, () => random.pick(pieces)).join("\n");
		const texts = inputs(script).map((input) => (input.kind === "sql" ? input.text : ""));
		const counts = texts.map(countStatements);
		assert.is(
			counts.reduce((sum, count) => sum + count, 0),
			countStatements(script),
			script,
		);
	}
});

test("a script's lines are those between line feeds, wherever it comes in two", async () => {
	const lines = ["\ufeff.mode csv\r", "", "SELECT 'ä\r\u2028😀';", " x", ""];
	const bytes = new TextEncoder().encode(lines.join("\n"));
	for (let size = 1; size <= bytes.length; size++) {
		const chunks = async function* () {
			for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
		};
		const found: string[] = [];
		for await (const line of linesOf(chunks())) found.push(line);
		assert.equal(found, [".mode csv\r", ...lines.slice(1)]);
	}
	assert.equal(inputs(".mode csv\r"), [{ kind: "command", name: "mode", rest: "csv" }]);
	assert.equal(inputs("put k 'v'\r"), [{ kind: "keyValue", words: ["put", "k", "v"] }]);
});

test("a text of many lines is not read anew with each of them", () => {
	let length = 0;
	const buffer = new InputBuffer((script) => {
		length += script.length;
		return countStatements(script);
	});
	const lines = Array.from({ length: 1000 }, (_, i) => `line ${i}; with what ends statements;`);
	const text = ["INSERT INTO t VALUES ('", ...lines, "');"];
	for (const line of text.slice(0, -1)) assert.is(buffer.add(line), undefined);
	assert.equal(buffer.add("');"), { kind: "sql", text: `${text.join("\n")}\n` });
	assert.ok(length < 3 * text.join("\n").length);
});

test("the history is private, keeps the last lines, and forgets what begins with a blank", () => {
	const folder = mkdtempSync(path.join(tmpdir(), "wlsm-cli-"));
	const file = path.join(folder, "deep", "history");
	const history = new History(file);
	for (const line of ["one", " secret", "", "two"]) history.add(line);
	assert.is(readFileSync(file, "utf8"), "one\ntwo\n");
	assert.is(statSync(file).mode & 0o777, 0o600);
	assert.is(statSync(path.dirname(file)).mode & 0o777, 0o700);
	assert.equal(new History(file).lines, ["two", "one"]);
	writeFileSync(file, Array.from({ length: 5000 }, (_, i) => `line ${i}\n`).join(""));
	assert.is(new History(file).lines.length, keptLines);
	const kept = readFileSync(file, "utf8").trimEnd().split("\n");
	assert.equal([kept.length, kept[0], kept.at(-1)], [keptLines, "line 4000", "line 4999"]);
	assert.is(statSync(file).mode & 0o777, 0o600);
	const none = new History(undefined);
	none.add("x");
	assert.equal([none.lines, none.problem], [[], undefined]);
	rmSync(folder, { recursive: true });
	if (process.platform !== "win32")
		assert.is(defaultHistoryPath({ XDG_STATE_HOME: "/state" }), path.join("/state", "wlsm", "history"));
	const homeless = () => {
		throw new Error("A system error occurred: uv_os_homedir returned ENOENT");
	};
	assert.is(defaultHistoryPath({}, homeless), undefined);
});

test.run();
