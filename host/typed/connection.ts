/** Which connection a table works on, and what is prepared for it. */

import type { SqlDatabase, Statement } from "../index.js";
import { invalid, shown } from "./names.js";

/** Where a table's rows are: an open database, or its `sql`. */
export type SqlSource = SqlDatabase | { readonly sql: SqlDatabase };

export function sqlOf(db: SqlSource): SqlDatabase {
	if (typeof db === "object" && db !== null) {
		const sql: Partial<SqlDatabase> | undefined = "sql" in db ? db.sql : db;
		if (typeof sql?.prepare === "function") return sql as SqlDatabase;
	}
	throw invalid(`The first argument is an open database, or its sql, not ${shown(db)}.`);
}

/** A statement that is prepared once for each connection. */
export class Prepared {
	readonly text: string;
	/** By connection, so that a closed one is not kept. */
	readonly #known = new WeakMap<SqlDatabase, Statement>();

	constructor(text: string) {
		this.text = text;
	}

	on(sql: SqlDatabase): Statement {
		const known = this.#known.get(sql);
		if (known !== undefined) return known;
		const statement = prepared(sql, this.text);
		this.#known.set(sql, statement);
		return statement;
	}
}

/** With integers as `number` where they fit, whatever the connection's default is. */
export function prepared(sql: SqlDatabase, text: string): Statement {
	return sql.prepare(text).safeIntegers(false);
}

/** So many texts are remembered, as many as a connection remembers plans of. */
const MAX_TEXTS = 64;

/** Texts that begin alike: the same one for the same end, so that whoever looks it up need not read it from end to end again. */
export class Texts {
	readonly #beginning: string;
	readonly #known = new Map<string, string>();

	constructor(beginning: string) {
		this.#beginning = beginning;
	}

	endingWith(end: string): string {
		const known = this.#known.get(end);
		if (known !== undefined) return known;
		const text = `${this.#beginning}${end}`;
		if (this.#known.size >= MAX_TEXTS) this.#known.clear();
		this.#known.set(end, text);
		return text;
	}
}
