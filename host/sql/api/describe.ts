/** What a statement is, without running it. */

import type { StatementTypes } from "../describe/statement.js";
import { statementTypes } from "../describe/statement.js";
import type { ValueType } from "../describe/value-type.js";
import { ANYTHING, BLOB, INTEGER, never, REAL, TEXT } from "../describe/value-type.js";
import type { StatementNode } from "../parse/ast.js";
import type { Source } from "../parse/source.js";
import { statementText } from "../parse/source.js";
import { contextFor } from "./context.js";
import { keyOf } from "./parameters.js";
import { prepareStatement } from "./prepare.js";
import type { Session } from "./session.js";

/** What SQLite calls the types of values that are there. */
export type StorageClass = "integer" | "real" | "text" | "blob";

/**
 * What values can be. JavaScript has `number` for integer and real (beyond 2^53 an integer comes as `bigint`), `string` for text, `Buffer` for blob.
 *
 * Columns are trusted to hold what their declared types say, by affinity: INT integer and real, CHAR, CLOB and TEXT text,
 * BLOB blob, REAL, FLOA and DOUB real, anything else and no type anything. Only the key `INTEGER PRIMARY KEY` and columns of
 * STRICT tables are sure to. That results of arithmetic and math functions are not NULL leaves infinities out.
 */
export interface DescribedType {
	/** The storage classes that values can have; all four where nothing is known, none where every value is NULL. */
	readonly types: readonly StorageClass[];
	/** Whether it may be NULL. */
	readonly nullable: boolean;
}

/** A parameter is meant to be what it is compared with, inserted into, calculated with or cast to. */
export interface DescribedParameter extends DescribedType {
	/** Without the sigil; null for `?` and for numbers that are left out below a `?N`. */
	readonly name: string | null;
}

/** A column of what a statement returns. */
export interface DescribedColumn extends DescribedType {
	/** As in `columns()` and as the key of row objects, where of several columns of one name the last one's value stands. */
	readonly name: string;
	/** The table whose column it shows unchanged, else null. */
	readonly table: string | null;
	/** That column. */
	readonly column: string | null;
}

/** What a statement does. */
export type StatementKind =
	| "select"
	| "insert"
	| "update"
	| "delete"
	/** CREATE, ALTER, DROP. */
	| "schema"
	| "transaction"
	| "pragma"
	| "explain"
	/** ANALYZE, REINDEX, VACUUM. */
	| "upkeep";

/** What a statement is, without running it. */
export interface StatementDescription {
	/** Without what stands around it. */
	readonly text: string;
	/** By its first word; behind WITH by that of the statement itself. */
	readonly kind: StatementKind;
	/** It returns rows: a query, a RETURNING. */
	readonly reader: boolean;
	/** It leaves data as it is. */
	readonly readonly: boolean;
	/** As they are bound: positional ones in order, named ones where they stand first. */
	readonly parameters: readonly DescribedParameter[];
	/** Of its rows, in their order; none where it returns none. */
	readonly columns: readonly DescribedColumn[];
}

/** Throws what `prepare` throws for a statement that cannot be prepared. */
export function describeStatement(node: StatementNode, source: Source, session: Session): StatementDescription {
	const prepared = prepareStatement(node, source, session);
	const { parameters: nodes } = node;
	const context = () => contextFor(source, session.catalog(), session.functions, { parameters: nodes });
	const types = statementTypes(node.type === "explain" ? node.statement : node, context);
	const columns = prepared.columns.map(({ name, table, column }, i) => ({
		name,
		table,
		column,
		...described(columnType(node, types, i)),
	}));
	const parameters = prepared.parameters.names.map((name, i) => ({
		name: name === null ? null : keyOf(name),
		...described(types.parameters[i] ?? ANYTHING),
	}));
	return {
		text: statementText(source).trim(),
		kind: kindOf(node),
		reader: columns.length > 0,
		readonly: prepared.readOnly,
		parameters,
		columns,
	};
}

/** Of EXPLAIN: id, parent, notused, detail. */
const EXPLAINED = [never(INTEGER), never(INTEGER), never(INTEGER), never(TEXT)];

function columnType({ type }: StatementNode, { columns }: StatementTypes, index: number): ValueType {
	return (type === "explain" ? EXPLAINED : columns)[index] ?? ANYTHING;
}

const NAMES: readonly (readonly [bit: number, name: StorageClass])[] = [
	[INTEGER, "integer"],
	[REAL, "real"],
	[TEXT, "text"],
	[BLOB, "blob"],
];

function described({ classes, nullable }: ValueType): DescribedType {
	return { types: NAMES.flatMap(([bit, name]) => ((classes & bit) === 0 ? [] : [name])), nullable };
}

function kindOf({ type }: StatementNode): StatementKind {
	switch (type) {
		case "select":
		case "insert":
		case "update":
		case "delete":
		case "pragma":
		case "explain":
			return type;
		case "begin":
		case "commit":
		case "rollback":
		case "savepoint":
		case "release":
		case "rollbackTo":
			return "transaction";
		case "vacuum":
		case "reindex":
		case "analyze":
		case "unsupported":
			return "upkeep";
		default:
			return "schema";
	}
}
