/** The artifact: one file for every runtime and worker. It lies beside the folder of this file, as it does beside that of the library. */
export const kernelUrl: URL = new URL("../kernel.wasm", import.meta.url);
