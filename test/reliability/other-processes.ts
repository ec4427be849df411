import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setImmediate } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Database } from "../../host/index.js";
import { NodeStorage } from "../../host/storage/index.js";
import { openStorage, withDirectory } from "../support/database.js";
import { Random } from "../support/random.js";
import { anyOptions } from "./histories.js";
import { type Ledger, Violation } from "./ledger.js";
import type { Reading } from "./reading-child.js";

const KEYS = 200;
const READINGS = 6;

const keyOf = (number: number) => `key ${String(number).padStart(4, "0")}`;

/** Every key gets the round's value in one commit: whoever sees two values sees no moment. */
async function writeRound(db: Database, random: Random, round: number): Promise<void> {
	const value = `round ${String(round).padStart(6, "0")} ${"x".repeat(40)}`;
	await db.transaction((tx) => {
		if (random.once(4)) tx.deleteRangeSync({});
		for (let number = 0; number < KEYS; number++) tx.putSync(keyOf(number), value);
	});
	if (random.once(3)) await db.flush();
	if (random.once(4)) await db.compact();
	await setImmediate();
}

const roundOf = (value: string) => Number(value.split(" ")[1]);

/** Another process reads a database while it is written to and its files are removed. */
export function runOtherProcess(ledger: Ledger, seed: number): Promise<void> {
	const random = new Random(seed);
	return withDirectory(async (directory) => {
		const path = join(directory, "db");
		const db = openStorage(new NodeStorage(), path, { ...anyOptions(random), maxOpenFiles: 500 });
		const readings: Reading[] = [];
		let round = 0;
		await writeRound(db, random, round);
		const script = fileURLToPath(new URL("./reading-child.js", import.meta.url));
		const child = spawn(process.execPath, [script, path, String(READINGS)], { stdio: ["ignore", "pipe", "pipe"] });
		let said = "";
		child.stderr.setEncoding("utf8").on("data", (text: string) => {
			said += text;
		});
		createInterface({ input: child.stdout }).on("line", (line) => readings.push(JSON.parse(line)));
		const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
		let code: number | null | undefined;
		void ended.then((value) => {
			code = value;
		});
		while (code === undefined) {
			round += 1;
			await writeRound(db, random, round);
		}
		await db.close();
		if (code !== 0) throw new Violation("refused", `the reading process ended with ${code}: ${said.slice(0, 2000)}`);
		check(readings, round);
		ledger.count("readings of other processes", readings.length);
		ledger.count("rounds written meanwhile", round);
	});
}

function check(readings: readonly Reading[], last: number): void {
	if (readings.length !== 2 * READINGS) throw new Violation("wrong", `${readings.length} readings`);
	let newest = 0;
	const [first] = readings;
	for (const { kept, keys, values, problems } of readings) {
		if (problems.length > 0) throw new Violation("wrong", `verify: ${problems.join("; ")}`);
		if (keys !== KEYS || values.length !== 1) {
			throw new Violation("torn", `${keys} keys of ${new Set(values.map(roundOf)).size} rounds`);
		}
		const round = roundOf(values[0] as string);
		if (kept && round !== roundOf(first?.values[0] as string)) throw new Violation("wrong", "a reader's moment moved");
		if (!kept && (round < newest || round > last)) throw new Violation("lost", `round ${round} after ${newest}`);
		if (!kept) newest = round;
	}
}
