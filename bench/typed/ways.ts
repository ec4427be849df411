/** The same work on one table: by hand with prepared statements, as a declared table, and with Drizzle. */
import { eq, sql as fragment } from "drizzle-orm";
import { BetterSQLiteSession } from "drizzle-orm/better-sqlite3/session";
import {
	BaseSQLiteDatabase,
	index,
	integer as integerColumn,
	real as realColumn,
	SQLiteSyncDialect,
	sqliteTable,
	text as textColumn,
} from "drizzle-orm/sqlite-core";
import type { Database } from "../../host/index.js";
import { boolean, integer, real, table, text, timestamp } from "../../host/typed/index.js";

/** A row as every way answers it. */
export interface User {
	readonly id: number;
	readonly name: string;
	readonly email: string;
	readonly score: number;
	readonly active: boolean;
	readonly seen: Date;
}

/** What is done: each way answers the same. */
export interface Way {
	readonly name: string;
	/** Three columns that need no conversion. */
	plainById(id: number): unknown;
	byId(id: number): unknown;
	byEmail(email: string): unknown;
	/** Ten rows by an index that is not unique. */
	byName(name: string): readonly unknown[];
	/** One row by two conditions that are put together for the call. */
	chosen(email: string, active: boolean): unknown;
	/** The row as it is stored. */
	insert(user: User): unknown;
	insertAll(users: readonly User[]): void;
}

const users = table("users", {
	id: integer().primaryKey(),
	name: text().notNull().index(),
	email: text().notNull().unique(),
	score: real().notNull(),
	active: boolean().notNull(),
	seen: timestamp().notNull(),
});

/** The same table with what SQL stores as it is. */
const plainUsers = table("users", { id: integer().primaryKey(), name: text().notNull(), score: real().notNull() });

const drizzleUsers = sqliteTable(
	"users",
	{
		id: integerColumn("id").primaryKey(),
		name: textColumn("name").notNull(),
		email: textColumn("email").notNull().unique(),
		score: realColumn("score").notNull(),
		active: integerColumn("active", { mode: "boolean" }).notNull(),
		// Drizzle has numbers for moments; this is the text that the others store.
		seen: textColumn("seen").notNull(),
	},
	({ name }) => [index("users_name").on(name)],
);

export function create(db: Database): void {
	users.create(db);
}

export function waysOf(db: Database): Way[] {
	return [byHand(db), declared(db), drizzle(db)];
}

interface Stored extends Omit<User, "active" | "seen"> {
	readonly active: number;
	readonly seen: string;
}

const read = (row: Stored): User => ({ ...row, active: row.active === 1, seen: new Date(row.seen) });
const stored = ({ id, name, email, score, active, seen }: User) => [
	id,
	name,
	email,
	score,
	active ? 1 : 0,
	seen.toISOString(),
];

const COLUMNS = "id, name, email, score, active, seen";
const INSERT = `INSERT INTO users (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)`;

function byHand({ sql }: Database): Way {
	const plainById = sql.prepare("SELECT id, name, score FROM users WHERE id = ?");
	const byId = sql.prepare(`SELECT ${COLUMNS} FROM users WHERE id = ?`);
	const byEmail = sql.prepare(`SELECT ${COLUMNS} FROM users WHERE email = ?`);
	const byName = sql.prepare(`SELECT ${COLUMNS} FROM users WHERE name = ?`);
	const insert = sql.prepare(`${INSERT} RETURNING ${COLUMNS}`);
	const insertOnly = sql.prepare(INSERT);
	return {
		name: "by hand",
		plainById: (id) => plainById.get(id),
		byId: (id) => read(byId.get(id) as Stored),
		byEmail: (email) => read(byEmail.get(email) as Stored),
		byName: (name) => (byName.all(name) as Stored[]).map(read),
		chosen: (email, active) =>
			read(
				sql
					.prepare(`SELECT ${COLUMNS} FROM users WHERE email = ? AND active = ? LIMIT 1`)
					.get(email, active ? 1 : 0) as Stored,
			),
		insert: (user) => read(insert.get(...stored(user)) as Stored),
		insertAll: sql.transaction((all: readonly User[]) => {
			for (const user of all) insertOnly.run(...stored(user));
		}),
	};
}

function declared(db: Database): Way {
	return {
		name: "wlsm/typed",
		plainById: (id) => plainUsers.findById(db, id),
		byId: (id) => users.findById(db, id),
		byEmail: (email) => users.findByEmail(db, email),
		byName: (name) => users.findByName(db, name),
		chosen: (email, active) => users.where({ email, active }).first(db),
		insert: (user) => users.insert(db, user),
		insertAll: (all) => users.insertMany(db, all),
	};
}

function drizzle(db: Database): Way {
	const dialect = new SQLiteSyncDialect();
	const session = new BetterSQLiteSession(db.sql as never, dialect, undefined);
	const orm = new BaseSQLiteDatabase<"sync", unknown>("sync", dialect, session as never, undefined);
	const { id, name, score, email, active } = drizzleUsers;
	const all = orm.select().from(drizzleUsers);
	const prepared = {
		plainById: orm
			.select({ id, name, score })
			.from(drizzleUsers)
			.where(eq(id, fragment.placeholder("id")))
			.prepare(),
		byId: orm
			.select()
			.from(drizzleUsers)
			.where(eq(id, fragment.placeholder("id")))
			.prepare(),
		byEmail: orm
			.select()
			.from(drizzleUsers)
			.where(eq(email, fragment.placeholder("email")))
			.prepare(),
		byName: all.where(eq(name, fragment.placeholder("name"))).prepare(),
	};
	const withDate = (row: { readonly seen: string }) => ({ ...row, seen: new Date(row.seen) });
	return {
		name: "drizzle",
		plainById: (value) => prepared.plainById.get({ id: value }),
		byId: (value) => withDate(prepared.byId.get({ id: value }) as { seen: string }),
		byEmail: (value) => withDate(prepared.byEmail.get({ email: value }) as { seen: string }),
		byName: (value) => prepared.byName.all({ name: value }).map(withDate),
		chosen: (wanted, isActive) =>
			withDate(
				orm
					.select()
					.from(drizzleUsers)
					.where(fragment`${email} = ${wanted} AND ${active} = ${isActive ? 1 : 0}`)
					.limit(1)
					.get() as { seen: string },
			),
		insert: (user) =>
			withDate(
				orm
					.insert(drizzleUsers)
					.values({ ...user, seen: user.seen.toISOString() })
					.returning()
					.get() as { seen: string },
			),
		insertAll: (many) =>
			orm.transaction((transaction) => {
				for (const user of many)
					transaction
						.insert(drizzleUsers)
						.values({ ...user, seen: user.seen.toISOString() })
						.run();
			}),
	};
}
