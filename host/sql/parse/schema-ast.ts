/** What grammar/sql.peggy yields for statements that change the schema. */

import type {
	ConflictAction,
	DeleteNode,
	ExpressionNode,
	InsertNode,
	NameNode,
	SelectNode,
	TableNameNode,
	UpdateNode,
} from "./ast.js";

export interface IndexedColumnNode {
	readonly expression: ExpressionNode;
	readonly descending: boolean;
}

interface Named {
	/** Of `CONSTRAINT name`. */
	readonly name: NameNode | null;
}

export type ForeignAction = "no action" | "restrict" | "set null" | "set default" | "cascade";

export interface ReferencesNode {
	readonly type: "references";
	readonly table: NameNode;
	/** Empty for the primary key of the other table. */
	readonly columns: readonly NameNode[];
	readonly onDelete: ForeignAction;
	readonly onUpdate: ForeignAction;
	readonly deferred: boolean;
	readonly at: number;
}

export type ColumnConstraintNode = Named &
	(
		| {
				readonly type: "primaryKey";
				readonly descending: boolean;
				readonly onConflict: ConflictAction | null;
				readonly autoincrement: boolean;
				readonly at: number;
		  }
		| { readonly type: "notNull" | "unique"; readonly onConflict: ConflictAction | null }
		| { readonly type: "null" }
		| { readonly type: "check"; readonly expression: ExpressionNode; readonly text: string }
		| {
				readonly type: "default";
				readonly expression: ExpressionNode;
				/** Without brackets around it. */
				readonly text: string;
				/** Not in brackets. */
				readonly isLiteral: boolean;
		  }
		| { readonly type: "collate"; readonly collation: NameNode }
		| ReferencesNode
		| {
				readonly type: "generated";
				readonly expression: ExpressionNode;
				readonly text: string;
				readonly stored: boolean;
				readonly at: number;
		  }
	);

export type TableConstraintNode = Named &
	(
		| {
				readonly type: "primaryKey";
				readonly columns: readonly IndexedColumnNode[];
				readonly onConflict: ConflictAction | null;
				readonly autoincrement: boolean;
				readonly at: number;
		  }
		| {
				readonly type: "unique";
				readonly columns: readonly IndexedColumnNode[];
				readonly onConflict: ConflictAction | null;
				readonly at: number;
		  }
		| { readonly type: "check"; readonly expression: ExpressionNode; readonly text: string }
		| (ReferencesNode & { readonly from: readonly NameNode[] })
	);

export interface ColumnDefinitionNode {
	readonly name: NameNode;
	readonly typeName: string;
	readonly constraints: readonly ColumnConstraintNode[];
	readonly at: number;
}

export interface CreateTableNode {
	readonly type: "createTable";
	readonly temporary: boolean;
	readonly ifNotExists: boolean;
	readonly name: TableNameNode;
	readonly columns: readonly ColumnDefinitionNode[];
	readonly constraints: readonly TableConstraintNode[];
	/** In lower case: "without rowid", "strict". */
	readonly options: readonly string[];
	readonly select: SelectNode | null;
	/** Where a further column would stand: at the comma before the constraints, or at the closing bracket. */
	readonly columnsEnd: number;
	readonly at: number;
}

export interface CreateIndexNode {
	readonly type: "createIndex";
	readonly unique: boolean;
	readonly ifNotExists: boolean;
	readonly name: TableNameNode;
	readonly table: NameNode;
	readonly columns: readonly IndexedColumnNode[];
	readonly where: ExpressionNode | null;
	readonly at: number;
}

export interface CreateViewNode {
	readonly type: "createView";
	readonly temporary: boolean;
	readonly ifNotExists: boolean;
	readonly name: TableNameNode;
	readonly columns: readonly NameNode[] | null;
	readonly select: SelectNode;
	readonly at: number;
}

export type TriggerEvent = "insert" | "update" | "delete";
export type TriggerStepNode = SelectNode | InsertNode | UpdateNode | DeleteNode;

export interface CreateTriggerNode {
	readonly type: "createTrigger";
	readonly temporary: boolean;
	readonly ifNotExists: boolean;
	readonly name: TableNameNode;
	readonly time: "before" | "after" | "instead of";
	readonly event: TriggerEvent;
	/** Of UPDATE OF. */
	readonly columns: readonly NameNode[] | null;
	readonly table: TableNameNode;
	readonly when: ExpressionNode | null;
	readonly body: readonly TriggerStepNode[];
	readonly at: number;
}

export interface DropNode {
	readonly type: "dropTable" | "dropIndex" | "dropView" | "dropTrigger";
	readonly ifExists: boolean;
	readonly name: TableNameNode;
}

export interface AlterTableNode {
	readonly type: "alterTable";
	readonly name: TableNameNode;
	readonly change:
		| { readonly action: "rename table"; readonly to: NameNode }
		| { readonly action: "rename column"; readonly from: NameNode; readonly to: NameNode }
		| { readonly action: "add column"; readonly column: ColumnDefinitionNode; readonly text: string }
		| { readonly action: "drop column"; readonly column: NameNode };
}
