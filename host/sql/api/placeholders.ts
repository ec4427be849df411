/** `{name}` in a statement's text stands for a named parameter. */

/** A text with named parameters in the place of its placeholders, each as long as what it replaces: offsets stay. */
export interface Placeholders {
	readonly text: string;
	/** In the order of the text, each once. */
	readonly names: readonly string[];
}

/** What hides braces: comments, strings and quoted names, also those that never end. And the placeholders. */
const TOKEN =
	/--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|'[^']*(?:'|$)|"[^"]*(?:"|$)|`[^`]*(?:`|$)|\[[^\]]*(?:\]|$)|\{([A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)\}/g;

/** `{id}` becomes `:id` and a blank. A brace with anything else behind it stays, and is an error of the parser's. */
export function placeholders(text: string): Placeholders {
	if (!text.includes("{")) return { text, names: [] };
	const names = new Set<string>();
	const rewritten = text.replace(TOKEN, (token, name: string | undefined) => {
		if (name === undefined) return token;
		names.add(name);
		return `:${name} `;
	});
	return { text: rewritten, names: [...names] };
}
