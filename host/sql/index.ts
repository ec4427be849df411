export type { AnyFunction, PragmaOptions, TransactionFunction } from "./api/database.js";
export { SqlDatabase } from "./api/database.js";
export type {
	DescribedColumn,
	DescribedParameter,
	DescribedType,
	StatementDescription,
	StatementKind,
	StorageClass,
} from "./api/describe.js";
export { type SqlFragment, type SqlTag, sql } from "./api/fragment.js";
export type { PlainTable } from "./api/plain-table.js";
export type { StatementProfile } from "./api/profile.js";
export type { SqlValue } from "./api/rows.js";
export { type ScriptStatement, splitSql, statementsOf } from "./api/script.js";
export type { SqlOptions } from "./api/session.js";
export { noteForeignWrite } from "./api/session.js";
export type { ColumnDefinition, RunResult } from "./api/statement.js";
export { Statement } from "./api/statement.js";
export type { OperatorProfile } from "./execute/measured.js";
export type { StopOptions, StopSignal } from "./execute/stop.js";
export type { AggregateOptions, FunctionOptions, UserFunction } from "./function/user.js";
export type { QueryParameters, QueryRow, QueryText } from "./typed/query.js";
export type { SqlParameter } from "./typed/values.js";
