import type { Test } from "uvu";
import type { Kernel } from "../../host/kernel/index.js";

export type KernelName = Kernel["name"];

/**
 * Both kernels: what the contract promises is tested of each. What runs with the WebAssembly module alone:
 * - what is the module's own: exports, linear memory, allocator, threads over it (test/kernel/allocator, parts of budget,
 *   test/tidy/kernel);
 * - what needs a worker, which the twin has none of (test/engine/background; single tests of stats, regressions, write-path);
 * - what no kernel has a part in: storages, locks, open files, events, processes that are killed, loading, most commands.
 */
export const kernels: readonly KernelName[] = ["wasm", "ts"];

/** Adds the test to the suite once for each kernel. */
export function bothKernels<Context>(
	tests: Test<Context>,
	title: string,
	work: (kernel: KernelName, context: Context) => Promise<void> | void,
): void {
	for (const kernel of kernels) tests(`${title} (${kernel})`, (context) => work(kernel, context));
}
