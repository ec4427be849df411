// The pages of docs/api, made of the declarations of types in dist. Run as a program it writes them; test/library/api-pages.test.ts looks
// whether they are what they should be.
//
// What reads the declarations is the compiler that the project is built with, by its interface for programs (typescript/unstable/sync).
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { indexOf, pageOf } from "./markdown.js";
import { readModel } from "./model.js";

const folder = new URL("../api/", import.meta.url);

/** Texts by file name, and what is to be mended in the comments before they are written. */
export async function apiPages() {
	const { pages, problems } = await readModel();
	return {
		texts: new Map([["README.md", indexOf(pages)], ...pages.map((page) => [page.page, pageOf(page)])]),
		problems,
	};
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const { texts, problems } = await apiPages();
	for (const problem of problems) console.error(problem);
	if (problems.length > 0) process.exitCode = 1;
	mkdirSync(folder, { recursive: true });
	for (const name of readdirSync(folder)) if (!texts.has(name)) rmSync(new URL(name, folder));
	for (const [name, text] of texts) writeFileSync(new URL(name, folder), text);
}
