// XXH64 (Yann Collet, xxHash specification 0.1.1) in words of 32 bits: a 64-bit number is a pair of int32, low and high.
// About 0.8 GB/s. Products from doubles, with the exact low word taken off and the rest rounded, were a fifth slower.

const PRIME_1_LOW = 0x85ebca87 | 0;
const PRIME_1_HIGH = 0x9e3779b1 | 0;
const PRIME_2_LOW = 0x27d4eb4f | 0;
const PRIME_2_HIGH = 0xc2b2ae3d | 0;
const PRIME_3_LOW = 0x9e3779f9 | 0;
const PRIME_3_HIGH = 0x165667b1 | 0;
const PRIME_4_LOW = 0xc2b2ae63 | 0;
const PRIME_4_HIGH = 0x85ebca77 | 0;
const PRIME_5_LOW = 0x165667c5 | 0;
const PRIME_5_HIGH = 0x27d4eb2f | 0;

const STRIPE_BYTES = 32;

/** High word of the product of two 64-bit numbers; its low word is the `Math.imul` of their low words. */
function productHigh(low: number, high: number, factorLow: number, factorHigh: number): number {
	const a = low & 0xffff;
	const b = low >>> 16;
	const c = factorLow & 0xffff;
	const d = factorLow >>> 16;
	const middle = (Math.imul(b, c) + (Math.imul(a, c) >>> 16)) | 0;
	const carried = (Math.imul(a, d) + (middle & 0xffff)) >>> 16;
	const top = (Math.imul(b, d) + (middle >>> 16) + carried) | 0;
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

	hash(view: DataView, at: number, length: number, seedLow: number, seedHigh: number): void {
		const end = at + length;
		if (length >= STRIPE_BYTES) {
			this.#stripes(view, at, length & -STRIPE_BYTES, seedLow | 0, seedHigh | 0);
			at += length & -STRIPE_BYTES;
		} else {
			this.low = (seedLow + PRIME_5_LOW) | 0;
			this.high = (seedHigh + PRIME_5_HIGH + carry(PRIME_5_LOW, this.low)) | 0;
		}
		this.#finish(view, at, end, length);
	}

	/** Absorbs the bytes behind the last stripe. */
	#finish(view: DataView, at: number, end: number, length: number): void {
		let low = (this.low + length) | 0;
		let high = (this.high + carry(length, low)) | 0;
		let mixed = 0;
		let carried = 0;
		for (; at + 8 <= end; at += 8) {
			const laneLow = view.getInt32(at, true);
			const laneHigh = view.getInt32(at + 4, true);
			mixed = Math.imul(laneLow, PRIME_2_LOW);
			carried = productHigh(laneLow, laneHigh, PRIME_2_LOW, PRIME_2_HIGH);
			// Rotated left by 31 bits.
			const rotated = (mixed << 31) | (carried >>> 1);
			carried = (carried << 31) | (mixed >>> 1);
			low ^= Math.imul(rotated, PRIME_1_LOW);
			high ^= productHigh(rotated, carried, PRIME_1_LOW, PRIME_1_HIGH);
			mixed = (low << 27) | (high >>> 5);
			carried = (high << 27) | (low >>> 5);
			low = Math.imul(mixed, PRIME_1_LOW);
			high = productHigh(mixed, carried, PRIME_1_LOW, PRIME_1_HIGH);
			low = (low + PRIME_4_LOW) | 0;
			high = (high + PRIME_4_HIGH + carry(PRIME_4_LOW, low)) | 0;
		}
		if (at + 4 <= end) {
			const lane = view.getInt32(at, true);
			low ^= Math.imul(lane, PRIME_1_LOW);
			high ^= productHigh(lane, 0, PRIME_1_LOW, PRIME_1_HIGH);
			mixed = (low << 23) | (high >>> 9);
			carried = (high << 23) | (low >>> 9);
			low = Math.imul(mixed, PRIME_2_LOW);
			high = productHigh(mixed, carried, PRIME_2_LOW, PRIME_2_HIGH);
			low = (low + PRIME_3_LOW) | 0;
			high = (high + PRIME_3_HIGH + carry(PRIME_3_LOW, low)) | 0;
			at += 4;
		}
		for (; at < end; at++) {
			const lane = view.getUint8(at);
			low ^= Math.imul(lane, PRIME_5_LOW);
			high ^= productHigh(lane, 0, PRIME_5_LOW, PRIME_5_HIGH);
			mixed = (low << 11) | (high >>> 21);
			carried = (high << 11) | (low >>> 21);
			low = Math.imul(mixed, PRIME_1_LOW);
			high = productHigh(mixed, carried, PRIME_1_LOW, PRIME_1_HIGH);
		}
		mixed = low ^ (high >>> 1);
		carried = high;
		low = Math.imul(mixed, PRIME_2_LOW);
		high = productHigh(mixed, carried, PRIME_2_LOW, PRIME_2_HIGH);
		mixed = low ^ ((low >>> 29) | (high << 3));
		carried = high ^ (high >>> 29);
		low = Math.imul(mixed, PRIME_3_LOW);
		high = productHigh(mixed, carried, PRIME_3_LOW, PRIME_3_HIGH);
		this.low = low ^ high;
		this.high = high;
	}

	/** Whole stripes of 32 bytes, `length` in all. Lane by lane, so that what a lane works with fits registers. */
	#stripes(view: DataView, at: number, length: number, seedLow: number, seedHigh: number): void {
		const end = at + length;
		const aLow = (seedLow + PRIME_1_LOW + PRIME_2_LOW) | 0;
		const partLow = (seedLow + PRIME_1_LOW) | 0;
		const aHigh = (seedHigh + PRIME_1_HIGH + PRIME_2_HIGH + carry(seedLow, partLow) + carry(partLow, aLow)) | 0;
		this.#lane(view, at, end, aLow, aHigh);
		const a0 = this.low;
		const a1 = this.high;
		const bLow = (seedLow + PRIME_2_LOW) | 0;
		this.#lane(view, at + 8, end, bLow, (seedHigh + PRIME_2_HIGH + carry(seedLow, bLow)) | 0);
		const b0 = this.low;
		const b1 = this.high;
		this.#lane(view, at + 16, end, seedLow, seedHigh);
		const c0 = this.low;
		const c1 = this.high;
		const dLow = (seedLow - PRIME_1_LOW) | 0;
		this.#lane(view, at + 24, end, dLow, (seedHigh - PRIME_1_HIGH - carry(PRIME_1_LOW, seedLow)) | 0);
		const d0 = this.low;
		const d1 = this.high;
		// Rotated left by 1, 7, 12 and 18 bits, and summed.
		let sum =
			(((a0 << 1) | (a1 >>> 31)) >>> 0) +
			(((b0 << 7) | (b1 >>> 25)) >>> 0) +
			(((c0 << 12) | (c1 >>> 20)) >>> 0) +
			(((d0 << 18) | (d1 >>> 14)) >>> 0);
		this.low = sum | 0;
		sum = Math.floor(sum / 2 ** 32);
		this.high =
			(sum +
				((a1 << 1) | (a0 >>> 31)) +
				((b1 << 7) | (b0 >>> 25)) +
				((c1 << 12) | (c0 >>> 20)) +
				((d1 << 18) | (d0 >>> 14))) |
			0;
		this.#merge(a0, a1);
		this.#merge(b0, b1);
		this.#merge(c0, c1);
		this.#merge(d0, d1);
	}

	/** Rounds over every fourth lane from `at` on. */
	#lane(view: DataView, at: number, end: number, low: number, high: number): void {
		for (; at < end; at += STRIPE_BYTES) {
			const laneLow = view.getInt32(at, true);
			const laneHigh = view.getInt32(at + 4, true);
			const productLow = Math.imul(laneLow, PRIME_2_LOW);
			const sumLow = (low + productLow) | 0;
			const sumHigh =
				(high + productHigh(laneLow, laneHigh, PRIME_2_LOW, PRIME_2_HIGH) + carry(productLow, sumLow)) | 0;
			const rotatedLow = (sumLow << 31) | (sumHigh >>> 1);
			const rotatedHigh = (sumHigh << 31) | (sumLow >>> 1);
			low = Math.imul(rotatedLow, PRIME_1_LOW);
			high = productHigh(rotatedLow, rotatedHigh, PRIME_1_LOW, PRIME_1_HIGH);
		}
		this.low = low;
		this.high = high;
	}

	#merge(laneLow: number, laneHigh: number): void {
		const productLow = Math.imul(laneLow, PRIME_2_LOW);
		const product = productHigh(laneLow, laneHigh, PRIME_2_LOW, PRIME_2_HIGH);
		const rotatedLow = (productLow << 31) | (product >>> 1);
		const rotatedHigh = (product << 31) | (productLow >>> 1);
		const low = this.low ^ Math.imul(rotatedLow, PRIME_1_LOW);
		const high = this.high ^ productHigh(rotatedLow, rotatedHigh, PRIME_1_LOW, PRIME_1_HIGH);
		this.low = (Math.imul(low, PRIME_1_LOW) + PRIME_4_LOW) | 0;
		this.high = (productHigh(low, high, PRIME_1_LOW, PRIME_1_HIGH) + PRIME_4_HIGH + carry(PRIME_4_LOW, this.low)) | 0;
	}
}
