/** Splits a script into statements, and refuses nesting that the parser's stack could not hold. Looks at tokens only. */

import type { Source } from "./source.js";
import { sqlErrorAt } from "./source.js";

/** Brackets and CASEs inside one another. SQLite's parser gives up at about 100. */
export const MAX_NESTING = 200;

const TOKEN =
	/--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|'[^']*(?:''[^']*)*(?:'|$)|"[^"]*(?:""[^"]*)*(?:"|$)|`[^`]*(?:``[^`]*)*(?:`|$)|\[[^\]]*(?:\]|$)|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*|[();]/g;

/** The statements of a script, without the empty ones. */
export function splitStatements(script: string): Source[] {
	const statements: Source[] = [];
	let start = 0;
	let depth = 0;
	let empty = true;
	const scanner = new RegExp(TOKEN);
	const take = (end: number) => {
		const source = { script, start, end };
		if (!empty || script.slice(start, end).trim() !== "") statements.push(source);
		start = end + 1;
		depth = 0;
		empty = true;
	};
	// Comments are blanked for the test of emptiness only.
	let blankFrom = 0;
	for (let match = scanner.exec(script); match !== null; match = scanner.exec(script)) {
		const token = match[0];
		if (token.startsWith("--") || token.startsWith("/*")) {
			if (script.slice(Math.max(start, blankFrom), match.index).trim() !== "") empty = false;
			blankFrom = match.index + token.length;
			continue;
		}
		if (token === ";") {
			if (script.slice(Math.max(start, blankFrom), match.index).trim() !== "") empty = false;
			if (empty) {
				start = match.index + 1;
				depth = 0;
			} else {
				take(match.index);
			}
			continue;
		}
		empty = false;
		const word = token.length < 5 ? token.toLowerCase() : "";
		if (token === "(" || word === "case") {
			depth++;
			if (depth > MAX_NESTING) {
				const source = { script, start, end: script.length };
				throw sqlErrorAt(
					source,
					match.index - start,
					`expressions are nested too deeply: at most ${MAX_NESTING} levels of brackets and CASE`,
				);
			}
		} else if (token === ")" || word === "end") {
			depth--;
		}
	}
	if (script.slice(Math.max(start, blankFrom)).trim() !== "") empty = false;
	if (!empty) take(script.length);
	return statements;
}
