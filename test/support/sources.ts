import { readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { fileURLToPath } from "node:url";

/** The project's root: compiled tests lie in dist/test/<folder>. */
export const root = fileURLToPath(new URL("../../../", import.meta.url));

export interface Source {
	/** Relative to the root, with forward slashes. */
	readonly path: string;
	readonly text: string;
}

const SKIPPED = new Set(["node_modules", "dist"]);

/** Files of the folders with one of the endings, generated ones left out. */
export function sources(folders: readonly string[], endings: readonly string[]): Source[] {
	const found: Source[] = [];
	const walk = (folder: string) => {
		for (const entry of readdirSync(path.join(root, folder), { withFileTypes: true })) {
			const name = `${folder}/${entry.name}`;
			if (entry.isDirectory()) {
				if (!SKIPPED.has(entry.name)) walk(name);
			} else if (endings.some((ending) => name.endsWith(ending)) && !name.includes(".generated.")) {
				found.push({ path: name, text: readFileSync(path.join(root, name), "utf8") });
			}
		}
	};
	for (const folder of folders) walk(folder);
	return found;
}

/** What a source imports: paths relative to the root without ending, or the names of modules. */
export function importsOf(source: Source): string[] {
	const found: string[] = [];
	const statement =
		/^\s*(?:import|export)\b[^;"']*?\bfrom\s+["']([^"']+)["']|^\s*import\s+["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']/gm;
	for (const match of source.text.matchAll(statement)) {
		const name = (match[1] ?? match[2] ?? match[3]) as string;
		const relative = name.startsWith(".");
		found.push(relative ? path.posix.join(path.posix.dirname(source.path), name).replace(/\.(js|ts)$/, "") : name);
	}
	return found;
}
