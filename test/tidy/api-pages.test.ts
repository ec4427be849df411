/* docs/api says what the declarations of types say, which are explained and name nothing that is not exported. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { root } from "../support/sources.js";

interface ApiTool {
	apiPages(): Promise<{ readonly texts: ReadonlyMap<string, string>; readonly problems: readonly string[] }>;
}

const { apiPages } = (await import(pathToFileURL(path.join(root, "docs/reference/api.js")).href)) as ApiTool;
const { texts, problems } = await apiPages();
const folder = path.join(root, "docs/api");

const tidy = suite("the pages of the interface");

tidy("every public name has a comment, and the types that it names are public", () => {
	assert.equal(problems, []);
});

tidy("the pages are those of the declarations: npm run build:host && npm run docs:api", () => {
	assert.equal(readdirSync(folder).sort(), [...texts.keys()].sort());
	const stale = [...texts].filter(([name, text]) => readFileSync(path.join(folder, name), "utf8") !== text);
	assert.equal(
		stale.map(([name]) => name),
		[],
	);
});

tidy("all entries have a page, and what is looked for is on it", () => {
	const manifest = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as { readonly exports: object };
	const entries = Object.keys(manifest.exports).filter((name) => !/\.\w+$/.test(name));
	const titles = [...texts.values()].flatMap((text) => /^# (wlsm.*)$/m.exec(text)?.[1] ?? []);
	assert.equal(titles.sort(), entries.map((name) => name.replace(/^\./, "wlsm")).sort());
	for (const [page, word] of [
		["wlsm.md", "`bloomBitsPerKey?: number`"],
		["wlsm.md", "#### putSync(), put()"],
		["level.md", "### WlsmLevel"],
		["load.md", "`delimiter?: string \\| undefined`"],
		["keyv.md", "### KeyvWlsm (also the default export)"],
		["unstorage.md", "### wlsmDriver (default export)"],
		["typed.md", "| `insertMany(db: `"],
		["kernel.md", "| `STATUS_NEED` | 2 |"],
	] as const)
		assert.ok(texts.get(page)?.includes(word), `${page}: ${word}`);
	for (const word of ["#private", "@internal", "Engine", "Session"])
		assert.not(
			[...texts].some(([, text]) => text.includes(word)),
			word,
		);
});

tidy("links lead somewhere", () => {
	const broken: string[] = [];
	for (const [page, text] of texts) {
		for (const [, target, anchor] of text.matchAll(/\]\(([\w-]+\.md)?#([^)]+)\)/g)) {
			if (!texts.get(target ?? page)?.includes(`<a id="${anchor}"></a>`)) broken.push(`${page}: ${target}#${anchor}`);
		}
	}
	assert.equal(broken, []);
});

tidy.run();
