// XXH64 (Yann Collet, xxHash specification 0.1.1) in words of 32 bits: a 64-bit number is a pair of int32, low and high.
//
// The high word of a product takes five multiplications of 16 by 16 bits; products from doubles, with the exact low word taken
// off and the rest rounded, were slower by a fifth. V8 inlines no more than 920 bytes of bytecode into a function, of which a
// product is nearly 200: where several follow each other for every eight bytes they are written out, since a call doubles their
// time. For the same reason the primes are enums: a module's constants are loaded and checked each time they are used.

// biome-ignore lint/suspicious/noConstEnum: its numbers are to stand in the code, and nobody imports them
const enum P1 {
	Low = 0x85ebca87 | 0,
	High = 0x9e3779b1 | 0,
	/** The low word's halves. */
	A = 0xca87,
	B = 0x85eb,
}

// biome-ignore lint/suspicious/noConstEnum: its numbers are to stand in the code, and nobody imports them
const enum P2 {
	Low = 0x27d4eb4f | 0,
	High = 0xc2b2ae3d | 0,
	/** The low word's halves. */
	A = 0xeb4f,
	B = 0x27d4,
}

// biome-ignore lint/suspicious/noConstEnum: its numbers are to stand in the code, and nobody imports them
const enum P3 {
	Low = 0x9e3779f9 | 0,
	High = 0x165667b1 | 0,
}

// biome-ignore lint/suspicious/noConstEnum: its numbers are to stand in the code, and nobody imports them
const enum P4 {
	Low = 0xc2b2ae63 | 0,
	High = 0x85ebca77 | 0,
}

// biome-ignore lint/suspicious/noConstEnum: its numbers are to stand in the code, and nobody imports them
const enum P5 {
	Low = 0x165667c5 | 0,
	High = 0x27d4eb2f | 0,
}

const STRIPE_BYTES = 32;
/** Lanes go over so many bytes one after the other: they stay in the processor's first cache. */
const PIECE_BYTES = 8192;

/** High word of the product of two 64-bit numbers; its low word is the `Math.imul` of their low words. */
function productHigh(low: number, high: number, factorLow: number, factorHigh: number): number {
	const a = low & 0xffff;
	const b = low >>> 16;
	const c = factorLow & 0xffff;
	const d = factorLow >>> 16;
	const middle = (Math.imul(b, c) + (Math.imul(a, c) >>> 16)) | 0;
	const carried = (Math.imul(a, d) + (middle & 0xffff)) >>> 16;
	const top = Math.imul(b, d) + (middle >>> 16) + carried;
	return (top + Math.imul(low, factorHigh) + Math.imul(high, factorLow)) | 0;
}

/** What an addition carries into the high word, told by one summand's low word and the sum's. */
function carry(low: number, sumLow: number): number {
	return sumLow >>> 0 < low >>> 0 ? 1 : 0;
}

/** Hashes into `low` and `high`, int32 words of the last hash. */
export class Xxh64 {
	low = 0;
	high = 0;
	/** The four lanes of stripes, so far. */
	readonly #lanes = new DataView(new ArrayBuffer(STRIPE_BYTES));

	hash(view: DataView, at: number, length: number, seedLow: number, seedHigh: number): void {
		const end = at + length;
		if (length >= STRIPE_BYTES) {
			this.#stripes(view, at, length & -STRIPE_BYTES, seedLow | 0, seedHigh | 0);
			at += length & -STRIPE_BYTES;
		} else {
			this.low = (seedLow + P5.Low) | 0;
			this.high = (seedHigh + P5.High + carry(P5.Low, this.low)) | 0;
		}
		const low = (this.low + length) | 0;
		this.high = (this.high + carry(length, low)) | 0;
		this.low = low;
		const rest = at + ((end - at) & -8);
		if (at < rest) this.#absorb(view, at, rest, "rotated");
		if (rest < end) this.#absorbRest(view, rest, end);
		this.#avalanche();
	}

