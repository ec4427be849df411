/** An application over Drizzle's better-sqlite3 session. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { and, count, desc, eq, gt, like, max, sql as text } from "drizzle-orm";
import { migrate } from "drizzle-orm/better-sqlite3/migrator";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { SqlDatabase } from "../../../host/sql/index.js";
import { sqlStores } from "../../support/sql-stores.js";
import type { Shop } from "./shop.js";
import { customers, drizzle, MIGRATIONS, orders, orderTags, tags } from "./shop.js";

/** Runs `body` on a folder as drizzle-kit writes it. */
function withMigrations(body: (migrationsFolder: string) => void): void {
	const folder = mkdtempSync(join(tmpdir(), "wlsm-drizzle-"));
	try {
		const entries = Object.keys(MIGRATIONS).map((tag, idx) => ({
			idx,
			version: "6",
			when: 1 + idx,
			tag,
			breakpoints: true,
		}));
		mkdirSync(join(folder, "meta"));
		writeFileSync(join(folder, "meta", "_journal.json"), JSON.stringify({ version: "7", dialect: "sqlite", entries }));
		for (const [tag, script] of Object.entries(MIGRATIONS)) writeFileSync(join(folder, `${tag}.sql`), script);
		body(folder);
	} finally {
		rmSync(folder, { recursive: true });
	}
}

function migrated(sql: SqlDatabase): Shop {
	sql.pragma("foreign_keys = ON");
	const db = drizzle(sql);
	withMigrations((migrationsFolder) => {
		migrate(db as never, { migrationsFolder });
		// A second time it finds nothing to do.
		migrate(db as never, { migrationsFolder });
	});
	return db;
}

const SINCE = new Date("2024-05-06T07:08:09Z");

function filled(sql: SqlDatabase): Shop {
	const db = migrated(sql);
	db.insert(customers)
		.values([
			{ name: "Ada", since: SINCE, settings: { theme: "dark" } },
			{ name: "Bob", isActive: false },
		])
		.run();
	db.insert(orders)
		.values([
			{ customerId: 1, total: 10.5, note: "first", cents: 1050n },
			{ customerId: 1, total: 3 },
			{ customerId: 2, total: 7 },
		])
		.run();
	db.insert(tags)
		.values([{ label: "gift" }, { label: "express" }])
		.run();
	db.insert(orderTags)
		.values([
			{ orderId: 1, tagId: 1 },
			{ orderId: 1, tagId: 2 },
			{ orderId: 3, tagId: 2 },
		])
		.run();
	return db;
}

