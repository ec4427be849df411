import type { Kernel } from "./contract.js";
import { missingKernel } from "./missing.js";
import { loadTwin } from "./twin.js";
import { WasmKernel } from "./wasm/kernel.js";

/** What a kernel may take. */
export interface KernelOptions {
	/** The kernel may not take more memory than this. */
	readonly memoryBytes: number;
	/** Of that, what is for decoded blocks, and for filters and indexes of tables. */
	readonly blockCacheBytes: number;
}

/** A kernel of either kind: the WebAssembly module, or its twin in TypeScript, which makes the same files. Errors: `WLSM_OUT_OF_MEMORY`; `WLSM_IO` where a bundle has no kernel. */
export function createKernel(name: Kernel["name"], options: KernelOptions): Kernel {
	if (name === "wasm") return new WasmKernel(options);
	const { TsKernel } = twin();
	return new TsKernel(options);
}

function twin(): ReturnType<typeof loadTwin> {
	try {
		return loadTwin();
	} catch (cause) {
		throw missingKernel("dist/lib/ts/kernel.js", cause);
	}
}
