import { Violation } from "../ledger.js";
import { Child, type Ended, type SCRIPTS } from "./process.js";
import { difference, examine, type State } from "./state.js";
import type { WriterOrder } from "./writer.js";

/** Where a scenario works: a folder of its own for each process that is stopped. */
export interface Place {
	readonly folder: string;
	/** Of the database. */
	readonly directory: string;
}

/** Something that a process does with a directory, to be stopped at each of its changes to files. */
export interface Scenario {
	readonly name: string;
	readonly signals: "SIGKILL" | "all";
	readonly script: keyof typeof SCRIPTS;
	/** Whether what a killed process leaves may be met, and checked, by the same command just as well. */
	readonly repeatable: "once" | "again";
	/** Fills a new folder. */
	prepare(place: Place): Promise<void> | void;
	words(place: Place): readonly string[];
	/** Whether what is there afterwards is right, whether it goes on from there, and whether what the process said is true. */
	check(place: Place, ended: Ended): Promise<void>;
}

/** Leaves in the directory what a writer leaves that is killed in the midst of its work: tables, a log, its lock. */
export async function leaveCrashed(directory: string, seed: number, at = 330): Promise<void> {
	const order: WriterOrder = {
		directory,
		seed,
		from: 0,
		window: 1,
		options: { kernel: "wasm", background: "inline" },
	};
	await new Child("writer", [JSON.stringify(order)], { at, how: "half", signal: "SIGKILL" }).end();
}

/** Fails where a writer that comes next finds damage, strays, or another state. */
export async function expectState(directory: string, expected: State): Promise<void> {
	const differs = difference(await examine(directory), expected);
	if (differs !== undefined) throw wrongState(differs);
}

export function wrongState(differs: string): Violation {
	return new Violation(/is not there$/.test(differs) ? "lost" : "wrong", differs);
}

/** Of a command that SIGKILL alone may end otherwise than it likes. */
export function expectDoneOrKilled({ code, signal, stderr }: Ended, codes: readonly number[] = [0]): void {
	if (code === null ? signal === "SIGKILL" : codes.includes(code)) return;
	throw new Violation("wrong", `it ended with ${code ?? signal}: ${stderr}`);
}
