import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openSync } from "../../host/index.js";
import { withDirectory } from "../support/database.js";
import { COMMITS, type FewFiles, keyOf, OPTIONS, ROUNDS } from "./few-files-work.js";
import { type Ledger, Violation } from "./ledger.js";

/** Most descriptors that a process may have, and how many of them are left at most when it begins. */
const LIMIT = 256;
const MOST_SPARE = 24;

/** What the errors say that is to be done. */
const ADVICE = /ulimit -n|open it again/;

/** A process with few descriptors: each call works or says what to do, and nothing acknowledged is lost. */
export async function runFewFiles(ledger: Ledger, seed: number): Promise<void> {
	const spare = seed % (MOST_SPARE + 1);
	withDirectory((directory) => {
		const path = join(directory, "db");
		const script = fileURLToPath(new URL("./few-files-child.js", import.meta.url));
		const command = `ulimit -n ${LIMIT} && exec "$0" "$@"`;
		const shell = ["-c", command, process.execPath, script, path, String(spare)];
		const { status, stdout, stderr } = spawnSync("sh", shell, { encoding: "utf8" });
		if (status !== 0 || stdout === "")
			throw new Violation("wrong", `${spare} files: ${status}, ${stderr.slice(0, 2000)}`);
		const { acknowledged, failures, calls } = JSON.parse(stdout) as FewFiles;
		ledger.count("calls with few files", calls);
		ledger.count("calls that were told why", failures.length);
		const unclear = failures.find((failure) => !failure.includes("WLSM_IO") || !ADVICE.test(failure));
		if (unclear !== undefined) throw new Violation("wrong", `${spare} files: ${unclear}`);
		if (failures.length === 0 && acknowledged !== ROUNDS * COMMITS) {
			throw new Violation("wrong", `${acknowledged} commits were acknowledged, and nothing failed`);
		}
		check(path, acknowledged);
	});
}

function check(path: string, acknowledged: number): void {
	if (acknowledged === 0 && !existsSync(path)) return;
	using db = openSync(path, OPTIONS);
	for (let number = 0; number < acknowledged; number++) {
		if (db.getSync(keyOf(number))?.startsWith(`${number} `) !== true) throw new Violation("lost", keyOf(number));
	}
}
