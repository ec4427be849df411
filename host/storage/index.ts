export type { FileHold } from "./file-hold.js";
export { MemoryStorage } from "./memory.js";
export { isArtifactThere, NodeStorage, readArtifact, removeEmptyDirectory, temporaryDirectory } from "./node.js";
export { heapShare, type ProcessEnvironment, type ProcessState, systemEnvironment } from "./process.js";
export type { ReadFile, Storage, WriteFile } from "./storage.js";
