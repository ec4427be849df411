/** What sources of TypeScript and JavaScript are made of, as far as queries are looked for in them. Offsets are those of the source. */

export interface Token {
	readonly kind: "word" | "punctuation" | "string" | "chunk" | "value";
	readonly start: number;
	readonly end: number;
	/** Of words and punctuation; of `=>`, `?.`, `++` and `--` both characters. */
	readonly text: string;
}

/** A part of a template: from its backtick or the brace that ends a substitution up to the next substitution or its end. */
export function opensTemplate(token: Token | undefined): boolean {
	return token?.kind === "chunk" && token.text.startsWith("`");
}

export function closesTemplate(token: Token | undefined): boolean {
	return token?.kind === "chunk" && token.text.endsWith("`");
}

export function isPunctuation(token: Token | undefined, text: string): boolean {
	return token?.kind === "punctuation" && token.text === text;
}

export function isWord(token: Token | undefined, text: string): boolean {
	return token?.kind === "word" && token.text === text;
}

const BEFORE_EXPRESSION = new Set(
	"return typeof instanceof in of new delete void throw case do else yield await default extends".split(" "),
);

/** Before this token something has come to its end: what follows goes on with it, and does not begin an expression. */
export function endsValue(token: Token | undefined, before: Token | undefined): boolean {
	switch (token?.kind) {
		case undefined:
			return false;
		case "word":
			return isPunctuation(before, ".") || isPunctuation(before, "?.") || !BEFORE_EXPRESSION.has(token.text);
		case "chunk":
			return closesTemplate(token);
		case "punctuation":
			return /^(?:[)\]}.]|\?\.|\+\+|--)$/.test(token.text);
		default:
			return true;
	}
}
