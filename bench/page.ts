import type { Machine } from "./machine.js";
import type { Report, ReportTable } from "./report.js";

/** One run of one script. */
export interface Part {
	readonly name: string;
	readonly title: string;
	readonly script: string;
	readonly flags: readonly string[];
}

/** A GitHub table, columns filled up to equal widths, figures to the right. */
function markdownTable({ head, rows }: ReportTable): string {
	const widths = head.map((title, column) => Math.max(3, title.length, ...rows.map((row) => row[column]?.length ?? 0)));
	const line = (cells: readonly string[]) =>
		`| ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join(" | ")} |`;
	const rule = `| ${widths.map((width, column) => (column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`)).join(" | ")} |`;
	return [line(head), rule, ...rows.map(line)].join("\n");
}

function machineList({ versions, ...machine }: Machine): string {
	return [
		`${machine.cores} x ${machine.cpu}, ${(machine.memoryBytes / 2 ** 30).toFixed(0)} GiB of memory, ${machine.system}, ${machine.fileSystem}`,
		`node ${machine.node}`,
		Object.entries(versions)
			.map((version) => version.join(" "))
			.join(", "),
		`commit ${machine.commit}, hash of the compiled library and kernel ${machine.build}`,
	]
		.map((line) => `- ${line}`)
		.join("\n");
}

/** docs/BENCHMARKS.md */
export function benchmarksPage(parts: readonly Part[], reports: ReadonlyMap<Part, Report>, machine: Machine): string {
	const missing = parts.filter((part) => !reports.has(part)).map(({ name }) => name);
	const sections = [...reports].map(([part, { command, date, seconds, tables }]) =>
		[
			`## ${part.title}`,
			`\`${command}\`, ${date.slice(0, 16).replace("T", " ")} UTC, ${seconds} s`,
			...tables.map((table) => [`**${table.title}**`, markdownTable(table), ...table.notes].join("\n\n")),
		].join("\n\n"),
	);
	return `${[
		"# Benchmarks",
		"Written by `npm run bench:all`: every table is the output of the one run whose command and time stand over it. What each measures and how the contenders are set up is in [bench/README.md](../bench/README.md). A ratio is wlsm's figure divided by the peer's.",
		machineList(machine),
		...(missing.length === 0 ? [] : [`Not measured with this build: ${missing.join(", ")}.`]),
		...sections,
	].join("\n\n")}\n`;
}
