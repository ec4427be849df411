/** Conditions with what is constant in them computed, so that its value is known to the search for paths. */

import type { Bound } from "../bind/bound.js";
import { conjunctsOf, isConstant, replaced } from "../bind/traverse.js";
import { compile } from "../execute/compile.js";
import type { Execution } from "../execute/operator.js";
import { NO_ROW } from "../execute/operator.js";
import { NO_COLUMNS } from "./layout.js";

const NO_RUN = {} as Execution;

export function folded(bound: Bound): Bound {
	return replaced(bound, (part) => {
		if (part.kind === "constant" || !isConstant(part)) return undefined;
		return { kind: "constant", value: compile(part, NO_COLUMNS)(NO_ROW, NO_RUN) };
	});
}

/** The conditions that must all hold. */
export function conditionsOf(bound: Bound): Bound[] {
	return conjunctsOf(folded(bound));
}
