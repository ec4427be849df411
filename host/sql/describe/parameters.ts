/** What a statement's parameters are meant to be, by the places where they stand. */

import type { ValueType } from "./value-type.js";
import { ALL, ANYTHING, NUMBER } from "./value-type.js";

/** What NULL does in a place: it is a value like others, makes NULL of what is around it, or is an error. */
export type NullUse = "welcome" | "useless" | "refused";

/** What a value in a place is meant to be. */
export interface Use {
	/** Storage classes; ALL where that is open. */
	readonly classes: number;
	readonly nulls: NullUse;
}

/** A result, or anywhere else where anything may be. */
export const OPEN_USE: Use = { classes: ALL, nulls: "welcome" };

/** To be compared, or calculated with. */
export function useful(classes: number): Use {
	return { classes: classes === 0 ? ALL : classes, nulls: "useless" };
}

export class ParameterUses {
	readonly #uses: Use[][];

	constructor(count: number) {
		this.#uses = Array.from({ length: count }, () => []);
	}

	add(index: number, use: Use): void {
		const uses = this.#uses[index];
		if (uses?.some(({ classes, nulls }) => classes === use.classes && nulls === use.nulls) === false) uses.push(use);
	}

	/** In the order of the statement's parameters. */
	types(): ValueType[] {
		return this.#uses.map(typeFor);
	}
}

/** What suits all uses; where nothing does, what suits any. A number does for INTEGERs and REALs. */
function typeFor(uses: readonly Use[]): ValueType {
	if (uses.length === 0) return ANYTHING;
	const common = (of: (classes: number) => number) => uses.reduce((classes, use) => classes & of(use.classes), ALL);
	const classes = common((one) => one) || common(widened) || uses.reduce((all, use) => all | use.classes, 0);
	const has = (nulls: NullUse) => uses.some((use) => use.nulls === nulls);
	return { classes, nullable: !has("refused") && has("welcome") };
}

function widened(classes: number): number {
	return (classes & NUMBER) === 0 ? classes : classes | NUMBER;
}
