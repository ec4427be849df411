/** What a load has done, for those who read it. */

import type { LoadSummary, RejectedRow } from "../host/load/index.js";
import { visible } from "./output.js";

const shownColumns = 50;

export function describe(summary: LoadSummary): string {
	const seconds = (summary.milliseconds / 1000).toFixed(2);
	const into = summary.table === undefined ? "key-value pairs" : `table ${summary.table}`;
	const lines = [`${summary.loaded} of ${summary.read} rows loaded into ${into} in ${seconds} s`];
	if (summary.table !== undefined) {
		const columns = summary.columns.slice(0, shownColumns).map(({ name, type }) => `${name} ${type.toUpperCase()}`);
		const more = summary.columns.length - columns.length;
		lines.push(`  columns: ${columns.join(", ")}${more > 0 ? ` and ${more} more` : ""}`);
	}
	const { ignored, replaced = 0 } = summary;
	if (ignored > 0) lines.push(`  ignored: ${rows(ignored)} whose key was taken`);
	if (replaced > 0) lines.push(`  replaced: ${rows(replaced)} took the place of others with the same key`);
	for (const { column, from, to } of summary.widened) lines.push(`  widened: ${column} from ${from} to ${to}`);
	return `${lines.join("\n")}\n`;
}

function rows(count: number): string {
	return count === 1 ? "1 row" : `${count} rows`;
}

/** A file with another delimiter is loaded without an error, into a single column. */
export function hintAtDelimiter({ columns }: LoadSummary): void {
	const [only, second] = columns;
	const delimiter =
		second === undefined ? [";", "\t", "|"].find((candidate) => only?.name.includes(candidate)) : undefined;
	if (only === undefined || delimiter === undefined) return;
	const option = delimiter === "\t" ? "tab" : `"${delimiter}"`;
	process.stderr.write(
		`note: all of the header is one column, ${JSON.stringify(only.name)}. Is it to be cut with --delimiter ${option}?\n`,
	);
}

interface Rejected {
	readonly files: readonly string[];
	readonly firstRejected: readonly RejectedRow[];
	/** Undefined where there are more than may be. */
	readonly rejected: number | undefined;
}

export function printRejected({ files, firstRejected, rejected }: Rejected, to: string | undefined): void {
	const where = to === undefined ? "" : `; all of them are in ${to}`;
	const lines = [`${rejected ?? "too many"} ${rejected === 1 ? "row" : "rows"} rejected${where}`];
	for (const { file, line, column, value, reason } of firstRejected) {
		const shown = value.length > 80 ? `${value.slice(0, 80)}…` : value;
		const place = `${files.length > 1 ? `${file}, ` : ""}line ${line}${column === "" ? "" : `, column ${column}`}`;
		lines.push(`  ${place}: ${reason}: ${JSON.stringify(shown)}`);
	}
	if (firstRejected.some(({ reason }) => reason === "not valid UTF-8"))
		lines.push("  if the text is in another encoding, say so: --encoding latin1 (or windows-1252)");
	process.stderr.write(`${visible(lines.join("\n"))}\n`);
}
