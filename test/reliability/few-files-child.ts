/**
 * A process that may open few files more: `node few-files-child.js <directory> <spare>`, under a limit that is soon reached. Writes,
 * flushes, compacts, scans and copies a database, and says as one line of JSON what was acknowledged and which calls failed.
 */
import { closeSync, openSync as openFile, writeSync } from "node:fs";
import { type Database, openSync, WlsmError } from "../../host/index.js";
import { COMMITS, type FewFiles, keyOf, OPTIONS, ROUNDS } from "./few-files-work.js";

/** Opens files until there are no more to be had but the spare ones. Node has loaded what it needs by now. */
function occupy(spare: number): void {
	const files: number[] = [];
	try {
		for (;;) files.push(openFile("/dev/null", "r"));
	} catch {
		for (const file of files.slice(0, spare)) closeSync(file);
	}
}

async function work(directory: string, said: FewFiles): Promise<void> {
	const attempt = async (name: string, call: () => unknown): Promise<void> => {
		said.calls += 1;
		try {
			await call();
		} catch (error) {
			// Only what is documented is an answer: the rest ends the process.
			if (!(error instanceof WlsmError)) throw error;
			said.failures.push(`${name}: ${error.code} ${error.message}`);
		}
	};
	let db: Database | undefined;
	await attempt("open", () => {
		db = openSync(directory, OPTIONS);
	});
	if (db === undefined) return;
	const opened = db;
	for (let round = 0; round < ROUNDS; round++) {
		for (let number = round * COMMITS; number < (round + 1) * COMMITS && said.acknowledged === number; number++) {
			await attempt("put", async () => {
				await opened.put(keyOf(number), `${number} ${"x".repeat(200)}`);
				said.acknowledged = number + 1;
			});
		}
		await attempt("flush", () => opened.flush());
		await attempt("scan", async () => {
			for await (const _ of opened.keys());
		});
		if (round % 10 === 9) await attempt("compact", () => opened.compact());
		if (round % 10 === 5) await attempt("checkpoint", () => opened.checkpoint(`${directory}-copy-${round}`));
	}
	await attempt("close", () => opened.close());
}

const [directory = "", spare = "0"] = process.argv.slice(2);
const said: FewFiles = { acknowledged: 0, failures: [], calls: 0 };
occupy(Number(spare));
await work(directory, said);
writeSync(1, `${JSON.stringify(said)}\n`);
process.exit(0);
