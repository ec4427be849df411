/** The trees of the statements that a connection was given last: BEGIN, COMMIT and the like come again and again. */

import type { StatementNode } from "../parse/ast.js";
import { parseStatement } from "../parse/parse.js";
import type { Source } from "../parse/source.js";
import { statementText } from "../parse/source.js";

const MAX_STATEMENTS = 64;
/** What is longer mostly has its values in it, and does not come again. */
const MAX_CHARACTERS = 400;

export class ParsedStatements {
	readonly #nodes = new Map<string, StatementNode>();

	/** Nobody changes a tree, and its offsets are those within the statement's own text: it serves wherever that stands. */
	of(source: Source): StatementNode {
		const text = statementText(source);
		const known = this.#nodes.get(text);
		if (known !== undefined) return known;
		const node = parseStatement(source);
		if (text.length <= MAX_CHARACTERS) {
			if (this.#nodes.size === MAX_STATEMENTS) this.#forgetOldest();
			this.#nodes.set(text, node);
		}
		return node;
	}

	#forgetOldest(): void {
		for (const text of this.#nodes.keys()) {
			this.#nodes.delete(text);
			return;
		}
	}
}
