/** How large what a program loads is: the files that an entry of the library needs, as they lie in dist. */
import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { constants, gzipSync } from "node:zlib";
import type { ReportTable } from "./report.js";

/** Bytes; gzip of level 9: of each file by itself, as a server would send them, and of all as one, as a package is. */
export interface Size {
	readonly files: readonly string[];
	readonly raw: number;
	readonly gzipped: number;
	readonly packed: number;
}

export interface Bundle extends Size {
	readonly name: string;
	/** What it has to stay under. */
	readonly limit?: { readonly of: "raw" | "gzipped" | "packed"; readonly bytes: number };
}

const compiled = new URL("../", import.meta.url);
const project = fileURLToPath(new URL("../", compiled));

/** Static imports, and what stands beside a module: workers and the kernel, by `new URL(…, import.meta.url)`. */
const NEEDED =
	/^\s*(?:import|export)\b[^;"']*?\bfrom\s+["']([^"']+)["']|^\s*import\s+["']([^"']+)["']|\bnew URL\(\s*["']([^"']+)["'],\s*import\.meta\.url\)/gm;

/** What is loaded later, by `import()` or `require()`, is counted where it is an entry itself. */
function filesOf(...entries: readonly string[]): URL[] {
	const found = new Map<string, URL>();
	const waiting = entries.map((entry) => new URL(entry, compiled));
	for (let url = waiting.pop(); url !== undefined; url = waiting.pop()) {
		if (found.has(url.href)) continue;
		found.set(url.href, url);
		if (!url.pathname.endsWith(".js")) continue;
		for (const [, from, alone, beside] of readFileSync(url, "utf8").matchAll(NEEDED)) {
			const name = (from ?? alone ?? beside) as string;
			if (name.startsWith("node:")) continue;
			waiting.push(name.startsWith(".") ? new URL(name, url) : new URL(import.meta.resolve(name)));
		}
	}
	return [...found.values()];
}

function sizeOf(urls: readonly URL[]): Size {
	const contents = urls.map((url) => readFileSync(url));
	const sum = (lengths: readonly number[]) => lengths.reduce((all, length) => all + length, 0);
	return {
		files: urls.map((url) => relative(project, fileURLToPath(url)).replaceAll("\\", "/")).sort(),
		raw: sum(contents.map(({ length }) => length)),
		gzipped: sum(contents.map(gzippedLength)),
		packed: gzippedLength(Buffer.concat(contents)),
	};
}

const gzippedLength = (bytes: Buffer) => gzipSync(bytes, { level: constants.Z_BEST_COMPRESSION }).length;

/** The kernel; the library, with the kernel, the background worker and the packages it imports: without SQL, with the twin, with SQL. */
export function bundles(): Bundle[] {
	return [
		{
			name: "kernel.wasm",
			...sizeOf([new URL("kernel.wasm", compiled)]),
			limit: { of: "raw", bytes: 80 << 10 },
		},
		{
			name: "the library without SQL",
			...sizeOf(filesOf("host/key-value.js")),
			// The kernel makes tables of CSV, these enter with transactions, keys are asked for by the hundred, locks are held where Deno
			// cannot see processes, and what is missing or refused is said.
			limit: { of: "gzipped", bytes: 138 << 10 },
		},
		{
			name: "the same and the kernel in TypeScript",
			...sizeOf(filesOf("host/key-value.js", "host/kernel/ts/kernel.js")),
			// Both kernels read rows of SQL, and look them up; the WebAssembly one makes tables of CSV too, and has blocks, filters and
			// LZ4 by themselves for other programs.
			limit: { of: "packed", bytes: 146 << 10 },
		},
		{ name: "the library with SQL", ...sizeOf(filesOf("host/index.js")) },
	];
}

export const isOver = ({ limit, ...size }: Bundle) => limit !== undefined && size[limit.of] >= limit.bytes;

const kibibytes = (bytes: number) => `${(bytes / 1024).toFixed(1)} KiB`;

export function sizesTable(all: readonly Bundle[]): ReportTable {
	return {
		title: "Bytes that a program loads",
		head: ["", "files", "raw", "gzipped", "packed", "limit"],
		rows: all.map((bundle) => [
			bundle.name,
			String(bundle.files.length),
			kibibytes(bundle.raw),
			kibibytes(bundle.gzipped),
			kibibytes(bundle.packed),
			bundle.limit === undefined
				? "-"
				: `${isOver(bundle) ? "OVER " : ""}${kibibytes(bundle.limit.bytes)} ${bundle.limit.of}`,
		]),
		notes: [
			"Gzipped is the sum of every file's gzip of level 9 by itself, packed that of all files as one. The library is the kernel, the background worker, all that the entry imports statically and the packages of that, neither bundled nor minified. The kernel in TypeScript is loaded where a database is opened with it.",
		],
	};
}
