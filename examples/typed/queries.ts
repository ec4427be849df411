// Written by wlsm typegen: changes are lost.
/* eslint-disable */

import type { Buffer } from "node:buffer";
import type { ColumnType, Generated } from "kysely";
import type { RunResult, SqlDatabase, Statement } from "wlsm";

declare module "wlsm" {
	interface DeclaredTables {
		kv: {
			key: string | Buffer;
			value: string | Buffer;
		};
	}

	interface DeclaredQueries {
		"SELECT b.title, b.year, a.name AS author FROM books AS b JOIN authors AS a ON a.id = b.author WHERE b.year < {before} ORDER BY b.year": {
			parameters: {
				before: number | bigint;
			};
			row: {
				title: string;
				year: number;
				author: string;
			};
		};
		"WITH gaps AS (SELECT title, year - lag(year) OVER (ORDER BY year) AS gap FROM books) SELECT title, gap FROM gaps ORDER BY gap DESC LIMIT 1": {
			parameters: Record<never, never>;
			row: {
				title: string;
				gap: number | null;
			};
		};
	}
}

/** The tables, for `Kysely<DB>`. */
export interface DB {
	authors: {
		id: Generated<number>;
		name: string;
		born: number | null;
	};
	books: {
		id: Generated<number>;
		author: number;
		title: string;
		year: number;
		tags: string | null;
		available: Generated<number>;
	};
	kv: {
		key: ColumnType<string | Buffer, string | Uint8Array, string | Uint8Array>;
		value: ColumnType<string | Buffer, string | Uint8Array, string | Uint8Array>;
	};
}

/** A database, or its `sql`. */
export type SqlSource = SqlDatabase | { readonly sql: SqlDatabase };

export interface BooksPerAuthorParameters {
	least: number | bigint;
}

export interface BooksPerAuthorRow {
	name: string;
	books: number;
	newest: number;
}

const booksPerAuthorText =
	"SELECT a.name, count(*) AS books, max(b.year) AS newest\nFROM authors AS a JOIN books AS b ON b.author = a.id\nGROUP BY a.id HAVING count(*) >= {least} ORDER BY books DESC, a.name";

/** Authors with at least so many books, and the newest of these. */
export function booksPerAuthor(db: SqlSource, parameters: BooksPerAuthorParameters): BooksPerAuthorRow[] {
	return prepared(db, booksPerAuthorText).all(parameters) as BooksPerAuthorRow[];
}

export interface LendParameters {
	title: string;
}

const lendText = "UPDATE books SET available = 0 WHERE title = {title} AND available";

export function lend(db: SqlSource, parameters: LendParameters): RunResult {
	return prepared(db, lendText).run(parameters);
}

function prepared(db: SqlSource, text: string): Statement {
	return ("sql" in db ? db.sql : db).prepare(text);
}