	/** Absorbs less than eight bytes. */
	#absorbRest(view: DataView, at: number, end: number): void {
		let { low, high } = this;
		if (at + 4 <= end) {
			const lane = view.getInt32(at, true);
			low ^= Math.imul(lane, P1.Low);
			high ^= productHigh(lane, 0, P1.Low, P1.High);
			const rotatedLow = (low << 23) | (high >>> 9);
			const rotatedHigh = (high << 23) | (low >>> 9);
			low = (Math.imul(rotatedLow, P2.Low) + P3.Low) | 0;
			high = (productHigh(rotatedLow, rotatedHigh, P2.Low, P2.High) + P3.High + carry(P3.Low, low)) | 0;
			at += 4;
		}
		for (; at < end; at++) {
			const lane = view.getUint8(at);
			low ^= Math.imul(lane, P5.Low);
			high ^= productHigh(lane, 0, P5.Low, P5.High);
			const rotatedLow = (low << 11) | (high >>> 21);
			const rotatedHigh = (high << 11) | (low >>> 21);
			low = Math.imul(rotatedLow, P1.Low);
			high = productHigh(rotatedLow, rotatedHigh, P1.Low, P1.High);
		}
		this.low = low;
		this.high = high;
	}

	#avalanche(): void {
		const { high } = this;
		const mixedLow = this.low ^ (high >>> 1);
		const low = Math.imul(mixedLow, P2.Low);
		const carried = productHigh(mixedLow, high, P2.Low, P2.High);
		const lastLow = low ^ ((low >>> 29) | (carried << 3));
		const lastHigh = productHigh(lastLow, carried ^ (carried >>> 29), P3.Low, P3.High);
		this.low = Math.imul(lastLow, P3.Low) ^ lastHigh;
		this.high = lastHigh;
	}

	/** Whole stripes of 32 bytes, `length` in all. Lane by lane, so that what a lane works with fits registers. */
	#stripes(view: DataView, at: number, length: number, seedLow: number, seedHigh: number): void {
		const end = at + length;
		const partLow = (seedLow + P1.Low) | 0;
		const aLow = (partLow + P2.Low) | 0;
		const bLow = (seedLow + P2.Low) | 0;
		this.#setLane(0, aLow, seedHigh + P1.High + P2.High + carry(seedLow, partLow) + carry(partLow, aLow));
		this.#setLane(8, bLow, seedHigh + P2.High + carry(seedLow, bLow));
		this.#setLane(16, seedLow, seedHigh);
		this.#setLane(24, seedLow - P1.Low, seedHigh - P1.High - carry(P1.Low, seedLow));
		for (let from = at; from < end; from += PIECE_BYTES) {
			const to = Math.min(from + PIECE_BYTES, end);
			for (let lane = 0; lane < STRIPE_BYTES; lane += 8) this.#round(view, from + lane, to, lane);
		}
		this.low = 0;
		this.high = 0;
		this.#addRotated(0, 1);
		this.#addRotated(8, 7);
		this.#addRotated(16, 12);
		this.#addRotated(24, 18);
		this.#absorb(this.#lanes, 0, STRIPE_BYTES, "merged");
	}

	#setLane(lane: number, low: number, high: number): void {
		this.#lanes.setInt32(lane, low, true);
		this.#lanes.setInt32(lane + 4, high, true);
	}

	#addRotated(lane: number, bits: number): void {
		const laneLow = this.#lanes.getInt32(lane, true);
		const laneHigh = this.#lanes.getInt32(lane + 4, true);
		const rotatedLow = (laneLow << bits) | (laneHigh >>> (32 - bits));
		this.low = (this.low + rotatedLow) | 0;
		this.high = (this.high + ((laneHigh << bits) | (laneLow >>> (32 - bits))) + carry(rotatedLow, this.low)) | 0;
	}

	/** Takes one of `#lanes` through every fourth eight bytes from `at` on. */
	#round(view: DataView, at: number, end: number, lane: number): void {
		let low = this.#lanes.getInt32(lane, true);
		let high = this.#lanes.getInt32(lane + 4, true);
		for (; at < end; at += STRIPE_BYTES) {
			const laneLow = view.getInt32(at, true);
			const laneHigh = view.getInt32(at + 4, true);
			const productA = laneLow & 0xffff;
			const productB = laneLow >>> 16;
			const productM = (Math.imul(productB, P2.A) + (Math.imul(productA, P2.A) >>> 16)) | 0;
			const productN = (Math.imul(productA, P2.B) + (productM & 0xffff)) >>> 16;
			const productTop = Math.imul(productB, P2.B) + (productM >>> 16) + productN;
			const productHigh = (productTop + Math.imul(laneLow, P2.High) + Math.imul(laneHigh, P2.Low)) | 0;
			const productLow = Math.imul(laneLow, P2.Low);
			const sumLow = (low + productLow) | 0;
			const sumHigh = (high + productHigh + carry(productLow, sumLow)) | 0;
			const rotatedLow = (sumLow << 31) | (sumHigh >>> 1);
			const rotatedHigh = (sumHigh << 31) | (sumLow >>> 1);
			const nextA = rotatedLow & 0xffff;
			const nextB = rotatedLow >>> 16;
			const nextM = (Math.imul(nextB, P1.A) + (Math.imul(nextA, P1.A) >>> 16)) | 0;
			const nextN = (Math.imul(nextA, P1.B) + (nextM & 0xffff)) >>> 16;
			const nextTop = Math.imul(nextB, P1.B) + (nextM >>> 16) + nextN;
			const nextHigh = (nextTop + Math.imul(rotatedLow, P1.High) + Math.imul(rotatedHigh, P1.Low)) | 0;
			const nextLow = Math.imul(rotatedLow, P1.Low);
			low = nextLow;
			high = nextHigh;
		}
		this.#setLane(lane, low, high);
	}

	/** Absorbs lanes, of the input ("rotated") or what the stripes came to ("merged"). */
	#absorb(view: DataView, at: number, end: number, how: "rotated" | "merged"): void {
		let { low, high } = this;
		for (; at < end; at += 8) {
			const laneLow = view.getInt32(at, true);
			const laneHigh = view.getInt32(at + 4, true);
			const productA = laneLow & 0xffff;
			const productB = laneLow >>> 16;
			const productM = (Math.imul(productB, P2.A) + (Math.imul(productA, P2.A) >>> 16)) | 0;
			const productN = (Math.imul(productA, P2.B) + (productM & 0xffff)) >>> 16;
			const productTop = Math.imul(productB, P2.B) + (productM >>> 16) + productN;
			const productHigh = (productTop + Math.imul(laneLow, P2.High) + Math.imul(laneHigh, P2.Low)) | 0;
			const productLow = Math.imul(laneLow, P2.Low);
			const roundLow = (productLow << 31) | (productHigh >>> 1);
			const roundHigh = (productHigh << 31) | (productLow >>> 1);
			const roundA = roundLow & 0xffff;
			const roundB = roundLow >>> 16;
			const roundM = (Math.imul(roundB, P1.A) + (Math.imul(roundA, P1.A) >>> 16)) | 0;
			const roundN = (Math.imul(roundA, P1.B) + (roundM & 0xffff)) >>> 16;
			const roundTop = Math.imul(roundB, P1.B) + (roundM >>> 16) + roundN;
			const roundedHigh = (roundTop + Math.imul(roundLow, P1.High) + Math.imul(roundHigh, P1.Low)) | 0;
			const roundedLow = Math.imul(roundLow, P1.Low);
			low ^= roundedLow;
			high ^= roundedHigh;
			if (how === "rotated") {
				const rotated = (low << 27) | (high >>> 5);
				high = (high << 27) | (low >>> 5);
				low = rotated;
			}
			const nextA = low & 0xffff;
			const nextB = low >>> 16;
			const nextM = (Math.imul(nextB, P1.A) + (Math.imul(nextA, P1.A) >>> 16)) | 0;
			const nextN = (Math.imul(nextA, P1.B) + (nextM & 0xffff)) >>> 16;
			const nextTop = Math.imul(nextB, P1.B) + (nextM >>> 16) + nextN;
			const nextHigh = (nextTop + Math.imul(low, P1.High) + Math.imul(high, P1.Low)) | 0;
			const nextLow = Math.imul(low, P1.Low);
			low = (nextLow + P4.Low) | 0;
			high = (nextHigh + P4.High + carry(P4.Low, low)) | 0;
		}
		this.low = low;
		this.high = high;
	}
}
