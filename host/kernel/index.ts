export { kernelUrl } from "../artifact.js";
export type * from "./contract.js";
export { createKernel, type KernelOptions } from "./create.js";
export type * from "./csv-contract.js";
export { instantiateKernel, type KernelExports, kernelModule } from "./load.js";
export { KernelMemory } from "./memory.js";
export type * from "./threads-contract.js";
export { WasmKernel, type WasmKernelOptions } from "./wasm/kernel.js";
