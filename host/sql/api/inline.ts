/** Statements by their text, as query, queryOne and execute are given it: prepared once for as long as they are used. */

import { SqlFragment } from "./fragment.js";
import { invalid, loneSurrogate } from "./given.js";
import type { Statement } from "./statement.js";

const MAX_STATEMENTS = 256;
/** What is longer is not kept. */
const MAX_CHARACTERS = 20_000;
/** Tables grow: a plan serves so many runs, and is then made anew. */
const RUNS_PER_PLAN = 1000;

interface Inline {
	readonly statement: Statement;
	runs: number;
}

/** A statement, and what it is to be given. */
interface Call {
	readonly statement: Statement;
	readonly given: unknown;
}

export class InlineStatements {
	readonly #prepare: (text: string) => Statement;
	readonly #known = new Map<string, Inline>();
	/** What a loop asks for again and again. */
	#last: { readonly text: string; readonly inline: Inline } | undefined;

	constructor(prepare: (text: string) => Statement) {
		this.#prepare = prepare;
	}

	/** As a text with values beside it, or as a fragment, which has its values. */
	callOf(query: unknown, given: unknown): Call {
		if (typeof query === "string") return { statement: this.#find(query), given };
		if (!(query instanceof SqlFragment)) {
			throw invalid(`expected SQL as a string or as sql\`…\`, not ${typeName(query)}`);
		}
		if (given !== undefined) {
			throw invalid("sql`…` has its values in it: no others can be given");
		}
		return { statement: this.#find(query.text), given: query.values };
	}

	/** Statements that were prepared otherwise than they would be now. */
	forget(): void {
		this.#known.clear();
		this.#last = undefined;
	}

	#find(text: string): Statement {
		const inline = this.#last?.text === text ? this.#last.inline : this.#look(text);
		if (++inline.runs > RUNS_PER_PLAN) {
			inline.runs = 0;
			inline.statement.replan();
		}
		return inline.statement;
	}

	#look(text: string): Inline {
		const known = this.#known.get(text);
		if (known !== undefined) {
			// The one that was not asked for the longest is forgotten first, once there are many.
			if (this.#known.size > MAX_STATEMENTS / 2) {
				this.#known.delete(text);
				this.#known.set(text, known);
			}
			this.#last = { text, inline: known };
			return known;
		}
		if (!text.isWellFormed()) throw loneSurrogate("the SQL");
		const inline: Inline = { statement: this.#prepare(text), runs: 0 };
		if (text.length <= MAX_CHARACTERS) {
			const [oldest] = this.#known.keys();
			if (this.#known.size >= MAX_STATEMENTS && oldest !== undefined) this.#known.delete(oldest);
			this.#known.set(text, inline);
			this.#last = { text, inline };
		}
		return inline;
	}
}

const typeName = (value: unknown) => (value === null ? "null" : typeof value);
