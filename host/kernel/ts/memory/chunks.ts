import { Bytes, copyBytes } from "./bytes.js";

const FIRST_BYTES = 4096;
const LAST_BYTES = 1 << 20;

/** Memory that only grows, a chunk at a time: what was written stays where it is. Chunks start small and double up to a bound. */
export class Chunks {
	readonly #chunks: Bytes[] = [];
	#used = 0;
	#nextBytes = FIRST_BYTES;

	/** Index of the chunk that is written to. */
	get last(): number {
		return this.#chunks.length - 1;
	}

	at(index: number): Bytes {
		return this.#chunks[index] as Bytes;
	}

	/**
	 * Makes room for `bytes` in one chunk; answers what that took. `grant` says how many bytes a new one may have, between the least
	 * and as many as are wanted. Errors: WLSM_OUT_OF_MEMORY, with nothing changed.
	 */
	reserve(bytes: number, grant: (least: number, wanted: number) => number): number {
		const chunk = this.#chunks[this.last];
		if (chunk !== undefined && chunk.length - this.#used >= bytes) return 0;
		const added = new Bytes(grant(bytes, Math.max(this.#nextBytes, bytes)));
		this.#chunks.push(added);
		this.#used = 0;
		this.#nextBytes = Math.min(2 * this.#nextBytes, LAST_BYTES);
		return added.length;
	}

	/** Copies bytes behind those written before, where room was made for them; answers where they are in the last chunk. */
	write(from: DataView, at: number, length: number): number {
		const start = this.#used;
		copyBytes(from, at, this.at(this.last).view, start, length);
		this.#used += length;
		return start;
	}
}
