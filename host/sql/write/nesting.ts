/** How deep rows that are written make others be written: by triggers, and by actions of foreign keys. */

import { sqlError } from "../parse/source.js";

const MAX_DEPTH = 1000;

export class Nesting {
	#depth = 0;
	/** How many times each trigger is running. */
	readonly #active = new Map<object, number>();

	/** `what` is a trigger, or nothing where a foreign key acts. */
	enter(what?: object): void {
		if (this.#depth >= MAX_DEPTH) throw sqlError("too many levels of trigger recursion");
		this.#depth++;
		if (what !== undefined) this.#active.set(what, (this.#active.get(what) ?? 0) + 1);
	}

	leave(what?: object): void {
		this.#depth--;
		if (what !== undefined) this.#active.set(what, (this.#active.get(what) ?? 1) - 1);
	}

	isActive(what: object): boolean {
		return (this.#active.get(what) ?? 0) > 0;
	}
}
