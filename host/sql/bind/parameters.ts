/** The parameters of one statement, numbered as SQLite numbers them. */

import type { Source } from "../parse/source.js";
import { sqlErrorAt } from "../parse/source.js";

const MAX_PARAMETERS = 32766;

export class ParameterList {
	/** By index from 0: the name with its sigil, or null for `?` and gaps below a `?N`. */
	readonly names: (string | null)[] = [];
	readonly #known = new Map<string, number>();
	/** By their places in the text: a text that is bound twice has its parameters once. */
	readonly #places = new Map<number, number>();

	/** The index from 0 of the parameter written as `text`. */
	add(text: string, source: Source, at: number): number {
		if (text === "?") {
			const known = this.#places.get(at);
			if (known !== undefined) return known;
			const index = this.#next(null, source, at);
			this.#places.set(at, index);
			return index;
		}
		if (text.startsWith("?")) {
			const number = Number(text.slice(1));
			if (!(number >= 1 && number <= MAX_PARAMETERS)) {
				throw sqlErrorAt(source, at, `variable number must be between ?1 and ?${MAX_PARAMETERS}`);
			}
			while (this.names.length < number) this.names.push(null);
			return number - 1;
		}
		let index = this.#known.get(text);
		if (index === undefined) {
			index = this.#next(text, source, at);
			this.#known.set(text, index);
		}
		return index;
	}

	#next(name: string | null, source: Source, at: number): number {
		if (this.names.length === MAX_PARAMETERS) throw sqlErrorAt(source, at, "too many SQL variables");
		return this.names.push(name) - 1;
	}
}
