import { WlsmError } from "../../errors.js";
import { outOfMemory } from "../out-of-memory.js";
import type { WasmKernel } from "../wasm/kernel.js";
import { checkBytes, checkKey, checkWhole, MAX_BITS_PER_KEY } from "./checks.js";
import { Held } from "./lifetime.js";

/** A Bloom filter as tables have them: it says of a key that it was not added, or that it may have been. */
export class BloomFilter extends Held {
	/** Bytes that it takes. */
	readonly length: number;

	/** An empty one for so many keys; with 10 bits a key it takes one key in a hundred for one that was added. Errors: `WLSM_OUT_OF_MEMORY`. */
	constructor(kernel: WasmKernel, keys: number, bitsPerKey?: number);
	/** One that was copied out before, by `bytes`. Errors: `WLSM_CORRUPTION` where it is no sound filter; `WLSM_OUT_OF_MEMORY`. */
	constructor(kernel: WasmKernel, bytes: Uint8Array);
	constructor(kernel: WasmKernel, source: number | Uint8Array, bitsPerKey = 10) {
		const { exports } = kernel;
		if (typeof source === "number") {
			checkWhole("The number of keys", source, 0, 0xffffffff);
			checkWhole("bitsPerKey", bitsPerKey, 1, MAX_BITS_PER_KEY);
			if (source * bitsPerKey >= 2 ** 34) throw outOfMemory();
			const length = exports.filterLength(source, bitsPerKey) >>> 0;
			super(kernel, kernel.allocate(length));
			this.length = length;
			exports.filterClear(this.address, length, exports.filterProbes(bitsPerKey));
			return;
		}
		checkBytes("filter", source, 0xe0000000);
		const at = kernel.copyIn(source);
		if (exports.filterIsSound(at, source.length) === 0) {
			exports.free(at);
			throw new WlsmError(
				"WLSM_CORRUPTION",
				"The bytes are no sound filter. Give those that BloomFilter.bytes answered.",
			);
		}
		super(kernel, at);
		this.length = source.length;
	}

	/** Adds a key. More keys than the filter was made for make it answer `true` more often. */
	add(key: Uint8Array): void {
		checkKey(key);
		this.kernel.exports.filterAdd(this.address, this.stageKey(key), key.length);
	}

	/** False where the key was not added. */
	mayContain(key: Uint8Array): boolean {
		checkKey(key);
		return this.kernel.exports.filterMayContain(this.address, this.stageKey(key), key.length) !== 0;
	}

	/** The filter, copied. */
	bytes(): Uint8Array {
		return new Uint8Array(this.kernel.memory.bytes.subarray(this.address, this.address + this.length));
	}
}
