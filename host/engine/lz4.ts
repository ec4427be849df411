import { Buffer } from "node:buffer";

/**
 * Decodes an LZ4 block (Yann Collet, "LZ4 Block Format Description", 2022), undefined where it is not one of `length` bytes.
 * Reads do this in the kernel; this serves what looks at tables from outside of it.
 */
export function lz4Decode(source: Uint8Array, length: number): Buffer | undefined {
	// No encoding is denser.
	if (length > 255 * source.length) return undefined;
	const target = Buffer.alloc(length);
	let from = 0;
	let to = 0;
	const longLength = (half: number): number => {
		let total = half;
		for (let more = half === 15 ? 255 : 0; more === 255; total += more) more = source[from++] ?? 0;
		return total;
	};
	while (from < source.length) {
		const token = source[from++] as number;
		const literals = longLength(token >> 4);
		if (literals > source.length - from || literals > length - to) return undefined;
		target.set(source.subarray(from, from + literals), to);
		from += literals;
		to += literals;
		// The last sequence has literals alone: what ends with a match no encoder made, and the kernel does not read.
		if (from === source.length) return to === length ? target : undefined;
		const distance = (source[from] ?? 0) | ((source[from + 1] ?? 0) << 8);
		from += 2;
		const matched = 4 + longLength(token & 15);
		if (from > source.length || distance === 0 || distance > to || matched > length - to) return undefined;
		// Byte by byte: the bytes copied may be among those to copy.
		for (const end = to + matched; to < end; to++) target[to] = target[to - distance] as number;
	}
	return undefined;
}
