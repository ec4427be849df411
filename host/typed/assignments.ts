/** What is given for columns, in the form of statements: one plan for each set of columns, as programs give the same ones again and again. */

import type { DefinedColumn } from "./declared.js";
import type { TableDefinition } from "./definition.js";
import type { Stored } from "./kinds.js";
import { invalid, quoted, shown } from "./names.js";
import { columnNamed, givenObject, storedIn } from "./rows.js";

/** So many sets are remembered. */
const MAX_PLANS = 64;

interface PlanOf<Plan> {
	readonly properties: readonly string[];
	readonly columns: readonly DefinedColumn[];
	readonly plan: Plan;
}

/** Plans by the properties that an object has, in their order. */
export class ColumnSets<Plan> {
	readonly #table: TableDefinition;
	readonly #make: (columns: readonly DefinedColumn[]) => Plan;
	readonly #known = new Map<string, PlanOf<Plan>>();
	#last: PlanOf<Plan> | undefined;

	constructor(table: TableDefinition, make: (columns: readonly DefinedColumn[]) => Plan) {
		this.#table = table;
		this.#make = make;
	}

	/** The plan for what is given, and the values in the order of the plan's columns. */
	of(given: unknown, what: string): { readonly plan: Plan; readonly values: (Stored | null)[] } {
		const object = givenObject(given, what, this.#table);
		const properties = Object.keys(object);
		const { columns, plan } = this.#planOf(properties);
		const values = new Array<Stored | null>(columns.length);
		for (let i = 0; i < columns.length; i++) {
			const column = columns[i] as DefinedColumn; // i is within
			values[i] = storedIn(column, object[column.property], this.#table);
		}
		return { plan, values };
	}

	#planOf(properties: readonly string[]): PlanOf<Plan> {
		const last = this.#last;
		if (last !== undefined && isSame(last.properties, properties)) return last;
		const name = JSON.stringify(properties);
		let found = this.#known.get(name);
		if (found === undefined) {
			const columns = properties.map((property) => columnNamed(property, this.#table));
			found = { properties, columns, plan: this.#make(columns) };
			if (this.#known.size >= MAX_PLANS) this.#known.clear();
			this.#known.set(name, found);
		}
		this.#last = found;
		return found;
	}
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
	if (a.length !== b.length) return false;
	for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
	return true;
}

/** What stands behind SET. */
export class Assignments {
	readonly #sets: ColumnSets<string>;
	readonly #table: TableDefinition;

	constructor(table: TableDefinition) {
		this.#table = table;
		this.#sets = new ColumnSets(table, (columns) => columns.map(({ name }) => `${quoted(name)} = ?`).join(", "));
	}

	of(changes: unknown): { readonly text: string; readonly values: (Stored | null)[] } {
		const { plan, values } = this.#sets.of(changes, "What is changed in rows");
		if (values.length === 0)
			throw invalid(`Nothing is given that is to be changed in rows of table ${shown(this.#table.name)}.`);
		return { text: plan, values };
	}
}
