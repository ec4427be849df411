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

/** Lines of a paragraph become one; those of a list stay. */
export function paragraphs(comment) {
	return comment
		.split(/\n\s*\n/)
		.map((paragraph) => paragraph.replace(/\n(?!\s*(?:- |\|))\s*/g, " ").trim())
		.filter((paragraph) => paragraph !== "");
}
