/** An application over Kysely with its own SqliteDialect, which takes what has better-sqlite3's shape. */

import type { Generated, Migration } from "kysely";
import { Kysely, Migrator, SqliteDialect, sql as text } from "kysely";
import { jsonArrayFrom, jsonObjectFrom } from "kysely/helpers/sqlite";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { SqlDatabase } from "../../../host/sql/index.js";
import { sqlStores } from "../../support/sql-stores.js";

interface Author {
	id: Generated<number>;
	name: string;
	born: number | null;
}

interface Book {
	id: Generated<number>;
	author_id: number;
	title: string;
	price: number;
	tags: string;
}

interface Library {
	author: Author;
	book: Book;
	cheap_book: Pick<Book, "title" | "price">;
}

const MIGRATIONS: Record<string, Migration> = {
	"001_tables": {
		async up(db: Kysely<unknown>) {
			await db.schema
				.createTable("author")
				.addColumn("id", "integer", (column) => column.primaryKey().autoIncrement())
				.addColumn("name", "text", (column) => column.notNull().unique())
				.execute();
			await db.schema
				.createTable("book")
				.addColumn("id", "integer", (column) => column.primaryKey())
				.addColumn("author_id", "integer", (column) => column.notNull().references("author.id").onDelete("cascade"))
				.addColumn("title", "varchar(100)", (column) => column.notNull())
				.addColumn("price", "real", (column) => column.notNull().defaultTo(0).check(text`price >= 0`))
				.addColumn("tags", "text", (column) => column.notNull().defaultTo("[]"))
				.addUniqueConstraint("title_of_author", ["author_id", "title"])
				.execute();
			await db.schema.createIndex("book_title").on("book").columns(["title", "price desc"]).execute();
		},
		async down(db: Kysely<unknown>) {
			await db.schema.dropTable("book").execute();
			await db.schema.dropTable("author").execute();
		},
	},
	"002_born": {
		async up(db: Kysely<unknown>) {
			await db.schema.alterTable("author").addColumn("birth", "integer").execute();
			await db.schema.alterTable("author").renameColumn("birth", "born").execute();
		},
		async down(db: Kysely<unknown>) {
			await db.schema.alterTable("author").dropColumn("born").execute();
		},
	},
	"003_view": {
		async up(db: Kysely<Library>) {
			const cheap = db.selectFrom("book").select(["title", "price"]).where("price", "<", 10);
			await db.schema.createView("cheap_book").as(cheap).execute();
		},
		async down(db: Kysely<unknown>) {
			await db.schema.dropView("cheap_book").execute();
		},
	},
};

function migrator(db: Kysely<Library>): Migrator {
	return new Migrator({ db, provider: { getMigrations: async () => MIGRATIONS } });
}

async function migrated(sql: SqlDatabase): Promise<Kysely<Library>> {
	const db = new Kysely<Library>({ dialect: new SqliteDialect({ database: sql }) });
	const { error, results } = await migrator(db).migrateToLatest();
	assert.is(error, undefined);
	assert.equal(
		results?.map(({ migrationName, status }) => `${migrationName} ${status}`),
		["001_tables Success", "002_born Success", "003_view Success"],
	);
	return db;
}

async function filled(sql: SqlDatabase): Promise<Kysely<Library>> {
	const db = await migrated(sql);
	await db
		.insertInto("author")
		.values([
			{ name: "Lem", born: 1921 },
			{ name: "Le Guin", born: 1929 },
			{ name: "Homer", born: null },
		])
		.execute();
	await db
		.insertInto("book")
		.values([
			{ author_id: 1, title: "Solaris", price: 9.5, tags: '["sea"]' },
			{ author_id: 1, title: "Fiasco", price: 12, tags: '["first","contact"]' },
			{ author_id: 2, title: "The Dispossessed", price: 11.25, tags: "[]" },
		])
		.execute();
	return db;
}

