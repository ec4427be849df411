/**
 * A small library, with its queries typed in each of the ways that docs/TYPED.md explains, and by Kysely, all over one database.
 * Run it with: npm run demo:typed
 */
import { Kysely, SqliteDialect } from "kysely";
import { type Database, open, sql } from "wlsm";
import { migrate } from "wlsm/typed";
import { booksPerAuthor, type DB, lend } from "./queries.js";
import { authors, books } from "./schema.js";

/** Rows in and out through the declared tables: methods for each column, no SQL. */
function fill(db: Database): void {
	const shelley = authors.insert(db, { name: "Mary Shelley", born: 1797 });
	const verne = authors.insert(db, { name: "Jules Verne", born: 1828 });
	books.insertMany(db, [
		{ author: shelley.id, title: "Frankenstein", year: 1818, tags: ["gothic"] },
		{ author: shelley.id, title: "The Last Man", year: 1826 },
		{ author: verne.id, title: "Around the World in Eighty Days", year: 1872, tags: ["travel", "adventure"] },
	]);
	const newest = books
		.where({ year: { gte: 1820 } })
		.orderBy("year", "desc")
		.limit(1)
		.first(db);
	console.log(`The newest book is ${newest?.title}, tagged ${newest?.tags?.join(" and ")}.`);
	console.log(`There are ${books.findByAuthor(db, shelley.id).length} by ${authors.findById(db, shelley.id)?.name}.`);
}

/** SQL where it is used: the compiler reads the text, and knows its rows and what it has to be given. */
function list(db: Database, before: number): void {
	const rows = db.sql.query(
		"SELECT b.title, b.year, a.name AS author FROM books AS b JOIN authors AS a ON a.id = b.author WHERE b.year < {before} ORDER BY b.year",
		{ before },
	);
	for (const { title, year, author } of rows) console.log(`${year}  ${title.padEnd(16)} ${author}`);
}

/** What is beyond the compiler's reading is typed by `wlsm typegen`, here and in queries.sql. */
function statistics(db: Database): void {
	const gaps = db.sql.query(
		"WITH gaps AS (SELECT title, year - lag(year) OVER (ORDER BY year) AS gap FROM books) SELECT title, gap FROM gaps ORDER BY gap DESC LIMIT 1",
	);
	for (const { title, gap } of gaps) console.log(`${title} came ${gap ?? 0} years after the one before.`);
	for (const { name, books, newest } of booksPerAuthor(db, { least: 2 })) {
		console.log(`${name} has ${books} books, the newest of ${newest}.`);
	}
	const { changes } = lend(db, { title: "Frankenstein" });
	console.log(`${changes} book is lent.`);
}

/** Conditions that are put together when the program runs: values are bound, whatever is in them. */
function search(db: Database, words: readonly string[]): string[] {
	const conditions = words.map((word) => sql`title LIKE ${`%${word}%`}`);
	const where = conditions.length === 0 ? sql`` : sql`WHERE ${sql.join(conditions, sql` OR `)}`;
	return db.sql.query(sql<{ title: string }>`SELECT title FROM books ${where} ORDER BY id`).map(({ title }) => title);
}

/** Kysely builds queries over the same tables; its interface `DB` is written by `wlsm typegen` too. */
async function withKysely(db: Database): Promise<void> {
	const shelf = new Kysely<DB>({ dialect: new SqliteDialect({ database: db.sql }) });
	const lent = await shelf.selectFrom("books").select(["title", "year"]).where("available", "=", 0).execute();
	for (const { title, year } of lent) console.log(`Lent: ${title} (${year}).`);
}

const db = await open(process.argv[2] ?? ":memory:");
try {
	migrate(db, [authors, books]);
	fill(db);
	list(db, 1850);
	statistics(db);
	console.log(`Found: ${search(db, ["man", "x'); DROP TABLE books; --"]).join(", ")}.`);
	await withKysely(db);
} finally {
	await db.close();
}
