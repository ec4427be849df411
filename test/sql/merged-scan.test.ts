/* Rows of a table in sorted runs of many ages, in memory and in a transaction's own writes, among those of other tables: a model of Maps. */

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openSync } from "../../host/index.js";
import { withDirectory } from "../support/database.js";
import { bothKernels } from "../support/kernels.js";
import { Random } from "../support/random.js";

const test = suite("scans over several sources");

const TABLES = ["a", "b", "c"];
const IDS = 4000;

type Model = Map<string, Map<number, string>>;

/** How the keys of a round's writes lie: scattered, every so many, or side by side. */
function idsOf(random: Random): number[] {
	const from = random.below(IDS);
	const step = random.pick([1, 1, 2, 7, 50]);
	return Array.from({ length: random.between(1, 300) }, (_, index) =>
		step === 50 ? random.below(IDS) : (from + index * step) % IDS,
	);
}

bothKernels(test, "are as a model has them", (kernel) =>
	withDirectory(async (directory) => {
		const random = new Random(41);
		const db = openSync(directory, { kernel, background: "inline", memtableBytes: 256 << 10, blockBytes: 512 });
		const { sql } = db;
		const model: Model = new Map(TABLES.map((name) => [name, new Map()]));
		for (const name of TABLES) sql.exec(`CREATE TABLE ${name} (id INTEGER PRIMARY KEY, x INTEGER, y TEXT)`);
		let written = 0;

		const write = () => {
			const name = random.pick(TABLES);
			const rows = model.get(name) as Map<number, string>;
			const put = sql.prepare(`INSERT OR REPLACE INTO ${name} VALUES (?, ?, ?)`);
			const remove = sql.prepare(`DELETE FROM ${name} WHERE id = ?`);
			const removing = random.once(4);
			for (const id of idsOf(random)) {
				if (removing) {
					remove.run(id);
					rows.delete(id);
				} else {
					const text = `${name}${written++}`;
					put.run(id, id % 10, text);
					rows.set(id, text);
				}
			}
		};
		const check = () => {
			const name = random.pick(TABLES);
			const [low, high] = [random.below(IDS), random.below(IDS)].sort((one, other) => one - other) as [number, number];
			const digit = random.below(10);
			const wanted = [...(model.get(name) as Map<number, string>)]
				.filter(([id]) => id >= low && id <= high && id % 10 >= digit)
				.sort(([one], [other]) => one - other);
			const where = `WHERE id BETWEEN ${low} AND ${high} AND x >= ${digit}`;
			const limit = random.between(1, 500);
			const rows = sql.prepare(`SELECT id, y FROM ${name} ${where} LIMIT ${limit}`).raw();
			assert.equal(rows.all(), wanted.slice(0, limit));
			assert.is(sql.prepare(`SELECT count(*) FROM ${name} ${where}`).pluck().get(), wanted.length);
		};
		const rounds = () => {
			for (let round = 0; round < 4; round++) {
				write();
				for (let tries = 0; tries < 3; tries++) check();
			}
		};

		for (let turn = 0; turn < 16; turn++) {
			if (random.once(3)) sql.transaction(rounds)();
			else rounds();
			if (random.once(2)) await db.flush();
			if (turn === 9) await db.compact();
		}
		await db.close();
	}),
);

test.run();
