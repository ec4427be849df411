/** The words of a text in SQL: enough to compare what two texts say, and to see that one is whole. */

export interface Word {
	/** "open" words and symbols say what stands here; "name" is in quotes. */
	readonly kind: "word" | "name" | "string" | "number" | "symbol";
	/** As it is compared: names and words without quotes and in lower case. */
	readonly text: string;
	/** Where it stands. */
	readonly at: number;
	readonly end: number;
}

const CLOSING: Readonly<Record<string, string>> = { "'": "'", '"': '"', "`": "`", "[": "]" };

// What is not ASCII is part of a word, as in SQLite.
const WORD = /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y;
const NUMBER = /0[xX][\da-fA-F]+|(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y;
const BLANK = /[ \t\n\f\r]+/y;
const SYMBOL = /\|\||->>?|<<|>>|<>|[<>=!]=|./sy;

/** Undefined where a quote or a comment is not closed. Comments and blanks are left out. */
export function wordsOf(sql: string): Word[] | undefined {
	const words: Word[] = [];
	let at = 0;
	const matched = (pattern: RegExp): string | undefined => {
		pattern.lastIndex = at;
		return pattern.exec(sql)?.[0];
	};
	const add = (kind: Word["kind"], text: string, end: number) => {
		words.push({ kind, text, at, end });
		at = end;
	};
	while (at < sql.length) {
		const first = sql[at] as string; // at is within
		const blank = matched(BLANK);
		if (blank !== undefined) {
			at += blank.length;
			continue;
		}
		if (sql.startsWith("--", at) || sql.startsWith("/*", at)) {
			const close = first === "-" ? "\n" : "*/";
			const end = sql.indexOf(close, at + 2);
			if (end < 0) return undefined;
			at = end + close.length;
			continue;
		}
		const isBlob = /^[xX]'/.test(sql.slice(at, at + 2));
		const closing = CLOSING[isBlob ? "'" : first];
		if (closing !== undefined) {
			const end = closed(sql, isBlob ? at + 2 : at + 1, closing);
			if (end === undefined) return undefined;
			if (closing === "'") add("string", isBlob ? sql.slice(at, end).toLowerCase() : sql.slice(at, end), end);
			else add("name", lower(sql.slice(at + 1, end - 1).replaceAll(closing + closing, closing)), end);
			continue;
		}
		const word = matched(WORD);
		if (word !== undefined) {
			add("word", lower(word), at + word.length);
			continue;
		}
		const number = matched(NUMBER);
		if (number !== undefined) add("number", number.toLowerCase(), at + number.length);
		else {
			const symbol = matched(SYMBOL) as string; // it matches anything
			add("symbol", symbol === "==" ? "=" : symbol === "!=" ? "<>" : symbol, at + symbol.length);
		}
	}
	return words;
}

function lower(name: string): string {
	return name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** Behind the closing quote, which is doubled within. */
function closed(sql: string, from: number, quote: string): number | undefined {
	for (let at = sql.indexOf(quote, from); at >= 0; at = sql.indexOf(quote, at + 2)) {
		if (quote === "]" || sql[at + 1] !== quote) return at + 1;
	}
	return undefined;
}

/** The same for texts that say the same, but for brackets around all of it. */
export function normalForm(words: readonly Word[]): string {
	let inner = words;
	while (isInBrackets(inner)) inner = inner.slice(1, -1);
	return inner.map(({ text }) => text).join(" ");
}

/** Of a text of SQL. */
export function normalFormOf(sql: string): string {
	return normalForm(wordsOf(sql) ?? []);
}

function isInBrackets(words: readonly Word[]): boolean {
	if (words[0]?.text !== "(" || words.at(-1)?.text !== ")") return false;
	let depth = 0;
	return words.every((word, i) => {
		depth += step(word);
		return depth > 0 || i === words.length - 1;
	});
}

/** How a word changes the depth of brackets. */
export function step({ kind, text }: Word): number {
	if (kind !== "symbol") return 0;
	return text === "(" ? 1 : text === ")" ? -1 : 0;
}

/** The parts between commas that are in no brackets. */
export function partsOf(words: readonly Word[]): Word[][] {
	const parts: Word[][] = [[]];
	let depth = 0;
	for (const word of words) {
		depth += step(word);
		if (depth === 0 && word.kind === "symbol" && word.text === ",") parts.push([]);
		else parts.at(-1)?.push(word);
	}
	return parts;
}

/** The words between the bracket that stands first and the one that closes it. */
export function bracketed(words: readonly Word[]): Word[] {
	let depth = 0;
	for (const [i, word] of words.entries()) {
		depth += step(word);
		if (depth === 0) return words.slice(1, i);
	}
	return words.slice(1);
}
