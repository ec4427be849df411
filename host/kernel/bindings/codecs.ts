import { WlsmError } from "../../errors.js";
import type { WasmKernel } from "../wasm/kernel.js";
import { checkBytes, checkWhole } from "./checks.js";

/** More than an LZ4 block of this many bytes can stand for is for no memory of 4 GiB. */
const MAX_BYTES = 0xe0000000;

/** XXH64 of the bytes. `seed` and answer: 0n to 2^64 - 1. */
export function xxh64(kernel: WasmKernel, bytes: Uint8Array, seed = 0n): bigint {
	checkBytes("source", bytes, MAX_BYTES);
	const { low, high } = kernel.hash(bytes, {
		low: Number(BigInt.asUintN(32, seed)),
		high: Number(BigInt.asUintN(32, seed >> 32n)),
	});
	return (BigInt(high) << 32n) | BigInt(low);
}

/** The bytes as an LZ4 block, without a frame: at most a 255th and 16 bytes longer than they are. Errors: `WLSM_OUT_OF_MEMORY`. */
export function lz4Encode(kernel: WasmKernel, bytes: Uint8Array): Uint8Array {
	checkBytes("source", bytes, MAX_BYTES);
	const capacity = bytes.length + Math.ceil(bytes.length / 255) + 16;
	return withRoom(kernel, bytes, capacity + kernel.exports.lz4TableBytes(), (from, to) => {
		const length = kernel.exports.lz4Encode(from, bytes.length, to, capacity, to + capacity);
		return kernel.memory.bytes.subarray(to, to + (length >>> 0));
	});
}

/**
 * What an LZ4 block of `decodedLength` bytes stands for; the block does not say itself how many these are.
 *
 * Errors: `WLSM_CORRUPTION` where it is malformed or stands for another number of bytes; `WLSM_OUT_OF_MEMORY`.
 */
export function lz4Decode(kernel: WasmKernel, block: Uint8Array, decodedLength: number): Uint8Array {
	checkBytes("block", block, MAX_BYTES);
	checkWhole("decodedLength", decodedLength, 0, MAX_BYTES);
	return withRoom(kernel, block, decodedLength, (from, to) => {
		if (kernel.exports.lz4Decode(from, block.length, to, decodedLength) === 0)
			throw new WlsmError(
				"WLSM_CORRUPTION",
				`The LZ4 block is malformed, or does not stand for ${decodedLength} bytes.`,
			);
		return kernel.memory.bytes.subarray(to, to + decodedLength);
	});
}

/** A copy of what `work` answers of linear memory, where it has `bytes` and room for others. */
function withRoom(
	kernel: WasmKernel,
	bytes: Uint8Array,
	roomBytes: number,
	work: (from: number, to: number) => Uint8Array,
): Uint8Array {
	const from = kernel.copyIn(bytes);
	try {
		const to = kernel.allocate(Math.max(roomBytes, 1));
		try {
			return new Uint8Array(work(from, to));
		} finally {
			kernel.exports.free(to);
		}
	} finally {
		kernel.exports.free(from);
	}
}
