import { loadCsv } from "../../host/load/index.js";
import { describe } from "../load-report.js";
import { columnsOf } from "../names.js";
import { filesOf, sourceOf } from "../sources.js";
import type { CommandContext } from "./commands.js";

/** Appends where the table is there. Rows that do not fit are told of. */
export async function importFile(pattern: string, table: string, context: CommandContext): Promise<void> {
	const sources = filesOf([pattern]).map(sourceOf);
	const db = await context.database();
	const ifExists = columnsOf(db, table).length > 0 ? ("append" as const) : undefined;
	const summary = await loadCsv(db, sources, { table, ifExists, signal: context.signal });
	const { sink } = context;
	await sink.tell(sink.look.display(describe(summary)));
	const shown = summary.firstRejected.map(({ line, column, reason }) => {
		const place = column === "" ? "" : `, column ${column}`;
		return sink.look.display(`  line ${line}${place}: ${reason}\n`);
	});
	if (summary.rejected > 0) await sink.tell(`${summary.rejected} rejected:\n${shown.join("")}`);
}
