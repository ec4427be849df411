// What must compile, and what must not: a line that must not ends with what the compiler says of it. Nothing of this runs.

import { type DeclaredTables, openSync, type SqlDatabase } from "wlsm";
import {
	type AnyTable,
	bigint,
	blob,
	boolean,
	type ConditionOf,
	date,
	type InsertOf,
	integer,
	json,
	type MigrationChange,
	migrate,
	type RowOf,
	real,
	type StoredRow,
	type TableColumn,
	table,
	text,
	timestamp,
	type UpdateOf,
} from "wlsm/typed";

/** Compiles where both are the same type. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(..._same: Same<A, B> extends true ? [] : [never]) => {};

interface Bio {
	readonly born: number;
}

export const users = table("users", {
	id: integer().primaryKey(),
	name: text().notNull().collate("nocase").index().check("length(name) < 100"),
	email: text().unique(),
	active: boolean().notNull().default(true),
	score: real(),
	bio: json<Bio>(),
	any: json().notNull(),
	createdAt: timestamp().notNull().defaultNow().named("created_at"),
	born: date(),
	photo: blob(),
	big: bigint(),
	kind: text().defaultSql("lower('A')"),
});

export const posts = table(
	"posts",
	{
		author: integer()
			.notNull()
			.references(() => users.id, { onDelete: "cascade" }),
		nr: integer().notNull(),
		slug: text().notNull(),
		mail: text().references(() => users.email),
	},
	{
		primaryKey: ["author", "nr"],
		unique: [["slug"], ["mail", "nr"]],
		indexes: [["mail", "slug"], { columns: ["mail"], where: "nr = 1", unique: true }],
		strict: true,
	},
);

export const codes = table("codes", { code: text().primaryKey(), number: bigint() }, { withoutRowid: true });
const numbers = table("numbers", { n: integer().primaryKey(), label: text() }, { withoutRowid: true });
const log = table("log", { at: timestamp(), words: text() });
export const nodes = table("nodes", {
	id: bigint().primaryKey({ autoincrement: true }),
	parent: bigint().references((): TableColumn<bigint> => nodes.id),
});

const db = openSync(":memory:");
const views = openSync(":memory:", { keyEncoding: "view", valueEncoding: "json" });
const sql: SqlDatabase = db.sql;

// -- Rows

interface User {
	id: number;
	name: string;
	email: string | null;
	active: boolean;
	score: number | null;
	bio: Bio | null;
	any: unknown;
	createdAt: Date;
	born: Date | null;
	photo: Buffer | null;
	big: bigint | null;
	kind: string | null;
}
type Plain<T> = { [P in keyof T]: T[P] };
same<RowOf<typeof users>, Plain<User>>();
same<RowOf<typeof posts>, { author: number; nr: number; slug: string; mail: string | null }>();
same<RowOf<typeof codes>, { code: string; number: bigint | null }>();
same<RowOf<typeof nodes>, { id: bigint; parent: bigint | null }>();
same<InsertOf<typeof posts>, { author: number; nr: number; slug: string; mail?: string | null }>();
same<InsertOf<typeof codes>, { code: string; number?: bigint | null }>();
same<InsertOf<typeof nodes>, { id?: bigint; parent?: bigint | null }>();
// Without a rowid nothing makes up a key.
same<InsertOf<typeof numbers>, { n: number; label?: string | null }>();
same<UpdateOf<typeof numbers>, { n?: number; label?: string | null }>();
same<
	StoredRow<typeof users>,
	{
		id: number;
		name: string;
		email: string | null;
		active: number;
		score: number | null;
		bio: string | null;
		any: string;
		created_at: string;
		born: string | null;
		photo: Buffer | null;
		big: number | bigint | null;
		kind: string | null;
	}
>();
interface StillAnInterface extends RowOf<typeof users> {
	readonly more: string;
}
export const extended = (row: StillAnInterface): string => row.name + row.more;

declare module "wlsm" {
	interface DeclaredTables {
		users: StoredRow<typeof users>;
		posts: StoredRow<typeof posts>;
	}
}
same<DeclaredTables["users"]["created_at"], string>();

// -- Methods

users.insert(db, { name: "Ada", any: 1 });
users.insert(sql, {
	id: 5,
	name: "Ada",
	email: null,
	active: false,
	bio: { born: 1815 },
	any: [],
	photo: new Uint8Array(1),
});
users.insertMany(views, [{ name: "Ada", any: {} }]);
users.insertMany(db, new Set<InsertOf<typeof users>>());
same<ReturnType<typeof users.insert>, RowOf<typeof users>>();
same<ReturnType<typeof users.findById>, RowOf<typeof users> | undefined>();
same<ReturnType<typeof users.findByEmail>, RowOf<typeof users> | undefined>();
same<ReturnType<typeof users.findByName>, RowOf<typeof users>[]>();
same<ReturnType<typeof users.findByCreatedAt>, RowOf<typeof users>[]>();
same<ReturnType<typeof posts.findBySlug>, RowOf<typeof posts> | undefined>();
same<ReturnType<typeof posts.findByAuthor>, RowOf<typeof posts>[]>();
same<ReturnType<typeof posts.findByMail>, RowOf<typeof posts>[]>();
same<Parameters<typeof users.findByScore>[1], number | null>();
same<Parameters<typeof users.findByEmail>[1], string>();
same<Parameters<typeof users.get>[1], number>();
same<Parameters<typeof posts.get>[1], { author: number; nr: number }>();
same<Parameters<typeof log.get>[1], never>();
// What a program exports has its types in declarations of its own.
export const { findByName, where, upsert, create } = users;
export const adults = users.where({ id: { gt: 1 } });
export const column = integer().notNull();
findByName(db, "Ada");
where({ name: "Ada" }).all(db);
users.update(db, 1, { name: "Eve", email: null });
posts.update(db, { author: 1, nr: 2 }, { slug: "x" });
users.delete(db, 1);
users.upsert(db, { id: 1, name: "Ada", any: 0 });
users.upsert(db, { email: "a@x", name: "Ada", any: 0 }, { target: "email" });
posts.upsert(db, { author: 1, nr: 1, slug: "a" });
posts.upsert(db, { author: 1, nr: 1, slug: "a", mail: "b" }, { target: ["mail", "nr"] });
for (const { name } of users.iterate(db)) same<typeof name, string>();
const changes: readonly MigrationChange[] = migrate(db, [users, posts, codes], { dryRun: true }).changes;
const any: AnyTable = posts;
same<typeof users.tableName, "users">();
const name: TableColumn<string> = users.columns.name;
export const used = [changes, any, name] as const;

// -- Conditions

users.where({});
users.where({ name: "Ada", email: null, active: { ne: false }, born: new Date(), photo: new Uint8Array(), big: 1n });
users.where({
	score: { gt: 0, lte: 1 },
	name: { like: "A%", in: ["Ada", "Ann"] },
	email: { in: ["a", null] },
	bio: null,
});
users.where({
	or: [{ id: 1 }, { not: { id: { between: [2, 3] } } }],
	and: [{ any: { isNull: true } }],
	createdAt: { lt: new Date() },
});
users.where({}).orderBy("createdAt", "desc").orderBy("id").limit(5).offset(1).first(db)?.name.toUpperCase();
same<ReturnType<ReturnType<typeof users.where>["update"]>, number>();
const wanted: ConditionOf<typeof users> = {};
wanted.name = { like: "A%" };
wanted.or = [{ id: 1 }, { id: 2 }];
users.where(wanted).all(db);

// -- What must not compile

export const shown: never = users.findById(db, 1); // Type '{ id: number; name: string; email: string | null; active: boolean; score: number | null; bio: Bio | null; any: unknown; createdAt: Date; born: Date | null; photo: Buffer<ArrayBufferLike> | null; big: bigint | null; kind: string | null; } | undefined' is not assignable to type 'never'.
export const shownInsert: never = {} as InsertOf<typeof posts>; // Type '{ author: number; nr: number; slug: string; mail?: string | null | undefined; }' is not assignable to type 'never'.
users.findById(db, "1"); // Argument of type 'string' is not assignable to parameter of type 'number'.
users.findById(db, null); // Argument of type 'null' is not assignable to parameter of type 'number'.
users.findByEmail(db, null); // Argument of type 'null' is not assignable to parameter of type 'string'.
users.findById(1); // Expected 2 arguments, but got 1.
users.findById({}, 1); // Argument of type '{}' is not assignable to parameter of type 'SqlSource'.
users.findByNam(db, "Ada"); // Property 'findByNam' does not exist on type 'Table<"users",
users.findByBio(db, { born: 1 }); // Property 'findByBio' does not exist on type 'Table<"users",
users.findByEmail(db, "a")?.nam; // Property 'nam' does not exist on type '{ id: number; name: string;
users.findByName(db, "a").name; // Property 'name' does not exist on type '{ id: number; name: string;
users.insert(db, { name: "Ada", any: 1, nam: 2 }); // Object literal may only specify known properties, but 'nam' does not exist in type '{
users.insert(db, { any: 1 }); // Property 'name' is missing in type '{ any: number; }' but required in type '{
users.insert(db, { name: null, any: 1 }); // Type 'null' is not assignable to type 'string'.
users.insert(db, { name: "Ada", any: 1, active: 1 }); // Type 'number' is not assignable to type 'boolean
users.insert(db, { name: "Ada", any: 1, bio: { dead: 1 } }); // Object literal may only specify known properties, and 'dead' does not exist in type 'Bio'.
users.insert(db, { name: "Ada", any: 1, born: "2024-01-01" }); // Type 'string' is not assignable to type 'Date'.
users.insert(db, { name: "Ada", any: 1, big: 5 }); // Type 'number' is not assignable to type 'bigint'.
codes.insert(db, { number: 5n }); // Property 'code' is missing in type '{ number: bigint; }' but required in type '{ code: string;
numbers.insert(db, { label: "a" }); // Property 'n' is missing in type '{ label: string; }' but required in type '{ n: number;
posts.get(db, 1); // Argument of type 'number' is not assignable to parameter of type '{ author: number; nr: number; }'.
posts.get(db, { author: 1 }); // Property 'nr' is missing in type '{ author: number; }' but required in type '{ author: number; nr: number; }'.
log.get(db, 1); // is not assignable to parameter of type 'never'.
users.update(db, 1, { id: null }); // Type 'null' is not assignable to type 'number
users.upsert(db, { name: "Ada", any: 1 }); // Property 'id' is missing in type '{ name: string; any: number; }'
users.upsert(db, { name: "Ada", any: 1, email: null }, { target: "email" }); // Type 'null' is not assignable to type 'string'.
users.upsert(db, { id: 1, name: "Ada", any: 1 }, { target: "name" }); // Property 'email' is missing in type
users.where({ nam: "Ada" }); // Object literal may only specify known properties, but 'nam' does not exist in type 'Condition<
users.where({ name: 5 }); // Type 'number' is not assignable to type 'string | TextTests<never> | undefined'.
users.where({ name: null }); // Type 'null' is not assignable to type 'string | TextTests<never> | undefined'.
users.where({ name: { gt: null } }); // Type 'null' is not assignable to type 'string | undefined'.
users.where({ name: { equals: "Ada" } }); // Object literal may only specify known properties, and 'equals' does not exist in type 'TextTests<never>'.
users.where({ active: { gt: false } }); // Object literal may only specify known properties, and 'gt' does not exist in type 'EqualityTests<boolean, never>'.
users.where({ id: { like: "1%" } }); // Object literal may only specify known properties, and 'like' does not exist in type 'OrderTests<number, never>'.
users.where({ bio: { born: 1 } }); // Object literal may only specify known properties, and 'born' does not exist in type '{ readonly isNull: boolean; }'.
users.where({ or: { id: 1 } }); // Object literal may only specify known properties, and 'id' does not exist in type 'readonly Condition<
users.where(); // Expected 1 arguments, but got 0.
users.where({}).orderBy("nam"); // Argument of type '"nam"' is not assignable to parameter of type '"
users.where({}).orderBy("name", "up"); // Argument of type '"up"' is not assignable to parameter of type 'Direction | undefined'.
migrate(db, [{}]); // Type '{}' is missing the following properties from type 'AnyTable': "~types", tableName
text().primaryKey({ autoincrement: true }); // Type 'true' is not assignable to type 'false'.
integer().collate("nocase"); // The 'this' context of type 'Column<IntegerTypes, never, never>' is not assignable to method's 'this' of type 'Column<TextTypes, never, never>'.
text().defaultNow(); // The 'this' context of type 'Column<TextTypes, never, never>' is not assignable to method's 'this' of type 'Column<
integer().default("1"); // Argument of type 'string' is not assignable to parameter of type 'number'.
text().collate("nocas"); // Argument of type '"nocas"' is not assignable to parameter of type 'Collation'.
integer().references(() => users.name); // Type 'TableColumn<string>' is not assignable to type 'TableColumn<number>'.
integer().references(() => users.id, { onDelete: "drop" }); // Type '"drop"' is not assignable to type 'ForeignAction | undefined'.
table("t", { id: 1 }); // Type 'number' is not assignable to type 'AnyColumn
table("t", { and: text() }); // is not assignable to type '"and, or and not combine conditions: call the property otherwise, and the column with named()"'.
table("t", { a: text() }, { unique: [["b"]] }); // Type '"b"' is not assignable to type '"a"'.
table("t", { a: text() }, { indexes: [{ columns: ["b"], where: "1" }] }); // Type '"b"' is not assignable to type '"a"'.
table("t", { a: text() }, { indexes: [{ columns: ["a"] }] }); // Property 'where' is missing in type
table("t", { a: text() }, { uniqe: [["a"]] }); // Object literal may only specify known properties, but 'uniqe' does not exist in type 'TableOptions<"a",
