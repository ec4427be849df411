/**
 * Files of queries: `-- name: findUser :one` begins a query that becomes the function `findUser`, and comments right behind that
 * line become its documentation. `:one` gives a row or undefined, `:many` an array of rows, `:run` what a statement without rows did.
 * A file without such lines is one query, called after the file, or else a script that is left alone.
 */

import { basename } from "node:path";
import { statementsOf } from "../../host/index.js";
import type { PlacedText } from "./literal.js";

export type ResultKind = "one" | "many" | "run";

export interface FileQuery extends PlacedText {
	readonly name: string;
	/** Undefined where nothing is said: then it is `many` for what returns rows, else `run`. */
	readonly kind: ResultKind | undefined;
	readonly documentation: readonly string[];
	/** Where it is named. */
	readonly at: number;
}

export interface SqlFile {
	readonly queries: readonly FileQuery[];
	readonly problems: readonly { readonly offset: number; readonly message: string }[];
}

const TOKEN = /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|'[^']*(?:'|$)|"[^"]*(?:"|$)|`[^`]*(?:`|$)|\[[^\]]*(?:\]|$)/g;
const HEADER = /^--\s*name:\s*(\S*)[ \t]*(\S*)[ \t\r]*(.*)$/;
const QUERY = /^(?:\s|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*(?:select|with|values|insert|replace|update|delete)\b/i;
/** Words that no function of a module can be called. */
const RESERVED = new Set(
	(
		"arguments await break case catch class const continue debugger default delete do else enum eval export extends false finally for " +
		"function if implements import in instanceof interface let new null package private protected public return static super switch this " +
		"throw true try typeof var void while with yield"
	).split(" "),
);

/** What a generated file has besides, or imports. */
const TAKEN = new Set(
	"prepared SqlSource SqlDatabase Statement RunResult Buffer DB ColumnType Generated GeneratedAlways undefined".split(
		" ",
	),
);

export function readSqlFile(path: string, text: string): SqlFile {
	const headers = [...text.matchAll(TOKEN)].flatMap((token) => {
		const isAlone = /^[ \t]*$/.test(text.slice(text.lastIndexOf("\n", token.index - 1) + 1, token.index));
		const match = isAlone ? HEADER.exec(token[0]) : null;
		return match === null ? [] : [{ match, at: token.index, end: token.index + token[0].length }];
	});
	if (headers.length === 0) return wholeFile(path, text);
	const queries: FileQuery[] = [];
	const problems: { offset: number; message: string }[] = [];
	for (const [i, { match, at, end }] of headers.entries()) {
		const [, name = "", written = "", more = ""] = match;
		const kind = (["one", "many", "run"] as const).find((one) => `:${one}` === written);
		const wrong = problemOf(name, written, more, kind);
		const next = headers[i + 1]?.at ?? text.length;
		const statements = statementsOf(text.slice(end, next));
		const [first, second] = statements;
		if (wrong !== undefined) problems.push({ offset: at, message: wrong });
		else if (first === undefined)
			problems.push({ offset: at, message: `there is no statement behind the name ${name}` });
		else if (second !== undefined) {
			const offset = end + second.start + leading(second.text);
			problems.push({
				offset,
				message: `${name} has a second statement: give it a line of its own, as in -- name: other`,
			});
		} else {
			const documentation = documentationOf(text.slice(end, next));
			queries.push({ ...placed(first.text, end + first.start), name, kind, documentation, at });
		}
	}
	return { queries, problems };
}

/** How many blanks and comments stand before the statement itself. */
function leading(statement: string): number {
	return /^(?:\s|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*/.exec(statement)?.[0].length ?? 0;
}

function problemOf(name: string, written: string, more: string, kind: ResultKind | undefined): string | undefined {
	if (!isName(name)) return `${JSON.stringify(name)} is no name of a function`;
	if (TAKEN.has(name)) return `${name} is a name that the generated file has itself: give the function another one`;
	if (more !== "" || (written !== "" && kind === undefined))
		return `behind the name may stand :one, :many or :run, not ${[written, more].join(" ").trim()}`;
	return undefined;
}

function isName(name: string): boolean {
	return /^[A-Za-z_$][\w$]*$/.test(name) && !RESERVED.has(name);
}

/** Comment lines directly behind the name. */
function documentationOf(behind: string): string[] {
	const lines: string[] = [];
	for (const line of behind.split("\n").slice(1)) {
		const match = /^\s*--\s?(.*?)\s*$/.exec(line);
		if (match === null) break;
		lines.push((match[1] ?? "").replaceAll("*/", "* /"));
	}
	return lines;
}

function wholeFile(path: string, text: string): SqlFile {
	const statements = statementsOf(text);
	const [only] = statements;
	const name = nameFrom(path);
	const isQuery = only !== undefined && statements.length === 1 && QUERY.test(only.text);
	if (!isQuery) return { queries: [], problems: [] };
	if (name === undefined) {
		const message = `the file's name makes no name of a function: begin with a line such as -- name: findUser`;
		return { queries: [], problems: [{ offset: 0, message }] };
	}
	const query = { ...placed(only.text, only.start), name, kind: undefined, documentation: [], at: only.start };
	return { queries: [query], problems: [] };
}

/** `find-user.sql` is `findUser`. */
function nameFrom(path: string): string | undefined {
	const words = basename(path)
		.replace(/\.sql$/i, "")
		.split(/[^\w$]+/)
		.filter((word) => word !== "");
	const name = words.map((word, i) => (i === 0 ? word : word[0]?.toUpperCase() + word.slice(1))).join("");
	return isName(name) && !TAKEN.has(name) ? name : undefined;
}

/** A statement without what stands before it, with lines that end as in a template: what is generated is the same on all systems. */
function placed(statement: string, at: number): PlacedText {
	const places: number[] = [];
	for (let i = leading(statement); i < statement.length; i++) if (!statement.startsWith("\r\n", i)) places.push(i);
	const text = places.map((i) => statement[i]).join("");
	return { text, places: [...places, statement.length].map((i) => at + i) };
}
