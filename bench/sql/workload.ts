/* What bench/sql.ts asks: a table of six mixed columns, queries over it, and joins of small tables. */

import { randomSource } from "../support.js";

export const TABLE =
	"CREATE TABLE t (id INTEGER PRIMARY KEY, grp TEXT NOT NULL, usr TEXT NOT NULL, qty INTEGER NOT NULL, price DOUBLE NOT NULL, note TEXT NOT NULL)";
/** Another with the same keys, as statements: of rows that all engines have. */
export const otherTable = (rows: number): readonly string[] => [
	"CREATE TABLE o (id INTEGER PRIMARY KEY, points INTEGER NOT NULL)",
	`INSERT INTO o SELECT id, qty * 7 % 1000 FROM t WHERE id < ${rows}`,
];
export const HEADER = "id,grp,usr,qty,price,note";

export type SampleRow = readonly [id: number, grp: string, usr: string, qty: number, price: number, note: string];

/** The rows, the same each time. 14 values of `grp`, up to 100,000 of `usr`. */
export function sampleRows(count: number, first = 0): SampleRow[] {
	const random = randomSource(first + 1);
	const below = (limit: number) => Math.floor(random() * limit);
	return Array.from({ length: count }, (_, i) => [
		first + i,
		`group-${below(14)}`,
		`user${below(100_000)}`,
		below(1000),
		// Never a whole number, so that no engine prints it as one.
		below(1_000_000) + 0.5,
		`note number ${below(1_000_000)} of ${i % 97}`,
	]);
}

export interface Query {
	readonly name: string;
	readonly sql: string;
	/** At least so many times as fast as better-sqlite3. */
	readonly target: number;
}

export const QUERIES: readonly Query[] = [
	{ name: "count with a filter", sql: "SELECT count(*) FROM t WHERE qty >= 500 AND price < 500000", target: 1 },
	{
		name: "group by 14 groups",
		sql: "SELECT grp, count(*), sum(qty), avg(price) FROM t GROUP BY grp ORDER BY grp",
		target: 2,
	},
	{
		name: "group by 100 k groups",
		sql: "SELECT usr, count(*), sum(price) FROM t GROUP BY usr ORDER BY usr",
		target: 2,
	},
	{ name: "top 5", sql: "SELECT id, usr, price FROM t ORDER BY price DESC, id LIMIT 5", target: 1 },
	{
		name: "LIKE and BETWEEN",
		sql: "SELECT count(*) FROM t WHERE note LIKE '%number 12%' AND qty BETWEEN 100 AND 300",
		target: 1,
	},
	{
		name: "self-join on the key",
		sql: "SELECT count(*), sum(a.qty + b.qty) FROM t a JOIN t b ON a.id = b.id WHERE a.qty < 500",
		target: 1,
	},
];

/** Over the other one too. */
export const KEYED_JOIN: Query = {
	name: "join of two tables on their keys",
	sql: "SELECT count(*), sum(a.qty + b.points) FROM t a JOIN o b ON a.id = b.id WHERE a.qty < 500",
	target: 1,
};

export const SMALL_TABLES = 10;
const SMALL_ROWS = 100;

/** Tables of 100 rows that refer to each other, as statements. */
export function smallTables(): string[] {
	const random = randomSource(5);
	const statements: string[] = [];
	for (let table = 0; table < SMALL_TABLES; table++) {
		statements.push(`CREATE TABLE s${table} (id INTEGER PRIMARY KEY, ref INTEGER, kind INTEGER, name TEXT)`);
		const rows = Array.from(
			{ length: SMALL_ROWS },
			(_, id) => `(${id}, ${Math.floor(random() * SMALL_ROWS)}, ${Math.floor(random() * 10)}, 'name ${id % 17}')`,
		);
		statements.push(`INSERT INTO s${table} VALUES ${rows.join()}`);
	}
	return statements;
}

/** 20 joins of 3 to 10 of them: each table is looked up by its key, by its reference, or by neither. */
export function smallJoins(): string[] {
	const random = randomSource(6);
	return Array.from({ length: 20 }, (_, i) => {
		const tables = Array.from({ length: 3 + (i % 8) }, (_, at) => (at * 3 + i) % SMALL_TABLES);
		const names = [...new Set(tables)];
		for (let next = 0; names.length < 3 + (i % 8); next++) if (!names.includes(next)) names.push(next);
		const conditions = names.slice(1).map((table, at) => {
			const before = names[Math.floor(random() * (at + 1))] as number;
			return random() < 0.5 ? `s${table}.id = s${before}.ref` : `s${before}.id = s${table}.ref`;
		});
		const [first = 0, second = 0] = names;
		conditions.push(`s${first}.kind = ${i % 10}`, `s${second}.name <> 'name 3'`);
		const from = names.map((table) => `s${table}`).join(", ");
		return `SELECT count(*), sum(s${first}.id) FROM ${from} WHERE ${conditions.join(" AND ")}`;
	});
}
