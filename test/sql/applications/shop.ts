/** The schema of an application over Drizzle's better-sqlite3 session, and its database over `db.sql`. */

import type { ExtractTablesWithRelations } from "drizzle-orm";
import { createTableRelationsHelpers, extractTablesRelationalConfig, relations } from "drizzle-orm";
import { BetterSQLiteSession } from "drizzle-orm/better-sqlite3/session";
import {
	BaseSQLiteDatabase,
	blob,
	index,
	integer,
	primaryKey,
	real,
	SQLiteSyncDialect,
	sqliteTable,
	text as textColumn,
	unique,
} from "drizzle-orm/sqlite-core";
import type { SqlDatabase } from "../../../host/sql/index.js";

export const customers = sqliteTable("customers", {
	id: integer("id").primaryKey({ autoIncrement: true }),
	name: textColumn("name").notNull().unique(),
	isActive: integer("is_active", { mode: "boolean" }).notNull().default(true),
	since: integer("since", { mode: "timestamp" }),
	settings: textColumn("settings", { mode: "json" }).$type<{ theme: string }>(),
});

export const orders = sqliteTable(
	"orders",
	{
		id: integer("id").primaryKey(),
		customerId: integer("customer_id")
			.notNull()
			.references(() => customers.id, { onDelete: "cascade" }),
		note: textColumn("note").notNull().default("none"),
		total: real("total").notNull(),
		cents: blob("cents", { mode: "bigint" }),
	},
	(table) => [index("orders_customer").on(table.customerId), unique().on(table.customerId, table.note)],
);

export const tags = sqliteTable("tags", { id: integer("id").primaryKey(), label: textColumn("label").notNull() });

export const orderTags = sqliteTable(
	"order_tags",
	{
		orderId: integer("order_id")
			.notNull()
			.references(() => orders.id, { onDelete: "cascade" }),
		tagId: integer("tag_id")
			.notNull()
			.references(() => tags.id),
	},
	(table) => [primaryKey({ columns: [table.orderId, table.tagId] })],
);

export const SCHEMA = {
	customers,
	orders,
	tags,
	orderTags,
	customerRelations: relations(customers, ({ many }) => ({ orders: many(orders) })),
	orderRelations: relations(orders, ({ one, many }) => ({
		customer: one(customers, { fields: [orders.customerId], references: [customers.id] }),
		tags: many(orderTags),
	})),
	orderTagRelations: relations(orderTags, ({ one }) => ({
		order: one(orders, { fields: [orderTags.orderId], references: [orders.id] }),
		tag: one(tags, { fields: [orderTags.tagId], references: [tags.id] }),
	})),
};

export type Shop = BaseSQLiteDatabase<"sync", unknown, typeof SCHEMA>;

/** As `drizzle()` of drizzle-orm/better-sqlite3 puts it together, which imports the native addon where it is loaded. */
export function drizzle(sql: SqlDatabase): Shop {
	type Tables = ExtractTablesWithRelations<typeof SCHEMA>;
	const { tables, tableNamesMap } = extractTablesRelationalConfig<Tables>(SCHEMA, createTableRelationsHelpers);
	const schema = { fullSchema: SCHEMA, schema: tables, tableNamesMap };
	const dialect = new SQLiteSyncDialect();
	// Its types are those of the native addon's package, which is not here.
	const session = new BetterSQLiteSession<typeof SCHEMA, Tables>(sql as never, dialect, schema);
	return new BaseSQLiteDatabase("sync", dialect, session as never, schema as never) as Shop;
}

/** What drizzle-kit writes for the tables above, in two migrations. */
export const MIGRATIONS = {
	"0000_tables": `CREATE TABLE \`customers\` (
	\`id\` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	\`name\` text NOT NULL,
	\`is_active\` integer DEFAULT true NOT NULL,
	\`since\` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX \`customers_name_unique\` ON \`customers\` (\`name\`);--> statement-breakpoint
CREATE TABLE \`orders\` (
	\`id\` integer PRIMARY KEY NOT NULL,
	\`customer_id\` integer NOT NULL,
	\`total\` real NOT NULL,
	\`cents\` blob,
	FOREIGN KEY (\`customer_id\`) REFERENCES \`customers\`(\`id\`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX \`orders_customer\` ON \`orders\` (\`customer_id\`);--> statement-breakpoint
CREATE TABLE \`tags\` (
	\`id\` integer PRIMARY KEY NOT NULL,
	\`label\` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE \`order_tags\` (
	\`order_id\` integer NOT NULL,
	\`tag_id\` integer NOT NULL,
	PRIMARY KEY(\`order_id\`, \`tag_id\`),
	FOREIGN KEY (\`order_id\`) REFERENCES \`orders\`(\`id\`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (\`tag_id\`) REFERENCES \`tags\`(\`id\`) ON UPDATE no action ON DELETE no action
);
`,
	"0001_note": `ALTER TABLE \`customers\` ADD \`settings\` text;--> statement-breakpoint
PRAGMA foreign_keys=OFF;--> statement-breakpoint
CREATE TABLE \`__new_orders\` (
	\`id\` integer PRIMARY KEY NOT NULL,
	\`customer_id\` integer NOT NULL,
	\`note\` text DEFAULT 'none' NOT NULL,
	\`total\` real NOT NULL,
	\`cents\` blob,
	FOREIGN KEY (\`customer_id\`) REFERENCES \`customers\`(\`id\`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
INSERT INTO \`__new_orders\`("id", "customer_id", "total", "cents") SELECT "id", "customer_id", "total", "cents" FROM \`orders\`;--> statement-breakpoint
DROP TABLE \`orders\`;--> statement-breakpoint
ALTER TABLE \`__new_orders\` RENAME TO \`orders\`;--> statement-breakpoint
PRAGMA foreign_keys=ON;--> statement-breakpoint
CREATE INDEX \`orders_customer\` ON \`orders\` (\`customer_id\`);--> statement-breakpoint
CREATE UNIQUE INDEX \`orders_customer_id_note_unique\` ON \`orders\` (\`customer_id\`,\`note\`);
`,
};
