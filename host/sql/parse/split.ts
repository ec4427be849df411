/** Splits a script into statements, and refuses nesting that the parser's stack could not hold. Looks at tokens only. */

import type { Source } from "./source.js";
import { sqlErrorAt } from "./source.js";

/** Brackets and CASEs inside one another. SQLite's parser gives up at about 100. */
export const MAX_NESTING = 200;

const TOKEN =
	/--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|'[^']*(?:''[^']*)*(?:'|$)|"[^"]*(?:""[^"]*)*(?:"|$)|`[^`]*(?:``[^`]*)*(?:`|$)|\[[^\]]*(?:\]|$)|[:@${]?[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*|[();]/g;

/** How far into a CREATE TRIGGER a statement is: within its body a semicolon ends a step, not the statement. */
const TriggerBody = { start: 0, create: 1, other: 2, inside: 3, betweenSteps: 4, ended: 5 } as const;
type TriggerBody = (typeof TriggerBody)[keyof typeof TriggerBody];

function nextBody(body: TriggerBody, token: string): TriggerBody {
	switch (body) {
		case TriggerBody.start:
			return /^create$/i.test(token) ? TriggerBody.create : /^explain$/i.test(token) ? body : TriggerBody.other;
		case TriggerBody.create:
			if (/^trigger$/i.test(token)) return TriggerBody.inside;
			return /^temp(orary)?$/i.test(token) ? body : TriggerBody.other;
		case TriggerBody.betweenSteps:
			// CASE ends in END as well, but never right behind a semicolon.
			return /^end$/i.test(token) ? TriggerBody.ended : TriggerBody.inside;
		default:
			return body;
	}
}

/** The statements of a script, without the empty ones. */
export function splitStatements(script: string): Source[] {
	const statements: Source[] = [];
	let start = 0;
	let depth = 0;
	let empty = true;
	let body: TriggerBody = TriggerBody.start;
	const scanner = new RegExp(TOKEN);
	const take = (end: number) => {
		const source = { script, start, end };
		if (!empty || script.slice(start, end).trim() !== "") statements.push(source);
		start = end + 1;
		depth = 0;
		empty = true;
		body = TriggerBody.start;
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
			if (body === TriggerBody.inside || body === TriggerBody.betweenSteps) {
				body = TriggerBody.betweenSteps;
			} else if (empty) {
				start = match.index + 1;
				depth = 0;
			} else {
				take(match.index);
			}
			continue;
		}
		empty = false;
		body = nextBody(body, token);
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
