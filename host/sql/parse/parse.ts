/** Text -> AST, with the parser's errors in the user's words. */

import type { Expectation } from "../../../grammar/parser.js";
import { SyntaxError as ParserError, parse as parseText } from "../../../grammar/parser.js";
import type { StatementNode } from "./ast.js";
import type { Source } from "./source.js";
import { sqlErrorAt, statementText, suggestion } from "./source.js";

export function parseStatement(source: Source): StatementNode {
	const text = statementText(source);
	try {
		return parseText(text);
	} catch (error) {
		if (error instanceof ParserError) throw syntaxError(source, text, error);
		if (error instanceof RangeError) {
			throw sqlErrorAt(source, 0, "the statement is nested too deeply for the stack that is left", error);
		}
		throw error;
	}
}

/** Words that are no misspellings of others, though they are near them. */
const IN_PLACE =
	/^(and|as|by|case|else|end|from|group|in|into|is|join|not|on|or|order|select|set|then|values|when|where)$/i;

/** What begins as a blob and is none: an odd number of digits, or something else between the quotes. */
const BLOB = /^[xX]'[^']*'?/;

const WORD = /^[A-Za-z0-9_\u0080-\uffff$]+|^'(?:[^']|'')*'?|^"(?:[^"]|"")*"?|^[^\s]/;

function syntaxError(source: Source, text: string, error: ParserError): Error {
	const at = error.location.start.offset;
	const near = WORD.exec(text.slice(at, at + 200))?.[0];
	const expected = expectations(error.expected ?? []);
	if (near === undefined) {
		return sqlErrorAt(
			source,
			text.trimEnd().length,
			`incomplete input${expected === "" ? "" : `: expected ${expected}`}`,
		);
	}
	const blob = BLOB.exec(text.slice(at))?.[0];
	if (blob !== undefined) return sqlErrorAt(source, at, `unrecognized token: "${blob}"`);
	if (/^['"`[]/.test(near) && isOpen(text, at)) {
		return sqlErrorAt(source, at, `unrecognized token: "${near}": the quote is never closed`);
	}
	const keywords = (error.expected ?? []).flatMap((item) => (item.type === "other" ? [item.description] : []));
	const hint =
		/^[A-Za-z]/.test(near) && !IN_PLACE.test(near)
			? suggestion(
					near,
					keywords.filter((word) => /^[A-Z]+$/.test(word)),
				)
			: "";
	const tail = expected === "" ? "" : `: expected ${expected}`;
	return sqlErrorAt(source, at, `near "${near}": syntax error${tail}${hint}`);
}

function isOpen(text: string, at: number): boolean {
	const quote = text[at] === "[" ? "]" : (text[at] ?? "");
	let quotes = 0;
	for (let i = text.indexOf(quote, at); i !== -1; i = text.indexOf(quote, i + 1)) quotes++;
	return quote === "]" ? quotes === 0 : quotes % 2 === 1;
}

const OPERATORS = new Set(["an operator", "a comparison"]);
const CONNECTIVES = new Set("AND OR NOT IS ISNULL NOTNULL BETWEEN IN LIKE GLOB MATCH REGEXP COLLATE ESCAPE".split(" "));
const VALUES = new Set([
	"a name",
	"a column name",
	"a number",
	"a string",
	"a blob",
	"a parameter",
	"NULL",
	"CASE",
	"CAST",
	"EXISTS",
	"RAISE",
]);

/** What could have stood there, shortest description first: the many ways to begin or go on an expression are one. */
function expectations(expected: readonly Expectation[]): string {
	const names = new Set<string>();
	for (const item of expected) {
		if (item.type === "other" && item.description !== "white space") names.add(item.description);
		if (item.type === "end") names.add("the end of the statement");
	}
	if (names.has("a number") && names.has("a column name")) {
		for (const value of [...VALUES, ...CONNECTIVES, ...OPERATORS, '"("']) names.delete(value);
		names.add("an expression");
	}
	if (names.has("an operator") || names.has("a comparison")) {
		for (const word of [...CONNECTIVES, ...OPERATORS]) names.delete(word);
		names.add("an operator");
	}
	if (names.has("a string") && names.has("a name")) names.delete("a string");
	const list = [...names].sort((a, b) => Number(/^[A-Z"]/.test(a)) - Number(/^[A-Z"]/.test(b)) || (a < b ? -1 : 1));
	if (list.length > 12) return "";
	const last = list.pop();
	if (last === undefined) return "";
	return list.length === 0 ? last : `${list.join(", ")} or ${last}`;
}
