/* What each type of column stores, reads and refuses. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Database, openSync } from "../../host/index.js";
import { bigint, blob, boolean, date, integer, json, real, table, text, timestamp } from "../../host/typed/index.js";
import { thrown } from "../support/database.js";
import { overKernels } from "../support/openers.js";

const test = suite("types of columns");

const things = table("things", {
	id: integer().primaryKey(),
	whole: integer(),
	large: bigint(),
	number: real(),
	word: text(),
	bytes: blob(),
	flag: boolean(),
	tree: json<unknown>(),
	day: date(),
	moment: timestamp(),
});

type Property = keyof Parameters<typeof things.insert>[1];

/** By column: what goes in, and what SQL has of it. */
const STORED: readonly (readonly [property: Property, value: unknown, stored: unknown, type: string])[] = [
	["whole", 0, 0, "integer"],
	["whole", -0, 0, "integer"],
	["whole", Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, "integer"],
	["whole", Number.MIN_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, "integer"],
	["large", 5n, 5, "integer"],
	["large", 2n ** 63n - 1n, 2n ** 63n - 1n, "integer"],
	["large", -(2n ** 63n), -(2n ** 63n), "integer"],
	["large", 2n ** 53n + 1n, 2n ** 53n + 1n, "integer"],
	["number", 1, 1, "real"],
	["number", 0.1, 0.1, "real"],
	["number", Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, "real"],
	["number", 5e-324, 5e-324, "real"],
	["word", "", "", "text"],
	["word", "1.50", "1.50", "text"],
	["word", "a\0😀", "a\0😀", "text"],
	["flag", true, 1, "integer"],
	["flag", false, 0, "integer"],
	["tree", { a: [1, "é", null] }, '{"a":[1,"é",null]}', "text"],
	["tree", "text", '"text"', "text"],
	["tree", 0, "0", "text"],
	["tree", false, "false", "text"],
	["day", new Date("2024-02-29T00:00:00Z"), "2024-02-29", "text"],
	["day", new Date("0000-01-01T00:00:00Z"), "0000-01-01", "text"],
	["moment", new Date("1969-12-31T23:59:59.999Z"), "1969-12-31T23:59:59.999Z", "text"],
	["moment", new Date(253402300799999), "9999-12-31T23:59:59.999Z", "text"],
];

overKernels(test, "values come back as they were, and SQL sees what is said", ({ openSync }) => {
	const db = openSync(":memory:");
	things.create(db);
	for (const [property, value, stored, type] of STORED) {
		const row = things.insert(db, { [property]: value });
		assert.equal(row[property], Object.is(value, -0) ? 0 : value, property);
		assert.equal(things.findById(db, row.id), row);
		const seen = db.sql.prepare(
			`SELECT "${property}" AS value, typeof("${property}") AS type FROM things WHERE id = ?`,
		);
		assert.equal(seen.get(row.id), { value: stored, type });
	}
	const { bytes } = things.insert(db, { bytes: new Uint8Array([0, 255]) });
	assert.ok(Buffer.isBuffer(bytes) && bytes.equals(Buffer.from([0, 255])));
	const { id, ...others } = things.insert(db, {});
	assert.is(id, STORED.length + 2);
	assert.ok(Object.values(others).every((value) => value === null));
	db.closeSync();
});

const REFUSED: readonly (readonly [property: Property, values: readonly unknown[]])[] = [
	["id", [null, undefined, "1", 1.5]],
	["whole", [undefined, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, "1", 1n, true, [1], {}]],
	["large", [undefined, 2n ** 63n, -(2n ** 63n) - 1n, 1, "1"]],
	["number", [undefined, Number.NaN, "1", 1n]],
	["word", [undefined, 1, "\ud800", "a\udc00b", Symbol("a"), new String("a")]],
	["bytes", [undefined, "a", [1], new ArrayBuffer(1), new Uint16Array(1)]],
	["flag", [undefined, 0, 1, "true"]],
	["tree", [undefined, () => 1, Symbol("a"), 1n, { big: 1n }]],
	["day", [undefined, "2024-02-29", new Date(Number.NaN), new Date(1), new Date("-000001-01-01T00:00:00Z"), 0]],
	["moment", [undefined, "2024-02-29", new Date(Number.NaN), new Date(253402300800000), 0]],
];

test("what a column cannot hold is refused wherever a value goes in", () => {
	const db = openSync(":memory:");
	things.create(db);
	const { id } = things.insert(db, { word: "stays" });
	for (const [property, values] of REFUSED) {
		for (const value of values) {
			const given = { [property]: value } as never;
			const find = `findBy${property[0]?.toUpperCase()}${property.slice(1)}`;
			const finder = (things as unknown as Record<string, ((db: Database, value: unknown) => unknown) | undefined>)[
				find
			];
			const attempts: (() => unknown)[] = [
				() => things.insert(db, given),
				() => things.insertMany(db, [{ word: "first" }, given]),
				() => things.update(db, id, given),
				() => things.upsert(db, { id, [property]: value } as never),
				() => things.where({ word: "stays" }).update(db, given),
				...(property === "tree" ? [] : [() => finder?.(db, value)]),
			];
			for (const attempt of attempts) {
				const { message } = thrown(attempt, "WLSM_INVALID_ARGUMENT");
				if (property !== "tree") assert.match(message, `"${property}"`);
				if (value === undefined) assert.match(message, "is undefined");
			}
		}
	}
	assert.is(things.count(db), 1);
	const cyclic: { self?: unknown } = {};
	cyclic.self = cyclic;
	assert.instance(thrown(() => things.insert(db, { tree: cyclic }), "WLSM_INVALID_ARGUMENT").cause, TypeError);
	db.closeSync();
});

