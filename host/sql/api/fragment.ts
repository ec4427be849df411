/** The tag `sql`: text of statements with values in it, which are bound. */

import type { SqlParameter } from "../typed/values.js";
import { describeGiven, invalid, loneSurrogate } from "./given.js";

/**
 * A part of a statement, or a whole one: its text, with `?` where a value stands, and the values in their order. `sql` makes them;
 * they are put into others as they are. `Row` is what its rows are said to be.
 */
export class SqlFragment<Row = Record<string, unknown>> {
	/** With `?` where a value stands. */
	readonly text: string;
	/** In the order in which they stand. */
	readonly values: readonly SqlParameter[];
	/** Never there: what the rows are, for the compiler. */
	declare readonly row?: Row;

	/** @internal */
	constructor(text: string, values: readonly SqlParameter[]) {
		this.text = text;
		this.values = values;
	}
}

function wellFormed(text: string, what: string): string {
	if (text.isWellFormed()) return text;
	throw loneSurrogate(what);
}

function checked(value: unknown): SqlParameter {
	switch (typeof value) {
		case "string":
			return wellFormed(value, "a value in sql`…`");
		case "number":
		case "bigint":
			return value;
		default:
			if (value === null || value instanceof Uint8Array) return value;
			throw invalid(
				`${kindOf(value)} is no value in sql\`…\`: these are numbers, strings, bigints, Uint8Arrays, null and fragments`,
			);
	}
}

function kindOf(value: unknown): string {
	return Array.isArray(value) ? "an array (sql.join makes a list of it)" : describeGiven(value);
}

/** Puts texts behind one another so that no two of their tokens become one, and none is taken for the end of a comment. */
class Builder {
	#text = "";
	/** The last part was no text of the tag itself. */
	#joined = false;
	readonly #values: SqlParameter[] = [];

	literal(text: string): void {
		const glued = this.#joined && /^[\w$`"'[\]|<>=!\-*/:@{}\u0080-\uffff]/.test(text);
		this.#text += glued ? ` ${text}` : text;
		this.#joined = false;
	}

	part(part: unknown): void {
		if (!(part instanceof SqlFragment)) {
			this.#values.push(checked(part));
			this.#append("?");
			return;
		}
		if (part.text === "") return;
		this.#append(part.text.includes("--") ? `${part.text}\n` : part.text);
		for (const value of part.values) this.#values.push(value);
	}

	#append(text: string): void {
		this.#text += /[^\s(,]$/.test(this.#text) ? ` ${text}` : text;
		this.#joined = true;
	}

	get fragment(): SqlFragment<never> {
		return new SqlFragment<never>(this.#text, this.#values);
	}
}

function tag<Row = Record<string, unknown>>(
	texts: TemplateStringsArray,
	...parts: readonly (SqlParameter | SqlFragment<unknown>)[]
): SqlFragment<Row> {
	// A call with a text would take it as it is.
	if (!Array.isArray(texts) || !Array.isArray(texts.raw)) throw invalid("sql is a tag for texts: write sql`…`");
	const builder = new Builder();
	for (const [index, text] of texts.entries()) {
		if (typeof text !== "string") throw invalid("sql`…` has an escape sequence that JavaScript does not know");
		builder.literal(wellFormed(text, "the text of sql`…`"));
		if (index < parts.length) builder.part(parts[index]);
	}
	return builder.fragment;
}

/** Values and fragments one behind the other, with a comma between them, or what is given. None of them is an empty text. */
function join(
	parts: Iterable<SqlParameter | SqlFragment<unknown>>,
	separator: SqlFragment<unknown> = COMMA,
): SqlFragment<never> {
	if (!(separator instanceof SqlFragment)) throw invalid("the separator of sql.join is a fragment: sql` AND `");
	const builder = new Builder();
	let count = 0;
	for (const part of parts) {
		if (count++ > 0) builder.part(separator);
		builder.part(part);
	}
	return builder.fragment;
}

/** The name of a table or a column, quoted: `sql.identifier("users", "first name")` is users."first name". */
function identifier(...names: readonly [string, ...string[]]): SqlFragment<never> {
	const quoted = names.map((name) => {
		if (typeof name !== "string" || name === "") throw invalid("sql.identifier takes names: texts that are not empty");
		// Not in double quotes: what names nothing would be a text then.
		return `\`${wellFormed(name, "a name").replaceAll("`", "``")}\``;
	});
	if (quoted.length === 0) throw invalid("sql.identifier takes at least one name");
	return new SqlFragment<never>(quoted.join("."), []);
}

const COMMA: SqlFragment<never> = new SqlFragment<never>(", ", []);

/** What `sql` is. */
export interface SqlTag {
	<Row = Record<string, unknown>>(
		texts: TemplateStringsArray,
		...parts: readonly (SqlParameter | SqlFragment<unknown>)[]
	): SqlFragment<Row>;
	/** Values and fragments one behind the other, with a comma between them, or what is given. None of them is an empty text. */
	join(parts: Iterable<SqlParameter | SqlFragment<unknown>>, separator?: SqlFragment<unknown>): SqlFragment<never>;
	/** The name of a table or a column, quoted: `sql.identifier("users", "first name")` is users."first name". */
	identifier(...names: readonly [string, ...string[]]): SqlFragment<never>;
}

/**
 * A tag for statements and parts of them. What stands in `${…}` is bound as a value, and never becomes text, unless it is a fragment
 * itself: `sql`SELECT * FROM users WHERE ${sql.join(conditions, sql` AND `)}``. `db.sql.query`, `queryOne` and `execute` take it.
 * TypeScript does not see the text of a tag, so that columns and parameters are not checked: `sql<User>`…`` says what the rows are.
 */
export const sql: SqlTag = Object.assign(tag, { join, identifier });
