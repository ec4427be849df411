/**
 * Runs the test files, each in a process of its own, as many at a time as the machine has processors: `npm test [pattern...]`. What a
 * file prints comes in one piece when it has ended; the last lines are the sums, as uvu prints them.
 */
import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";

const tests = fileURLToPath(new URL(".", import.meta.url));
const uvu = fileURLToPath(new URL("../../node_modules/uvu/bin.js", import.meta.url));
const jobs = Number(process.env.TEST_JOBS ?? Math.min(availableParallelism(), 4));
/** Folders of files that take long, which must not be the last to begin. */
const longest = ["reliability", "load", "cli", "sql"];

interface Outcome {
	readonly file: string;
	readonly code: number | null;
	readonly output: string;
	readonly seconds: number;
}

const counted = ["Total", "Passed", "Skipped"] as const;
type Counts = Record<(typeof counted)[number], number>;

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

/** The sums that uvu has printed last, `undefined` where it has not come that far. */
function countsIn(output: string): Counts | undefined {
	// biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with one.
	const plain = output.replace(/\x1b\[[0-9;]*m/g, "");
	const found = counted.map((name) => [...plain.matchAll(new RegExp(`^ *${name}: *(\\d+)`, "gm"))].at(-1)?.[1]);
	if (found.includes(undefined)) return undefined;
	return Object.fromEntries(counted.map((name, index) => [name, Number(found[index])])) as Counts;
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

const sums: Counts = { Total: 0, Passed: 0, Skipped: 0 };
for (const { file, code, output } of outcomes) {
	const counts = countsIn(output);
	for (const name of counted) sums[name] += counts?.[name] ?? 0;
	if (code === 0 && counts !== undefined) continue;
	process.exitCode = 1;
	process.stdout.write(`\nFAILED: ${file} ended with ${code}\n`);
	// A file that ended before its sums counts as a test that failed.
	if (counts === undefined) sums.Total++;
}
const seconds = (performance.now() - started) / 1000;
const lines = [...counted.map((name) => `${name}:`.padEnd(11) + sums[name]), `Duration:  ${seconds.toFixed(1)} s`];
process.stdout.write(`\n${lines.map((line) => `  ${line}\n`).join("")}\n`);
