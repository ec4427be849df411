/** What a catalog takes over from the one before is what is made of the rows anew. */

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SqlDatabase } from "../../host/index.js";
import type { Catalog } from "../../host/sql/catalog/catalog.js";
import { loadCatalog } from "../../host/sql/catalog/load.js";
import { MemoryStore } from "../support/memory-store.js";
import { Random } from "../support/random.js";

const test = suite("catalogs that are loaded again");

const NAMES = ["t", "u", "T2", "é"];
const COLUMNS = ["a", "b", "c"];

function someChange(random: Random): string {
	const table = random.pick(NAMES);
	const column = random.pick(COLUMNS);
	const index = `i${random.below(4)}`;
	switch (random.below(11)) {
		case 0:
			return `CREATE TABLE ${table} (a INTEGER PRIMARY KEY, b TEXT UNIQUE, c DEFAULT ${random.below(2)})`;
		case 1:
			return `CREATE TABLE ${table} (a, b REFERENCES t, c, PRIMARY KEY (a, b), UNIQUE (c)) WITHOUT ROWID`;
		case 2:
			return `CREATE TEMP TABLE ${table} (a INTEGER PRIMARY KEY, b TEXT UNIQUE, c DEFAULT 1)`;
		case 3:
			return `CREATE INDEX ${index} ON ${table} (${column})`;
		case 4:
			return `CREATE UNIQUE INDEX ${index} ON ${table} (${column} DESC) WHERE ${column} > 1`;
		case 5:
			return `DROP TABLE ${table}`;
		case 6:
			return `DROP INDEX ${index}`;
		case 7:
			return `ALTER TABLE ${table} RENAME TO ${random.pick(NAMES)}`;
		case 8:
			return `ALTER TABLE ${table} RENAME COLUMN ${column} TO ${random.pick(COLUMNS)}`;
		case 9:
			return `ALTER TABLE ${table} DROP COLUMN ${column}`;
		default:
			return random.once(2) ? "ANALYZE" : `CREATE VIEW v${random.below(2)} AS SELECT ${random.below(3)} AS x`;
	}
}

test("tables, their indexes and statistics", () => {
	let changes = 0;
	let kept = 0;
	for (let seed = 1; seed <= 20; seed++) {
		const random = new Random(seed);
		const store = new MemoryStore();
		const sql = new SqlDatabase(store);
		let previous: Catalog | null = null;
		for (let step = 0; step < 60; step++) {
			const text = someChange(random);
			try {
				sql.exec(text);
			} catch {
				// There is no such table, or one already.
				continue;
			}
			changes++;
			const before: Catalog | null = previous;
			const view = store.snapshot();
			const catalog = loadCatalog(view, { previous });
			const anew = loadCatalog(view);
			view.release();
			assert.equal(catalog.tables(), anew.tables(), `seed ${seed}, ${text}`);
			kept += catalog.tables().filter((table) => before?.tables().includes(table)).length;
			previous = catalog;
		}
	}
	assert.ok(changes > 300, `${changes} changes`);
	assert.ok(kept > changes, `${kept} tables were taken over`);
});

test.run();
