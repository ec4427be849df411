import { readFileSync, statSync } from "node:fs";
import { FORMAT_VERSION } from "../assembly/shared/format.js";
import { kernelModule, kernelUrl } from "../host/kernel/index.js";
import { sizeText } from "./format/units.js";

/** The version alone on the first line, and then what it runs on. Loaded only where it is asked for. */
export function versionText(): string {
	return [
		version(),
		`runtime ${runtime()}, ${process.platform} ${process.arch}`,
		`kernel ${kernel()}`,
		`files of format ${FORMAT_VERSION}`,
	].join("\n");
}

function kernel(): string {
	const size = sizeText(statSync(kernelUrl).size);
	try {
		kernelModule();
		return `wasm, ${size}`;
	} catch (error) {
		const reason = error instanceof Error ? error.message : String(error);
		return `wasm, ${size}, which does not compile here (${reason}): --kernel ts works without it`;
	}
}

function version(): string {
	// From dist/cli, where this file runs.
	const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
	return (JSON.parse(text) as { version: string }).version;
}

/** Deno and Bun call themselves node too. */
function runtime(): string {
	const { deno, bun, node } = process.versions;
	if (deno !== undefined) return `deno ${deno}`;
	return bun === undefined ? `node ${node}` : `bun ${bun}`;
}
