/**
 * `npm run coverage -- [pattern] [--uncovered]`: runs the tests whose files match the pattern, all of them without one, and prints
 * how many lines of the library, of the command line and of the kernel they ran, per folder. The lines that they did not run are in
 * coverage/uncovered.txt, and with --uncovered on the terminal. Ends as the tests do.
 */
import { spawn } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { root } from "../support/sources.js";
import { buildMarkedKernel } from "./kernel-build.js";
import { kernelParts } from "./kernel-parts.js";
import { linesOf } from "./lines.js";
import { scriptsOf } from "./paths.js";
import { figuresTable, missedLines } from "./report.js";
import { scriptParts } from "./scripts.js";
import { watched } from "./watched.js";

const { values, positionals } = parseArgs({
	allowPositionals: true,
	options: { uncovered: { type: "boolean", default: false } },
});
const pattern = `(?:${positionals[0] ?? ""}).*\\.test\\.js$`;
const folder = path.join(root, "coverage");

rmSync(folder, { recursive: true, force: true });
mkdirSync(scriptsOf(folder), { recursive: true });
const start = performance.now();
const places = await buildMarkedKernel(folder);
const code = await runTests();

const coverage = linesOf([...scriptParts(scriptsOf(folder)), ...kernelParts(folder, places)]);
const table = figuresTable(coverage);
const missed = missedLines(coverage);
writeFileSync(path.join(folder, "figures.txt"), `${table}\n`);
writeFileSync(path.join(folder, "uncovered.txt"), `${missed}\n`);
if (values.uncovered) console.log(`\n${missed}`);
const seconds = ((performance.now() - start) / 1000).toFixed(0);
console.log(
	`\n${table}\n\nIn ${seconds} s, Node ${process.version}. The lines are in ${path.join(folder, "uncovered.txt")}.`,
);
if (code !== 0) console.error(`The tests failed: exit code ${code}.`);
process.exitCode = code === 0 ? 0 : 1;

function runTests(): Promise<number | null> {
	const runner = path.join(root, "node_modules/uvu/bin.js");
	const running = spawn(process.execPath, [runner, fileURLToPath(new URL("..", import.meta.url)), pattern], {
		cwd: root,
		stdio: "inherit",
		env: watched(process.env, folder),
	});
	return new Promise((resolve, reject) => {
		running.on("error", reject);
		running.on("close", resolve);
	});
}
