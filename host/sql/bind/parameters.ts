/** The parameters of one statement, numbered as SQLite numbers them: in the order of the text. */

import type { ParameterNode } from "../parse/ast.js";
import type { Source } from "../parse/source.js";
import { sqlErrorAt } from "../parse/source.js";

const MAX_PARAMETERS = 32766;

export class ParameterList {
	/** By index from 0: the name with its sigil, or null for `?` and gaps below a `?N`. */
	readonly names: (string | null)[] = [];
	readonly #known = new Map<string, number>();
	/** By where they stand in the text: what is bound first may stand last. */
	readonly #places = new Map<number, number>();

	constructor(nodes: readonly ParameterNode[], source: Source) {
		for (const { text, at } of nodes) this.#places.set(at, this.#add(text, source, at));
	}

	/** The index from 0. A text of the schema has none. */
	indexOf({ at }: ParameterNode, source: Source): number {
		const index = this.#places.get(at);
		if (index === undefined) throw sqlErrorAt(source, at, "parameters are not allowed here");
		return index;
	}

	#add(text: string, source: Source, at: number): number {
		if (text === "?") return this.#next(null, source, at);
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
