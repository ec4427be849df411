/** How deep rows that are written make others be written: by triggers, and by actions of foreign keys. */

import { sqlError } from "../parse/source.js";

const MAX_DEPTH = 1000;

export class Nesting {
	#depth = 0;

	enter(): void {
		if (this.#depth >= MAX_DEPTH) throw sqlError("too many levels of trigger recursion");
		this.#depth++;
	}

	leave(): void {
		this.#depth--;
	}
}
