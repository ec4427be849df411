/** Lines of a file that hold something to run: whether it was. */
export type Lines = Map<number, boolean>;

/** Lines by file, relative to the project. */
export type Coverage = Map<string, Lines>;

export function note(coverage: Coverage, file: string, line: number, covered: boolean): void {
	let lines = coverage.get(file);
	if (lines === undefined) {
		lines = new Map();
		coverage.set(file, lines);
	}
	lines.set(line, covered || lines.get(line) === true);
}

export interface Share {
	readonly covered: number;
	readonly lines: number;
}

/** Covered lines of each folder, as deep as `depth`. */
export function shares(coverage: Coverage, depth: number): Map<string, Share> {
	const folders = new Map<string, Share>();
	for (const [file, lines] of [...coverage].sort(([a], [b]) => (a < b ? -1 : 1))) {
		const folder = `${file.split("/").slice(0, -1).slice(0, depth).join("/")}/`;
		const { covered, lines: all } = folders.get(folder) ?? { covered: 0, lines: 0 };
		const reached = [...lines.values()].filter((line) => line).length;
		folders.set(folder, { covered: covered + reached, lines: all + lines.size });
	}
	return folders;
}

/** The lines that were not reached, as ranges: "12, 15-17". */
export function missed(lines: Lines): string {
	const ranges: [first: number, last: number][] = [];
	let open = false;
	for (const [line, covered] of [...lines].sort(([a], [b]) => a - b)) {
		const range = ranges.at(-1);
		// Lines with nothing to run do not end a range.
		if (!covered && open && range !== undefined) range[1] = line;
		else if (!covered) ranges.push([line, line]);
		open = !covered;
	}
	return ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(", ");
}
