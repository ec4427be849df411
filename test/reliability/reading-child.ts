/**
 * A process of its own that reads a database while another one writes to it: `node reading-child.js <directory> <readings>`. Opens
 * it again and again, one of the readers kept for long, and says as lines of JSON what it saw.
 */
import { writeSync } from "node:fs";
import { type Database, open } from "../../host/index.js";

export interface Reading {
	/** Whether it is of the reader that is kept, or of one that was just opened. */
	readonly kept: boolean;
	readonly keys: number;
	/** Different values among those of a scan and of single reads: one where the reader sees one moment. */
	readonly values: readonly string[];
	readonly problems: readonly string[];
}

async function look(db: Database, kept: boolean): Promise<void> {
	const entries = await db.entries().all();
	const keys = entries.map(([key]) => key);
	const values = new Set(entries.map(([, value]) => value));
	for (const value of await db.getMany(keys)) values.add(String(value));
	for (const key of keys) values.add(String(db.getSync(key)));
	const problems = (await db.verify()).problems.map(({ message }) => message);
	const reading: Reading = { kept, keys: keys.length, values: [...values], problems };
	writeSync(1, `${JSON.stringify(reading)}\n`);
}

const [directory = "", readings = "1"] = process.argv.slice(2);
const OPTIONS = { readOnly: true, blockCacheBytes: 0 };
const kept = await open(directory, OPTIONS);
for (let left = Number(readings); left > 0; left--) {
	await look(kept, true);
	const fresh = await open(directory, OPTIONS);
	await look(fresh, false);
	await fresh.close();
}
await kept.close();
