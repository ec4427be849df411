import { createRequire } from "node:module";
import type { Kernel } from "./contract.js";
import { WasmKernel } from "./wasm/kernel.js";

export interface KernelOptions {
	/** The kernel may not take more memory than this. */
	readonly memoryBytes: number;
	readonly blockCacheBytes: number;
}

/** The twin in TypeScript is loaded where it is asked for: its files would make every start a fifth slower. */
const load = createRequire(import.meta.url);

/** Errors: WLSM_OUT_OF_MEMORY. */
export function createKernel(name: Kernel["name"], options: KernelOptions): Kernel {
	if (name === "wasm") return new WasmKernel(options);
	const { TsKernel } = load("./ts/kernel.js") as typeof import("./ts/kernel.js");
	return new TsKernel(options);
}
