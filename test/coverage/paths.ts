import * as path from "node:path";

/** Names the folder of a run to the processes that it consists of. */
export const VARIABLE = "WLSM_COVERAGE";

/** The marked kernel. */
export function kernelOf(folder: string): string {
	return path.join(folder, "kernel.wasm");
}

/** The places of its marks, as JSON. */
export function placesOf(folder: string): string {
	return path.join(folder, "kernel.json");
}

/** A byte for each place: 1 once any process or thread has come by. */
export function hitsOf(folder: string): string {
	return path.join(folder, "kernel.hits");
}

/** What V8 writes, a file for each process and thread. */
export function scriptsOf(folder: string): string {
	return path.join(folder, "v8");
}
