import { WlsmError } from "../../host/errors.js";
import type { WasmKernel } from "../../host/kernel/index.js";

/** Sizes of what is hoarded, each until there is no room for one more: the last is the smallest block there is. */
const SIZES = [1 << 16, 1 << 12, 1 << 8, 1 << 5, 8];

/** Takes all room of a kernel's memory but about `bytes` in one piece. What it answers gives the room back. */
export function hoard(kernel: WasmKernel, bytes: number): () => void {
	const { exports } = kernel;
	const spared = bytes === 0 ? 0 : exports.allocate(bytes);
	const taken: number[] = [];
	for (const size of SIZES) {
		for (let block = exports.allocate(size); block !== 0; block = exports.allocate(size)) taken.push(block);
	}
	exports.free(spared);
	return () => {
		for (const block of taken) exports.free(block);
	};
}

/** What `work` answers, undefined where memory is used up. */
export function unlessRefused<T>(work: () => T): { readonly answer: T } | undefined {
	try {
		return { answer: work() };
	} catch (error) {
		if (error instanceof WlsmError && error.code === "WLSM_OUT_OF_MEMORY") return undefined;
		throw error;
	}
}

// Root.limitBytes of assembly/memory/root.ts.
const LIMIT_AT = (1024 + 20) >>> 2;

/** As `hoard`, of a kernel that may still grow: keeps it meanwhile from growing further than `bytes` take. */
export function limitMemory(kernel: WasmKernel, bytes: number): () => void {
	const { memory } = kernel;
	memory.refresh();
	const limit = memory.words[LIMIT_AT] as number;
	memory.words[LIMIT_AT] = memory.size + 2 * bytes;
	const release = hoard(kernel, bytes);
	return () => {
		release();
		memory.words[LIMIT_AT] = limit;
	};
}
