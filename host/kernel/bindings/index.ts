export { applyBatch } from "./batch.js";
export { Block, BlockBuilder, type BlockEntry } from "./blocks.js";
export { lz4Decode, lz4Encode, xxh64 } from "./codecs.js";
export { BloomFilter } from "./filter.js";
export { Held } from "./lifetime.js";
export { getValue, type RangeOptions, type ReadTable, scanEntries, serveNeed, type ViewOptions } from "./reads.js";
export { type BuildOptions, type BuiltTable, buildTables } from "./tables.js";
