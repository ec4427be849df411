/** What is known of a line: nothing of it has run, only some of its parts, or all of them. */
export type LineState = "missed" | "partly" | "covered";

/** A file's lines that have code, by number from 1. */
export type FileLines = ReadonlyMap<number, LineState>;

/** Files by their path from the project's root. */
export type Coverage = ReadonlyMap<string, FileLines>;

/** A part of a file that runs or does not: a statement of the kernel, a piece of an expression of the host. */
export interface Part {
	readonly file: string;
	readonly line: number;
	readonly hit: boolean;
}

export function linesOf(parts: Iterable<Part>): Coverage {
	const files = new Map<string, Map<number, LineState>>();
	for (const { file, line, hit } of parts) {
		let lines = files.get(file);
		if (lines === undefined) {
			lines = new Map();
			files.set(file, lines);
		}
		const state = hit ? "covered" : "missed";
		const before = lines.get(line);
		lines.set(line, before === undefined || before === state ? state : "partly");
	}
	return files;
}

export interface Figures {
	readonly lines: number;
	readonly covered: number;
	readonly partly: number;
}

/** Of a line that ran in part is said that it did; how many of them there are is a figure of its own. */
export function figuresOf(files: Iterable<FileLines>): Figures {
	const figures = { lines: 0, covered: 0, partly: 0 };
	for (const lines of files) {
		for (const state of lines.values()) {
			figures.lines += 1;
			if (state !== "missed") figures.covered += 1;
			if (state === "partly") figures.partly += 1;
		}
	}
	return figures;
}
