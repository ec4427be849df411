import { existsSync, readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { pathToFileURL } from "node:url";
import { decodedMappings, TraceMap } from "@jridgewell/trace-mapping";
import { root, sources } from "../support/sources.js";
import type { Part } from "./lines.js";

/*
 * v8-to-istanbul, which c8 is made of, calls a comment a covered line, and a line covered of which half has run; here
 * half of the checks are `if (…) throw …` on one line. So what V8 writes is put beside the pieces of a script that its
 * source map tells apart, each with the innermost range around it.
 */

/** Shape of what V8 writes. */
interface Report {
	readonly result: readonly { readonly url: string; readonly functions: readonly ScriptFunction[] }[];
}

export interface ScriptFunction {
	readonly ranges: readonly Range[];
}

interface Range {
	readonly startOffset: number;
	readonly endOffset: number;
	readonly count: number;
}

/** A compiled file, with the pieces that its source map knows, in their order. */
export class Script {
	readonly #file: string;
	readonly #offsets: number[] = [];
	readonly #lines: number[] = [];
	readonly #hits: boolean[] = [];

	constructor(file: string, text: string, map: string) {
		this.#file = file;
		let lineStart = 0;
		const generated = text.split("\n");
		for (const [index, segments] of decodedMappings(new TraceMap(map)).entries()) {
			const line = generated[index] ?? "";
			for (const segment of segments) {
				if (segment.length === 1 || !isCode(line, segment[0])) continue;
				this.#offsets.push(lineStart + segment[0]);
				this.#lines.push(segment[2] + 1);
				this.#hits.push(false);
			}
			lineStart += line.length + 1;
		}
	}

	/** Adds what one process or thread has run. */
	add(functions: readonly ScriptFunction[]): void {
		const counts = new Float64Array(this.#offsets.length);
		const ranges = functions.flatMap((one) => one.ranges);
		// Outer ones first, so that the inner ones are painted over them.
		ranges.sort((a, b) => a.startOffset - b.startOffset || b.endOffset - a.endOffset);
		for (const { startOffset, endOffset, count } of ranges)
			counts.fill(count, this.#indexOf(startOffset), this.#indexOf(endOffset));
		for (const [index, count] of counts.entries()) if (count > 0) this.#hits[index] = true;
	}

	parts(): Part[] {
		return this.#lines.map((line, index) => ({ file: this.#file, line, hit: this.#hits[index] === true }));
	}

	/** Of the first piece at or behind the offset. */
	#indexOf(offset: number): number {
		let low = 0;
		let high = this.#offsets.length;
		while (low < high) {
			const middle = (low + high) >>> 1;
			if ((this.#offsets[middle] as number) < offset) low = middle + 1;
			else high = middle;
		}
		return low;
	}
}

/** Imports run whenever a file is loaded, and what only closes something else belongs to it. */
function isCode(line: string, column: number): boolean {
	return !/^(?:import\b|export (?:\*|\{))/.test(line) && /[^\s{}()[\];,]/.test(line[column] ?? "");
}

/** undefined where a process was killed while it wrote the file. */
function reportIn(file: string): Report | undefined {
	const text = readFileSync(file, "utf8");
	// What is cut off does not end as the object does.
	return text.trimEnd().endsWith("}") ? (JSON.parse(text) as Report) : undefined;
}

/** The library's and the command line's scripts, those that nothing has loaded too, with what the reports of a run say of them. */
export function scriptParts(folder: string): Part[] {
	const scripts = new Map<string, Script>();
	for (const { path: file } of sources(["host", "cli"], [".ts"])) {
		const compiled = path.join(root, "dist", file.replace(/\.ts$/, ".js"));
		if (!existsSync(compiled)) continue;
		const script = new Script(file, readFileSync(compiled, "utf8"), readFileSync(`${compiled}.map`, "utf8"));
		scripts.set(pathToFileURL(compiled).href, script);
	}
	for (const name of readdirSync(folder)) {
		const report = reportIn(path.join(folder, name));
		for (const { url, functions } of report?.result ?? []) scripts.get(url)?.add(functions);
	}
	return [...scripts.values()].flatMap((script) => script.parts());
}
