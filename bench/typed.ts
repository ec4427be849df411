/*
 * What declared tables (wlsm/typed) cost: the same calls by hand, with statements that are prepared once, and with Drizzle, all over one
 * database in memory; the answers are compared.
 *
 *   node dist/bench/typed.js [--rows 50000] [--calls 20000] [--rounds 9] [--json FILE] [--smoke]
 *
 * The ways take turns, round by round, each time another one first; figures are the medians.
 */
import { isDeepStrictEqual } from "node:util";
import { openSync } from "../host/index.js";
import { benchFlags } from "./flags.js";
import { type ComparisonRow, comparison, publish, rate } from "./report.js";
import { check, median, randomSource, seconds } from "./support.js";
import { create, type User, type Way, waysOf } from "./typed/ways.js";

const flags = benchFlags({ rows: 50_000, calls: 20_000, rounds: 9 }, { rows: 200, calls: 50, rounds: 2 });
const ROWS_PER_NAME = 10;

const random = randomSource(5);
const db = openSync(":memory:");

const userOf = (id: number): User => ({
	id,
	name: `name ${id % Math.ceil(flags.rows / ROWS_PER_NAME)}`,
	email: `user${id}@example.org`,
	score: id / 4,
	active: id % 3 > 0,
	seen: new Date(1.6e12 + id * 1000),
});

/** What is measured: an operation for one row, or for all of them at once. */
interface Work {
	readonly name: string;
	readonly run: (way: Way, ids: readonly number[]) => unknown;
	/** Rows that it leaves behind are removed after each way. */
	readonly inserts?: boolean;
}

/** For each id; the last answer is compared. */
const each =
	(call: (way: Way, id: number) => unknown): Work["run"] =>
	(way, ids) => {
		let last: unknown;
		for (const id of ids) last = call(way, id);
		return last;
	};

const WORK: readonly Work[] = [
	{ name: "row by primary key, as SQL has it", run: each((way, id) => way.plainById(id)) },
	{ name: "row by primary key, with a boolean and a Date", run: each((way, id) => way.byId(id)) },
	{ name: "row by a unique column", run: each((way, id) => way.byEmail(userOf(id).email)) },
	{ name: `${ROWS_PER_NAME} rows by an index`, run: each((way, id) => way.byName(userOf(id).name)) },
	{
		name: "row by two conditions, put together",
		run: each((way, id) => way.chosen(userOf(id).email, userOf(id).active)),
	},
	{
		name: "INSERT that returns the row",
		inserts: true,
		run: (way, ids) => db.sql.transaction(() => each((one, id) => one.insert(userOf(id + flags.rows)))(way, ids))(),
	},
	{
		name: "INSERT of many rows in one transaction",
		inserts: true,
		run: (way, ids) => {
			way.insertAll(ids.map((id) => userOf(id + flags.rows)));
			return db.sql.prepare("SELECT count(*) FROM users").pluck().get();
		},
	},
];

create(db);
const ways = waysOf(db);
const [hand] = ways as [Way];
hand.insertAll(Array.from({ length: flags.rows }, (_, i) => userOf(i + 1)));

async function measured({ name, run, inserts }: Work): Promise<ComparisonRow> {
	const found = ways.map((): number[] => []);
	for (let round = 0; round < flags.rounds; round++) {
		const ids = [...new Set(Array.from({ length: flags.calls }, () => 1 + Math.floor(random() * flags.rows)))];
		const answers: unknown[] = [];
		for (let turn = 0; turn < ways.length; turn++) {
			const at = (turn + round) % ways.length;
			const way = ways[at] as Way; // at is within
			found[at]?.push((await seconds(() => answers.push(run(way, ids)))) / ids.length);
			if (inserts === true) db.sql.exec(`DELETE FROM users WHERE id > ${flags.rows}`);
		}
		check(
			answers.every((answer) => isDeepStrictEqual(answer, answers[0])),
			name,
		);
	}
	return { name, figures: found.map((times) => 1 / median(times)), format: rate };
}

const rows: ComparisonRow[] = [];
for (const work of WORK) rows.push(await measured(work));
db.closeSync();
const names = ways.map(({ name }) => name);
publish(
	[
		comparison(
			`Declared tables: ${flags.rows} rows of six columns in memory`,
			names,
			rows,
			[
				"Rates are of rows, or of calls that find rows: more is better. By hand makes the same conversions, and prepares but the put together statement once.",
			],
			[
				["wlsm/typed", "by hand"],
				["drizzle", "by hand"],
			],
		),
	],
	flags.json,
);
