/** Links of the documents lead somewhere, and the index knows all guides. */

import { existsSync, readdirSync } from "node:fs";
import * as path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { root } from "../support/sources.js";
import { documents, textOf } from "./blocks.js";

const test = suite("links of the documents");

/** Those of contributors, too. */
const all = [...documents(), "host/README.md", "host/FORMAT.md", "assembly/README.md", "host/kernel/ts/README.md"];

/** Part of another page, not one by itself. */
const parts = ["docs/benchmark-notes.md"];

/** Written by others at this moment. */
const others = ["docs/kernel.md", "docs/runtimes.md", "docs/bundling.md", "docs/api/"];

interface Link {
	readonly from: string;
	readonly target: string;
	readonly anchor: string | undefined;
}

/** Relative ones, with their targets from the project's root. */
function linksOf(document: string): Link[] {
	const text = textOf(document).replace(/^```[\s\S]*?^```/gm, "");
	return [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link = ""]) => {
		if (/^[a-z]+:/.test(link)) return [];
		const [file = "", anchor] = link.split("#");
		const target = file === "" ? document : path.posix.join(path.posix.dirname(document), file);
		return [{ from: document, target, anchor }];
	});
}

/** The anchors of headings, as GitHub makes them; of equal ones the later ones are numbered. */
function anchorsOf(document: string): Set<string> {
	const headings =
		textOf(document)
			.replace(/^```[\s\S]*?^```/gm, "")
			.match(/^#+ .*$/gm) ?? [];
	const counts = new Map<string, number>();
	return new Set(
		headings.map((heading) => {
			const words = heading
				.replace(/^#+ /, "")
				.toLowerCase()
				.replace(/[^\p{L}\p{N}\s_-]/gu, "");
			const slug = words.trim().replace(/\s/g, "-");
			const count = counts.get(slug) ?? 0;
			counts.set(slug, count + 1);
			return count === 0 ? slug : `${slug}-${count}`;
		}),
	);
}

test("lead to files and headings that are there", () => {
	const links = all.flatMap(linksOf);
	assert.ok(links.length > 50);
	const broken = links.filter(({ target, anchor }) => {
		if (others.includes(target)) return false;
		if (!existsSync(path.join(root, target))) return true;
		return anchor !== undefined && !anchorsOf(target).has(anchor);
	});
	assert.equal(
		broken.map(({ from, target, anchor = "" }) => `${from}: ${target}#${anchor}`),
		[],
	);
});

test("the index leads to every document", () => {
	const known = new Set(linksOf("docs/README.md").map(({ target }) => target));
	const pages = readdirSync(path.join(root, "docs"))
		.filter((name) => name.endsWith(".md") && name !== "README.md")
		.map((name) => `docs/${name}`);
	assert.equal(
		pages.filter((page) => !known.has(page) && !parts.includes(page)),
		[],
	);
	assert.ok(linksOf("README.md").some(({ target }) => target === "docs/README.md"));
});

test.run();
