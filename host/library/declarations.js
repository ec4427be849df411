import { readdir, readFile, rm } from "node:fs/promises";
import path from "node:path";

const IMPORTED = /\b(?:from|import)\s*\(?\s*["'](\.[^"']+)["']/g;

/** Removes from a folder's parts the declarations that no entry of the package leads to: those who install it need no others. */
export async function keepDeclarations(root, entries, parts) {
	const needed = new Set(entries.map((entry) => path.join(root, entry)));
	// Grows while it is walked.
	for (const file of needed) {
		for (const [, name] of (await readFile(file, "utf8")).matchAll(IMPORTED))
			needed.add(path.join(path.dirname(file), name.replace(/\.js$/, ".d.ts")));
	}
	for (const part of parts) {
		const folder = path.join(root, part);
		for (const name of await readdir(folder, { recursive: true })) {
			const file = path.join(folder, name);
			if (name.endsWith(".d.ts") && !needed.has(file)) await rm(file);
		}
	}
}
