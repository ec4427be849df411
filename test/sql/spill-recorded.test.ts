/** Recorded answers, from statements that put into temporary files whatever they can. */

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SqlDatabase } from "../../host/index.js";
import { MemoryStore } from "../support/memory-store.js";
import { scratchPlace } from "../support/scratch.js";
import type { SqlStore } from "../support/sql-stores.js";
import { runSlt } from "../support/sqllogictest.js";
import { transcriptSuite } from "../support/transcript.js";
import { ROWS } from "./recorded/rows.js";
import { TRIGGERS } from "./recorded/triggers.js";
import { OWN_FOLDER, PUBLIC_FOLDER, shortRunQueries, sltFiles, textOf } from "./slt-files.js";
import { TRANSCRIPTS } from "./transcripts.js";

const tiny: SqlStore = {
	name: "fake store within a byte",
	open: () => {
		const place = scratchPlace();
		return {
			sql: new SqlDatabase(new MemoryStore(), { memoryBytes: 1, scratch: place.scratch }),
			close: () => place.checkEmpty(),
		};
	},
};
for (const [name, sessions] of Object.entries({ TRANSCRIPTS, ROWS, TRIGGERS })) transcriptSuite(name, tiny, sessions);

const PUBLIC_QUERIES = 8;
/** Of the public files those about what spills. */
const CHOSEN = /aggreg|join|window|compound|union|order|group|distinct|cte|with|recurs|update-from|select[35]/;

const slt = suite("sqllogictest files within a byte");
for (const [folder, most] of [
	[OWN_FOLDER, Number.POSITIVE_INFINITY],
	[PUBLIC_FOLDER, PUBLIC_QUERIES],
] as const) {
	for (const file of sltFiles(folder)) {
		if (folder === PUBLIC_FOLDER && !CHOSEN.test(file.name)) continue;
		slt(file.path, () => {
			const text = textOf(file);
			const limit = Math.min(most, shortRunQueries(file));
			const little = runSlt(text, () => tiny.open().sql, limit);
			const known = new Set(
				runSlt(text, () => new SqlDatabase(new MemoryStore()), limit).failures.map(({ line }) => line),
			);
			const news = little.failures.filter(({ line }) => !known.has(line));
			assert.equal(news.slice(0, 3), []);
		});
	}
}
slt.run();
