// Writes dist/grammar/parser.js (an ES module) from grammar/sql.peggy.
//
// Keyword rules are not in the grammar's file: each capitalised rule that it uses and does not define becomes a token
// that matches the word in any case, is not the beginning of a longer word, and is called by its name in errors.

import { mkdir, readFile, writeFile } from "node:fs/promises";
import peggy from "peggy";

const here = new URL(".", import.meta.url);
const source = await readFile(new URL("sql.peggy", here), "utf8");

const withoutText = source.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\/\/.*/g, " ");
const used = new Set(withoutText.match(/\b[A-Z]{2,}\b/g) ?? []);
const keywords = [...used].filter((word) => word !== "RESERVED").sort();
const rules = keywords.map((word) => `${word} "${word}" = "${word}"i !WordPart _ { return "${word}"; }`);

const parser = peggy.generate(`${source}\n${rules.join("\n")}\n`, {
	output: "source",
	format: "es",
	allowedStartRules: ["Start"],
	grammarSource: "sql.peggy",
});

const target = new URL("../dist/grammar/", here);
await mkdir(target, { recursive: true });
await writeFile(new URL("parser.js", target), parser);
