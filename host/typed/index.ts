export type { Collation, Column, PrimaryKeyOptions } from "./column.js";
export type {
	BigintTypes,
	BlobTypes,
	BooleanTypes,
	DateTypes,
	IntegerTypes,
	JsonTypes,
	RealTypes,
	TextTypes,
	TimestampTypes,
} from "./column-types.js";
export { bigint, blob, boolean, date, integer, json, real, text, timestamp } from "./columns.js";
export type { SqlSource } from "./connection.js";
export type { PartialIndex, TableForeignKey, TableOptions } from "./declared.js";
export type { MigrationChange } from "./migrate/compare.js";
export { type MigrateOptions, type Migration, migrate } from "./migrate/migrate.js";
export type { ForeignAction, ForeignActions, TableColumn } from "./reference.js";
export type { Direction, Selection } from "./selection.js";
export { table } from "./table.js";
export type {
	AnyTable,
	ConditionOf,
	ExposedColumns,
	Finders,
	InsertOf,
	RowOf,
	StoredRow,
	Table,
	TableMethods,
	UpdateOf,
} from "./table-types.js";
export type {
	AnyColumn,
	Columns,
	ColumnTypes,
	Condition,
	EqualityTests,
	FindableName,
	FindIn,
	InsertIn,
	KeyIn,
	KeysOf,
	NameOf,
	OrderTests,
	PrimaryTarget,
	ReservedProperties,
	RowIn,
	TableKeys,
	TargetIn,
	TestIn,
	TextTests,
	Trait,
	UniqueName,
	UpdateIn,
	UpsertIn,
	ValueOf,
} from "./types.js";
