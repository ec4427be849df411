/** SQL text with the means to point into it. */

import { WlsmError } from "../../errors.js";

/** One statement inside a script. */
export interface Source {
	/** The whole script, for line numbers and the line shown in errors. */
	readonly script: string;
	/** Where the statement begins and ends in the script. */
	readonly start: number;
	readonly end: number;
}

export function sourceOf(script: string): Source {
	return { script, start: 0, end: script.length };
}

export function statementText(source: Source): string {
	return source.script.slice(source.start, source.end);
}

const MAX_SHOWN = 100;
/** More blanks than that in front, as where other statements of the line were, tell nothing. */
const MAX_INDENT = 16;

/** An error at an offset of the statement: the message, the line it is in, and a caret under the place. */
export function sqlErrorAt(source: Source, at: number, message: string, cause?: unknown): WlsmError {
	const offset = Math.min(source.start + at, source.script.length);
	const lineStart = source.script.lastIndexOf("\n", offset - 1) + 1;
	const nextBreak = source.script.indexOf("\n", lineStart);
	const lineEnd = nextBreak === -1 ? source.script.length : nextBreak;
	let line = 1;
	for (let i = source.script.indexOf("\n"); i !== -1 && i < lineStart; i = source.script.indexOf("\n", i + 1)) line++;
	const column = offset - lineStart + 1;
	// A statement in one endless line is shown around the place only.
	const nearest = Math.max(lineStart, Math.min(offset - MAX_SHOWN / 2, lineEnd - MAX_SHOWN));
	const indent = source.script.slice(nearest, offset).search(/[^ ]|$/);
	const shownStart = indent > MAX_INDENT ? nearest + indent : nearest;
	const shown = source.script.slice(shownStart, Math.min(lineEnd, shownStart + MAX_SHOWN)).replace(/\r$/, "");
	const margin = source.script.slice(shownStart, offset).replace(/[^\t]/g, " ");
	return new WlsmError("WLSM_SQL", `${message} (line ${line}, column ${column})\n${shown}\n${margin}^`, {
		line,
		column,
		cause,
	});
}

/** An error of running, not of the text. */
export function sqlError(message: string): WlsmError {
	return new WlsmError("WLSM_SQL", message);
}

/** The nearest of the names by edit distance, as the end of an error message; empty where none is near. */
export function suggestion(name: string, candidates: Iterable<string>): string {
	let best: string | undefined;
	let bestDistance = Math.min(3, Math.floor(name.length / 2) + 1);
	for (const candidate of candidates) {
		if (Math.abs(candidate.length - name.length) >= bestDistance) continue;
		const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
		if (distance < bestDistance) {
			best = candidate;
			bestDistance = distance;
		}
	}
	return best === undefined ? "" : `; did you mean ${best}?`;
}

function editDistance(a: string, b: string): number {
	let row = Array.from({ length: b.length + 1 }, (_, i) => i);
	for (let i = 1; i <= a.length; i++) {
		const next = [i];
		for (let j = 1; j <= b.length; j++) {
			const substituted = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1); // both rows have b.length + 1
			next.push(Math.min(substituted, (row[j] as number) + 1, (next[j - 1] as number) + 1));
		}
		row = next;
	}
	return row[b.length] as number;
}
