/** REFERENCES -> a foreign key. Whether the parent exists is asked when rows are written, as in SQLite. */

import type { ColumnDefinitionNode, NameNode, ReferencesNode } from "../parse/ast.js";
import type { Source } from "../parse/source.js";
import { sqlErrorAt } from "../parse/source.js";
import { foldCase } from "../value/compare.js";
import type { ForeignKey } from "./table.js";

export function foreignKey(
	node: ReferencesNode,
	from: readonly NameNode[],
	columns: readonly ColumnDefinitionNode[],
	source: Source,
): ForeignKey {
	if (node.columns.length > 0 && node.columns.length !== from.length) {
		const [only] = from;
		const message =
			!("from" in node) && only !== undefined
				? `foreign key on ${only.text} should reference only one column of table ${node.table.text}`
				: "number of columns in foreign key does not match the number of columns in the referenced table";
		throw sqlErrorAt(source, node.at, message);
	}
	return {
		columns: from.map((name) => {
			const folded = foldCase(name.text);
			const position = columns.findIndex((candidate) => foldCase(candidate.name.text) === folded);
			if (position !== -1) return position;
			throw sqlErrorAt(source, name.at, `unknown column "${name.text}" in foreign key definition`);
		}),
		parent: node.table.text,
		parentColumns: node.columns.length === 0 ? null : node.columns.map(({ text }) => text),
		onDelete: node.onDelete,
		onUpdate: node.onUpdate,
		deferred: node.deferred,
	};
}
