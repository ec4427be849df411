/** Expressions of SQL that a declaration brings, for defaults and checks: one whole expression each. */

import { invalid, shown } from "./names.js";
import { step, wordsOf } from "./words.js";

/** The text, where it cannot be anything but a part of the statement that it is put into. */
export function checkedExpression(sql: unknown, what: string): string {
	if (typeof sql !== "string") throw invalid(`The expression of a ${what} is a string with SQL, not ${shown(sql)}.`);
	const wrong = mistakeOf(sql);
	if (wrong !== undefined) throw invalid(`The expression ${shown(sql)} of a ${what} ${wrong}.`);
	return sql;
}

function mistakeOf(sql: string): string | undefined {
	if (!sql.isWellFormed()) return "has half of a surrogate pair";
	const words = wordsOf(sql);
	if (words === undefined) return "has a quote or a comment that is not closed";
	if (words.length === 0) return "is empty";
	let depth = 0;
	for (const word of words) {
		depth += step(word);
		if (depth < 0) break;
		if (word.kind === "symbol" && word.text === ";") return "has a semicolon: it is one expression and no statement";
	}
	return depth === 0 ? undefined : "has brackets that do not match";
}

/** A literal alone, with a sign or without: the same for every row. */
export function isLiteral(sql: string): boolean {
	const [first, second, ...others] = wordsOf(sql) ?? [];
	if (first === undefined || others.length > 0) return false;
	if (second !== undefined) return first.kind === "symbol" && /^[+-]$/.test(first.text) && second.kind === "number";
	if (first.kind === "word") return /^(null|true|false)$/.test(first.text);
	return first.kind === "number" || first.kind === "string";
}
