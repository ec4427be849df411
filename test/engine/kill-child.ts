/**
 * A process of its own for kill.test.js: writes numbered entries from `start` on, for ever, and says after each write that
 * it is done. Every tenth write is a batch of two, every hundredth is followed by a flush or a compaction.
 */
import { writeSync } from "node:fs";
import { openSync } from "../../host/index.js";

const [directory = "", start = "0", sync = "false"] = process.argv.slice(2);
const db = openSync(directory, {
	memtableBytes: 16 << 10,
	blockBytes: 512,
	sync: sync === "true",
	background: "inline",
});
writeSync(1, "open\n");
for (let number = Number(start); ; number++) {
	const value = `${number} `.repeat(number % 50);
	if (number % 10 === 0) {
		await db.batch([
			{ type: "put", key: `n${number}`, value },
			{ type: "put", key: `twin${number}`, value },
		]);
	} else if (number % 2 === 0) {
		db.putSync(`n${number}`, value);
	} else {
		await db.put(`n${number}`, value);
	}
	writeSync(1, `${number}\n`);
	if (number % 100 === 99) await (number % 300 === 299 ? db.compact() : db.flush());
}
