/** Functions that yield rows and stand in FROM. */

import type { Value } from "../value/value.js";

export interface TableFunctionColumn {
	readonly name: string;
	readonly typeName: string;
	/** An argument: it can be named, but `*` leaves it out. */
	readonly hidden: boolean;
}

export interface TableFunction {
	readonly name: string;
	readonly columns: readonly TableFunctionColumn[];
	readonly minimumArguments: number;
	readonly maximumArguments: number;
	rows(values: readonly Value[]): Iterable<Value[]>;
}
