export type { ColumnType } from "../csv/column-type.js";
export type { LoadSource } from "./input.js";
export { loadCsv } from "./load.js";
export type { LoadOptions } from "./options.js";
export { type LoadProgress, type LoadSummary, type RejectedRow, TooManyRejectsError } from "./summary.js";
export type { LoadDatabase } from "./target.js";
