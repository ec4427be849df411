// It lies beside the folder of this file, as it does beside that of the library.
/** Where `kernel.wasm` is: one file for every runtime and worker. */
export const kernelUrl: URL = new URL("../kernel.wasm", import.meta.url);
