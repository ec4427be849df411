/* Random operations on declared tables, compared with a model after each. */
import * as path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openSync } from "../../host/index.js";
import { migrate } from "../../host/typed/index.js";
import { withDirectory } from "../support/database.js";
import { kernels } from "../support/kernels.js";
import { Random } from "../support/random.js";
import { TableRun } from "../support/table-run.js";
import { people, seats } from "../support/table-subjects.js";

const STEPS = 320;
const REOPENINGS = 3;

const test = suite("declared tables beside a model");

for (const kernel of kernels) {
	for (const place of ["memory", "disk"] as const) {
		for (const seed of place === "memory" ? [1, 2] : [3]) {
			test(`${kernel}, ${place}, seed ${seed}`, () =>
				withDirectory((directory) => {
					const location = place === "memory" ? ":memory:" : path.join(directory, "db");
					const open = () => openSync(location, { kernel, memtableBytes: 16 << 10, background: "inline" });
					let db = open();
					migrate(db, [people, seats]);
					const run = new TableRun(new Random(seed));
					for (let step = 1; step <= STEPS; step++) {
						run.step(db);
						if (step % 50 === 0) run.compare(db);
						if (place === "disk" && step % (STEPS / (REOPENINGS + 1)) === 0) {
							db.closeSync();
							db = open();
							assert.equal(migrate(db, [people, seats]).changes, []);
							run.compare(db);
						}
					}
					for (const name of ["insert", "insert, broken", "upsert, broken", "update where", "transaction, undone"])
						assert.ok((run.counts.get(name) ?? 0) > 0, `${name} happens`);
					db.closeSync();
				}));
		}
	}
}

test.run();
