// The grammar as peggy takes it.
//
// Keyword rules are not in sql.peggy: each capitalised rule that it uses and does not define becomes a token that matches
// the word in any case, is not the beginning of a longer word, and is called by its name in errors.

import { readFile } from "node:fs/promises";

export async function grammarSource() {
	const source = await readFile(new URL("sql.peggy", import.meta.url), "utf8");
	const withoutText = source.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\/\/.*/g, " ");
	const used = new Set(withoutText.match(/\b[A-Z]{2,}\b/g) ?? []);
	const keywords = [...used].filter((word) => word !== "RESERVED").sort();
	const rules = keywords.map((word) => `${word} "${word}" = "${word}"i !WordPart _ { return "${word}"; }`);
	return `${source}\n${rules.join("\n")}\n`;
}
