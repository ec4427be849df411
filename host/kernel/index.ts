/** What the kernel and its host hand each other in memory: offsets, flags, sizes. */
export * as abi from "../../assembly/shared/abi.js";
/** What is handed over for a load of CSV. */
export * as csv from "../../assembly/shared/csv.js";
/** Bytes on disk, as host/FORMAT.md explains them, and limits. */
export * as format from "../../assembly/shared/format.js";
/** Bytes of rows of SQL, as host/sql/ROW_FORMAT.md explains them, and what a scan is told to read of them. */
export * as row from "../../assembly/shared/row.js";
/** What calls answer, and why something is damaged. */
export * as status from "../../assembly/shared/status.js";
export { kernelUrl } from "../artifact.js";
export { WlsmError, type WlsmErrorCode, type WlsmErrorDetails } from "../errors.js";
export { attachKernel } from "./attach.js";
export * from "./bindings/index.js";
export type * from "./contract.js";
export { createKernel, type KernelOptions } from "./create.js";
export type * from "./csv-contract.js";
export type * from "./exports.js";
export { instantiateKernel, kernelModule } from "./load.js";
export { KernelMemory } from "./memory.js";
export {
	deleteOperation,
	deleteRangeOperation,
	type EncodedBatch,
	encodeOperations,
	type OperationRoom,
	putOperation,
} from "./operations.js";
export type * from "./threads-contract.js";
export { WasmKernel, type WasmKernelOptions } from "./wasm/kernel.js";
export type { WasmMemory, WasmModule } from "./webassembly.js";
