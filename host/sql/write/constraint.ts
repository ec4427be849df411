/** Constraints that rows violate. */

import type { StoredTable } from "../catalog/table.js";
import type { Tuple } from "../execute/operator.js";
import type { ConflictAction } from "../parse/ast.js";
import type { Value } from "../value/value.js";
import { storageClass } from "../value/value.js";

/** `fail` and `rollback` end the statement differently from `abort`; the statement's runner looks at `action`. */
export class ConstraintError {
	readonly message: string;
	readonly action: ConflictAction;
	constructor(message: string, action: ConflictAction) {
		this.message = message;
		this.action = action;
	}
}

export function fail(message: string, action: ConflictAction | null): never {
	throw new ConstraintError(message, action ?? "abort");
}

/** What a column of a STRICT table takes besides NULL. */
const STRICT_CLASS: Readonly<Record<string, ReturnType<typeof storageClass>>> = {
	INT: "integer",
	INTEGER: "integer",
	REAL: "real",
	TEXT: "text",
	BLOB: "blob",
};

const CLASS_NAME = { null: "NULL", integer: "INT", real: "REAL", text: "TEXT", blob: "BLOB" } as const;

/** Checks a row of `[rowid, ...columns]`, already converted, of a STRICT table. */
export function checkTypes(table: StoredTable, row: Tuple): void {
	for (const [i, column] of table.columns.entries()) {
		const wanted = STRICT_CLASS[column.typeName];
		const value = row[i + 1] as Value; // rows are as wide as their table
		if (value === null || wanted === undefined) continue;
		const found = storageClass(value);
		if (found !== wanted)
			fail(`cannot store ${CLASS_NAME[found]} value in ${column.typeName} column ${table.name}.${column.name}`, null);
	}
}