for (const store of await sqlStores()) {
	const test = suite(`Kysely over the ${store.name}`);
	const with_ = (name: string, body: (sql: SqlDatabase) => Promise<void>) =>
		test(name, async () => {
			const { sql, close } = store.open();
			await body(sql);
			close();
		});

	with_("migrates up and down, and finds what is there", async (sql) => {
		const db = await migrated(sql);
		assert.equal((await migrator(db).migrateToLatest()).results, []);
		const tables = await db.introspection.getTables();
		assert.equal(
			tables.map(({ name, isView }) => [name, isView]),
			[
				["author", false],
				["book", false],
				["cheap_book", true],
			],
		);
		assert.equal(tables[0]?.columns, [
			column("id", "INTEGER", { isAutoIncrementing: true }),
			column("name", "TEXT", { isNullable: false }),
			column("born", "INTEGER"),
		]);
		assert.equal(tables[1]?.columns.slice(2), [
			column("title", "varchar(100)", { isNullable: false }),
			column("price", "REAL", { isNullable: false, hasDefaultValue: true }),
			column("tags", "TEXT", { isNullable: false, hasDefaultValue: true }),
		]);
		assert.is((await migrator(db).migrateDown()).error, undefined);
		assert.is((await migrator(db).migrateTo("001_tables")).error, undefined);
		assert.equal(
			(await db.introspection.getTables()).map(({ name, columns }) => `${name} ${columns.length}`),
			["author 2", "book 5"],
		);
	});

	with_("inserts with RETURNING and ON CONFLICT, and says what changed", async (sql) => {
		const db = await filled(sql);
		const { insertId, numInsertedOrUpdatedRows } = await db
			.insertInto("book")
			.values({ author_id: 3, title: "Iliad", price: 1, tags: "[]" })
			.executeTakeFirstOrThrow();
		assert.is(insertId, 4n);
		assert.is(numInsertedOrUpdatedRows, 1n);
		const raised = await db
			.insertInto("book")
			.values({ author_id: 3, title: "Iliad", price: 2, tags: "[]" })
			.onConflict((conflict) =>
				conflict.columns(["author_id", "title"]).doUpdateSet((eb) => ({ price: eb.ref("excluded.price") })),
			)
			.returning(["id", "price"])
			.execute();
		assert.equal(raised, [{ id: 4, price: 2 }]);
		const { numUpdatedRows } = await db
			.updateTable("book")
			.set((eb) => ({ price: eb("price", "*", 2) }))
			.where("price", ">", 10)
			.executeTakeFirstOrThrow();
		assert.is(numUpdatedRows, 2n);
		const { numDeletedRows } = await db.deleteFrom("book").where("author_id", "=", 1).executeTakeFirstOrThrow();
		assert.is(numDeletedRows, 2n);
		await refuses(
			db.insertInto("author").values({ name: "Lem", born: null }).execute(),
			/UNIQUE constraint failed: author.name/,
		);
		await refuses(
			db.insertInto("book").values({ author_id: 2, title: "x", price: -1, tags: "[]" }).execute(),
			/CHECK constraint failed/,
		);
	});

	with_("joins, groups, nests as JSON, pages with CTEs and windows", async (sql) => {
		const db = await filled(sql);
		const joined = await db
			.selectFrom("author as a")
			.leftJoin("book as b", "b.author_id", "a.id")
			.select(["a.name", (eb) => eb.fn.count("b.id").as("books"), (eb) => eb.fn.sum("b.price").as("worth")])
			.groupBy("a.id")
			.having((eb) => eb.fn.count("b.id"), "<", 5)
			.orderBy("books", "desc")
			.orderBy("a.name")
			.execute();
		assert.equal(joined, [
			{ name: "Lem", books: 2, worth: 21.5 },
			{ name: "Le Guin", books: 1, worth: 11.25 },
			{ name: "Homer", books: 0, worth: null },
		]);
		const nested = await db
			.selectFrom("author")
			.select((eb) => [
				"name",
				jsonArrayFrom(
					eb
						.selectFrom("book")
						.select(["title", "price"])
						.whereRef("book.author_id", "=", "author.id")
						.orderBy("title"),
				).as("books"),
				jsonObjectFrom(
					eb.selectFrom("book").select("title").whereRef("book.author_id", "=", "author.id").orderBy("price").limit(1),
				).as("cheapest"),
			])
			.where("name", "!=", "Le Guin")
			.orderBy("name")
			.execute();
		assert.equal(
			nested.map(({ name, books, cheapest }) => [name, JSON.parse(String(books)), JSON.parse(String(cheapest))]),
			[
				["Homer", [], null],
				[
					"Lem",
					[
						{ title: "Fiasco", price: 12 },
						{ title: "Solaris", price: 9.5 },
					],
					{ title: "Solaris" },
				],
			],
		);
		const ranked = await db
			.with("ranked", (cte) =>
				cte.selectFrom("book").select((eb) => [
					"title",
					eb.fn
						.agg<number>("row_number")
						.over((over) => over.partitionBy("author_id").orderBy("price", "desc"))
						.as("place"),
				]),
			)
			.selectFrom("ranked")
			.selectAll()
			.where("place", "=", 1)
			.orderBy("title")
			.execute();
		assert.equal(
			ranked.map(({ title }) => title),
			["Fiasco", "The Dispossessed"],
		);
		const titles: string[] = [];
		for await (const { title } of db.selectFrom("book").select("title").orderBy("id").stream()) titles.push(title);
		assert.equal(titles, ["Solaris", "Fiasco", "The Dispossessed"]);
		assert.equal(await db.selectFrom("cheap_book").selectAll().execute(), [{ title: "Solaris", price: 9.5 }]);
	});

	with_("transactions commit, roll back, and nest with savepoints", async (sql) => {
		const db = await filled(sql);
		await db.transaction().execute(async (tx) => {
			const { id } = await tx
				.insertInto("author")
				.values({ name: "Adams", born: 1952 })
				.returning("id")
				.executeTakeFirstOrThrow();
			await tx.insertInto("book").values({ author_id: id, title: "Guide", price: 4.2, tags: "[]" }).execute();
		});
		assert.equal(await titles(db), ["Fiasco", "Guide", "Solaris", "The Dispossessed"]);
		await refuses(
			db.transaction().execute(async (tx) => {
				await tx.deleteFrom("book").execute();
				throw new Error("changed my mind");
			}),
			/changed my mind/,
		);
		assert.equal(await titles(db), ["Fiasco", "Guide", "Solaris", "The Dispossessed"]);
		const controlled = await db.startTransaction().execute();
		await controlled.deleteFrom("book").where("title", "=", "Guide").execute();
		const inner = await controlled.savepoint("inner").execute();
		await inner.deleteFrom("book").execute();
		await inner.rollbackToSavepoint("inner").execute();
		await controlled.commit().execute();
		assert.equal(await titles(db), ["Fiasco", "Solaris", "The Dispossessed"]);
		await db.destroy();
		assert.not(sql.inTransaction);
	});

	test.run();
}

function column(
	name: string,
	dataType: string,
	{ isNullable = true, isAutoIncrementing = false, hasDefaultValue = false } = {},
) {
	return { name, dataType, isNullable, isAutoIncrementing, hasDefaultValue, comment: undefined };
}

async function titles(db: Kysely<Library>): Promise<string[]> {
	const rows = await db.selectFrom("book").select("title").orderBy("title").execute();
	return rows.map(({ title }) => title);
}

async function refuses(work: Promise<unknown>, message: RegExp): Promise<void> {
	const error = await work.then(
		() => undefined,
		(reason: unknown) => reason,
	);
	assert.instance(error, Error);
	assert.match((error as Error).message, message);
}
