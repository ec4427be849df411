/** Samples of configuration files, and of what is entered at the prompt of the shell. */

import { mkdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { runCli } from "../cli/process.js";
import { hasTerminals, keys, Terminal } from "../cli/terminal.js";
import { type Block, placeOf } from "./blocks.js";
import { filesInto } from "./surroundings.js";

/** Has the command line read it, which refuses what is no setting. */
export async function runConfiguration(directory: string, block: Block): Promise<readonly string[]> {
	mkdirSync(directory);
	writeFileSync(path.join(directory, `wlsm.config.${block.language}`), block.text);
	const { exitCode, stderr } = await runCli(["config"], { cwd: directory });
	return exitCode === 0 ? [] : [`${placeOf(block)}: ${stderr}`];
}

const prompt = /^(?:wlsm>| \.\.\.>) ?/;
const lastPrompt = /(?:wlsm>| \.\.\.>) $/;

/** Enters what stands behind the prompts; what is printed, and the next prompt, must be what the sample shows. */
export async function runTranscript(directory: string, block: Block): Promise<readonly string[]> {
	if (!hasTerminals) return [];
	filesInto(directory, block);
	const terminal = new Terminal(["shell"], { cwd: directory, columns: 100 });
	try {
		let shown = (await terminal.until(/wlsm> $/)).slice(-"wlsm> ".length);
		for (const line of block.text.split("\n").filter((text) => prompt.test(text))) {
			const entered = line.replace(prompt, "");
			shown += `${entered}\n${await terminal.line(entered)}`;
		}
		terminal.write(keys.end);
		await terminal.exit;
		shown = shown.replace(lastPrompt, "");
		return shown === block.text ? [] : [`${placeOf(block)} shows\n${shown}`];
	} finally {
		terminal.kill();
	}
}
