import type { WasmMemory } from "./webassembly.js";

/** What another thread needs to attach a kernel of its own to the same state. It can be posted to a worker. */
export interface KernelShare {
	/** The one memory of all threads. */
	readonly memory: WasmMemory;
}

/** How threads of one database reach each other. */
export interface KernelThreads {
	/** For `attachKernel` in another thread. */
	readonly share: KernelShare;
	/** Copies bytes to where every thread of the database reaches them; answers a handle that is not 0. */
	publish(bytes: Uint8Array): number;
	/** Takes what another thread published: the bytes are gone then. */
	collect(handle: number, length: number): Buffer;
}
