/**
 * Records what SQLite answers: `node dist/test/sql/record.js FILE...` runs each file's statements in SQLite 3.40.1 and
 * writes the file again with the results.
 *
 * A paragraph is a record of the sqllogictest format, or a statement alone, which becomes one. So a new transcript is
 * written as plain statements with blank lines between them; what stands there as a result is never trusted. `reset` begins
 * a fresh database. Comments stay. A query without ORDER BY is recorded as `rowsort`. Every column is of type T, as it
 * shows the most: 1 is not 1.0, and all 15 digits of a real.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { type Paragraph, paragraphs, shownRows } from "../support/slt-format.js";
import { Sqlite, SqliteError } from "../support/sqlite.js";

function recorded({ lines }: Paragraph, database: Sqlite): string[] {
	const comments = lines.filter((line) => line.startsWith("#"));
	const rest = lines.filter((line) => !line.startsWith("#"));
	const header = /^(statement|query)\b/.test(rest[0] ?? "") ? (rest.shift() ?? "") : "";
	const divider = rest.indexOf("----");
	const sql = divider === -1 ? rest : rest.slice(0, divider);
	if (sql.length === 0) return [...lines];
	try {
		const result = database.run(sql.join("\n"));
		if (result.columns.length === 0) return [...comments, "statement ok", ...sql];
		const asked = /\b(nosort|rowsort|valuesort)\b/.exec(header)?.[1];
		const sort = asked ?? (/\border\s+by\b/i.test(sql.join(" ")) || result.rows.length < 2 ? "nosort" : "rowsort");
		const types = "T".repeat(result.columns.length);
		return [...comments, `query ${types} ${sort}`, ...sql, "----", ...shownRows(result.rows, types, sort)];
	} catch (error) {
		if (!(error instanceof SqliteError)) throw error;
		const why = `# SQLite: ${error.message}`;
		return [...comments.filter((line) => !line.startsWith("# SQLite: ")), why, "statement error", ...sql];
	}
}

for (const path of process.argv.slice(2)) {
	let database = new Sqlite();
	const written: string[] = [];
	for (const paragraph of paragraphs(readFileSync(path, "utf8"))) {
		if (paragraph.lines[0]?.trim() === "reset") database = new Sqlite();
		const lines = paragraph.lines[0]?.trim() === "reset" ? paragraph.lines : recorded(paragraph, database);
		written.push(`${lines.join("\n")}\n`);
	}
	writeFileSync(path, written.join("\n"));
}
