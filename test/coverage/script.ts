import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { eachMapping, TraceMap } from "@jridgewell/trace-mapping";
import { type Coverage, note } from "./lines.js";

/** Of a script, as V8 writes it: nested ranges of characters, the inner ones more exact. */
export interface ScriptCoverage {
	readonly url: string;
	readonly functions: readonly {
		readonly ranges: readonly { readonly startOffset: number; readonly endOffset: number; readonly count: number }[];
	}[];
}

/** Characters of a compiled script that some process ran. */
export class Script {
	readonly #text: string;
	readonly #ran: Uint8Array;
	readonly #map: TraceMap;

	constructor(url: string) {
		const file = fileURLToPath(url);
		this.#text = readFileSync(file, "utf8");
		this.#ran = new Uint8Array(this.#text.length);
		this.#map = new TraceMap(readFileSync(`${file}.map`, "utf8"), file);
	}

	/** Adds what one process ran. */
	add({ functions }: ScriptCoverage): void {
		const ran = new Uint8Array(this.#text.length);
		const ranges = functions.flatMap((one) => one.ranges);
		// Outer ranges first: what lies within says it more exactly.
		for (const { startOffset, endOffset, count } of [...ranges].sort(
			(a, b) => b.endOffset - b.startOffset - (a.endOffset - a.startOffset),
		)) {
			ran.fill(count > 0 ? 1 : 0, startOffset, endOffset);
		}
		for (let at = 0; at < ran.length; at++) if (ran[at] === 1) this.#ran[at] = 1;
	}

	/** Notes the lines of the source: one is covered where anything that became of it was run. */
	lines(coverage: Coverage, nameOf: (source: string) => string): void {
		const starts = [0];
		for (let at = this.#text.indexOf("\n"); at !== -1; at = this.#text.indexOf("\n", at + 1)) starts.push(at + 1);
		eachMapping(this.#map, ({ generatedLine, generatedColumn, source, originalLine }) => {
			const at = (starts[generatedLine - 1] ?? 0) + generatedColumn;
			if (source === null || originalLine === null || /^[\s})\];,]*$/.test(this.#rest(at))) return;
			note(coverage, nameOf(source), originalLine, this.#ran[at] === 1);
		});
	}

	/** The rest of the line: what only closes something was not run or skipped by itself. */
	#rest(at: number): string {
		const end = this.#text.indexOf("\n", at);
		return this.#text.slice(at, end === -1 ? undefined : end);
	}
}
