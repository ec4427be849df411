/** What a text of SQL ends with, told line by line: reading all of it anew with each line would take a long one's square. */

export type End =
	/** Nothing but blanks and comments so far. */
	| "blank"
	| "semicolon"
	| "text"
	/** Within a string, a name in quotes, or a comment. */
	| "open";

/** What ends that which begins so. */
const closings: Readonly<Record<string, string>> = { "'": "'", '"': '"', "`": "`", "[": "]", "/*": "*/" };

export class TextEnd {
	#closing: string | undefined;
	#last: Exclude<End, "open"> = "blank";

	/** The next line, without its line end. */
	add(line: string): End {
		const token = /--|\/\*|[;'"`[]|[^\s;'"`[/-]+|[/-]/g;
		for (let at = 0; ; ) {
			if (this.#closing !== undefined) {
				const end = line.indexOf(this.#closing, at);
				if (end < 0) return "open";
				at = end + this.#closing.length;
				this.#closing = undefined;
			}
			token.lastIndex = at;
			const [found] = token.exec(line) ?? [];
			if (found === undefined || found === "--") return this.#last;
			at = token.lastIndex;
			this.#closing = closings[found];
			// A quote that is doubled ends a text and begins another, which is as well here.
			if (found !== "/*") this.#last = found === ";" ? "semicolon" : "text";
		}
	}
}
