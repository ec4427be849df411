/** What is wrong with a query, and where. */

import { shownPath } from "./project.js";

/** A text with a name, to point into. */
export interface PlacedFile {
	/** An absolute path. */
	readonly path: string;
	readonly text: string;
}

export interface Problem {
	readonly file: PlacedFile;
	/** In the file's text. */
	readonly offset: number;
	readonly message: string;
}

const MAX_SHOWN = 100;

/** As compilers say it: `file:line:column: message`, then the line with a caret under the place. */
export function problemText({ file, offset, message }: Problem): string {
	const { text } = file;
	const at = Math.min(offset, text.length);
	const start = text.lastIndexOf("\n", at - 1) + 1;
	const next = text.indexOf("\n", at);
	const end = next === -1 ? text.length : next;
	const line = text.slice(0, start).split("\n").length;
	// Of an endless line the surroundings alone.
	const from = Math.max(start, Math.min(at - MAX_SHOWN / 2, end - MAX_SHOWN));
	const shown = text.slice(from, Math.min(end, from + MAX_SHOWN)).replace(/\r$/, "");
	const margin = text.slice(from, at).replace(/[^\t]/g, " ");
	return `${shownPath(file.path)}:${line}:${at - start + 1}: ${message}\n${shown}\n${margin}^\n`;
}

/** By file, and by place in it. */
export function inOrder(problems: readonly Problem[]): Problem[] {
	return [...problems].sort((a, b) =>
		a.file.path === b.file.path ? a.offset - b.offset : a.file.path < b.file.path ? -1 : 1,
	);
}
