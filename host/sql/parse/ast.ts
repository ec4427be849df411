/**
 * What grammar/sql.peggy yields: the text's structure and nothing else. `at` is the offset of a node's first character
 * in the statement's text.
 */

import type {
	AlterTableNode,
	CreateIndexNode,
	CreateTableNode,
	CreateTriggerNode,
	CreateViewNode,
	DropNode,
	IndexedColumnNode,
} from "./schema-ast.js";

export type * from "./schema-ast.js";

/** A name as written; `quote` is empty for a bare word. A double-quoted name that names no column is a string. */
export interface NameNode {
	readonly text: string;
	readonly quote: "" | '"' | "`" | "[" | "'";
	readonly at: number;
}

export interface ParameterNode {
	readonly type: "parameter";
	/** With its sigil. */
	readonly text: string;
	readonly at: number;
}

export interface TableNameNode {
	readonly schema: string | null;
	readonly name: string;
	readonly at: number;
	/** Where the name itself begins, behind the schema's. */
	readonly nameAt: number;
}

export type UnaryOperator = "not" | "-" | "+" | "~";
export type BinaryOperator =
	| "="
	| "<>"
	| "is"
	| "is not"
	| "<"
	| "<="
	| ">"
	| ">="
	| "<<"
	| ">>"
	| "&"
	| "|"
	| "+"
	| "-"
	| "*"
	| "/"
	| "%"
	| "||"
	| "->"
	| "->>";
export type PatternOperator = "like" | "glob" | "regexp" | "match";

/** One step of a left-associative chain: applied to everything before it. */
export type ChainStep =
	| { readonly operator: BinaryOperator; readonly right: ExpressionNode }
	| { readonly operator: "isnull" | "notnull" }
	| {
			readonly operator: "between";
			readonly low: ExpressionNode;
			readonly high: ExpressionNode;
			readonly negated: boolean;
			readonly at: number;
	  }
	| {
			readonly operator: PatternOperator;
			readonly pattern: ExpressionNode;
			readonly escape: ExpressionNode | null;
			readonly negated: boolean;
			readonly at: number;
	  }
	| {
			readonly operator: "inList";
			readonly list: readonly ExpressionNode[];
			readonly negated: boolean;
			readonly at: number;
	  }
	| { readonly operator: "inQuery"; readonly select: SelectNode; readonly negated: boolean; readonly at: number }
	| { readonly operator: "inTable"; readonly table: TableNameNode; readonly negated: boolean; readonly at: number };

export interface ColumnNode {
	readonly type: "column";
	readonly schema: NameNode | null;
	readonly table: NameNode | null;
	readonly name: NameNode;
	readonly at: number;
}

export interface CallNode {
	readonly type: "call";
	readonly name: string;
	readonly star: boolean;
	readonly distinct: boolean;
	readonly arguments: readonly ExpressionNode[];
	readonly order: readonly OrderTermNode[];
	readonly filter: ExpressionNode | null;
	readonly over: WindowNode | null;
	readonly at: number;
}

export type FrameBoundNode =
	| { readonly type: "unbounded preceding" | "unbounded following" | "current row" }
	| { readonly type: "preceding" | "following"; readonly expression: ExpressionNode };

export interface FrameNode {
	readonly unit: string;
	readonly start: FrameBoundNode;
	readonly end: FrameBoundNode;
	readonly exclude: string;
}

export interface WindowNode {
	/** The window that this one takes over. */
	readonly base: NameNode | null;
	/** `OVER name`, which takes its frame too. */
	readonly whole: boolean;
	readonly partition: readonly ExpressionNode[];
	readonly order: readonly OrderTermNode[];
	readonly frame: FrameNode | null;
}

export interface SubqueryNode {
	readonly type: "subquery";
	readonly select: SelectNode;
	readonly at: number;
}

