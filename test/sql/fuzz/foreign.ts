/** Foreign keys: of one column, to another table or the table itself. */

import type { Generator } from "./generator.js";
import type { Column } from "./schema-model.js";
import { optional, type Tree, tagged } from "./tree.js";

const ACTIONS = ["", "", " CASCADE", " SET NULL", " SET DEFAULT", " RESTRICT", " NO ACTION"];

/**
 * A constraint at the end of the table's definition; nothing where there is no key to refer to. `columns` are those that
 * may refer: not REAL ones, which refer to no rowid in SQLite, whatever they hold.
 */
export function foreignKey(
	g: Generator,
	name: string,
	columns: readonly Column[],
	keys: readonly { readonly columns: readonly string[] }[],
): Tree {
	const { random } = g;
	const single = (table: string, lists: readonly (readonly string[])[]) =>
		lists.flatMap(([column, ...others]) => (column === undefined || others.length > 0 ? [] : [{ table, column }]));
	const own = single(
		name,
		keys.map((key) => key.columns),
	);
	const parents = g.schema.tables.filter((table) => !table.log).flatMap((table) => single(table.name, table.keys));
	const choices = random.once(4) ? own : parents;
	if (choices.length === 0 || columns.length === 0) return "";
	const parent = random.pick(choices);
	const child = random.pick(columns).name;
	const action = (event: string) => {
		const what = random.pick(ACTIONS);
		return what === "" ? "" : optional` ON ${event}${what}`;
	};
	const deferred = random.once(4) ? optional` DEFERRABLE INITIALLY DEFERRED` : "";
	const on = [action("DELETE"), action("UPDATE"), deferred];
	const tree = optional`, FOREIGN KEY (${child}) REFERENCES ${parent.table}(${parent.column})${{ kind: "fixed", parts: on }}`;
	return tagged("foreign key", tree);
}
