/**
 * Runs the test files, each in a process of its own, as many at a time as the machine has processors: `npm test [pattern...]`. What a
 * file prints comes in one piece when it has ended; the last lines are the sums, as uvu prints them.
 */
import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { countsIn, countsText } from "./support/counts.js";

const tests = fileURLToPath(new URL(".", import.meta.url));
const uvu = fileURLToPath(new URL("../../node_modules/uvu/bin.js", import.meta.url));
const jobs = Number(process.env.TEST_JOBS ?? Math.min(availableParallelism(), 4));
/** Characters of what a file has printed that are repeated if it failed. */
const MAX_REPEATED = 20_000;
/** Folders of files that take long, which must not be the last to begin. */
const longest = ["reliability", "load", "cli", "sql"];

interface Outcome {
	readonly file: string;
	readonly code: number | null;
	readonly output: string;
	readonly seconds: number;
}

function filesOf(patterns: readonly string[]): string[] {
	const wanted = patterns.map((pattern) => new RegExp(pattern));
	const files = readdirSync(tests, { recursive: true, encoding: "utf8" })
		.map((file) => file.replaceAll("\\", "/"))
		.filter((file) => file.endsWith(".test.js") && (wanted.length === 0 || wanted.some((one) => one.test(file))));
	const rank = (file: string): number => {
		const place = longest.indexOf(file.split("/")[0] ?? "");
		return place === -1 ? longest.length : place;
	};
	return files.sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}

function runFile(file: string): Promise<Outcome> {
	const pattern = `^${file.replace(/[.]/g, "\\.")}$`;
	const started = performance.now();
	return new Promise((resolve, reject) => {
		const child = spawn(process.execPath, [uvu, tests, pattern], { stdio: ["ignore", "pipe", "pipe"] });
		const pieces: Buffer[] = [];
		child.stdout.on("data", (piece: Buffer) => pieces.push(piece));
		child.stderr.on("data", (piece: Buffer) => pieces.push(piece));
		child.on("error", reject);
		child.on("close", (code) => {
			const output = Buffer.concat(pieces).toString("utf8");
			resolve({ file, code, output, seconds: (performance.now() - started) / 1000 });
		});
	});
}

const files = filesOf(process.argv.slice(2));
const started = performance.now();
const outcomes: Outcome[] = [];
const waiting = files.values();

async function worker(): Promise<void> {
	for (const file of waiting) {
		const outcome = await runFile(file);
		outcomes.push(outcome);
		process.stdout.write(outcome.output.replace(/\n+ *Total:[\s\S]*$/, `  ${outcome.seconds.toFixed(1)} s\n`));
	}
}

if (files.length === 0) {
	process.stderr.write("No test file has such a name.\n");
	process.exit(1);
}
await Promise.all(Array.from({ length: jobs }, worker));

let [total, passed, skipped] = [0, 0, 0];
for (const { file, code, output } of outcomes) {
	const counts = countsIn(output);
	// A file that ended before its sums counts as a test that failed.
	total += counts?.total ?? 1;
	passed += counts?.passed ?? 0;
	skipped += counts?.skipped ?? 0;
	if (code === 0 && counts !== undefined) continue;
	process.exitCode = 1;
	// Once more, where it is found at once, and where only the end of a log is kept.
	process.stdout.write(`\nFAILED: ${file} ended with ${code}\n${output.slice(-MAX_REPEATED)}`);
}
const seconds = (performance.now() - started) / 1000;
process.stdout.write(`\n${countsText({ total, passed, skipped })}  Duration:  ${seconds.toFixed(1)} s\n\n`);
