/**
 * The contract tests, and what is installed, in each runtime: npm run test:runtimes, with names of runtimes ("bun", "node 22")
 * for some of them. Its last lines are counts as uvu prints them.
 */

import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { contract, filesFor } from "./contract.js";
import { installApplication } from "./installed.js";
import { type Outcome, outcome, report } from "./outcome.js";
import { findRuntimes, install, type Runtime } from "./runtimes.js";
import { Smoke } from "./smoke.js";

/** As many processes at once as continuous integration has cores. */
const AT_ONCE = 2;

const outcomes: Outcome[] = [];

function told(one: Outcome): void {
	outcomes.push(one);
	const failed = one.failed > 0 ? `, ${one.failed} FAILED` : "";
	console.log(`${one.runtime.padEnd(8)} ${one.name}: ${one.passed} passed${failed}, ${one.seconds.toFixed(1)} s`);
	if (one.failed > 0) console.log(one.output);
}

/** Runs the tasks in their order, some at once. */
async function inTurn(tasks: readonly (() => Promise<void>)[]): Promise<void> {
	const left = [...tasks];
	const worker = async () => {
		for (let task = left.shift(); task !== undefined; task = left.shift()) await task();
	};
	await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

const wanted = process.argv.slice(2);
install();
const from = performance.now();
const found = findRuntimes().filter(({ name }) => wanted.length === 0 || wanted.includes(name));
if (found.length === 0) throw new Error(`There is no runtime ${wanted.join(", ")}`);
const runtimes = found.filter((one): one is Runtime => "program" in one);
for (const one of found) {
	if (!("why" in one)) continue;
	console.log(`${one.name}: ${one.isFailure ? "MISSING" : "skipped"}, as ${one.why}`);
	outcomes.push(outcome(one.name, "is there", one.isFailure ? { failed: 1 } : { skipped: 1 }));
}
for (const { name, version } of runtimes) console.log(`${name}: ${version}`);

const folder = mkdtempSync(join(tmpdir(), "wlsm-runtimes-"));
try {
	const temporary = join(folder, "tmp");
	mkdirSync(temporary);
	const application = installApplication(join(folder, "app"));
	const smokes = runtimes.map((runtime) => new Smoke(runtime, application, temporary));
	await inTurn([
		...smokes.map((smoke) => async () => (await smoke.run()).forEach(told)),
		...runtimes.flatMap((runtime) =>
			filesFor(runtime).map((file) => async () => told(await contract(runtime, file, temporary))),
		),
	]);
	// Each opens the databases of all, one after the other.
	for (const smoke of smokes) told(await smoke.others(smokes.map(({ database }) => database)));
} finally {
	rmSync(folder, { recursive: true, force: true });
}
console.log(`\n${report(outcomes)}  Duration:  ${((performance.now() - from) / 1000).toFixed(0)} s`);
process.exitCode = outcomes.some(({ failed }) => failed > 0) ? 1 : 0;
