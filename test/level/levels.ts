import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import type { Test } from "uvu";
import * as assert from "uvu/assert";
import { type LevelDatabaseOptions, WlsmLevel } from "../../host/level/index.js";
import { kernels } from "../support/kernels.js";

/** Makes databases, each in a place of its own; `location` for one in a place that was used before. */
export type Make = <Key = string, Value = string>(
	options?: LevelDatabaseOptions<Key, Value>,
	location?: string,
) => WlsmLevel<Key, Value>;

/** Adds the test to the suite for each kernel and storage; directories are removed, and databases closed, after it. */
export function overLevels(tests: Test, title: string, work: (make: Make) => Promise<void>): void {
	for (const kernel of kernels) {
		for (const place of ["disk", "memory"]) {
			tests(`${title} (${kernel}, ${place})`, async () => {
				const root = mkdtempSync(path.join(tmpdir(), "wlsm-level-"));
				const made: { close(): Promise<void> }[] = [];
				const make: Make = (options, location) => {
					const where = location ?? (place === "memory" ? ":memory:" : path.join(root, String(made.length)));
					const db = new WlsmLevel(where, { kernel, background: "inline", ...options } as typeof options);
					made.push(db);
					return db;
				};
				try {
					await work(make);
					for (const db of made) await db.close();
				} finally {
					rmSync(root, { recursive: true, force: true });
				}
			});
		}
	}
}

/** An error of abstract-level with the code; its cause where `causeCode` is given has that. */
export async function refused(work: () => unknown, code: string, causeCode?: string): Promise<Error> {
	try {
		await work();
	} catch (error) {
		const { code: got, cause } = error as { code?: string; cause?: { code?: string } };
		assert.is(got, code, String(error));
		if (causeCode !== undefined) assert.is(cause?.code, causeCode, String(cause));
		return error as Error;
	}
	throw new Error(`nothing was thrown; expected ${code}`);
}

export const pairs = (count: number, value = "value") =>
	Array.from({ length: count }, (_, number) => ({
		type: "put" as const,
		key: String(number).padStart(6, "0"),
		value: `${value} ${number}`,
	}));
