/** The files of a project in which queries are looked for. */

import { readdirSync, statSync } from "node:fs";
import { basename, join, relative, resolve, sep } from "node:path";
import { WlsmError } from "../../host/errors.js";

/** Never looked into. */
const SKIPPED = new Set(["node_modules", "dist"]);

const SOURCE = /\.(?:[cm]?[jt]s|[jt]sx|sql)$/;

export interface Listing {
	/** Sorted, as absolute paths. */
	readonly files: readonly string[];
	/** The folders that were looked into, and those of files that were named. */
	readonly folders: readonly string[];
}

/** Under the given files and folders, but for what patterns take out. */
export function listFiles(paths: readonly string[], ignored: readonly string[]): Listing {
	const isIgnored = ignoring(ignored);
	const files = new Set<string>();
	const folders = new Set<string>();
	const visit = (folder: string) => {
		if (folders.has(folder)) return;
		folders.add(folder);
		for (const entry of entriesOf(folder)) {
			const path = join(folder, entry.name);
			if (isIgnored(path)) continue;
			if (entry.isDirectory()) {
				if (!SKIPPED.has(entry.name) && !entry.name.startsWith(".")) visit(path);
			} else if (entry.isFile() && SOURCE.test(entry.name)) files.add(path);
		}
	};
	for (const path of paths) {
		const full = resolve(path);
		const stat = statSync(full, { throwIfNoEntry: false });
		if (stat === undefined)
			throw new WlsmError("WLSM_INVALID_ARGUMENT", `There is no file or folder ${path}`, { file: path });
		if (stat.isDirectory()) visit(full);
		else {
			files.add(full);
			folders.add(resolve(full, ".."));
		}
	}
	return { files: [...files].sort(), folders: [...folders].sort() };
}

function entriesOf(folder: string) {
	try {
		return readdirSync(folder, { withFileTypes: true });
	} catch (error) {
		// Removed since it was seen, as build tools do.
		if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
		const reason = error instanceof Error ? error.message : String(error);
		throw new WlsmError("WLSM_IO", `Cannot read ${shownPath(folder)}: ${reason}`, { cause: error, file: folder });
	}
}

/** As it is called from the working directory, with forward slashes. */
export function shownPath(path: string): string {
	const name = relative(process.cwd(), path) || ".";
	return (name.startsWith(`..${sep}..`) ? path : name).split(sep).join("/");
}

/** A pattern without a slash is about names, any other about paths from the working directory; `**` is any number of folders. */
function ignoring(patterns: readonly string[]): (path: string) => boolean {
	const tests = patterns.map((pattern) => {
		const isName = !pattern.replace(/\/$/, "").includes("/");
		const expression = expressionOf(pattern.replace(/^\.\//, "").replace(/\/$/, ""));
		return (path: string) =>
			expression.test(isName ? basename(path) : relative(process.cwd(), path).split(sep).join("/"));
	});
	return (path) => tests.some((test) => test(path));
}

function expressionOf(pattern: string): RegExp {
	const text = pattern.replace(/\*\*\/|\*\*|\*|\?|[\\^$.|+()[\]{}]/g, (part) => {
		switch (part) {
			case "**/":
				return "(?:.*/)?";
			case "**":
				return ".*";
			case "*":
				return "[^/]*";
			case "?":
				return "[^/]";
			default:
				return `\\${part}`;
		}
	});
	return new RegExp(`^${text}$`, "su");
}
