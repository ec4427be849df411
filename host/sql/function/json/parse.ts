/** RFC 8259 as SQLite 3.40 reads it. No recursion: the text may be as deep as the limit wherever this is called from. */

import { sqlError } from "../../parse/source.js";
import { beforeNul } from "../../value/text.js";
import type { JsonMember, JsonNode } from "./node.js";
import { newNode } from "./node.js";

const MAX_DEPTH = 2000;

const SPACES = /[ \t\n\r]*/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: what JSON forbids in strings
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?/y;
const WORD = /(?:null|true|false)(?![0-9A-Za-z])/y;

interface Open {
	readonly node: JsonNode;
	key: string;
	label: string;
}

class Parser {
	readonly #text: string;
	#at = 0;
	#count = 0;

	constructor(text: string) {
		this.#text = text;
	}

	/** The whole text as one value, or null where it is malformed. */
	parse(): JsonNode | null {
		const open: Open[] = [];
		for (;;) {
			let value = this.#start();
			if (value === null) return null;
			if (value.type === "array" || value.type === "object") {
				const closer = value.type === "array" ? "]" : "}";
				if (open.length >= MAX_DEPTH) return null;
				this.#skip();
				if (this.#text[this.#at] === closer) {
					this.#at++;
				} else {
					const next: Open = { node: value, key: "", label: "" };
					open.push(next);
					if (value.type === "object" && !this.#label(next)) return null;
					continue;
				}
			}
			// The value is complete: into what it stands in, which may be complete then, too.
			for (;;) {
				const outer = open[open.length - 1];
				this.#skip();
				if (outer === undefined) return this.#at === this.#text.length ? value : null;
				const isArray = outer.node.type === "array";
				if (isArray) outer.node.items.push(value);
				else outer.node.members.push({ key: outer.key, label: outer.label, value } satisfies JsonMember);
				const character = this.#text[this.#at++];
				if (character === ",") {
					if (!isArray && !this.#label(outer)) return null;
					break;
				}
				if (character !== (isArray ? "]" : "}")) return null;
				value = outer.node;
				open.pop();
			}
		}
	}

	#skip(): void {
		SPACES.lastIndex = this.#at;
		SPACES.test(this.#text);
		this.#at = SPACES.lastIndex;
	}

	#take(pattern: RegExp): RegExpExecArray | null {
		pattern.lastIndex = this.#at;
		const match = pattern.exec(this.#text);
		if (match !== null) this.#at = pattern.lastIndex;
		return match;
	}

	/** A value that has no parts, or the opening of one that has. */
	#start(): JsonNode | null {
		this.#skip();
		const id = this.#count++;
		switch (this.#text[this.#at]) {
			case "[":
				this.#at++;
				return newNode("array", "", id);
			case "{":
				this.#at++;
				return newNode("object", "", id);
			case '"': {
				const match = this.#take(STRING);
				return match && newNode("text", match[0], id);
			}
			case "n":
			case "t":
			case "f": {
				const word = this.#take(WORD)?.[0];
				return word === undefined ? null : newNode(word as "null" | "true" | "false", word, id);
			}
			default: {
				const match = this.#take(NUMBER);
				if (match === null || /^[0-9.eE]/.test(this.#text[this.#at] ?? "")) return null;
				return newNode(match[1] === undefined && match[2] === undefined ? "integer" : "real", match[0], id);
			}
		}
	}

	#label(open: Open): boolean {
		this.#skip();
		this.#count++;
		const label = this.#take(STRING)?.[0];
		if (label === undefined) return false;
		open.label = label;
		open.key = label.slice(1, -1);
		this.#skip();
		return this.#text[this.#at++] === ":";
	}
}

export function parseJson(text: string): JsonNode | null {
	return new Parser(beforeNul(text)).parse();
}

export function parseJsonOrFail(text: string): JsonNode {
	const node = parseJson(text);
	if (node === null) throw sqlError("malformed JSON");
	return node;
}

/** The last text that was parsed: queries ask for several parts of one document, row by row. */
export class JsonCache {
	#text: string | null = null;
	#node: JsonNode | null = null;

	/** Nobody may change the node. */
	parse(text: string): JsonNode {
		if (this.#node !== null && this.#text === text) return this.#node;
		const node = parseJsonOrFail(text);
		this.#text = text;
		this.#node = node;
		return node;
	}
}
