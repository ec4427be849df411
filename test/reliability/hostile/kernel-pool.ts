import { createKernel, type Kernel, WasmKernel } from "../../../host/kernel/index.js";
import { KernelMemory } from "../../../host/kernel/memory.js";
import type { ResolvedOptions } from "../../../host/options.js";

const MEMORY_BYTES = 0x40000000;
/** assembly/memory: where the root says that the heap ends; its last header is behind it. */
const ROOT_HEAP_END = 1024 + 16;
const LAST_HEADER_BYTES = 16;
/** A memory that has grown beyond this is not kept. */
const MOST_BYTES = 4 << 20;

/**
 * Kernels over memories that are used again, with zeros in them as if they were new: to get memory from the system is most of
 * what opening a small database costs. Once `recycle` is called the kernels made before must not be used any more.
 */
export class KernelPool {
	readonly #memories: KernelMemory[] = [];
	#used = 0;

	recycle(): void {
		this.#used = 0;
	}

	readonly make = (options: ResolvedOptions): Kernel => {
		const { kernel, blockCacheBytes } = options;
		if (kernel === "ts") return createKernel(kernel, { memoryBytes: MEMORY_BYTES, blockCacheBytes });
		const index = this.#used++;
		let memory = this.#memories[index];
		if (memory === undefined || memory.memory.buffer.byteLength > MOST_BYTES) {
			memory = new KernelMemory();
			this.#memories[index] = memory;
		}
		memory.refresh();
		const end = memory.words[ROOT_HEAP_END >>> 2] as number;
		// By the widest words: shared memory is filled one at a time.
		memory.doubles.fill(0, 0, Math.min(memory.size, end + LAST_HEADER_BYTES) >>> 3);
		return new WasmKernel({ memoryBytes: MEMORY_BYTES, blockCacheBytes }, memory);
	};
}
