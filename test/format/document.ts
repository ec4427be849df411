import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** host/FORMAT.md, from dist/test/format. */
export const FORMAT_DOCUMENT = fileURLToPath(new URL("../../../host/FORMAT.md", import.meta.url));
export const UPDATE_COMMAND = "npm run build:host && node dist/test/format/update.js";

/** A mark, and behind it a block of text that is a dump. */
const PLACE = /(<!-- dump: ([a-z-]+) -->\n```text\n)([\s\S]*?)```\n/g;

export function readDocument(): string {
	return readFileSync(FORMAT_DOCUMENT, "utf8");
}

/** The document with these dumps in their places. Each dump has exactly one. */
export function withDumps(document: string, dumps: ReadonlyMap<string, string>): string {
	const left = new Map(dumps);
	const updated = document.replace(PLACE, (_, mark: string, name: string) => {
		const dump = left.get(name);
		if (dump === undefined) throw new Error(`FORMAT.md has a place for "${name}", which is not made or has two places`);
		left.delete(name);
		return `${mark}${dump}\n\`\`\`\n`;
	});
	if (left.size > 0) throw new Error(`FORMAT.md has no place for the dumps ${[...left.keys()].join(", ")}`);
	return updated;
}

/** Where the document's dumps differ first from these, a line each; empty where they agree. */
export function differences(document: string, dumps: ReadonlyMap<string, string>): string[] {
	withDumps(document, dumps);
	return [...document.matchAll(PLACE)].flatMap(([, , name = "", text = ""]) => {
		const shown = text.split("\n");
		const made = `${dumps.get(name)}\n`.split("\n");
		const at = made.findIndex((line, i) => line !== shown[i]);
		if (at === -1 && made.length === shown.length) return [];
		return [`${name}, line ${at + 1}: the document has\n\t${shown[at]}\nbut the code writes\n\t${made[at]}`];
	});
}
