import { Buffer } from "node:buffer";
import { Memory, type WasmMemory } from "./webassembly.js";

/** What assembly's asconfig.json declares: the module refuses a memory of other limits. */
const INITIAL_PAGES = 16;
const MAXIMUM_PAGES = 65536;

/**
 * The one owner of views on a kernel's linear memory. When the memory grows, `memory.buffer` is a new object while views of
 * the old one keep their old length and go on working: whoever meets an address beyond `size` calls `refresh`.
 */
export class KernelMemory {
	readonly memory: WasmMemory;
	bytes: Buffer;
	words: Uint32Array;
	doubles: Float64Array;
	/** Bytes that the views reach. */
	size: number;

	constructor(memory?: WasmMemory) {
		this.memory = memory ?? new Memory({ initial: INITIAL_PAGES, maximum: MAXIMUM_PAGES, shared: true });
		const buffer = this.memory.buffer;
		this.size = buffer.byteLength;
		this.bytes = Buffer.from(buffer);
		this.words = new Uint32Array(buffer);
		this.doubles = new Float64Array(buffer);
	}

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
