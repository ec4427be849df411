/** Tags of JSX and the text between them, in which quotes and backticks mean nothing. */

/** Where an outermost tag begins, and how far the lexer was. */
export interface Beginning {
	readonly at: number;
	readonly tokens: number;
	readonly brackets: number;
}

interface Element {
	/** Empty for a fragment. */
	readonly name: string;
	/** Where in it reading goes on. */
	inside: "tag" | "children";
}

interface Root extends Beginning {
	/** The outermost first. */
	readonly elements: Element[];
}

/** How reading goes on from `at`: with more of the same, with code behind a brace, or behind the outermost element; or it is no JSX. */
export type Step =
	| { readonly kind: "on" | "code" | "end"; readonly at: number }
	/** Something that is not JSX. */
	| { readonly kind: "broken" };

const BROKEN: Step = { kind: "broken" };

// What has `,`, `=` or `extends` behind its name is a type parameter.
const OPENING = /<(?:(?=>)|([A-Za-z_$][\w$.:-]*)(?!\s*[,=]|\s+extends\b))/y;
const CLOSING = /<\/\s*([\w$.:-]*)\s*>/y;
const SPACE = /(?:\s+|\/\*[\s\S]*?\*\/|\/\/[^\n]*)+/y;
const STRING = /"[^"]*"|'[^']*'/y;
const TYPE_ARGUMENTS = /<[^<>]*>/y;
const ATTRIBUTE = /[\w$.:=\-\u0080-\uffff]+/y;
const TEXT = /[^<{]+/y;

/** Between an attribute's name and its value. */
const MAX_BLANKS = 200;

export class JsxTags {
	readonly #text: string;
	readonly #roots: Root[] = [];
	/** What looked like a tag and was none. */
	readonly #mistakes = new Set<number>();
	readonly #maxMistakes: number;

	constructor(text: string, maxMistakes: number) {
		this.#text = text;
		this.#maxMistakes = maxMistakes;
	}

	get isOpen(): boolean {
		return this.#roots.length > 0;
	}

	/** An expression that begins here with `<` may be an element. */
	begins(at: number): boolean {
		return this.#mistakes.size < this.#maxMistakes && !this.#mistakes.has(at) && this.#match(OPENING, at) !== null;
	}

	/** To be called where it `begins`, and followed by steps from the same place. */
	open(beginning: Beginning): void {
		this.#roots.push({ ...beginning, elements: [] });
	}

	/** The outermost element has ended. */
	close(): Beginning {
		return this.#roots.pop() as Root; // one is open
	}

	/** As `close`, of what is none: it will not be taken for one again. After too many of these, of everything that is open. */
	mistake(): Beginning {
		const [outermost] = this.#roots;
		const innermost = this.close();
		this.#mistakes.add(innermost.at);
		if (outermost === undefined || this.#mistakes.size < this.#maxMistakes) return innermost;
		this.#roots.length = 0;
		return outermost;
	}

	step(at: number): Step {
		const root = this.#roots.at(-1);
		const element = root?.elements.at(-1);
		if (root === undefined || at >= this.#text.length) return BROKEN;
		if (element === undefined) return this.#begin(root, at);
		return element.inside === "tag" ? this.#inTag(root, element, at) : this.#inChildren(root, element, at);
	}

	#match(expression: RegExp, at: number): RegExpExecArray | null {
		expression.lastIndex = at;
		return expression.exec(this.#text);
	}

	#begin({ elements }: Root, at: number): Step {
		const match = this.#match(OPENING, at);
		if (match === null) return BROKEN;
		elements.push({ name: match[1] ?? "", inside: "tag" });
		return { kind: "on", at: at + match[0].length };
	}

	#inTag(root: Root, element: Element, at: number): Step {
		const text = this.#text;
		const skipped = this.#match(SPACE, at) ?? this.#match(STRING, at) ?? this.#match(ATTRIBUTE, at);
		if (skipped !== null) return { kind: "on", at: at + skipped[0].length };
		if (text.startsWith("/>", at)) return this.#ended(root, at + 2);
		switch (text[at]) {
			case ">":
				element.inside = "children";
				return { kind: "on", at: at + 1 };
			case "{":
				return { kind: "code", at: at + 1 };
			case "<": {
				if (
					text
						.slice(Math.max(0, at - MAX_BLANKS), at)
						.trimEnd()
						.endsWith("=")
				)
					return this.#begin(root, at);
				const given = this.#match(TYPE_ARGUMENTS, at);
				return given === null ? BROKEN : { kind: "on", at: at + given[0].length };
			}
			default:
				return BROKEN;
		}
	}

	#inChildren(root: Root, element: Element, at: number): Step {
		const plain = this.#match(TEXT, at);
		if (plain !== null) return { kind: "on", at: at + plain[0].length };
		if (this.#text[at] === "{") return { kind: "code", at: at + 1 };
		const closing = this.#match(CLOSING, at);
		if (closing === null) return this.#begin(root, at);
		return closing[1] === element.name ? this.#ended(root, at + closing[0].length) : BROKEN;
	}

	#ended({ elements }: Root, at: number): Step {
		elements.pop();
		return { kind: elements.length === 0 ? "end" : "on", at };
	}
}
