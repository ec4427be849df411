import type { SniffedCsv } from "../host/load/index.js";

/** The words of the command line that were given and hold for the load too. */
export interface SniffedLine {
	readonly files: readonly string[];
	readonly table: string;
	readonly more: readonly string[];
}

/** A command line that says what was found out. */
export function lineOf(found: SniffedCsv, { files, table, more }: SniffedLine): string {
	const types = found.columns.map(({ name, type }) => `${name.replace(/[\\,]/g, "\\$&")}=${type}`).join(",");
	const delimiter = found.delimiter === "\t" ? "tab" : found.delimiter;
	const words = [
		...["--table", table],
		...["--delimiter", delimiter, "--quote", found.quote === "" ? "none" : found.quote],
		found.header ? "--header" : "--no-header",
		...["--types", types],
		...more,
	];
	const sources = files.map((file) => (file.startsWith("-") && file !== "-" ? `./${file}` : file));
	return ["wlsm", "load", ...sources, ...words].map(quoted).join(" ");
}

/** As a shell reads it back. */
function quoted(word: string): string {
	return /^[A-Za-z0-9_./:=,@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
