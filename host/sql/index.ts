export type { PragmaOptions, TransactionFunction } from "./api/database.js";
export { SqlDatabase } from "./api/database.js";
export type { SqlValue } from "./api/rows.js";
export { splitSql } from "./api/script.js";
export { noteForeignWrite } from "./api/session.js";
export type { ColumnDefinition, RunResult } from "./api/statement.js";
export { Statement } from "./api/statement.js";
export type { AggregateOptions, FunctionOptions } from "./function/user.js";
