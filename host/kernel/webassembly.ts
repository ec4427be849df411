/*
 * The part of the WebAssembly interface that the library uses. TypeScript declares it in its DOM library alone, which a
 * library for servers should not ask of its users.
 */

/** A WebAssembly.Memory. */
export interface WasmMemory {
	/** Another object once the memory has grown. */
	readonly buffer: ArrayBufferLike;
	/** Grows by `pages` of 64 KiB; answers the pages before. */
	grow(pages: number): number;
}

/** A compiled module; it can be posted to a worker. */
export type WasmModule = object;

interface WebAssemblyNamespace {
	readonly Memory: new (limits: { initial: number; maximum: number; shared: boolean }) => WasmMemory;
	readonly Module: new (bytes: Uint8Array) => WasmModule;
	readonly RuntimeError: new (message?: string) => Error;
}

export const { Memory, Module, RuntimeError } = (globalThis as unknown as { WebAssembly: WebAssemblyNamespace })
	.WebAssembly;
