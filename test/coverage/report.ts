import { readFileSync } from "node:fs";
import * as path from "node:path";
import { root } from "../support/sources.js";
import { type Coverage, type FileLines, figuresOf } from "./lines.js";

/** A table of lines per folder, and for each part of the project in total. */
export function figuresTable(coverage: Coverage): string {
	const folders = new Map<string, FileLines[]>();
	const put = (name: string, lines: FileLines) => folders.set(name, [...(folders.get(name) ?? []), lines]);
	for (const [file, lines] of coverage) {
		put(path.posix.dirname(file), lines);
		put(`${file.split("/")[0]} in total`, lines);
	}
	const rows = [["folder", "lines", "covered", "missed", "partly", "%"]];
	for (const name of [...folders.keys()].sort()) {
		const { lines, covered, partly } = figuresOf(folders.get(name) ?? []);
		const share = lines === 0 ? "" : ((100 * covered) / lines).toFixed(2);
		rows.push([name, ...[lines, covered, lines - covered, partly].map(String), share]);
	}
	const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
	const text = (row: readonly string[]) =>
		row
			.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
			.join("  ");
	return rows.map(text).join("\n");
}

/** The lines that did not run, or only in part, with their text. */
export function missedLines(coverage: Coverage): string {
	const told: string[] = [];
	for (const file of [...coverage.keys()].sort()) {
		const missed = [...(coverage.get(file) ?? [])].filter(([, state]) => state !== "covered");
		if (missed.length === 0) continue;
		const text = readFileSync(path.join(root, file), "utf8").split("\n");
		told.push(file);
		for (const [line, state] of missed.sort(([a], [b]) => a - b))
			told.push(`${String(line).padStart(5)} ${state} ${text[line - 1] ?? ""}`);
	}
	return told.join("\n");
}
