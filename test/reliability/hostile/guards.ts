import type { Database } from "../../../host/database.js";
import type { Engine } from "../../../host/engine/engine.js";
import { type Kernel, WasmKernel } from "../../../host/kernel/index.js";
import { checkMemory } from "../../support/kernel.js";

/** No small database is worth more kernel memory, in bytes. */
const MOST_MEMORY = 64 << 20;
const SIZES = [8, 72, 1000, 4104];
const PATTERN = 0xa5;

/** Blocks of kernel memory between those that the kernel uses, full of a pattern that nobody may write over. */
export class Guards {
	readonly #kernel: Kernel;
	readonly #blocks: { readonly at: number; readonly size: number }[] = [];

	constructor(db: Database) {
		this.#kernel = (db as unknown as { engine: Engine }).engine.kernel;
		this.place();
	}

	/** Some more of them, where the heap has come to by now. */
	place(): void {
		if (!(this.#kernel instanceof WasmKernel)) return;
		const { exports, memory } = this.#kernel;
		for (const size of SIZES) {
			const at = exports.allocate(size) >>> 0;
			memory.refresh();
			memory.bytes.fill(PATTERN, at, at + size);
			this.#blocks.push({ at, size });
		}
	}

	/** Throws where one of them is damaged, the heap is, or the kernel took memory that no small file justifies. */
	check(): void {
		const { memoryBytes } = this.#kernel.memoryUse();
		if (memoryBytes > MOST_MEMORY) throw new Error(`the kernel holds ${memoryBytes} bytes for a small database`);
		checkMemory(this.#kernel);
		if (!(this.#kernel instanceof WasmKernel)) return;
		const { bytes } = this.#kernel.memory;
		for (const { at, size } of this.#blocks) {
			if (!bytes.subarray(at, at + size).every((byte) => byte === PATTERN))
				throw new Error(`the kernel wrote into ${size} bytes at ${at} that are not its own`);
		}
	}
}
