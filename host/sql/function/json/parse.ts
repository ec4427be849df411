/** RFC 8259 as SQLite 3.40 reads it. No recursion: the text may be as deep as the limit wherever this is called from. */

import { sqlError } from "../../parse/source.js";
import { beforeNul } from "../../value/text.js";
import type { JsonMember, JsonNode } from "./node.js";
import { newNode } from "./node.js";

const MAX_DEPTH = 2000;

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
		for (;;) {
			const code = this.#text.charCodeAt(this.#at);
			if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
			this.#at++;
		}
	}

	/** A value that has no parts, or the opening of one that has. */
	#start(): JsonNode | null {
		this.#skip();
		const id = this.#count++;
		const start = this.#at;
		switch (this.#text[start]) {
			case "[":
				this.#at++;
				return newNode("array", "", id);
			case "{":
				this.#at++;
				return newNode("object", "", id);
			case '"':
				return this.#string() ? newNode("text", this.#text.slice(start, this.#at), id) : null;
			case "n":
				return this.#word("null") ? newNode("null", "null", id) : null;
			case "t":
				return this.#word("true") ? newNode("true", "true", id) : null;
			case "f":
				return this.#word("false") ? newNode("false", "false", id) : null;
			default: {
				const type = this.#number();
				return type && newNode(type, this.#text.slice(start, this.#at), id);
			}
		}
	}

	#label(open: Open): boolean {
		this.#skip();
		this.#count++;
		const start = this.#at;
		if (this.#text[start] !== '"' || !this.#string()) return false;
		open.label = this.#text.slice(start, this.#at);
		open.key = open.label.slice(1, -1);
		this.#skip();
		return this.#text[this.#at++] === ":";
	}

	/** From the quote on to behind the closing one. */
	#string(): boolean {
		for (this.#at++; ; this.#at++) {
			const code = this.#text.charCodeAt(this.#at);
			if (code === 0x22) {
				this.#at++;
				return true;
			}
			// Control characters, and behind the end of the text NaN.
			if (!(code >= 0x20)) return false;
			if (code !== 0x5c) continue;
			const escaped = this.#text[++this.#at];
			if (escaped === "u") {
				if (!/^[0-9a-fA-F]{4}$/.test(this.#text.slice(this.#at + 1, this.#at + 5))) return false;
				this.#at += 4;
			} else if (escaped === undefined || !'"\\/bfnrt'.includes(escaped)) {
				return false;
			}
		}
	}

	#word(word: string): boolean {
		if (!this.#text.startsWith(word, this.#at)) return false;
		this.#at += word.length;
		return !/^[0-9A-Za-z]/.test(this.#text[this.#at] ?? "");
	}

	/** How many digits it went over. */
	#digits(): number {
		const start = this.#at;
		for (;;) {
			const code = this.#text.charCodeAt(this.#at);
			if (!(code >= 0x30 && code <= 0x39)) return this.#at - start;
			this.#at++;
		}
	}

	#number(): "integer" | "real" | null {
		let type: "integer" | "real" = "integer";
		if (this.#text[this.#at] === "-") this.#at++;
		const leadsWithZero = this.#text[this.#at] === "0";
		const digits = this.#digits();
		if (digits === 0 || (leadsWithZero && digits > 1)) return null;
		if (this.#text[this.#at] === ".") {
			this.#at++;
			if (this.#digits() === 0) return null;
			type = "real";
		}
		const letter = this.#text[this.#at];
		if (letter === "e" || letter === "E") {
			this.#at++;
			const sign = this.#text[this.#at];
			if (sign === "+" || sign === "-") this.#at++;
			if (this.#digits() === 0) return null;
			type = "real";
		}
		return type;
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
