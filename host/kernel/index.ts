export type * from "./contract.js";
export { createKernel, type KernelOptions } from "./create.js";
export { instantiateKernel, type KernelExports, kernelModule, kernelUrl } from "./load.js";
export { KernelMemory } from "./memory.js";
export { WasmKernel, type WasmKernelOptions } from "./wasm/kernel.js";
