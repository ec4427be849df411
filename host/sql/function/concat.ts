/** group_concat(). The separator given with a row stands before it, so the first row's is not used. */

import { toText } from "../value/convert.js";
import type { Value } from "../value/value.js";
import type { AggregateState } from "./aggregate.js";
import { TextBuilder } from "./text-builder.js";

function separatorOf(values: readonly Value[]): string {
	return values.length > 1 ? (toText(values[1] as Value) ?? "") : ","; // there are as many
}

export class Concat implements AggregateState {
	readonly #builder = new TextBuilder();
	#isEmpty = true;

	get heldBytes(): number {
		return this.#builder.heldBytes;
	}

	step(values: readonly Value[]): boolean {
		const text = toText(values[0] as Value); // there is one
		if (text === null) return false;
		this.#builder.add(this.#isEmpty ? text : separatorOf(values) + text);
		this.#isEmpty = false;
		return false;
	}

	finish(): Value {
		return this.#isEmpty ? null : this.#builder.text;
	}
}

/** For frames that lose their first rows. */
export class SlidingConcat implements AggregateState {
	#count = 0;
	#text = "";
	/** The lengths of the separators behind each row but the last; null while all are those of `#length`. */
	#lengths: number[] | null = null;
	#length = -1;

	step(values: readonly Value[]): boolean {
		const text = toText(values[0] as Value); // there is one
		if (text === null) return false;
		if (this.#count++ === 0) {
			this.#text = text;
			return false;
		}
		const separator = separatorOf(values);
		if (this.#length === -1) this.#length = separator.length;
		if (this.#lengths === null && separator.length !== this.#length) {
			this.#lengths = new Array<number>(this.#count - 2).fill(this.#length);
		}
		this.#lengths?.push(separator.length);
		this.#text += separator + text;
		return false;
	}

	inverse(values: readonly Value[]): void {
		const text = toText(values[0] as Value); // there is one
		if (text === null) return;
		if (--this.#count === 0) {
			this.#text = "";
			this.#lengths = null;
			this.#length = -1;
			return;
		}
		this.#text = this.#text.slice(text.length + (this.#lengths?.shift() ?? this.#length));
	}

	finish(): Value {
		return this.#count === 0 ? null : this.#text;
	}
}
