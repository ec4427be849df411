import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { Database } from "../../host/database.js";
import { openOn, type Surroundings } from "../../host/engine/open.js";
import { WlsmError, type WlsmErrorCode } from "../../host/errors.js";
import { sqlOver } from "../../host/open.js";
import { type OpenOptions, resolveOptions } from "../../host/options.js";
import type { Storage } from "../../host/storage/storage.js";

/** The public database over any storage: what `openSync` does for a path. */
export function openStorage<Key = string, Value = string>(
	storage: Storage,
	directory: string,
	options: OpenOptions = {},
	surroundings?: Partial<Surroundings>,
): Database<Key, Value> {
	const resolved = resolveOptions(options);
	const engine = openOn(storage, directory, resolved, surroundings);
	return new Database<Key, Value>(directory, engine, resolved, sqlOver);
}

/** Puts another clock in the place of the one that says when values expire. */
export function setClock(db: object, now: () => number): void {
	// @ts-expect-error: the engine is not part of the public interface.
	(db as Database).engine.now = now;
}

/** Runs `work` with a directory of its own, which is removed afterwards. */
export function withDirectory<Answer>(work: (directory: string) => Answer): Answer {
	const directory = mkdtempSync(path.join(tmpdir(), "wlsm-test-"));
	const remove = () => rmSync(directory, { recursive: true, force: true });
	let answer: Answer;
	try {
		answer = work(directory);
	} catch (error) {
		remove();
		throw error;
	}
	if (answer instanceof Promise) return answer.finally(remove) as Answer;
	remove();
	return answer;
}

/**
 * Every table that is there is one of the database's, once what is merged in the background has come to its end. `names`: of the files
 * in the database's directory.
 */
export async function hasOnlyItsTables(db: Database, names: () => readonly string[]): Promise<void> {
	await db.flush();
	for (let looks = 0; ; looks++) {
		const there = names().filter((name) => name.endsWith(".sst")).length;
		const { levels } = await db.stats();
		const named = levels.reduce((sum, { files }) => sum + files, 0);
		if (there === named) return;
		if (looks === 100) throw new Error(`${there} tables lie there, ${named} are the database's`);
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
}

/** The WlsmError that `work` throws; fails where it throws none, or one of another code. */
export function thrown(work: () => unknown, code: WlsmErrorCode): WlsmError {
	try {
		work();
	} catch (error) {
		return coded(error, code);
	}
	throw new Error(`nothing was thrown; expected ${code}`);
}

/** As `thrown` for a promise. */
export async function rejected(work: () => Promise<unknown>, code: WlsmErrorCode): Promise<WlsmError> {
	let promise: Promise<unknown>;
	try {
		promise = work();
	} catch (error) {
		throw new Error("an asynchronous method threw instead of rejecting", { cause: error });
	}
	try {
		await promise;
	} catch (error) {
		return coded(error, code);
	}
	throw new Error(`nothing was rejected; expected ${code}`);
}

function coded(error: unknown, code: WlsmErrorCode): WlsmError {
	if (!(error instanceof WlsmError)) throw error;
	if (error.code !== code) throw new Error(`expected ${code}, got ${error.code}: ${error.message}`, { cause: error });
	return error;
}
