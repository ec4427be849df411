import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Random } from "../support/random.js";
import { sqlStores } from "../support/sql-stores.js";

type Sql = ReturnType<Awaited<ReturnType<typeof sqlStores>>[number]["open"]>["sql"];

/** A table whose rows go in by the short way, and its twin that has a CHECK, so that they do not. */
const TABLES: readonly string[] = [
	"id INTEGER PRIMARY KEY, a TEXT NOT NULL, b INT, c REAL, d NUMERIC, e BLOB, f",
	"a TEXT, id INTEGER PRIMARY KEY, b INTEGER NOT NULL",
	"a, b VARCHAR(10), c DOUBLE NOT NULL",
	"a INTEGER DEFAULT 7, b TEXT",
];

const VALUES: readonly unknown[] = [
	null,
	0,
	-0,
	1,
	-1.5,
	3.0,
	2 ** 53 - 1,
	2 ** 53,
	2 ** 60,
	1e300,
	Number.NaN,
	Number.POSITIVE_INFINITY,
	12n,
	-(2n ** 63n),
	2n ** 63n,
	"",
	"text",
	" 12 ",
	"1e2",
	"0x10",
	"ünï\u{1f600}",
	"\ud800",
	"nul\0nul",
	"long ".repeat(5000),
	new Uint8Array([0, 255, 7]),
	true,
	undefined,
	{},
	[1],
];

function outcome(work: () => unknown): unknown {
	try {
		return work();
	} catch (error) {
		return (error as Error).message.replaceAll(/\b[st]\b/g, "table");
	}
}

function contents(sql: Sql, table: string): unknown[] {
	return sql
		.prepare(`SELECT rowid, * FROM ${table} ORDER BY rowid`)
		.raw()
		.safeIntegers()
		.all()
		.map((row) => (row as unknown[]).map((value) => (value instanceof Uint8Array ? [...value] : value)));
}

for (const store of await sqlStores()) {
	const test = suite(`INSERT by the short way, over the ${store.name}`);

	test("does what the long way does, whatever is given", () => {
		for (let seed = 1; seed <= 40; seed++) {
			const random = new Random(seed);
			const { sql, close } = store.open();
			const columns = TABLES[seed % TABLES.length] as string;
			sql.exec(`CREATE TABLE s(${columns}); CREATE TABLE t(${columns}, CHECK (1))`);
			if (seed % 3 === 0) sql.exec("CREATE INDEX si ON s(a, b); CREATE INDEX ti ON t(a, b)");
			const names = columns.split(", ").map((column) => column.split(" ")[0] as string);
			const named = seed % 2 === 0 ? names : names.toReversed().slice(0, 1 + random.below(names.length));
			const text = (table: string) => `INSERT INTO ${table}(${named.join()}) VALUES (${named.map(() => "?").join()})`;
			const [short, long] = [sql.prepare(text("s")), sql.prepare(text("t"))];
			for (let transaction = 0; transaction < 4; transaction++) {
				sql.exec("BEGIN");
				for (let step = 0; step < 60; step++) {
					// Mostly what the column is for, so that rows go in.
					const given = named.map((name) => {
						if (random.below(8) === 0) return VALUES[random.below(VALUES.length)];
						return name === "id" ? random.below(300) : random.below(2) === 0 ? `text ${step}` : random.below(100) / 4;
					});
					if (random.below(30) === 0) given.pop();
					const tell = `seed ${seed}, step ${step}`;
					const found = [short, long].map((statement) => [
						outcome(() => statement.run(...given)),
						sql.prepare("SELECT changes(), last_insert_rowid()").raw().get(),
					]);
					assert.equal(found[0], found[1], tell);
					switch (random.below(25)) {
						case 0:
							sql.exec("SAVEPOINT p");
							break;
						case 1:
							outcome(() => sql.exec("ROLLBACK TO p"));
							break;
						case 2:
							sql.exec(`DELETE FROM s WHERE rowid > ${step * 4}; DELETE FROM t WHERE rowid > ${step * 4}`);
							break;
						case 3:
							assert.equal(contents(sql, "s"), contents(sql, "t"), tell);
					}
				}
				sql.exec(random.below(3) === 0 ? "ROLLBACK" : "COMMIT");
				assert.equal(contents(sql, "s"), contents(sql, "t"), `seed ${seed}`);
			}
			assert.equal(sql.pragma("integrity_check", { simple: true }), "ok");
			close();
		}
	});

	test("is not taken where foreign keys are enforced, a signal was given, or triggers come", () => {
		const { sql, close } = store.open();
		sql.exec("PRAGMA foreign_keys = ON; CREATE TABLE p(id INTEGER PRIMARY KEY); CREATE TABLE c(p REFERENCES p)");
		const child = sql.prepare("INSERT INTO c VALUES (?)");
		const parent = sql.prepare("INSERT INTO p VALUES (?)");
		sql.exec("BEGIN");
		parent.run(1);
		assert.throws(() => child.run(2), /FOREIGN KEY constraint failed/);
		child.run(1);
		const stopped = sql.prepare("INSERT INTO p VALUES (?)", { signal: AbortSignal.abort() });
		assert.throws(() => stopped.run(2), /stopped by its signal/);
		sql.exec("CREATE TRIGGER g AFTER INSERT ON p BEGIN INSERT INTO c VALUES (new.id); END");
		parent.run(3);
		sql.exec("COMMIT");
		assert.equal(sql.prepare("SELECT p FROM c ORDER BY p").pluck().all(), [1, 3]);
		close();
	});

	test.run();
}
