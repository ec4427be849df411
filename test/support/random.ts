/** Seeded randomness: the same seed gives the same numbers everywhere (splitmix32). */
export class Random {
	#state: number;

	constructor(seed: number) {
		this.#state = seed >>> 0;
		// Neighbouring seeds start far apart.
		this.word();
		this.#state = (this.#state ^ Math.imul(seed, 0x85ebca6b)) >>> 0;
	}

	/** A 32-bit word. */
	word(): number {
		this.#state = (this.#state + 0x9e3779b9) >>> 0;
		let mixed = this.#state;
		mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
		mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
		return (mixed ^ (mixed >>> 15)) >>> 0;
	}

	/** A whole number in [0, limit). */
	below(limit: number): number {
		return Math.floor((this.word() / 2 ** 32) * limit);
	}

	/** A whole number in [from, to]. */
	between(from: number, to: number): number {
		return from + this.below(to - from + 1);
	}

	/** True once in `times`. */
	once(times: number): boolean {
		return this.below(times) === 0;
	}

	pick<Item>(items: readonly Item[]): Item {
		if (items.length === 0) throw new RangeError("nothing to pick from");
		return items[this.below(items.length)] as Item;
	}

	bytes(length: number): Uint8Array {
		const bytes = new Uint8Array(length);
		for (let at = 0; at < length; at += 4) {
			const word = this.word();
			for (let index = 0; index < 4 && at + index < length; index++) bytes[at + index] = word >>> (8 * index);
		}
		return bytes;
	}
}
