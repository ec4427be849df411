/** A program for coverage.test.js: `node child.js <directory>` uses a database for a little and prints what it answered. */
import { createHash } from "node:crypto";
import { open } from "../../host/index.js";
import { Random } from "../support/random.js";

const [directory = ""] = process.argv.slice(2);
const random = new Random(1);
const db = await open(directory, { memtableBytes: 1 << 16 });
for (let write = 0; write < 3000; write++) {
	const key = `key ${random.below(2000)}`;
	if (random.below(10) === 0) await db.delete(key);
	else await db.put(key, "value ".repeat(random.below(20)));
}
await db.flush();
const { levels } = await db.stats();
const answers = createHash("sha256");
for (const entry of db.entries()) answers.update(entry.join("\t"));
for (let key = 0; key < 2000; key++) answers.update(`${db.getSync(`key ${key}`)}`);
console.log(levels.some(({ files }) => files > 0) ? "tables" : "no tables", answers.digest("hex"));
await db.close();
