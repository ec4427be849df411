import { UsageError } from "../exit-code.js";

/** The words of a command at the prompt, as a Unix shell has them: within quotes blanks count, \n, \t, \\ and \" only within "". */
export function wordsOf(line: string): string[] {
	const words: string[] = [];
	let word: string | undefined;
	const token = /\s+|'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"|([^\s'"]+)|(['"])/gy;
	for (let match = token.exec(line); match !== null; match = token.exec(line)) {
		const [, single, double, bare, open] = match;
		if (open !== undefined) throw new UsageError(`A ${open} is not closed in ${JSON.stringify(line)}`);
		const piece = single ?? (double === undefined ? bare : unescaped(double));
		if (piece !== undefined) word = (word ?? "") + piece;
		else if (word !== undefined) {
			words.push(word);
			word = undefined;
		}
	}
	if (word !== undefined) words.push(word);
	return words;
}

function unescaped(text: string): string {
	return text.replace(/\\([\s\S])/g, (_, character: string) => ({ n: "\n", t: "\t" })[character] ?? character);
}
