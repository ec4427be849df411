/** What migrations of declared tables do to a database in memory. */

import * as assert from "uvu/assert";
import { type Database, openSync } from "../../host/index.js";
import { type AnyTable, integer, migrate, table, text } from "../../host/typed/index.js";
import { thrown } from "./database.js";

export const users = table("users", {
	id: integer().primaryKey(),
	name: text().notNull(),
	email: text().unique(),
});

/** With what the script makes. */
export function openedWith(script: string): Database {
	const db = openSync(":memory:");
	db.sql.exec(script);
	return db;
}

export function statements(db: Database, tables: readonly AnyTable[]): string[] {
	return migrate(db, tables).changes.map(({ sql }) => sql.replace(/\s+/g, " "));
}

/** Why the table is not changed by itself; that it is not is part of it. */
export function refusal(db: Database, declared: AnyTable): string {
	const schema = () => db.sql.prepare("SELECT name, sql FROM sqlite_master").raw().all();
	const before = schema();
	const { message } = thrown(() => migrate(db, [declared]), "WLSM_EXISTS");
	assert.equal(schema(), before);
	return message;
}

/** The statements that a refusal has. */
export function byHand(message: string): string {
	const [, script = ""] = message.split("run by hand:\n");
	return script;
}

export function namesOf(db: Database, type: "table" | "index"): unknown[] {
	return db.sql.prepare("SELECT name FROM sqlite_master WHERE type = ? ORDER BY name").pluck().all(type);
}
