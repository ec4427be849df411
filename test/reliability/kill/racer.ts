/**
 * A process that waits for the start, opens a database at once, and says how that went. Who holds it writes one entry, says so,
 * and holds it until it is killed.
 */
import { readSync, writeSync } from "node:fs";
import { type OpenOptions, openSync, WlsmError } from "../../../host/index.js";

export interface RacerOrder {
	readonly directory: string;
	readonly key: string;
	readonly options: Pick<OpenOptions, "kernel" | "background">;
}

const { directory, key, options } = JSON.parse(process.argv[2] ?? "") as RacerOrder;
say("ready");
readSync(0, new Uint8Array(1));
try {
	const db = openSync(directory, options);
	say("held");
	db.putSync(key, "won");
	say("wrote");
	setInterval(() => db, 1_000_000);
} catch (error) {
	if (!(error instanceof WlsmError)) throw error;
	say(`${error.code} ${error.message}`);
}

function say(line: string): void {
	writeSync(1, `${line}\n`);
}
