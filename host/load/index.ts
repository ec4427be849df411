export type { ColumnType } from "../csv/column-type.js";
export type { Encoding } from "./encoding.js";
export type { LoadSource } from "./input.js";
export { loadCsv } from "./load.js";
export { type SniffOptions, sniffCsv } from "./opening.js";
export type { ConflictChoice, LoadFormat, LoadOptions, LoadType } from "./options.js";
export type { SniffedCsv } from "./sniff/sniff.js";
export { type LoadProgress, type LoadSummary, type RejectedRow, TooManyRejectsError } from "./summary.js";
export type { LoadDatabase } from "./target.js";