export type ExpressionNode =
	| { readonly type: "number"; readonly text: string; readonly at: number }
	| { readonly type: "string"; readonly value: string; readonly at: number }
	| { readonly type: "blob"; readonly hex: string; readonly at: number }
	| { readonly type: "null"; readonly at: number }
	| {
			readonly type: "now";
			readonly unit: "current_timestamp" | "current_date" | "current_time";
			readonly at: number;
	  }
	| ParameterNode
	| ColumnNode
	| CallNode
	/** `operators` in the order written: the last one is applied first. */
	| {
			readonly type: "unary";
			readonly operators: readonly UnaryOperator[];
			readonly operand: ExpressionNode;
			readonly at: number;
	  }
	| { readonly type: "chain"; readonly first: ExpressionNode; readonly rest: readonly ChainStep[] }
	| { readonly type: "and" | "or"; readonly operands: readonly ExpressionNode[] }
	| { readonly type: "collate"; readonly operand: ExpressionNode; readonly collation: NameNode }
	| { readonly type: "bracket"; readonly operand: ExpressionNode }
	| { readonly type: "row"; readonly items: readonly ExpressionNode[]; readonly at: number }
	| {
			readonly type: "case";
			readonly base: ExpressionNode | null;
			readonly whens: readonly { readonly when: ExpressionNode; readonly then: ExpressionNode }[];
			readonly otherwise: ExpressionNode | null;
			readonly at: number;
	  }
	| {
			readonly type: "cast";
			readonly operand: ExpressionNode;
			readonly typeName: string;
			readonly at: number;
	  }
	| SubqueryNode
	/** One of the values of a row, where a row is assigned. The parser yields none. */
	| {
			readonly type: "rowItem";
			readonly row: SubqueryNode;
			readonly index: number;
			/** How many values the row has to have. */
			readonly width: number;
			readonly at: number;
	  }
	/** A column of the first table in FROM, by position: of the one that UPDATE changes. The parser yields none. */
	| { readonly type: "position"; readonly column: number; readonly at: number }
	| { readonly type: "exists"; readonly select: SelectNode; readonly negated: boolean; readonly at: number }
	/** RAISE in a trigger. */
	| {
			readonly type: "raise";
			readonly action: "ignore" | "rollback" | "abort" | "fail";
			readonly message: string;
			readonly at: number;
	  }
	| { readonly type: "unsupported"; readonly feature: string; readonly at: number };

export interface OrderTermNode {
	readonly expression: ExpressionNode;
	readonly descending: boolean;
	readonly nulls: "first" | "last" | null;
}

export interface LimitNode {
	readonly limit: ExpressionNode;
	readonly offset: ExpressionNode | null;
}

export type ResultColumnNode =
	| { readonly type: "star"; readonly table: NameNode | null; readonly at: number }
	| {
			readonly type: "expression";
			readonly expression: ExpressionNode;
			/** The source text: the column's name where it has no alias. */
			readonly text: string;
			readonly alias: NameNode | null;
	  };

/** INDEXED BY a name, NOT INDEXED, or neither. */
export type IndexedNode = NameNode | "none" | null;

export type TableNode =
	| {
			readonly type: "table";
			readonly name: TableNameNode;
			readonly arguments: readonly ExpressionNode[] | null;
			readonly alias: NameNode | null;
			readonly indexed: IndexedNode;
			readonly at: number;
	  }
	| { readonly type: "subquery"; readonly select: SelectNode; readonly alias: NameNode | null; readonly at: number }
	| { readonly type: "nested"; readonly tables: TablesNode; readonly alias: NameNode | null; readonly at: number };

export interface TablesNode {
	readonly first: TableNode;
	readonly joins: readonly {
		readonly kind: "inner" | "left" | "right" | "full" | "cross";
		readonly natural: boolean;
		readonly comma: boolean;
		readonly table: TableNode;
		readonly constraint:
			| { readonly type: "on"; readonly condition: ExpressionNode }
			| { readonly type: "using"; readonly columns: readonly NameNode[] }
			| null;
	}[];
}

export interface CoreNode {
	readonly type: "core";
	readonly distinct: boolean;
	readonly columns: readonly ResultColumnNode[];
	readonly from: TablesNode | null;
	readonly where: ExpressionNode | null;
	readonly groupBy: readonly ExpressionNode[];
	readonly having: ExpressionNode | null;
	readonly windows: readonly { readonly name: NameNode; readonly window: WindowNode }[];
	readonly at: number;
}

