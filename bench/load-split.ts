/* How fast the kernel finds where fields and records end, on one thread: of text without quotes, and with all fields quoted. */
import { Parts } from "../test/support/parts.js";
import type { ReportTable } from "./report.js";
import { check, median } from "./support.js";

const WINDOW = 256 << 10;
/** What may be read behind a text. */
const PADDING = 64;

/** `bytes` of text are gone through, window by window. */
export function splitTable(bytes: number, rounds: number): ReportTable {
	const parts = new Parts();
	const rows: string[][] = [];
	for (const [name, line] of [
		["unquoted", (i: number) => `${i},${i * 7},some text ${i},2024-01-01 00:00:00,${i}.5\n`],
		["all quoted", (i: number) => `"${i}","${i * 7}","some text ${i}","2024-01-01 00:00:00","${i}.5"\n`],
	] as const) {
		let text = "";
		let lines = 0;
		for (; text.length < WINDOW; lines++) text += line(lines);
		const length = text.length;
		const at = parts.room(length + PADDING);
		parts.memory.bytes.write(text, at, "latin1");
		const times = Math.ceil(bytes / length);
		const figures: number[] = [];
		for (let round = 0; round < rounds; round++) {
			const start = performance.now();
			const ends = parts.exports.csvSplitAll(at, length, times);
			figures.push((times * length) / 1e6 / (performance.now() - start));
			check(ends === times * lines * 5, "ends of fields");
		}
		parts.exports.free(at);
		rows.push([name, `${median(figures).toFixed(2)} GB/s`]);
	}
	return { title: "Splitting alone, one thread", head: ["text", "rate"], rows, notes: [] };
}
