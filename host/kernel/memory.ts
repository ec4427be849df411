import { Buffer } from "node:buffer";
import { Memory, type WasmMemory } from "./webassembly.js";

/** What assembly's asconfig.json declares: the module refuses a memory of other limits. */
const INITIAL_PAGES = 16;
const MAXIMUM_PAGES = 65536;

/**
 * The one owner of views on a kernel's linear memory, which is shared and may grow to 4 GiB. When the memory grows, `memory.buffer` is a new object while views of
 * the old one keep their old length and go on working: whoever meets an address beyond `size` calls `refresh`.
 */
export class KernelMemory {
	/** The memory itself. */
	readonly memory: WasmMemory;
	/** All of it that is known of, by bytes. */
	bytes: Buffer;
	/** The same by u32. */
	words: Uint32Array;
	/** The same by f64. */
	doubles: Float64Array;
	/** Bytes that the views reach. */
	size: number;

	/** Over a memory that there is, or a new one of 1 MiB. */
	constructor(memory?: WasmMemory) {
		this.memory = memory ?? new Memory({ initial: INITIAL_PAGES, maximum: MAXIMUM_PAGES, shared: true });
		const buffer = this.memory.buffer;
		this.size = buffer.byteLength;
		this.bytes = Buffer.from(buffer);
		this.words = new Uint32Array(buffer);
		this.doubles = new Float64Array(buffer);
	}

	/** Makes the views anew, over all that the memory has grown to. */
	refresh(): void {
		// A grow by another thread shows here only after a grow, be it by nothing.
		this.memory.grow(0);
		const buffer = this.memory.buffer;
		this.size = buffer.byteLength;
		this.bytes = Buffer.from(buffer);
		this.words = new Uint32Array(buffer);
		this.doubles = new Float64Array(buffer);
	}

	/** Makes sure that the views reach `end`. */
	reach(end: number): void {
		if (end > this.size) this.refresh();
	}
}
