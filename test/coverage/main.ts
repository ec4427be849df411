/**
 * `npm run coverage -- [pattern]`: line coverage of host/, cli/ and of the kernel's sources by the tests whose files match, all by
 * default. Prints shares per folder; the lines that were not reached go to dist/coverage.txt.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { fileURLToPath } from "node:url";
import { type Coverage, missed, note, shares } from "./lines.js";
import { Script, type ScriptCoverage } from "./script.js";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const PLACES = path.join(ROOT, "dist/kernel.coverage.json");
const [pattern = ""] = process.argv.slice(2);

const work = mkdtempSync(path.join(tmpdir(), "wlsm-coverage-"));
const [scripts, kernels] = ["v8", "kernel"].map((name) => path.join(work, name)) as [string, string];
for (const directory of [scripts, kernels]) mkdirSync(directory);
try {
	buildKernel();
	const failed = runTests();
	const coverage: Coverage = new Map();
	scriptLines(coverage);
	kernelLines(coverage);
	print(coverage);
	process.exitCode = failed;
} finally {
	rmSync(work, { recursive: true });
}

function buildKernel(): void {
	const compiler = path.join(ROOT, "node_modules/assemblyscript/bin/asc.js");
	const options = ["--config", "asconfig.json", "--target", "release", "--outFile", "dist/kernel.coverage.wasm"];
	execFileSync(
		process.execPath,
		[compiler, "assembly/index.ts", ...options, "--transform", "./test/coverage/transform.js"],
		{ cwd: ROOT, stdio: "inherit", env: { ...process.env, WLSM_COVERAGE_PLACES: PLACES } },
	);
}

function runTests(): number {
	const hook = new URL("./hook.js", import.meta.url).href;
	const runner = path.join(ROOT, "node_modules/uvu/bin.js");
	const { status } = spawnSync(process.execPath, [runner, "dist/test", `${pattern}.*\\.test\\.js$`], {
		cwd: ROOT,
		stdio: "inherit",
		env: {
			...process.env,
			NODE_V8_COVERAGE: scripts,
			WLSM_COVERAGE: kernels,
			NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ""} --import ${hook}`,
		},
	});
	return status ?? 1;
}

function scriptLines(coverage: Coverage): void {
	const wanted = ["host", "cli"].map((folder) => new URL(`../../${folder}/`, import.meta.url).href);
	const found = new Map<string, Script>();
	for (const name of readdirSync(scripts)) {
		const { result } = JSON.parse(readFileSync(path.join(scripts, name), "utf8")) as { result: ScriptCoverage[] };
		for (const script of result) {
			if (!wanted.some((folder) => script.url.startsWith(folder))) continue;
			const known = found.get(script.url) ?? new Script(script.url);
			found.set(script.url, known);
			known.add(script);
		}
	}
	for (const script of found.values()) script.lines(coverage, (source) => path.relative(ROOT, source));
}

function kernelLines(coverage: Coverage): void {
	const places = JSON.parse(readFileSync(PLACES, "utf8")) as [file: string, line: number][];
	const reached = new Set(
		readdirSync(kernels).flatMap((name) => JSON.parse(readFileSync(path.join(kernels, name), "utf8")) as number[]),
	);
	for (const [place, [file, line]] of places.entries()) note(coverage, file, line, reached.has(place));
}

function print(coverage: Coverage): void {
	for (const depth of [1, 2]) {
		for (const [folder, { covered, lines }] of shares(coverage, depth)) {
			console.log(
				`${folder.padEnd(24)} ${((100 * covered) / lines).toFixed(1).padStart(6)} %  ${covered} of ${lines} lines`,
			);
		}
		console.log();
	}
	const left = [...coverage].flatMap(([file, lines]) => {
		const ranges = missed(lines);
		return ranges === "" ? [] : [`${file}: ${ranges}`];
	});
	const list = path.join(ROOT, "dist/coverage.txt");
	writeFileSync(list, `${left.sort().join("\n")}\n`);
	console.log(`Lines that were not reached are in ${path.relative(ROOT, list)}.`);
}
