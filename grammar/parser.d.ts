/** What grammar/build.js generates into dist/grammar/parser.js. */

import type { StatementNode } from "../host/sql/parse/ast.js";

export interface Location {
	readonly offset: number;
	readonly line: number;
	readonly column: number;
}

/** One thing that the parser could have gone on with. `other` is a rule with a name in the user's words. */
export type Expectation =
	| { readonly type: "literal"; readonly text: string }
	| { readonly type: "other"; readonly description: string }
	| { readonly type: "class" | "any" | "end" };

declare class ParserError extends Error {
	readonly expected: readonly Expectation[] | null;
	readonly found: string | null;
	readonly location: { readonly start: Location; readonly end: Location };
}

export { ParserError as SyntaxError };

/** Parses exactly one statement. */
export function parse(text: string): StatementNode;
