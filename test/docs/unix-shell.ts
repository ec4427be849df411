/** Samples for a Unix shell: scripts, and sessions with what they print. */

import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { root } from "../support/sources.js";
import { type Block, placeOf } from "./blocks.js";
import { filesInto } from "./surroundings.js";

/** A command, and what a session says that it prints. */
interface Command {
	readonly text: string;
	readonly prints: string | undefined;
}

/** Commands of ```sh are lines; those of ```console begin with $, and what they print stands below them. */
export function commandsOf({ language, text }: Pick<Block, "language" | "text">): Command[] {
	const lines = text.replace(/\n$/, "").split("\n");
	if (language === "sh") return joined(lines).map((line) => ({ text: line, prints: undefined }));
	const commands: { text: string; prints: string }[] = [];
	for (const line of lines) {
		const last = commands.at(-1);
		if (line.startsWith("$ ")) commands.push({ text: line.slice(2), prints: "" });
		else if (last === undefined) throw new Error(`a session begins with a command, not with ${line}`);
		else if (last.prints === "" && line.startsWith("> ")) last.text += `\n${line.slice(2)}`;
		else last.prints += `${line}\n`;
	}
	return commands;
}

/** Lines that end with a backslash and the next one are one command; empty ones and comments are none. */
function joined(lines: readonly string[]): string[] {
	const commands: string[] = [];
	for (const line of lines) {
		const last = commands.at(-1);
		if (last?.endsWith("\\")) commands[commands.length - 1] = `${last}\n${line}`;
		else if (!/^\s*(?:#|$)/.test(line)) commands.push(line);
	}
	return commands;
}

/** What a document may run beside wlsm without being on the list of what is left out. */
const harmless = ["wlsm", "npx wlsm", "cat", "echo", "printf", "head", "ls", "mkdir", "cp", "rm", "node", "export"];

export function isHarmless(command: string): boolean {
	return harmless.some((name) => command === name || command.startsWith(`${name} `) || /^[A-Z_]+=/.test(command));
}

/** A folder with commands `wlsm` and `npx` (for `npx wlsm`), to be the first of $PATH. */
export function prepareCommands(folder: string): string {
	mkdirSync(folder, { recursive: true });
	const wlsm = `exec "${process.execPath}" "${path.join(root, "dist/lib/wlsm.js")}"`;
	const scripts = { wlsm: `${wlsm} "$@"`, npx: `shift\n${wlsm} "$@"` };
	for (const [name, script] of Object.entries(scripts)) {
		writeFileSync(path.join(folder, name), `#!/bin/sh\n${script}\n`);
		chmodSync(path.join(folder, name), 0o755);
	}
	return folder;
}

const mark = "\u001e";

/**
 * Runs the commands of a document's blocks one after the other in one directory, as somebody does who follows it. Answers what is wrong:
 * a command of a script that fails, and one of a session that prints something else.
 */
export async function runCommands(
	directory: string,
	bin: string,
	blocks: readonly Block[],
	isLeftOut: (command: string) => boolean,
): Promise<readonly string[]> {
	const [first] = blocks;
	if (first === undefined) return [];
	filesInto(directory, first);
	const commands = blocks
		.flatMap((block) => commandsOf(block).map((command) => ({ ...command, block })))
		.filter(({ text }) => !isLeftOut(text));
	// Within braces, so that a comment behind a command is none for what follows.
	const script = commands.map(({ text }) => `{\n${text}\n}\nprintf '${mark}%s${mark}' "$?"`).join("\n");
	// What a session shows is what a terminal does.
	const isSession = blocks.some(({ language }) => language === "console");
	const printed = await (isSession ? onTerminal : inPipe)(directory, bin, script);
	if (printed === undefined) return [];
	const parts = printed.split(mark);
	return commands.flatMap(({ text, prints, block }, i) => {
		const [output = "", exitCode = "none: it did not come so far"] = parts.slice(2 * i, 2 * i + 2);
		const where = `${placeOf(block)}: ${text}`;
		if (prints === undefined)
			return exitCode === "0" ? [] : [`${where}\nends with exit code ${exitCode}, having printed\n${output}`];
		return agrees(output, prints) ? [] : [`${where}\nprints\n${output}`];
	});
}

/** A line … of the document stands for any number of them, and within a line for anything; times and shares may be others. */
export function agrees(output: string, prints: string): boolean {
	const pattern = timeless(prints)
		.split(/(?<=\n)/)
		.map((line) => (line === "…\n" ? "(?:.*\\n)*" : line.split("…").map(escaped).join(".*")))
		.join("");
	return new RegExp(`^${pattern}$`).test(timeless(output));
}

function timeless(text: string): string {
	return text.replace(/ +\d[\d.,]* m?s(?= |\n|$)/g, " TIME").replace(/ +\d+ %/g, " SHARE");
}

function escaped(text: string): string {
	return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** Ended where it does not end by itself. */
const patienceMilliseconds = 60_000;

function environment(directory: string, bin: string): Record<string, string> {
	const home = path.join(directory, ".home");
	mkdirSync(path.join(home, ".config/fish/completions"), { recursive: true });
	const isOurs = (name: string) => /^(?:WLSM_|NO_COLOR|FORCE_COLOR)/.test(name);
	const inherited = Object.entries(process.env).flatMap(([name, value]) =>
		value === undefined || isOurs(name) ? [] : [[name, value]],
	);
	const own = { PATH: `${bin}${path.delimiter}${process.env.PATH}`, HOME: home, TERM: "xterm-256color" };
	return { ...Object.fromEntries(inherited), ...own };
}

function inPipe(directory: string, bin: string, script: string): Promise<string> {
	const child = spawn("sh", ["-c", `exec 2>&1\n${script}`], {
		cwd: directory,
		env: environment(directory, bin),
		stdio: ["ignore", "pipe", "ignore"],
		// A group of its own, so that what it has started ends with it.
		detached: true,
	});
	const end = setTimeout(() => process.kill(-(child.pid as number), "SIGKILL"), patienceMilliseconds);
	let text = "";
	child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
		text += chunk;
	});
	return new Promise((resolve, reject) => {
		child.once("error", reject);
		child.once("close", () => {
			clearTimeout(end);
			resolve(text);
		});
	});
}

/** Undefined where there are no terminals to be had. */
async function onTerminal(directory: string, bin: string, script: string): Promise<string | undefined> {
	const pty = await import("@lydell/node-pty").catch(() => undefined);
	if (pty === undefined) return undefined;
	const env = environment(directory, bin);
	const child = pty.spawn("sh", ["-c", script], { cwd: directory, env, cols: 100, rows: 50 });
	const end = setTimeout(() => child.kill("SIGKILL"), patienceMilliseconds);
	let text = "";
	child.onData((data) => {
		text += data;
	});
	await new Promise<void>((resolve) => child.onExit(() => resolve()));
	clearTimeout(end);
	return shown(text);
}

/** What is left to be seen: without colours, and without what was erased again. */
function shown(text: string): string {
	// biome-ignore-start lint/suspicious/noControlCharactersInRegex: they are what is looked for
	return text
		.replaceAll("\r\n", "\n")
		.replace(/[^\n\u001e]*(?:\x1b\[2K|\r\x1b\[K)/g, "")
		.replace(/\x1b(?:\[[0-9;?]*[A-Za-z]|[78])/g, "");
	// biome-ignore-end lint/suspicious/noControlCharactersInRegex: they are what is looked for
}
