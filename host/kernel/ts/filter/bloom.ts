import { FILTER_HEADER_BYTES, FILTER_LINE_BYTES } from "../../../../assembly/shared/format.js";

// A Bloom filter in which all bits of a key lie in one cache line, so that a probe costs one miss (Putze, Sanders and
// Singler, "Cache-, hash- and space-efficient Bloom filters", 2007; the probing sequence is that of RocksDB's FastLocalBloom).

/** Most probes a filter may ask for: more cost time and bring nothing at 20 bits a key. */
const MAX_PROBES = 16;
const PROBES = 4;
const NEXT_BIT = 0x9e3779b9 | 0;

/** Probes that give the fewest false positives: bits per key times ln 2. */
export function filterProbes(bitsPerKey: number): number {
	return Math.min(Math.max(Math.floor((bitsPerKey * 69 + 50) / 100), 1), MAX_PROBES);
}

/** Length of a filter for `keys` keys. */
export function filterLength(keys: number, bitsPerKey: number): number {
	const lines = Math.max(Math.ceil((keys * bitsPerKey) / (8 * FILTER_LINE_BYTES)), 1);
	return FILTER_HEADER_BYTES + lines * FILTER_LINE_BYTES;
}

/** Makes `length` bytes, the header's and whole lines, an empty filter. */
export function filterClear(filter: DataView, at: number, length: number, probes: number): void {
	new Uint8Array(filter.buffer, filter.byteOffset + at, length).fill(0);
	filter.setUint32(at, (length - FILTER_HEADER_BYTES) / FILTER_LINE_BYTES, true);
	filter.setUint32(at + PROBES, probes, true);
}

/** Where a hash's line starts: the high word of hashHigh * lines, both unsigned, in products of 16 bits. */
function lineOf(filter: DataView, at: number, hashHigh: number): number {
	const lines = filter.getInt32(at, true);
	const linesLow = lines & 0xffff;
	const linesHigh = lines >>> 16;
	const low = hashHigh & 0xffff;
	const high = hashHigh >>> 16;
	const middle = (Math.imul(high, linesLow) + (Math.imul(low, linesLow) >>> 16)) | 0;
	const carried = (Math.imul(low, linesHigh) + (middle & 0xffff)) >>> 16;
	const line = Math.imul(high, linesHigh) + (middle >>> 16) + carried;
	return at + FILTER_HEADER_BYTES + line * FILTER_LINE_BYTES;
}

/** Adds a key by its XXH64. */
export function filterAdd(filter: DataView, at: number, hashLow: number, hashHigh: number): void {
	const line = lineOf(filter, at, hashHigh);
	const probes = filter.getUint8(at + PROBES);
	let bits = hashLow | 0;
	for (let probe = 0; probe < probes; probe++) {
		const bit = bits >>> 23;
		const byte = line + (bit >> 3);
		filter.setUint8(byte, filter.getUint8(byte) | (1 << (bit & 7)));
		bits = Math.imul(bits, NEXT_BIT);
	}
}

/** False where no key of this hash was added. */
export function filterMayContain(filter: DataView, at: number, hashLow: number, hashHigh: number): boolean {
	const line = lineOf(filter, at, hashHigh);
	const probes = filter.getUint8(at + PROBES);
	let bits = hashLow | 0;
	for (let probe = 0; probe < probes; probe++) {
		const bit = bits >>> 23;
		if ((filter.getUint8(line + (bit >> 3)) & (1 << (bit & 7))) === 0) return false;
		bits = Math.imul(bits, NEXT_BIT);
	}
	return true;
}

/** Whether `length` bytes can be probed without leaving them. */
export function filterIsSound(filter: DataView, at: number, length: number): boolean {
	if (length < FILTER_HEADER_BYTES + FILTER_LINE_BYTES) return false;
	const lines = filter.getUint32(at, true);
	const probes = filter.getUint32(at + PROBES, true);
	return FILTER_HEADER_BYTES + lines * FILTER_LINE_BYTES === length && probes >= 1 && probes <= MAX_PROBES;
}
