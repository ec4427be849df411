/** The statements that a connection was given last, with their plans: BEGIN, COMMIT and most others come again and again. */

import type { Catalog } from "../catalog/catalog.js";
import type { StatementNode } from "../parse/ast.js";
import { parseStatement } from "../parse/parse.js";
import type { Source } from "../parse/source.js";
import { statementText } from "../parse/source.js";
import type { Prepared } from "./prepare.js";
import { prepareStatement } from "./prepare.js";
import type { Session } from "./session.js";
import { ValuePlans } from "./value-plans.js";

const MAX_STATEMENTS = 64;
/** What is longer mostly has its values in it, and does not come again. */
const MAX_CHARACTERS = 1000;
/** Tables grow: a plan serves so many statements, and is then made anew. */
const STATEMENTS_PER_PLAN = 100;

/** A statement that was planned, and what it was planned for: another catalog or other functions want another plan. */
export interface Planned {
	readonly prepared: Prepared;
	/** Those for values of its parameters; null where it has none. */
	readonly byValues: ValuePlans | null;
	readonly catalog: Catalog;
	readonly functions: number;
}

interface Known {
	readonly node: StatementNode;
	planned: Planned | null;
	served: number;
}

export function isCurrent({ catalog, functions }: Planned, session: Session): boolean {
	return catalog === session.catalog() && functions === session.functions.epoch;
}

export function planNow(node: StatementNode, source: Source, session: Session): Planned {
	const catalog = session.catalog();
	const functions = session.functions.epoch;
	if (node.parameters === undefined || node.parameters.length === 0) {
		return { prepared: prepareStatement(node, source, session), byValues: null, catalog, functions };
	}
	const byValues = new ValuePlans((guesses) => prepareStatement(node, source, session, guesses));
	return { prepared: byValues.first, byValues, catalog, functions };
}

export class StatementCache {
	readonly #session: Session;
	readonly #known = new Map<string, Known>();

	constructor(session: Session) {
		this.#session = session;
	}

	/** Nobody changes a tree, and its offsets are those within the statement's own text: it serves wherever that stands. */
	parsed(source: Source): StatementNode {
		return this.#find(source).node;
	}

	/** Whether a script is a statement that was given before, and alone, so that it needs no splitting. */
	has(script: string): boolean {
		return this.#known.has(script);
	}

	/** The plan of a statement that stands alone. Plans hold nothing of their runs, so one serves any number of statements. */
	planned(source: Source): { readonly node: StatementNode; readonly planned: Planned } {
		const known = this.#find(source);
		const { node } = known;
		if (known.planned !== null && known.served < STATEMENTS_PER_PLAN && isCurrent(known.planned, this.#session)) {
			known.served++;
			return { node, planned: known.planned };
		}
		known.planned = planNow(node, source, this.#session);
		known.served = 0;
		return { node, planned: known.planned };
	}

	#find(source: Source): Known {
		const text = statementText(source);
		const known = this.#known.get(text);
		if (known !== undefined) {
			// The one that was not asked for the longest is forgotten first.
			this.#known.delete(text);
			this.#known.set(text, known);
			return known;
		}
		const found: Known = { node: parseStatement(source), planned: null, served: 0 };
		if (text.length <= MAX_CHARACTERS) {
			const [oldest] = this.#known.keys();
			if (this.#known.size >= MAX_STATEMENTS && oldest !== undefined) this.#known.delete(oldest);
			this.#known.set(text, found);
		}
		return found;
	}
}
