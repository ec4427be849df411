import { WlsmError } from "../../errors.js";
import type { WasmKernel } from "../wasm/kernel.js";

/** Something in linear memory, which its owner frees: nothing else does. `using` frees it at the end of a block. */
export abstract class Held {
	protected readonly kernel: WasmKernel;
	#address: number;

	protected constructor(kernel: WasmKernel, address: number) {
		this.kernel = kernel;
		this.#address = address;
	}

	/** Where it lies, for calls of `kernel.exports`. Errors: `WLSM_CLOSED` once it is freed. */
	get address(): number {
		if (this.#address === 0)
			throw new WlsmError("WLSM_CLOSED", `This ${this.constructor.name} has been freed. Make another one.`);
		return this.#address;
	}

	/** Gives the memory back; what is done with it afterwards fails with `WLSM_CLOSED`. May be called twice. */
	free(): void {
		if (this.#address !== 0) this.release(this.#address);
		this.#address = 0;
	}

	[Symbol.dispose](): void {
		this.free();
	}

	protected release(address: number): void {
		this.kernel.exports.free(address);
	}

	/** Puts a key to where calls find it that keep nothing of it. */
	protected stageKey(key: Uint8Array): number {
		this.kernel.memory.bytes.set(key, this.kernel.keyAt);
		return this.kernel.keyAt;
	}
}
