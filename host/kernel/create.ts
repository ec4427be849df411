import { createRequire } from "node:module";
import type { Kernel } from "./contract.js";
import { WasmKernel } from "./wasm/kernel.js";

/** What a kernel may take. */
export interface KernelOptions {
	/** The kernel may not take more memory than this. */
	readonly memoryBytes: number;
	/** Of that, what is for decoded blocks, and for filters and indexes of tables. */
	readonly blockCacheBytes: number;
}

/** The twin in TypeScript is loaded where it is asked for: its files would make every start a fifth slower. */
const load = createRequire(import.meta.url);

/** A kernel of either kind: the WebAssembly module, or its twin in TypeScript, which makes the same files. Errors: `WLSM_OUT_OF_MEMORY`. */
export function createKernel(name: Kernel["name"], options: KernelOptions): Kernel {
	if (name === "wasm") return new WasmKernel(options);
	const { TsKernel } = load("./ts/kernel.js") as typeof import("./ts/kernel.js");
	return new TsKernel(options);
}
