export type { BatchOperation } from "./batch.js";
export { Database } from "./database.js";
export { destroy } from "./destroy.js";
export type { StallFigures } from "./engine/figures.js";
export type { CompactorCounters } from "./engine/job-planner.js";
export type { LeftOut } from "./engine/repair/plan.js";
export type { RepairReport } from "./engine/repair/repair.js";
export type { Amplification, DatabaseStats } from "./engine/stats.js";
export type { Problem, VerifyReport } from "./engine/verify.js";
export { WlsmError, type WlsmErrorCode, type WlsmErrorDetails } from "./errors.js";
export type { EntryIterator } from "./iterator.js";
export type { KeyValueTransaction, PutOptions } from "./key-value-transaction.js";
export { open, openSync } from "./open.js";
export type { DatabaseFor, Decoded } from "./opening.js";
export type { Encoding, LogFunction, Logger, LogLevel, OpenOptions } from "./options.js";
export type { Range, ReadOptions, SnapshotLike } from "./read-options.js";
export type { Reader } from "./reader.js";
export { type RepairOptions, repair } from "./repair.js";
export type { Snapshot } from "./snapshot.js";
export {
	type AggregateOptions,
	type AnyFunction,
	type ColumnDefinition,
	type DescribedColumn,
	type DescribedParameter,
	type DescribedType,
	type FunctionOptions,
	type OperatorProfile,
	type PragmaOptions,
	type QueryParameters,
	type QueryRow,
	type QueryText,
	type RunResult,
	type ScriptStatement,
	SqlDatabase,
	type SqlFragment,
	type SqlParameter,
	type SqlTag,
	type SqlValue,
	Statement,
	type StatementDescription,
	type StatementKind,
	type StatementProfile,
	type StopOptions,
	type StopSignal,
	type StorageClass,
	splitSql,
	sql,
	statementsOf,
	type TransactionFunction,
	type UserFunction,
} from "./sql/index.js";
// A star: what is named singly cannot be merged with.
export type * from "./sql/typed/register.js";
export type { PutWriteOptions, WriteOptions } from "./write-options.js";
