import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Contender, CsvTable } from "../contenders.js";
import { check, randomSource } from "../support.js";
import type { Step, Suite } from "./suite.js";

/** Rows of the file, and rows that are selected by their primary key, as shares of the entries. */
const ROW_SHARE = 0.5;
const SELECT_SHARE = 0.1;
/** Runs of a query over all rows. */
const REPEATS = 5;
const CITIES = 100;
const MOST = 10_000;

const TABLE: CsvTable = {
	name: "orders",
	primaryKey: "id",
	columns: { id: "integer", city: "text", amount: "integer", price: "real", note: "text" },
};

/** Its own row in the table, `id` being one more than the index. */
interface Order {
	readonly city: string;
	readonly amount: number;
	readonly price: number;
	readonly note: string;
}

function orders(count: number): readonly Order[] {
	const random = randomSource(46);
	return Array.from({ length: count }, (_, index) => ({
		city: `city ${String(Math.floor(random() * CITIES)).padStart(3, "0")}`,
		amount: Math.floor(random() * MOST),
		price: Math.floor(random() * MOST) / 100,
		note: `order ${index + 1}, "as usual"`,
	}));
}

function csvOf(rows: readonly Order[]): string {
	const lines = rows.map(
		({ city, amount, price, note }, index) =>
			`${index + 1},${city},${amount},${price.toFixed(2)},"${note.replaceAll('"', '""')}"\n`,
	);
	return `${Object.keys(TABLE.columns).join(",")}\n${lines.join("")}`;
}

/** The rows that a query finds, values as texts: whole numbers come as numbers from one store, as bigints from another. */
function answer(store: Contender, sql: string, ...parameters: number[]): string {
	const rows = store.query?.(sql)(...parameters) ?? [];
	return rows.map((row) => row.join("|")).join("\n");
}

export const tables: Suite = {
	workloads: ["csv", "query"],
	steps({ entries }, scratch) {
		const rows = orders(Math.ceil(entries * ROW_SHARE));
		const file = join(scratch, `${TABLE.name}.csv`);
		if (!existsSync(file)) writeFileSync(file, csvOf(rows));
		const load: Step = {
			of: "csv",
			name: "CSV load, rows",
			operations: rows.length,
			needs: "loadCsv",
			prerequisite: true,
			async run(store) {
				check((await store.loadCsv?.(file, TABLE)) === rows.length, "rows of the load");
			},
			async verify(store) {
				check(answer(store, "SELECT COUNT(*) FROM orders") === String(rows.length), "rows of the table");
			},
		};
		return [load, ...queries(rows, Math.ceil(entries * SELECT_SHARE))];
	},
};

function queries(rows: readonly Order[], selects: number): readonly Step[] {
	const [least, below] = [MOST / 4, MOST / 200];
	const matching = rows.filter(({ amount, price }) => amount >= least && price < below).length;
	const sums = new Map<string, { count: number; amount: number }>();
	for (const { city, amount } of rows) {
		const sum = sums.get(city) ?? { count: 0, amount: 0 };
		sums.set(city, { count: sum.count + 1, amount: sum.amount + amount });
	}
	const groups = [...sums].sort(([a], [b]) => (a < b ? -1 : 1));
	const grouped = groups.map(([city, { count, amount }]) => `${city}|${count}|${amount}`).join("\n");
	const random = randomSource(47);
	const chosen = Uint32Array.from({ length: selects }, () => Math.floor(random() * rows.length));
	return [
		{
			of: "query",
			name: "SQL: COUNT with a filter, rows read",
			operations: REPEATS * rows.length,
			needs: "query",
			run(store) {
				for (let turn = 0; turn < REPEATS; turn++) {
					const found = answer(store, "SELECT COUNT(*) FROM orders WHERE amount >= ? AND price < ?", least, below);
					check(found === String(matching), "COUNT with a filter");
				}
			},
		},
		{
			of: "query",
			name: "SQL: GROUP BY, rows read",
			operations: REPEATS * rows.length,
			needs: "query",
			run(store) {
				for (let turn = 0; turn < REPEATS; turn++) {
					const sql = "SELECT city, COUNT(*), SUM(amount) FROM orders GROUP BY city ORDER BY city";
					check(answer(store, sql) === grouped, "GROUP BY");
				}
			},
		},
		{
			of: "query",
			name: "SQL: row by primary key, prepared",
			operations: selects,
			needs: "query",
			run(store) {
				const select = store.query?.("SELECT city, amount, price, note FROM orders WHERE id = ?");
				for (const index of chosen) {
					const [row] = select?.(index + 1) ?? [];
					const { city, amount, price, note } = rows[index] as Order;
					const right = row?.[0] === city && Number(row[1]) === amount && row[2] === price && row[3] === note;
					check(right, "row by primary key");
				}
			},
		},
	];
}
