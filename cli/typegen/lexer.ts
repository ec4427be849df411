/**
 * Sources of TypeScript and JavaScript, with JSX or without, into tokens: just enough to tell strings, templates and comments from
 * the rest. It knows no grammar, so that it goes with any version of the language, and makes something of any text.
 */

import { JsxTags } from "./jsx.js";
import { endsValue, type Token } from "./token.js";

export type Dialect = "plain" | "jsx";

export interface Lexed {
	readonly tokens: readonly Token[];
	/** Where comments ask to leave a query alone: offsets of their ends. */
	readonly ignores: readonly number[];
}

/** What a bracket that is open is of. */
interface Bracket {
	readonly of: "(" | "[" | "{" | "${" | "jsx";
	/** Of `{`: an object, not a block. Of `(`: that of `if` and the like, behind which a statement begins. */
	readonly kind: "expression" | "statement";
}

const SPACE = /\s+/y;
const LINE_COMMENT = /\/\/[^\n]*/y;
const BLOCK_COMMENT = /\/\*[\s\S]*?(?:\*\/|$)/y;
const STRING = /"(?:[^"\\\n]+|\\(?:\r\n|[\s\S]))*"?|'(?:[^'\\\n]+|\\(?:\r\n|[\s\S]))*'?/y;
const WORD = /[A-Za-z_$\u0080-\uffff][\w$\u0080-\uffff]*/y;
const NUMBER = /\.?[0-9][\w.]*/y;
/** A bound on its length keeps what is none from being looked through to the end of its line, slash by slash. */
const REGULAR_EXPRESSION = /\/(?![*/])(?:[^\\/[\n]|\\.|\[(?:[^\]\\\n]|\\.){0,1000}\]){1,2000}\/\w*/y;
const TEMPLATE_PART = /(?:[^`\\$]+|\\(?:[\s\S]|$)|\$(?!\{))*(?:`|\$\{|$)/y;
const PUNCTUATION = /=>|\?\.(?![0-9])|\+\+|--|[\s\S]/y;
const IGNORE = /\bwlsm-ignore\b/;

/** Sources whose JSX does not add up may be wrong about each `<`: beyond so many it is no JSX. */
const MAX_MISTAKES = 20;

class Lexer {
	readonly #text: string;
	readonly #tokens: Token[] = [];
	readonly #ignores: number[] = [];
	readonly #brackets: Bracket[] = [];
	readonly #jsx: JsxTags;
	/** Behind a `)` or `}` that was the last token, an expression may begin. */
	#afterStatement = false;
	#at = 0;

	constructor(text: string, dialect: Dialect) {
		this.#text = text;
		this.#jsx = new JsxTags(text, dialect === "jsx" ? MAX_MISTAKES : 0);
	}

	run(): Lexed {
		if (this.#text.startsWith("#!")) this.#at = this.#lineEnd(0);
		while (this.#at < this.#text.length || this.#jsx.isOpen) {
			if (this.#at >= this.#text.length) this.#takeBack();
			else if (this.#brackets.at(-1)?.of === "jsx") this.#markup();
			else this.#code();
		}
		return { tokens: this.#tokens, ignores: this.#ignores };
	}

	#lineEnd(from: number): number {
		const end = this.#text.indexOf("\n", from);
		return end === -1 ? this.#text.length : end;
	}

	/** Where the expression ends that matches here, or -1. */
	#match(expression: RegExp): number {
		expression.lastIndex = this.#at;
		return expression.test(this.#text) ? expression.lastIndex : -1;
	}

	#code(): void {
		const text = this.#text;
		const character = text[this.#at] as string; // the caller has looked
		let end = this.#match(SPACE);
		if (end === -1 && character === "/") {
			end = this.#match(LINE_COMMENT);
			if (end === -1) end = this.#match(BLOCK_COMMENT);
			if (end !== -1 && IGNORE.test(text.slice(this.#at, end))) this.#ignores.push(end);
		}
		if (end !== -1) {
			this.#at = end;
			return;
		}
		if (character === '"' || character === "'") this.#take("string", this.#match(STRING));
		else if (character === "`") this.#template(this.#at, this.#at + 1);
		else if (this.#match(WORD) !== -1) this.#take("word", this.#match(WORD));
		else if (this.#match(NUMBER) !== -1) this.#take("value", this.#match(NUMBER));
		else if (character === "/" && this.#mayBegin && this.#match(REGULAR_EXPRESSION) !== -1)
			this.#take("value", this.#match(REGULAR_EXPRESSION));
		else if (character === "<" && this.#mayBegin && this.#jsx.begins(this.#at)) this.#element();
		else this.#punctuation();
	}

	/** An expression may begin here. */
	get #mayBegin(): boolean {
		return this.#afterStatement || !endsValue(this.#tokens.at(-1), this.#tokens.at(-2));
	}

	#take(kind: Token["kind"], end: number): void {
		const text = kind === "string" || kind === "value" ? "" : this.#text.slice(this.#at, end);
		this.#tokens.push({ kind, start: this.#at, end, text });
		this.#afterStatement = false;
		this.#at = end;
	}

	/** A template, or what goes on with it behind a substitution: `start` is the backtick or the brace. */
	#template(start: number, inside: number): void {
		this.#at = inside;
		const end = this.#match(TEMPLATE_PART);
		this.#at = start;
		const isWhole = !this.#text.slice(inside, end).endsWith("${");
		const opening = this.#text[start] === "`" ? "`" : "}";
		this.#tokens.push({ kind: "chunk", start, end, text: opening + (isWhole ? "`" : "${") });
		if (!isWhole) this.#brackets.push({ of: "${", kind: "expression" });
		this.#afterStatement = false;
		this.#at = end;
	}

	#punctuation(): void {
		const end = this.#match(PUNCTUATION);
		const text = this.#text.slice(this.#at, end);
		const before = this.#tokens.at(-1);
		let afterStatement = false;
		switch (text) {
			case "(": {
				const isControl = before?.kind === "word" && /^(?:if|while|for|with)$/.test(before.text);
				this.#brackets.push({ of: "(", kind: isControl ? "statement" : "expression" });
				break;
			}
			case "[":
				this.#brackets.push({ of: "[", kind: "expression" });
				break;
			case "{":
				this.#brackets.push({ of: "{", kind: this.#isObject ? "expression" : "statement" });
				break;
			case ")":
			case "]":
				if (this.#brackets.at(-1)?.of === (text === ")" ? "(" : "["))
					afterStatement = this.#brackets.pop()?.kind === "statement";
				break;
			case "}": {
				const closed = this.#closeBrace();
				if (closed?.of === "${") {
					this.#template(this.#at, end);
					return;
				}
				afterStatement = closed?.kind === "statement";
				break;
			}
		}
		this.#take("punctuation", end);
		this.#afterStatement = afterStatement;
	}

	/** A brace that opens here begins an object. */
	get #isObject(): boolean {
		const before = this.#tokens.at(-1);
		if (before === undefined) return false;
		if (before.kind === "word") return /^(?:return|typeof|in|of|new|throw|case|yield|await|default)$/.test(before.text);
		if (before.kind === "chunk") return true;
		return before.kind === "punctuation" && /^[([,=:!&|?+~^%*/<-]$/.test(before.text);
	}

	/** Whatever else is open inside of what it closes is broken. */
	#closeBrace(): Bracket | undefined {
		const at = this.#brackets.findLastIndex(({ of }) => of === "{" || of === "${");
		return at === -1 ? undefined : this.#brackets.splice(at)[0];
	}

	/** The first tag of JSX. */
	#element(): void {
		this.#jsx.open({ at: this.#at, tokens: this.#tokens.length, brackets: this.#brackets.length });
		this.#brackets.push({ of: "jsx", kind: "expression" });
	}

	#markup(): void {
		const step = this.#jsx.step(this.#at);
		if (step.kind === "broken") {
			this.#takeBack();
			return;
		}
		if (step.kind === "code") {
			this.#brackets.push({ of: "{", kind: "expression" });
			this.#take("punctuation", step.at);
			return;
		}
		this.#at = step.at;
		if (step.kind === "on") return;
		const { at } = this.#jsx.close();
		this.#brackets.pop();
		this.#tokens.push({ kind: "value", start: at, end: this.#at, text: "" });
		this.#afterStatement = false;
	}

	/** What began as JSX was something else, as in `type F = <T>(x: T) => T`. */
	#takeBack(): void {
		const { at, tokens, brackets } = this.#jsx.mistake();
		this.#at = at;
		this.#tokens.length = tokens;
		this.#brackets.length = brackets;
		this.#take("punctuation", at + 1);
	}
}

export function lex(text: string, dialect: Dialect): Lexed {
	return new Lexer(text, dialect).run();
}
