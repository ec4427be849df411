/** What a program does with the types that are generated of its queries and its schema. It is compiled, not run. */

import type { Buffer } from "node:buffer";
import { type Insertable, Kysely, type Selectable, SqliteDialect, type Updateable } from "kysely";
import type { Database, DeclaredQueries, DeclaredTables, RunResult, SqlDatabase } from "wlsm";
import { addOrder, countCustomers, type DB, type FindOrderRow, findOrder, ordersOf, setStock } from "./wlsm-queries.js";

/** Compiles where both are the same type. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(..._same: Same<A, B> extends true ? [] : [never]) => {};

export function queries(sql: SqlDatabase): void {
	sql.prepare("SELECT name, email FROM customers WHERE credit > ? AND since >= ?");
	sql.prepare(`SELECT c.name, o.total
		FROM customers AS c LEFT JOIN orders AS o ON o.customer = c.id
		WHERE c.id IN (:first, :second)`);
	sql.prepare("UPDATE customers SET photo = :photo, credit = credit + :more WHERE id = :id");
	sql.prepare('SELECT photo, "first order", total(credit) FROM customers');

	type Query<Text extends keyof DeclaredQueries> = DeclaredQueries[Text];
	type Rich = Query<"SELECT name, email FROM customers WHERE credit > ? AND since >= ?">;
	same<Rich["row"], { name: string; email: string | null }>();
	same<Rich["parameters"], readonly [number | bigint, number | bigint | string | Uint8Array]>();
	type Update = Query<"UPDATE customers SET photo = :photo, credit = credit + :more WHERE id = :id">;
	same<Update["parameters"], { photo: Uint8Array | null; more: number | bigint; id: number | bigint }>();
	same<Update["row"], never>();
	type Joined =
		Query<"SELECT c.name, o.total\n\t\tFROM customers AS c LEFT JOIN orders AS o ON o.customer = c.id\n\t\tWHERE c.id IN (:first, :second)">;
	same<Joined["row"], { name: string; total: number | null }>();
	type Quoted = Query<'SELECT photo, "first order", total(credit) FROM customers'>;
	same<Quoted["row"], { photo: Buffer | null; "first order": number | null; "total(credit)": number }>();
	// @ts-expect-error: no such query
	type _None = Query<"SELECT 1">;
}

export function tables(): void {
	same<DeclaredTables["stock"], { article: string; amount: number; label: Buffer }>();
	same<DeclaredTables["customers"]["first order"], number | null>();
	same<DeclaredTables["spending"], { id: number; name: string; total: number | null }>();
	same<DeclaredTables["kv"], { key: string | Buffer; value: string | Buffer }>();
}

export function functions(db: Database): void {
	const order = findOrder(db, { id: 1 });
	same<typeof order, FindOrderRow | undefined>();
	same<FindOrderRow["email"], string | null>();
	same<FindOrderRow["state"], string>();
	for (const { note } of ordersOf(db.sql, { customer: 1n, state: null })) same<typeof note, string | null>();
	const added = addOrder(db, { customer: 1, total: 2.5, note: null });
	same<typeof added, RunResult>();
	setStock(db, ["nails", 100, new Uint8Array(1)]);
	const [counts] = countCustomers(db);
	same<typeof counts, { customers: number; "most credit": number | null } | undefined>();
	// @ts-expect-error: what it is to be given is missing
	findOrder(db);
	// @ts-expect-error: of another type
	findOrder(db, { id: "1" });
	// @ts-expect-error: there is a parameter too many
	ordersOf(db, { customer: 1, state: "open", limit: 1 });
	// @ts-expect-error: NOT NULL
	addOrder(db, { customer: null, total: 1, note: null });
	// @ts-expect-error: one value is missing
	setStock(db, ["nails", 100]);
}

export async function kysely(db: Database): Promise<void> {
	const shop = new Kysely<DB>({ dialect: new SqliteDialect({ database: db.sql }) });
	// The key and what has a default may be left out, and what may be NULL.
	await shop.insertInto("orders").values({ customer: 1, total: 2.5 }).execute();
	await shop
		.insertInto("stock")
		.values({ article: "nails", amount: 1, label: new Uint8Array(1) })
		.execute();
	await shop.updateTable("customers").set({ photo: null, credit: 3 }).where("first order", "is not", null).execute();
	const rows = await shop.selectFrom("spending").select(["name", "total"]).where("total", ">", 10).execute();
	same<(typeof rows)[number], { name: string; total: number | null }>();
	same<Selectable<DB["customers"]>["photo"], Buffer | null>();
	same<Selectable<DB["customers"]>["id"], number>();
	same<Insertable<DB["customers"]>["photo"], Uint8Array | null | undefined>();
	same<Updateable<DB["orders"]>["note"], string | null | undefined>();
	// @ts-expect-error: the customer is missing
	shop.insertInto("orders").values({ total: 2.5 });
	// @ts-expect-error: it is computed
	shop.insertInto("customers").values({ name: "Ada", initial: "A" });
	// @ts-expect-error: rows of a view are not written
	shop.updateTable("spending").set({ total: 1 });
	// @ts-expect-error: no such column
	shop.selectFrom("orders").select("price");
}
