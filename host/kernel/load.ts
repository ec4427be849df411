import { instantiateSync } from "@assemblyscript/loader";
import { kernelUrl } from "../artifact.js";
import { readArtifact } from "../storage/node.js";
import type { KernelExports } from "./exports.js";
import { missingKernel } from "./missing.js";
import { Module, type WasmMemory, type WasmModule } from "./webassembly.js";

const compiled = new Map<string, WasmModule>();

/**
 * The module, `wlsm/kernel.wasm` or another one, compiled once per process and thread. Errors: `WLSM_IO` where it cannot be read; what a runtime
 * without threads or SIMD throws is its `WebAssembly.CompileError`.
 */
export function kernelModule(url: URL = kernelUrl): WasmModule {
	let module = compiled.get(url.href);
	if (module === undefined) {
		module = new Module(bytesOf(url));
		compiled.set(url.href, module);
	}
	return module;
}

function bytesOf(url: URL): Uint8Array {
	try {
		return readArtifact(url);
	} catch (cause) {
		throw missingKernel("dist/kernel.wasm", cause);
	}
}

/**
 * An instance of the kernel over `memory`, which several instances may share, made with `@assemblyscript/loader`: its exports as they are. The
 * first call is `attach`. Errors: `WebAssembly.LinkError` where the memory is not shared, or not within the limits.
 */
export function instantiateKernel(memory: WasmMemory, url: URL = kernelUrl): KernelExports {
	// The loader's own wrappers spread their arguments; the plain exports cost three nanoseconds a call.
	const instantiate = instantiateSync as unknown as (
		module: WasmModule,
		imports: { readonly env: { readonly memory: WasmMemory } },
	) => { readonly instance: { readonly exports: KernelExports } };
	return instantiate(kernelModule(url), { env: { memory } }).instance.exports;
}