export interface ValuesNode {
	readonly type: "values";
	readonly rows: readonly (readonly ExpressionNode[])[];
	readonly at: number;
}

export interface WithNode {
	readonly recursive: boolean;
	readonly tables: readonly {
		readonly name: NameNode;
		readonly columns: readonly NameNode[];
		readonly select: SelectNode;
	}[];
}

export interface SelectNode {
	readonly type: "select";
	readonly with: WithNode | null;
	readonly first: CoreNode | ValuesNode;
	readonly rest: readonly {
		readonly operator: "union all" | "union" | "intersect" | "except";
		readonly core: CoreNode | ValuesNode;
	}[];
	readonly order: readonly OrderTermNode[];
	readonly limit: LimitNode | null;
	readonly at: number;
}

export type ConflictAction = "abort" | "fail" | "ignore" | "replace" | "rollback";

export interface AssignmentNode {
	readonly columns: readonly NameNode[];
	readonly value: ExpressionNode;
}

export interface UpsertNode {
	readonly target: readonly IndexedColumnNode[] | null;
	readonly targetWhere: ExpressionNode | null;
	/** Null for DO NOTHING. */
	readonly assignments: readonly AssignmentNode[] | null;
	readonly where: ExpressionNode | null;
	readonly at: number;
}

export interface InsertNode {
	readonly type: "insert";
	readonly with: WithNode | null;
	readonly onConflict: ConflictAction | null;
	readonly table: TableNameNode;
	readonly alias: NameNode | null;
	readonly columns: readonly NameNode[] | null;
	readonly source: { readonly type: "defaults" } | { readonly type: "query"; readonly select: SelectNode };
	readonly upsert: readonly UpsertNode[];
	readonly returning: readonly ResultColumnNode[] | null;
}

export interface UpdateNode {
	readonly type: "update";
	readonly with: WithNode | null;
	readonly onConflict: ConflictAction | null;
	readonly table: TableNameNode;
	readonly alias: NameNode | null;
	readonly indexed: IndexedNode;
	readonly assignments: readonly AssignmentNode[];
	readonly from: TablesNode | null;
	readonly where: ExpressionNode | null;
	readonly returning: readonly ResultColumnNode[] | null;
	readonly order: readonly OrderTermNode[];
	readonly limit: LimitNode | null;
}

export interface DeleteNode {
	readonly type: "delete";
	readonly with: WithNode | null;
	readonly table: TableNameNode;
	readonly alias: NameNode | null;
	readonly indexed: IndexedNode;
	readonly where: ExpressionNode | null;
	readonly returning: readonly ResultColumnNode[] | null;
	readonly order: readonly OrderTermNode[];
	readonly limit: LimitNode | null;
}

export type TransactionNode =
	| { readonly type: "begin" | "commit" | "rollback" }
	| { readonly type: "savepoint" | "release" | "rollbackTo"; readonly name: NameNode };

export interface PragmaNode {
	readonly type: "pragma";
	readonly schema: string | null;
	readonly name: string;
	readonly value: string | null;
}

export type PlainStatementNode =
	| SelectNode
	| InsertNode
	| UpdateNode
	| DeleteNode
	| CreateTableNode
	| CreateIndexNode
	| CreateViewNode
	| CreateTriggerNode
	| DropNode
	| AlterTableNode
	| TransactionNode
	| PragmaNode
	| { readonly type: "vacuum"; readonly into: boolean; readonly at: number }
	| { readonly type: "reindex"; readonly name: TableNameNode | null }
	| { readonly type: "analyze"; readonly name: TableNameNode | null }
	| { readonly type: "unsupported"; readonly feature: string; readonly at: number };

export type StatementNode = (
	| PlainStatementNode
	| { readonly type: "explain"; readonly queryPlan: boolean; readonly statement: PlainStatementNode }
) & {
	/** All that stand in the text, in its order; absent where there are none. */
	readonly parameters?: readonly ParameterNode[];
};
