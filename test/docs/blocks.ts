/** The documents that users read, and the fenced blocks in them. */

import { readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { root } from "../support/sources.js";

export interface Block {
	/** The document's path from the project's root. */
	readonly document: string;
	/** The heading that it stands under. */
	readonly heading: string;
	/** Of its first line of text, from 1. */
	readonly line: number;
	readonly language: string;
	/** With a line feed at the end. */
	readonly text: string;
	/** Of a program: what it prints, where a block of text follows with nothing between. */
	readonly prints?: string;
}

/** README, all of docs but what is made by a tool, and the READMEs with samples for users or contributors. */
export function documents(): string[] {
	const docs = readdirSync(path.join(root, "docs")).filter((name) => name.endsWith(".md"));
	return ["README.md", ...docs.sort().map((name) => `docs/${name}`), "examples/README.md", "bench/README.md"];
}

export function textOf(document: string): string {
	return readFileSync(path.join(root, document), "utf8");
}

export function blocksOf(document: string, text = textOf(document)): Block[] {
	const blocks: Block[] = [];
	let heading = "";
	let open: { readonly language: string; readonly line: number; readonly lines: string[] } | undefined;
	for (const [index, line] of text.split("\n").entries()) {
		const fence = /^```([\w-]*)/.exec(line);
		if (fence === null) {
			if (open !== undefined) open.lines.push(line);
			else heading = /^#+ (.*)$/.exec(line)?.[1] ?? heading;
		} else if (open === undefined) {
			open = { language: fence[1] ?? "", line: index + 2, lines: [] };
		} else {
			const { language, line: from, lines } = open;
			const text = `${lines.join("\n")}\n`;
			const last = blocks.at(-1);
			if (language === "text" && last?.language === "js" && last.line + last.text.split("\n").length + 1 === from - 1)
				blocks[blocks.length - 1] = { ...last, prints: text };
			blocks.push({ document, heading, line: from, language, text });
			open = undefined;
		}
	}
	if (open !== undefined) throw new Error(`${document}: the block at line ${open.line} has no end`);
	return blocks;
}

export function placeOf({ document, line }: Block): string {
	return `${document}:${line}`;
}

/** In the order of their first blocks, those for which `keyOf` says the same. */
export function grouped(blocks: readonly Block[], keyOf: (block: Block) => string): Block[][] {
	const groups = new Map<string, Block[]>();
	for (const block of blocks) {
		const group = groups.get(keyOf(block));
		if (group === undefined) groups.set(keyOf(block), [block]);
		else group.push(block);
	}
	return [...groups.values()];
}
