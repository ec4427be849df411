/** Lines of earlier runs. They may hold what others are not to see: the file is for its owner alone. */

import { appendFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

export const keptLines = 1000;

const privateFile = { mode: 0o600 };

/** Undefined where the system knows of no home. */
export function defaultHistoryPath(env: NodeJS.ProcessEnv = process.env, home = homedir): string | undefined {
	const windows = process.platform === "win32" ? env.LOCALAPPDATA : undefined;
	try {
		return join(windows ?? env.XDG_STATE_HOME ?? join(home(), ".local", "state"), "wlsm", "history");
	} catch {
		return undefined;
	}
}

export class History {
	readonly #path: string | undefined;
	/** The newest first, as node:readline wants them. */
	readonly lines: string[] = [];
	/** Why nothing is kept, where something is in the way. */
	problem: string | undefined;

	/** Without a path nothing is kept. */
	constructor(path: string | undefined) {
		this.#path = path;
		if (path === undefined) return;
		this.#attempt(() => {
			const known = readLines(path);
			if (known.length > 2 * keptLines) {
				const shorter = `${path}.${process.pid}`;
				writeFileSync(shorter, `${known.slice(-keptLines).join("\n")}\n`, privateFile);
				renameSync(shorter, path);
			}
			this.lines.push(...known.slice(-keptLines).reverse());
		});
	}

	/** At once, so that shells side by side keep the lines of both. What begins with a blank is not kept. */
	add(line: string): void {
		const path = this.#path;
		if (path === undefined || this.problem !== undefined || line.trim() === "" || line.startsWith(" ")) return;
		this.#attempt(() => {
			mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
			appendFileSync(path, `${line}\n`, privateFile);
		});
	}

	#attempt(work: () => void): void {
		try {
			work();
		} catch (error) {
			this.problem = error instanceof Error ? error.message : String(error);
		}
	}
}

function readLines(path: string): string[] {
	try {
		return readFileSync(path, "utf8")
			.split("\n")
			.filter((line) => line !== "");
	} catch (error) {
		if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
		throw error;
	}
}
