/** A Bloom filter: of most texts that are not in a set it knows that they are not. */

const BITS_PER_KEY = 10;
const LEAST_BITS = 256;
/** The fewest false positives at so many bits a key: one in 120. */
const PROBES = 7;
const WORD_BITS = 32;

export interface KeyHash {
	readonly start: number;
	readonly step: number;
}

/** FNV-1a, and of what it leaves a second number by MurmurHash3's last mixing. */
export function hashOf(text: string): KeyHash {
	let start = 0x811c9dc5;
	for (let i = 0; i < text.length; i++) start = Math.imul(start ^ text.charCodeAt(i), 0x01000193);
	let step = start;
	step = Math.imul(step ^ (step >>> 16), 0x85ebca6b);
	step = Math.imul(step ^ (step >>> 13), 0xc2b2ae35);
	step ^= step >>> 16;
	return { start, step: step | 1 };
}

export class KeyFilter {
	readonly #words: Uint32Array;
	readonly #bits: number;

	/** For at most so many keys. */
	constructor(keys: number) {
		this.#words = new Uint32Array(Math.ceil(Math.max(LEAST_BITS, keys * BITS_PER_KEY) / WORD_BITS));
		this.#bits = this.#words.length * WORD_BITS;
	}

	add({ start, step }: KeyHash): void {
		for (let i = 0; i < PROBES; i++) {
			const bit = ((start + Math.imul(i, step)) >>> 0) % this.#bits;
			this.#words[bit >>> 5] = (this.#words[bit >>> 5] as number) | (1 << (bit & 31)); // bit is within
		}
	}

	/** False where no key of this hash was added. */
	mayHave({ start, step }: KeyHash): boolean {
		for (let i = 0; i < PROBES; i++) {
			const bit = ((start + Math.imul(i, step)) >>> 0) % this.#bits;
			if (((this.#words[bit >>> 5] as number) & (1 << (bit & 31))) === 0) return false; // bit is within
		}
		return true;
	}
}
