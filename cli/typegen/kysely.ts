/** The interface that Kysely takes a database's tables by. */

import type { TableColumn, TableSchema } from "./schema.js";
import { keyText, parameterType, rowType } from "./types.js";

/** What of Kysely's types it needs, and its lines. */
export interface KyselyInterface {
	readonly imports: readonly string[];
	readonly text: string;
}

/** Columns that have defaults need not be given, and those that are computed cannot be. */
export function kyselyInterface(tables: readonly TableSchema[]): KyselyInterface {
	const imports = new Set<string>();
	const wrapped = (name: string, ...types: readonly string[]) => {
		imports.add(name);
		return `${name}<${types.join(", ")}>`;
	};
	const typeOf = (column: TableColumn): string => {
		const selected = rowType(column);
		if (column.filled === "always") return wrapped("GeneratedAlways", selected);
		if (column.types.length < 4 && !column.types.includes("blob"))
			return column.filled === "default" ? wrapped("Generated", selected) : selected;
		// Other bytes go in than come out.
		const given = parameterType({ ...column, nullable: false }).replace("number | bigint", "number");
		const updated = column.nullable ? `${given} | null` : given;
		const inserted = column.nullable || column.filled === "default" ? `${updated} | undefined` : updated;
		return wrapped("ColumnType", selected, inserted, updated);
	};
	const lines = tables.map(({ name, columns }) => {
		const members = columns.map((column) => memberText(column, typeOf(column)));
		return `\t${keyText(name)}: {\n${members.join("")}\t};\n`;
	});
	const text = `/** The tables, for \`Kysely<DB>\`. */\nexport interface DB {\n${lines.join("")}}\n`;
	return { imports: [...imports].sort(), text };
}

/** Beyond it, lines are broken as formatters break them. */
const MAX_COLUMNS = 116;

function memberText({ name }: TableColumn, type: string): string {
	const line = `\t\t${keyText(name)}: ${type};\n`;
	if (line.length <= MAX_COLUMNS) return line;
	return line.replace(/<(.*)>/, (_, types: string) => `<\n\t\t\t${types.replaceAll(", ", ",\n\t\t\t")}\n\t\t>`);
}
