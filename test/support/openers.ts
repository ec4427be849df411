import type { Test } from "uvu";
import { type OpenOptions, open, openSync } from "../../host/index.js";
import { openStorage } from "./database.js";
import { bothKernels, type KernelName } from "./kernels.js";

/** The ways to open a database, all of them with one kernel. */
export interface Openers {
	readonly kernel: KernelName;
	readonly open: typeof open;
	readonly openSync: typeof openSync;
	readonly openStorage: typeof openStorage;
}

export function openersOf(kernel: KernelName): Openers {
	return {
		kernel,
		// What the options say of keys and values is in the types of the originals.
		open: ((location: string, options?: OpenOptions) => open(location, { kernel, ...options })) as typeof open,
		openSync: ((location: string, options?: OpenOptions) =>
			openSync(location, { kernel, ...options })) as typeof openSync,
		openStorage: (storage, directory, options = {}, surroundings = {}) =>
			openStorage(storage, directory, { kernel, ...options }, surroundings),
	};
}

/** Adds the test to the suite once for each kernel. */
export function overKernels<Context>(
	tests: Test<Context>,
	title: string,
	work: (openers: Openers, context: Context) => Promise<void> | void,
): void {
	bothKernels(tests, title, (kernel, context) => work(openersOf(kernel), context));
}
