/** SQL text that is changed in places, as ALTER TABLE does with what the catalog keeps. */

/** Replaces `[at, at + length)` by `text`. */
export interface Edit {
	readonly at: number;
	readonly length: number;
	readonly text: string;
}

export function edited(sql: string, edits: Iterable<Edit>): string {
	const ordered = [...edits].sort((a, b) => a.at - b.at);
	let text = "";
	let from = 0;
	for (const edit of ordered) {
		// A name that was found twice is one place all the same.
		if (edit.at < from) continue;
		text += sql.slice(from, edit.at) + edit.text;
		from = edit.at + edit.length;
	}
	return text + sql.slice(from);
}

const NAME = /"(?:[^"]|"")*"|`(?:[^`]|``)*`|'(?:[^']|'')*'|\[[^\]]*\]|[A-Za-z0-9_$\u0080-\uffff]+/y;

/** The length of the name that begins at `at`, with its quotes. */
export function nameLength(sql: string, at: number): number {
	NAME.lastIndex = at;
	return NAME.exec(sql)?.[0].length ?? 0;
}

export function quoted(name: string): string {
	return `"${name.replaceAll('"', '""')}"`;
}

const KEYWORDS = new Set(
	(
		"abort action add after all alter always analyze and as asc attach autoincrement before begin between by cascade " +
		"case cast check collate column commit conflict constraint create cross current current_date current_time " +
		"current_timestamp database default deferrable deferred delete desc detach distinct do drop each else end escape " +
		"except exclude exclusive exists explain fail filter first following for foreign from full generated glob group " +
		"groups having if ignore immediate in index indexed initially inner insert instead intersect into is isnull join " +
		"key last left like limit match materialized natural no not nothing notnull null nulls of offset on or order " +
		"others outer over partition plan pragma preceding primary query raise range recursive references regexp reindex " +
		"release rename replace restrict returning right rollback row rows savepoint select set table temp temporary then " +
		"ties to transaction trigger unbounded union unique update using vacuum values view virtual when where window " +
		"with without"
	).split(" "),
);

/** A name as SQLite writes it into texts of its own: in quotes where it must be. */
export function identifier(name: string): string {
	const isPlain = /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !KEYWORDS.has(name.toLowerCase());
	return isPlain ? name : quoted(name);
}
