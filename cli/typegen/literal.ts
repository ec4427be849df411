/** Strings and templates as the values that they stand for, with the way back to the source. */

import type { Token } from "./token.js";
import { closesTemplate, opensTemplate } from "./token.js";

/** A text, and where in its file each of its characters comes from. */
export interface PlacedText {
	readonly text: string;
	/** Offsets in the file: one for each character, and that of the end. */
	readonly places: readonly number[];
}

const ESCAPE =
	/\\(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([0-3]?[0-7]{1,2})|(\r\n|[\s\S])|$)|\r\n?/g;
const SIMPLE: Readonly<Record<string, string>> = {
	n: "\n",
	r: "\r",
	t: "\t",
	b: "\b",
	v: "\v",
	f: "\f",
	"\n": "",
	"\r": "",
	"\r\n": "",
	"\u2028": "",
	"\u2029": "",
};

/** The inside of a string or a part of a template. `kind`: line ends of templates are line feeds. */
function cooked(source: string, start: number, end: number, kind: "string" | "template"): PlacedText {
	let text = "";
	const places: number[] = [];
	const add = (part: string, from: number, step: 0 | 1) => {
		for (let i = 0; i < part.length; i++) places.push(from + i * step);
		text += part;
	};
	let at = start;
	for (const match of source.slice(start, end).matchAll(ESCAPE)) {
		const from = start + match.index;
		add(source.slice(at, from), at, 1);
		const [whole, point, unit, byte, octal, other] = match;
		at = from + whole.length;
		if (!whole.startsWith("\\")) add(kind === "template" ? "\n" : whole, from, 0);
		else if (point !== undefined || unit !== undefined || byte !== undefined)
			add(characterOf(Number.parseInt(point ?? unit ?? byte ?? "", 16)), from, 0);
		else if (octal !== undefined) add(String.fromCharCode(Number.parseInt(octal, 8)), from, 0);
		else if (other !== undefined) add(SIMPLE[other] ?? other, from, 0);
	}
	add(source.slice(at, end), at, 1);
	places.push(end);
	return { text, places };
}

function characterOf(point: number): string {
	return point <= 0x10ffff ? String.fromCodePoint(point) : "\ufffd";
}

/** The value of a string, or of a template without substitutions. */
export function literalText(source: string, token: Token): PlacedText {
	if (token.kind === "string") return cooked(source, token.start + 1, insideEnd(source, token), "string");
	return templatePart(source, token);
}

/** The text of a part of a template. */
export function templatePart(source: string, token: Token): PlacedText {
	const isLast = closesTemplate(token);
	// Where the source ends within a template there is no backtick.
	const end = isLast ? insideEnd(source, token) : token.end - 2;
	return cooked(source, token.start + 1, Math.max(token.start + 1, end), "template");
}

/** Without the quote at the end, which a broken source may not have. */
function insideEnd(source: string, token: Token): number {
	const quote = token.kind === "string" ? source[token.start] : "`";
	const isClosed = token.end > token.start + 1 && source[token.end - 1] === quote;
	return isClosed ? token.end - 1 : token.end;
}

export function isLiteral(token: Token | undefined): token is Token {
	return token?.kind === "string" || (opensTemplate(token) && closesTemplate(token));
}

/** One behind the other. */
export function joined(parts: readonly PlacedText[]): PlacedText {
	const last = parts.at(-1);
	return {
		text: parts.map(({ text }) => text).join(""),
		places: [...parts.flatMap(({ places }) => places.slice(0, -1)), last?.places.at(-1) ?? 0],
	};
}
