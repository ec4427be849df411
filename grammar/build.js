// Writes dist/grammar/parser.js (an ES module) from grammar/sql.peggy.

import { mkdir, writeFile } from "node:fs/promises";
import peggy from "peggy";
import { grammarSource } from "./source.js";

const parser = peggy.generate(await grammarSource(), {
	output: "source",
	format: "es",
	allowedStartRules: ["Start"],
	grammarSource: "sql.peggy",
});

const target = new URL("../dist/grammar/", import.meta.url);
await mkdir(target, { recursive: true });
await writeFile(new URL("parser.js", target), parser);