test("what others wrote that is not of the type is an error that says where, and NULL where there can be none", () => {
	const db = openSync(":memory:");
	db.sql.exec(
		"CREATE TABLE things (id INTEGER PRIMARY KEY, whole, large, number, word, bytes, flag, tree, day, moment)",
	);
	const write = (property: string, value: unknown) =>
		db.sql.prepare(`INSERT OR REPLACE INTO things (id, "${property}") VALUES (1, ?)`).run(value);
	const wrong: readonly (readonly [Property, readonly unknown[]])[] = [
		["whole", ["1", 2n ** 60n, Buffer.from("1")]],
		["large", ["1", 1.5, 1e300]],
		["number", ["1"]],
		["word", [1, Buffer.from("a")]],
		["bytes", ["a", 1]],
		["flag", [2n, "true", 0.5]],
		["tree", ["{", 1n, ""]],
		["day", ["2024-02-30", "2024-2-1", "2024-02-01 00:00:00", 1n, ""]],
		["moment", ["2024-02-30T00:00:00.000Z", "2024-01-01T25:00:00.000Z", "yesterday", 1n, "2024-01-01"]],
	];
	for (const [property, values] of wrong) {
		for (const value of values) {
			write(property, value);
			for (const read of [() => things.findById(db, 1), () => things.all(db), () => [...things.iterate(db)]])
				assert.match(thrown(read, "WLSM_SQL").message, new RegExp(`table "things" has in column "${property}"`));
		}
	}
	for (const [text, moment] of [
		["2024-02-29 23:59:59", "2024-02-29T23:59:59.000Z"],
		["2024-02-29 23:59", "2024-02-29T23:59:00.000Z"],
		["2024-02-29T23:59:59.5Z", "2024-02-29T23:59:59.500Z"],
	] as const) {
		write("moment", text);
		assert.equal(things.findById(db, 1)?.moment, new Date(moment));
	}
	const strict = table("things", { id: integer().primaryKey(), word: text().notNull() });
	assert.match(
		thrown(() => strict.findById(db, 1), "WLSM_SQL").message,
		/column "word" what no column of text holds: null/,
	);
	db.closeSync();
});

test("integers are numbers whatever the connection's default is", () => {
	const db = openSync(":memory:");
	db.sql.defaultSafeIntegers(true);
	things.create(db);
	assert.equal(things.insert(db, { whole: 5, large: 5n }).whole, 5);
	assert.is(things.where({ whole: 5 }).count(db), 1);
	assert.is(things.where({ whole: 5 }).first(db)?.large, 5n);
	assert.is(things.findById(db, 1)?.id, 1);
	db.closeSync();
});

test("defaults are what they are said to be", () => {
	const db = openSync(":memory:");
	const defaults = table("defaults", {
		id: bigint().primaryKey(),
		whole: integer().default(-5),
		large: bigint()
			.notNull()
			.default(-(2n ** 63n)),
		number: real().default(Number.NEGATIVE_INFINITY),
		small: real().default(-0),
		word: text().default("it's\0\n"),
		bytes: blob().default(new Uint8Array([0, 171])),
		flag: boolean().default(false),
		tree: json<unknown>().default({ "it's": [1] }),
		day: date().default(new Date("2024-02-29T00:00:00Z")),
		moment: timestamp().default(new Date(1)),
		computed: text().defaultSql("'a' || 1 || lower('B')"),
		today: date().defaultNow(),
		now: timestamp().notNull().defaultNow(),
	});
	defaults.create(db);
	const { today, now, bytes, ...row } = defaults.insert(db, {});
	assert.equal(row, {
		id: 1n,
		whole: -5,
		large: -(2n ** 63n),
		number: Number.NEGATIVE_INFINITY,
		small: 0,
		word: "it's\0\n",
		flag: false,
		tree: { "it's": [1] },
		day: new Date("2024-02-29T00:00:00Z"),
		moment: new Date(1),
		computed: "a1b",
	});
	assert.ok(bytes?.equals(Buffer.from([0, 171])));
	assert.ok(now > new Date("2020-01-01") && today !== null && today <= now);
	assert.equal(defaults.create(db).changes, []);
	for (const wrong of [
		() => integer().default(1.5),
		() => text().default(null as never),
		() => text().default(undefined as never),
		() => text().defaultSql("1); DROP TABLE victim; --"),
		() => text().defaultSql("'open"),
		() => text().defaultSql("1 /* open"),
		() => text().defaultSql("1 -- open"),
		() => text().defaultSql("(1"),
		() => text().defaultSql("1) + (1"),
		() => text().defaultSql(" "),
		() => text().defaultSql("a; b"),
		() => text().defaultSql(5 as never),
		() => text().defaultSql("'\ud800'"),
		() => text().check("1) CHECK (1"),
		() => (integer() as unknown as ReturnType<typeof date>).defaultNow(),
		() => (integer() as unknown as ReturnType<typeof text>).collate("nocase"),
		() => text().collate("other" as never),
		() => text().named(""),
		() => text().named("\udc00"),
		() => text().named(5 as never),
		() => json().unique(),
		() => json().primaryKey(),
		() => boolean().primaryKey(),
		() => integer().references(5 as never),
		() => integer().references(() => things.id, { onDelete: "vanish" as never }),
		() => integer().references(() => things.id, { ondelete: "cascade" } as never),
		() => integer().references(() => things.id, 5 as never),
	])
		thrown(wrong, "WLSM_INVALID_ARGUMENT");
	db.closeSync();
});

test.run();
