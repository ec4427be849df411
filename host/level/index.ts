export { type WlsmChainedBatch, WlsmLevel } from "./level.js";
export type {
	LevelBatchOperation,
	LevelBatchOptions,
	LevelClearOptions,
	LevelDatabaseOptions,
	LevelDelOptions,
	LevelExpiryOptions,
	LevelOpenOptions,
	LevelPutOptions,
	LevelRangeOptions,
	LevelWriteOptions,
} from "./options.js";
