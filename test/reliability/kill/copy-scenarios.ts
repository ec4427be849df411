import { cpSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { openSync, WlsmError } from "../../../host/index.js";
import { repair } from "../../../host/repair.js";
import { Violation } from "../ledger.js";
import { isDatabase } from "./checkpoints.js";
import { expectDoneOrKilled, expectState, leaveCrashed, type Scenario } from "./scenario.js";
import { emptyState, examine, readIfThere, type State } from "./state.js";

type Files = ReadonlyMap<string, Buffer>;

function filesOf(directory: string): Files {
	return new Map(readdirSync(directory).map((name) => [name, readFileSync(path.join(directory, name))]));
}

/** The checkpoint is whole or is none, and the source is as it was, also its lock and the log that its writer left. */
export function checkpoint(seed: number): Scenario {
	let before = emptyState();
	let files: Files = new Map();
	const target = (folder: string) => path.join(folder, "copies", "checkpoint");
	return {
		name: "checkpoint",
		signals: "SIGKILL",
		script: "cli",
		repeatable: "once",
		async prepare({ directory }) {
			await leaveCrashed(directory, seed);
			before = readIfThere(directory) ?? before;
			files = filesOf(directory);
		},
		words: ({ folder, directory }) => ["checkpoint", target(folder), "--db", directory],
		async check({ folder, directory }, ended) {
			expectDoneOrKilled(ended);
			const after = filesOf(directory);
			const differs = [...after].find(([name, bytes]) => !files.get(name)?.equals(bytes));
			if (differs !== undefined || after.size !== files.size) {
				throw new Violation("wrong", `a checkpoint changed its source: ${differs?.[0] ?? "a file is gone"}`);
			}
			if (ended.code === 0 || isDatabase(target(folder))) await expectState(target(folder), before);
			await retake(directory, target(folder));
			await expectState(target(folder), before);
			// What the checkpoint has with it in common is the source's all the same.
			await expectState(directory, before);
		},
	};
}

/** Takes it again: into the same directory, unless it says that something is there already. */
async function retake(source: string, target: string): Promise<void> {
	const db = openSync(source, { readOnly: true });
	try {
		await db.checkpoint(target);
	} catch (error) {
		if (!(error instanceof WlsmError) || error.code !== "WLSM_EXISTS") throw error;
		rmSync(target, { recursive: true });
		await db.checkpoint(target);
	} finally {
		db.closeSync();
	}
}

/** What is damaged before a repair. */
const DAMAGES = {
	nothing() {},
	manifest(directory: string) {
		for (const name of readdirSync(directory)) {
			if (name === "CURRENT" || name.startsWith("MANIFEST")) rmSync(path.join(directory, name));
		}
	},
	table: (directory: string) => damageLargest(directory, ".sst"),
	log: (directory: string) => damageLargest(directory, ".wal"),
};

/** Turns over a bit in the middle of the largest file of a kind. */
function damageLargest(directory: string, ending: string): void {
	const paths = readdirSync(directory)
		.filter((name) => name.endsWith(ending))
		.map((name) => path.join(directory, name))
		.sort((a, b) => statSync(b).size - statSync(a).size);
	const [file] = paths;
	if (file === undefined) throw new Error(`there is no ${ending} to damage`);
	const bytes = readFileSync(file);
	const middle = bytes.length >> 1;
	bytes[middle] = (bytes[middle] ?? 0) ^ 1;
	writeFileSync(file, bytes);
}

/**
 * A repair that is stopped leaves what a repair of the same damage makes the same of. In between somebody may have tried to
 * open the database, with or without success.
 */
export function repairs(seed: number, damage: keyof typeof DAMAGES): Scenario {
	let repaired = emptyState();
	return {
		name: `repair with ${damage} damaged`,
		signals: "SIGKILL",
		script: "cli",
		repeatable: "again",
		async prepare({ folder, directory }) {
			await leaveCrashed(directory, seed, 150);
			DAMAGES[damage](directory);
			const undisturbed = path.join(folder, "undisturbed");
			cpSync(directory, undisturbed, { recursive: true });
			const before = damage === "nothing" ? readIfThere(undisturbed) : undefined;
			repaired = await repairedState(undisturbed);
			if (before !== undefined) await expectState(undisturbed, before);
			rmSync(undisturbed, { recursive: true });
		},
		words: ({ directory }) => ["repair", "--db", directory],
		async check({ folder, directory }, ended) {
			expectDoneOrKilled(ended, [0, 1]);
			if (ended.code !== null) {
				await expectState(directory, repaired);
				return;
			}
			const tried = path.join(folder, "tried");
			cpSync(directory, tried, { recursive: true });
			tryToOpen(tried);
			for (const again of [directory, tried]) await expectRepaired(again, repaired);
		},
	};
}

async function repairedState(directory: string): Promise<State> {
	await repair(directory);
	return await examine(directory);
}

async function expectRepaired(directory: string, expected: State): Promise<void> {
	await repair(directory);
	await expectState(directory, expected);
}

function tryToOpen(directory: string): void {
	try {
		openSync(directory, { createIfMissing: false, background: "inline" }).closeSync();
	} catch (error) {
		if (!(error instanceof WlsmError) || error.code !== "WLSM_CORRUPTION") throw error;
	}
}
