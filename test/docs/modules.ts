/** Samples in JavaScript and TypeScript as modules, in a folder where the package has its name. */

import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { fileURLToPath } from "node:url";
import { root } from "../support/sources.js";
import { type Block, placeOf } from "./blocks.js";
import { type Check, checked } from "./checked.js";
import { filesInto, surroundingsOf } from "./surroundings.js";

export interface ModuleTask {
	readonly file: string;
	readonly directory: string;
	readonly checks: readonly Check[];
	/** All that it prints where no comment says what; undefined where that is not said. */
	readonly prints: string | undefined;
}

export interface ModuleOutcome {
	readonly file: string;
	readonly problems: readonly string[];
}

/** What samples import beside wlsm. */
const packages = ["keyv", "unstorage", "kysely", "drizzle-orm", "abstract-level", "@types/node"];

/** A folder of modules, `node_modules` with the package among them. */
export function prepareModules(folder: string): void {
	mkdirSync(path.join(folder, "node_modules", "@types"), { recursive: true });
	symlinkSync(root, path.join(folder, "node_modules", "wlsm"), "dir");
	for (const name of packages)
		symlinkSync(path.join(root, "node_modules", name), path.join(folder, "node_modules", name), "dir");
	writeFileSync(path.join(folder, "package.json"), '{ "type": "module" }');
}

/** A sample that imports the library is a program by itself; those under one heading that do not are parts of one. */
export function programKey(block: Block): string {
	const { document, heading, language, line } = block;
	return JSON.stringify([document, language, isWhole(block.text) ? line : heading]);
}

function isWhole(text: string): boolean {
	return / from "wlsm[/"]/.test(text);
}

function programOf(blocks: readonly Block[]): string {
	const [first] = blocks;
	if (first === undefined) return "";
	const text = blocks.map((block) => block.text).join("");
	if (isWhole(first.text)) return text;
	const { before = "", after = "" } = surroundingsOf(first).js ?? {};
	return [before, text, after].filter((part) => part !== "").join("\n");
}

/** Runs programs, each of which is one or more blocks; answers what is wrong with each. */
export async function runModules(folder: string, programs: readonly (readonly Block[])[]): Promise<readonly string[]> {
	const typed = programs.map((blocks) => blocks[0]?.language === "ts");
	const names = programs.map((_, i) => path.join(folder, `sample-${i}`));
	for (const [i, blocks] of programs.entries())
		if (typed[i]) writeFileSync(`${names[i]}.ts`, `${programOf(blocks)}\nexport {};\n`);
	if (typed.includes(true)) await compile(folder);
	const tasks = programs.map((blocks, i): ModuleTask => {
		const source = programOf(blocks);
		const name = names[i] as string;
		const { code, checks } = checkedAt(blocks, typed[i] ? readFileSync(`${name}.js`, "utf8") : source);
		if (typed[i] && checks.length !== checkedAt(blocks, source).checks.length)
			throw new Error(`${placeOf(blocks[0] as Block)}: the compiler has moved comments`);
		writeFileSync(`${name}.js`, code);
		const directory = path.join(folder, `directory-${i}`);
		filesInto(directory, blocks[0] as Block);
		return { file: `${name}.js`, directory, checks, prints: blocks.at(-1)?.prints };
	});
	const outcomes = await outcomesOf(folder, tasks);
	return programs.flatMap((blocks, i) => {
		const outcome = outcomes.find(({ file }) => file === tasks[i]?.file);
		const problems = outcome?.problems ?? ["it, or one before it, has ended the process"];
		const place = placeOf(blocks[0] as Block);
		return problems.map((problem) => `${place}: ${problem}\n${numbered(readFileSync(`${names[i]}.js`, "utf8"))}`);
	});
}

function checkedAt(blocks: readonly Block[], source: string): ReturnType<typeof checked> {
	try {
		return checked(source);
	} catch (error) {
		throw new Error(`${placeOf(blocks[0] as Block)}: ${error instanceof Error ? error.message : String(error)}`);
	}
}

function numbered(code: string): string {
	return code
		.split("\n")
		.map((line, i) => `  ${i + 1} ${line}`)
		.join("\n");
}

/** All at once, by the project's compiler, as strictly as a user's may be. */
async function compile(folder: string): Promise<void> {
	const compilerOptions = {
		target: "ES2022",
		lib: ["ES2023", "ESNext.Disposable"],
		types: ["node"],
		module: "NodeNext",
		strict: true,
		noUncheckedIndexedAccess: true,
		exactOptionalPropertyTypes: true,
		skipLibCheck: false,
	};
	writeFileSync(path.join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.ts"] }));
	const compiler = path.join(root, "node_modules/typescript/bin/tsc");
	const { exitCode, text } = await processOf([compiler, "-p", folder]);
	if (exitCode !== 0) throw new Error(`samples in TypeScript:\n${text}`);
}

async function outcomesOf(folder: string, tasks: readonly ModuleTask[]): Promise<readonly ModuleOutcome[]> {
	const [tasksFile, outcomesFile] = ["tasks.json", "outcomes.json"].map((name) => path.join(folder, name)) as [
		string,
		string,
	];
	writeFileSync(tasksFile, JSON.stringify(tasks));
	writeFileSync(outcomesFile, "[]");
	const child = fileURLToPath(new URL("./modules-child.js", import.meta.url));
	const { text } = await processOf([child, tasksFile, outcomesFile]);
	if (text !== "") throw new Error(`samples print to standard error:\n${text}`);
	return JSON.parse(readFileSync(outcomesFile, "utf8")) as ModuleOutcome[];
}

/** Ended where it does not end by itself. */
const patienceMilliseconds = 60_000;

function processOf(words: readonly string[]): Promise<{ exitCode: number | null; text: string }> {
	const child = spawn(process.execPath, words, {
		stdio: ["ignore", "pipe", "pipe"],
		timeout: patienceMilliseconds,
		killSignal: "SIGKILL",
	});
	let text = "";
	for (const stream of [child.stdout, child.stderr])
		stream.setEncoding("utf8").on("data", (chunk: string) => {
			text += chunk;
		});
	return new Promise((resolve, reject) => {
		child.once("error", reject);
		child.once("close", (exitCode) => resolve({ exitCode, text }));
	});
}
