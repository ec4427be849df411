/** Runs samples in JavaScript one after the other, each in a working directory of its own. */

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { pathToFileURL } from "node:url";
import { format, inspect } from "node:util";
import type { Check } from "./checked.js";
import type { ModuleOutcome, ModuleTask } from "./modules.js";
import { expectedBy, matches } from "./values.js";

const [, , tasksFile = "", outcomesFile = ""] = process.argv;
const tasks = JSON.parse(readFileSync(tasksFile, "utf8")) as ModuleTask[];
const outcomes: ModuleOutcome[] = [];

/** Checks of a module, as they are met. */
class Checks {
	readonly #checks: readonly Check[];
	readonly #printed = new Map<number, string[]>();
	readonly #met = new Set<number>();
	readonly problems: string[] = [];

	constructor(checks: readonly Check[]) {
		this.#checks = checks;
	}

	value(at: number, work: () => unknown): unknown {
		this.#met.add(at);
		try {
			const answer = work();
			if (answer instanceof Promise) {
				return answer.then(
					(value) => this.#compare(at, value),
					(error) => this.#compareError(at, error),
				);
			}
			this.#compare(at, answer);
		} catch (error) {
			this.#compareError(at, error);
		}
		return undefined;
	}

	log(at: number, values: readonly unknown[]): void {
		this.#met.add(at);
		this.#printed.set(at, [...(this.#printed.get(at) ?? []), format(...values)]);
	}

	end(): void {
		for (const [at, { of, comment }] of this.#checks.entries()) {
			if (!this.#met.has(at)) this.#problem(at, "is not reached");
			else if (of === "output") {
				const printed = (this.#printed.get(at) ?? []).join(", ");
				if (printed !== comment) this.#problem(at, `prints ${printed}`);
			}
		}
	}

	#compare(at: number, value: unknown): void {
		const expected = expectedBy(this.#checks[at]?.comment ?? "");
		if (expected?.kind !== "value" || !matches(value, expected.value)) this.#problem(at, `is ${inspect(value)}`);
	}

	#compareError(at: number, error: unknown): void {
		const expected = expectedBy(this.#checks[at]?.comment ?? "");
		const code = error instanceof Error && "code" in error ? error.code : undefined;
		if (expected?.kind !== "error" || code !== expected.code) this.#problem(at, `throws ${inspect(error)}`);
	}

	#problem(at: number, what: string): void {
		this.problems.push(`line ${this.#checks[at]?.line} ${what}`);
	}
}

/** A database that is left open would hold its lock. */
function openDatabases(directory: string): string[] {
	const names = readdirSync(directory, { recursive: true, encoding: "utf8" });
	return names.filter((name) => path.basename(name) === "LOCK").map((name) => `${path.dirname(name)} is left open`);
}

async function run({ file, directory, checks: all, prints }: ModuleTask): Promise<void> {
	const checks = new Checks(all);
	let printed = "";
	console.log = (...values: readonly unknown[]) => {
		printed += `${format(...values)}\n`;
	};
	Object.assign(globalThis, {
		$value: (at: number, work: () => unknown) => checks.value(at, work),
		$log: (at: number, values: readonly unknown[]) => checks.log(at, values),
	});
	process.chdir(directory);
	try {
		await import(pathToFileURL(file).href);
		checks.end();
		if (prints !== undefined && printed !== prints) checks.problems.push(`it prints\n${printed}`);
		checks.problems.push(...openDatabases(directory));
	} catch (error) {
		checks.problems.push(inspect(error));
	}
	outcomes.push({ file, problems: checks.problems });
}

for (const task of tasks) {
	await run(task);
	// After each, so that one that ends the process is known by what is missing.
	writeFileSync(outcomesFile, JSON.stringify(outcomes));
}
process.exit(0);
