import { KernelMemory } from "./memory.js";
import type { KernelShare } from "./threads-contract.js";
import { WasmKernel } from "./wasm/kernel.js";

/** A kernel for a background thread, over what `share` of the database's thread named. It runs jobs and nothing else. */
export function attachKernel(share: KernelShare): WasmKernel {
	return new WasmKernel("background", new KernelMemory(share.memory));
}
