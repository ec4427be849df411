/** Lines of the prompt, or of a script, until they are something to run. */

import { TextEnd } from "./text-end.js";
import { wordsOf } from "./words.js";

export type Input =
	| { readonly kind: "sql"; readonly text: string }
	/** A command of the shell: `.tables`, `\tables`. */
	| { readonly kind: "command"; readonly name: string; readonly rest: string }
	| { readonly kind: "keyValue"; readonly words: readonly string[] };

/** How many statements a text has; the library knows. */
type CountStatements = (script: string) => number;

export class InputBuffer {
	readonly #count: CountStatements;
	#text = "";
	#end = new TextEnd();

	constructor(count: CountStatements) {
		this.#count = count;
	}

	/** What is begun and not to its end. */
	get pending(): string {
		return this.#text;
	}

	clear(): void {
		this.#text = "";
		this.#end = new TextEnd();
	}

	/** What is complete with this line. */
	add(line: string): Input | undefined {
		if (this.#text === "") {
			const input = oneLiner(line);
			if (input !== undefined) return input;
			if (line.trim() === "") return undefined;
		}
		this.#text += `${line}\n`;
		const end = this.#end.add(line);
		// Only a semicolon ends a statement, but not within a trigger; a comment alone is none.
		return end === "blank" || (end === "semicolon" && this.#isComplete()) ? this.#take() : undefined;
	}

	/** What is left at the end of a script, where the last semicolon may be missing. */
	end(): Input | undefined {
		return this.#text.trim() === "" ? undefined : this.#take();
	}

	/** Whatever came behind a complete text would be a statement of its own. */
	#isComplete(): boolean {
		return this.#count(`${this.#text}\nSELECT 1`) > this.#count(this.#text);
	}

	#take(): Input {
		const text = this.#text;
		this.clear();
		return { kind: "sql", text };
	}
}

function oneLiner(line: string): Input | undefined {
	const [, name, rest] = /^\s*[.\\]\s*(\S*)\s*([\s\S]*)$/.exec(line) ?? [];
	if (name !== undefined) return { kind: "command", name, rest: (rest ?? "").trim() };
	// No SQL begins with these, and people type them.
	const [, word] = /^\s*(help|exit|quit)\s*;?\s*$/i.exec(line) ?? [];
	if (word !== undefined) return { kind: "command", name: word.toLowerCase(), rest: "" };
	const verb = /^\s*(put|get|delete|del|scan)(?=\s|;|$)/.exec(line)?.[1];
	if (verb === undefined) return undefined;
	const text = line.trim().replace(/;$/, "");
	// SQL has a DELETE of its own.
	if (verb === "delete" && /^delete(?:\s*$|\s+from(?:\s|$))/i.test(text)) return undefined;
	return { kind: "keyValue", words: wordsOf(text) };
}