for (const store of await sqlStores()) {
	const test = suite(`Drizzle over the ${store.name}`);
	const with_ = (name: string, body: (sql: SqlDatabase) => void) =>
		test(name, () => {
			const { sql, close } = store.open();
			body(sql);
			close();
		});

	with_("migrates from a folder, once", (sql) => {
		const db = migrated(sql);
		assert.equal(
			db
				.all<{ name: string }>(text`SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name`)
				.map(({ name }) => name),
			["__drizzle_migrations", "customers", "order_tags", "orders", "sqlite_sequence", "tags"],
		);
		assert.equal(db.get(text`SELECT count(*) AS n FROM __drizzle_migrations`), { n: 2 });
		assert.equal(sql.pragma("foreign_key_list(orders)"), [
			{
				id: 0,
				seq: 0,
				table: "customers",
				from: "customer_id",
				to: "id",
				on_update: "NO ACTION",
				on_delete: "CASCADE",
				match: "NONE",
			},
		]);
	});

	with_("maps booleans, timestamps, JSON and bigints there and back", (sql) => {
		const db = filled(sql);
		assert.equal(db.select().from(customers).orderBy(customers.id).all(), [
			{ id: 1, name: "Ada", isActive: true, since: SINCE, settings: { theme: "dark" } },
			{ id: 2, name: "Bob", isActive: false, since: null, settings: null },
		]);
		assert.equal(db.select({ cents: orders.cents }).from(orders).where(eq(orders.id, 1)).get(), { cents: 1050n });
		assert.is(db.select().from(orders).where(eq(orders.id, 99)).get(), undefined);
		assert.equal(db.select({ id: orders.id, note: orders.note }).from(orders).where(gt(orders.total, 5)).values(), [
			[1, "first"],
			[3, "none"],
		]);
	});

	with_("writes with RETURNING and ON CONFLICT", (sql) => {
		const db = filled(sql);
		assert.equal(
			db.insert(customers).values({ name: "Cyd" }).returning({ id: customers.id, on: customers.isActive }).get(),
			{
				id: 3,
				on: true,
			},
		);
		const upsert = db
			.insert(customers)
			.values({ name: "Cyd", isActive: false })
			.onConflictDoUpdate({ target: customers.name, set: { isActive: text`excluded.is_active` } });
		assert.equal(
			upsert
				.returning()
				.all()
				.map(({ id, isActive }) => [id, isActive]),
			[[3, false]],
		);
		assert.equal(db.insert(customers).values({ name: "Cyd" }).onConflictDoNothing().returning().all(), []);
		assert.equal(
			db
				.update(orders)
				.set({ total: text`${orders.total} * 2` })
				.where(eq(orders.customerId, 1))
				.run(),
			{
				changes: 2,
				lastInsertRowid: 3,
			},
		);
		assert.equal(db.delete(orders).where(like(orders.note, "FIRST")).returning({ total: orders.total }).all(), [
			{ total: 21 },
		]);
		assert.throws(() => db.insert(orders).values({ customerId: 1, total: 1 }).run(), /UNIQUE constraint failed/);
	});

	with_("joins, groups, subqueries, CTEs and prepared statements", (sql) => {
		const db = filled(sql);
		const joined = db
			.select()
			.from(customers)
			.innerJoin(orders, eq(orders.customerId, customers.id))
			.where(and(eq(customers.name, "Ada"), gt(orders.total, 5)))
			.all();
		assert.equal(
			joined.map((row) => [row.customers.name, row.orders.note]),
			[["Ada", "first"]],
		);
		const worth = db.$with("worth").as(
			db
				.select({ customerId: orders.customerId, orders: count().as("orders"), most: max(orders.total).as("most") })
				.from(orders)
				.groupBy(orders.customerId),
		);
		assert.equal(
			db
				.with(worth)
				.select({ name: customers.name, orders: worth.orders, most: worth.most })
				.from(customers)
				.leftJoin(worth, eq(worth.customerId, customers.id))
				.orderBy(desc(worth.most))
				.all(),
			[
				{ name: "Ada", orders: 2, most: 10.5 },
				{ name: "Bob", orders: 1, most: 7 },
			],
		);
		const byName = db
			.select({ id: customers.id })
			.from(customers)
			.where(eq(customers.name, text.placeholder("name")))
			.prepare();
		assert.equal(byName.get({ name: "Bob" }), { id: 2 });
		assert.equal(byName.all({ name: "nobody" }), []);
		assert.is(orderCount(db), 3);
	});

	with_("relational queries come as JSON from one statement", (sql) => {
		const db = filled(sql);
		const found = db.query.customers
			.findMany({
				columns: { name: true },
				where: (table, { ne }) => ne(table.name, "nobody"),
				orderBy: (table) => [desc(table.name)],
				with: {
					orders: {
						columns: { note: true, total: true },
						orderBy: (table, { asc }) => [asc(table.total)],
						limit: 5,
						with: { tags: { columns: {}, with: { tag: { columns: { label: true } } } } },
					},
				},
			})
			.sync();
		assert.equal(found, [
			{ name: "Bob", orders: [{ note: "none", total: 7, tags: [{ tag: { label: "express" } }] }] },
			{
				name: "Ada",
				orders: [
					{ note: "none", total: 3, tags: [] },
					{ note: "first", total: 10.5, tags: [{ tag: { label: "gift" } }, { tag: { label: "express" } }] },
				],
			},
		]);
		const first = db.query.orders.findFirst({ where: eq(orders.id, 1), with: { customer: true } }).sync();
		assert.equal(first?.customer, { id: 1, name: "Ada", isActive: true, since: SINCE, settings: { theme: "dark" } });
		assert.is(db.query.orders.findFirst({ where: eq(orders.id, 99) }).sync(), undefined);
	});

	with_("transactions commit, roll back and nest", (sql) => {
		const db = filled(sql);
		const id = db.transaction((tx) => {
			const customer = tx.insert(customers).values({ name: "Dee" }).returning().get();
			tx.insert(orders).values({ customerId: customer.id, total: 1 }).run();
			return customer.id;
		});
		assert.is(id, 3);
		assert.throws(
			() =>
				db.transaction((tx) => {
					tx.delete(orders).run();
					tx.rollback();
				}),
			/Rollback/,
		);
		assert.is(orderCount(db), 4);
		db.transaction(
			(tx) => {
				tx.delete(orders).where(eq(orders.id, 2)).run();
				assert.throws(
					() =>
						tx.transaction((inner) => {
							inner.delete(orderTags).run();
							inner.delete(orders).run();
							inner.rollback();
						}),
					/Rollback/,
				);
			},
			{ behavior: "immediate" },
		);
		assert.is(orderCount(db), 3);
		db.delete(customers).where(eq(customers.id, 3)).run();
		assert.is(orderCount(db), 2, "the order of the customer went with it");
	});

	test.run();
}

function orderCount(db: Shop): number | undefined {
	return db.select({ count: count() }).from(orders).get()?.count;
}
