/** The tables of the application, once: the database follows this file, and so does what the compiler knows of queries. */
import { boolean, integer, json, type StoredRow, table, text } from "wlsm/typed";

export const authors = table("authors", {
	id: integer().primaryKey(),
	name: text().notNull().unique(),
	born: integer(),
});

export const books = table("books", {
	id: integer().primaryKey(),
	author: integer()
		.notNull()
		.references(() => authors.id),
	title: text().notNull(),
	year: integer().notNull(),
	tags: json<string[]>(),
	available: boolean().notNull().default(true),
});

declare module "wlsm" {
	interface DeclaredTables {
		authors: StoredRow<typeof authors>;
		books: StoredRow<typeof books>;
	}
}
