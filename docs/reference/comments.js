// Comments of declarations as Markdown.

/** The documentation comment right before a node, undefined where there is none. */
export function commentOf(node) {
	const before = node.getFullText().slice(0, node.getStart() - node.getFullStart());
	const start = before.lastIndexOf("/**");
	const end = before.lastIndexOf("*/");
	if (start < 0 || end < start) return undefined;
	return before
		.slice(start + 3, end)
		.split("\n")
		.map((line) => line.replace(/^\s*\* ?/, "").trimEnd())
		.join("\n")
		.trim();
}

export const isInternal = (node) => /@internal\b/.test(commentOf(node) ?? "");

/** Lines of a paragraph become one; those of a list stay, and so do those of code, which is indented. */
export function paragraphs(comment) {
	return comment
		.split(/\n[ \t]*\n/)
		.map((paragraph) => codeIn(paragraph) ?? paragraph.replace(/\n(?!\s*(?:- |\|))\s*/g, " ").trim())
		.filter((paragraph) => paragraph !== "");
}

function codeIn(paragraph) {
	const lines = paragraph.split("\n");
	if (!lines.every((line) => line.startsWith("    "))) return undefined;
	return ["```ts", ...lines.map((line) => line.slice(4)), "```"].join("\n");
}
