/** Columns of declared tables, and what refers to them. */

import { invalid, isPlainObject, shown } from "./names.js";

/** What becomes of rows that refer to a row which goes or changes. */
export type ForeignAction = "no action" | "restrict" | "set null" | "set default" | "cascade";

/** What becomes of rows that refer to another, where that goes or changes. */
export interface ForeignActions {
	/** What becomes of rows that refer to a row which is deleted; "no action", unless given, refuses that. */
	readonly onDelete?: ForeignAction;
	/** The same where the key of a row changes. */
	readonly onUpdate?: ForeignAction;
}

const ACTIONS: readonly unknown[] = ["no action", "restrict", "set null", "set default", "cascade"];

export function checkedActions(actions: unknown): Required<ForeignActions> {
	if (!isPlainObject(actions)) throw invalid(`The actions of a reference are an object, not ${shown(actions)}.`);
	for (const name of Object.keys(actions)) {
		if (name !== "onDelete" && name !== "onUpdate")
			throw invalid(`A reference has onDelete and onUpdate, and no ${shown(name)}.`);
	}
	const actionOf = (name: "onDelete" | "onUpdate"): ForeignAction => {
		const action = actions[name] ?? "no action";
		if (ACTIONS.includes(action)) return action as ForeignAction;
		throw invalid(`${name} of a reference is one of ${ACTIONS.join(", ")}, not ${shown(action)}.`);
	};
	return { onDelete: actionOf("onDelete"), onUpdate: actionOf("onUpdate") };
}

/** The table of a column, as far as what refers to it must know. */
export interface ReferredTable {
	readonly name: string;
	/** Whether at most one row has given values of these columns, in whatever order they come. */
	isKey(columns: readonly string[]): boolean;
}

/** A column of a declared table, such as `users.id`; `Value` is what it holds. */
export class TableColumn<out Value = unknown> {
	/** For the compiler alone. */
	declare readonly "~value": Value;
	/** The table's name. */
	readonly table: string;
	/** The column's name in SQL. */
	readonly name: string;
	readonly #owner: ReferredTable;

	/** @internal */
	constructor(owner: ReferredTable, name: string) {
		this.table = owner.name;
		this.name = name;
		this.#owner = owner;
	}

	/** @internal */
	static ownerOf(column: TableColumn): ReferredTable {
		return column.#owner;
	}
}
