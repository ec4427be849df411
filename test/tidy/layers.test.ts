import { suite } from "uvu";
import * as assert from "uvu/assert";
import { importsOf, type Source, sources } from "../support/sources.js";

/** Who may import what, beside its own folder. The first rule whose `of` starts a file's path is that file's. */
interface Layer {
	readonly of: string;
	readonly may: readonly string[];
}

const BUILTIN = ["node:buffer"];

const CLI = [
	"host/index",
	// Parts of host/index: commands that need no SQL start in half the time without it.
	"host/key-value",
	"host/repair",
	"host/errors",
	"host/load/index",
	"node:",
	"yargs",
	"cli-progress",
	"confbox/",
	"string-width",
];

const layers: readonly Layer[] = [
	{ of: "assembly/", may: [] },
	// `wlsm bench` is the macro-benchmark of bench/, so that users measure what the project's own figures are of.
	{ of: "cli/commands/bench", may: [...CLI, "cli/", "bench/macro/", "bench/contenders/names"] },
	{ of: "cli/version", may: [...CLI, "cli/", "host/kernel/index", "assembly/shared/format"] },
	{ of: "cli/", may: CLI },
	// What of it is shipped; the rest has reports, and tools of development to make them with.
	{ of: "bench/", may: ["host/index", "host/level/index", "host/load/index", "csv-parser", "node:"] },
	{ of: "host/storage/", may: ["node:"] },
	{
		of: "host/kernel/ts/",
		may: [
			"assembly/shared/",
			"host/kernel/broken",
			"host/kernel/contract",
			"host/kernel/out-of-memory",
			"host/kernel/row-page",
			"host/errors",
			...BUILTIN,
		],
	},
	{
		of: "host/kernel/",
		may: [
			"assembly/shared/",
			"host/artifact",
			"host/errors",
			"host/storage/",
			"@assemblyscript/loader",
			"node:module",
			...BUILTIN,
		],
	},
	{
		of: "host/engine/",
		may: [
			"assembly/shared/",
			"host/artifact",
			"host/kernel/",
			"host/storage/",
			"host/errors",
			"host/options",
			...BUILTIN,
			"node:diagnostics_channel",
			"node:timers",
			"node:worker_threads",
		],
	},
	{ of: "host/csv/", may: ["host/errors", "host/storage/", ...BUILTIN] },
	{
		of: "host/sql/",
		may: [
			"grammar/",
			// The bytes of rows, which kernels read too.
			"assembly/shared/row",
			"host/csv/",
			"host/engine/store",
			"host/errors",
			"host/storage/",
			...BUILTIN,
		],
	},
	// Tables made of CSV by threads: of rows it knows what the kernel does.
	{
		of: "host/bulk/",
		may: [
			"assembly/shared/csv",
			"assembly/shared/format",
			"assembly/shared/status",
			"host/artifact",
			"host/csv/",
			"host/engine/",
			"host/errors",
			"host/kernel/",
			"host/storage/",
			...BUILTIN,
			"node:worker_threads",
		],
	},
	{
		of: "host/load/",
		may: [
			"host/bulk/",
			"host/csv/",
			"host/engine/engine",
			"host/errors",
			"host/storage/",
			"host/index",
			"host/sql/index",
			"csv-parser",
			...BUILTIN,
			"node:stream",
			"node:stream/promises",
			"node:os",
			"node:worker_threads",
			"node:zlib",
		],
	},
	// The public library as abstract-level, Keyv and unstorage would have it; nothing of these last two is loaded.
	{ of: "host/level/", may: ["abstract-level", "assembly/shared/format", "host/", ...BUILTIN] },
	// Declared tables: over the public `sql` of a database.
	{ of: "host/typed/", may: ["host/index", ...BUILTIN] },
	{ of: "host/keyv", may: ["host/index", "node:events"] },
	{ of: "host/unstorage", may: ["host/index", ...BUILTIN, "node:path"] },
	// Stand for others in bundles.
	{ of: "host/embedded", may: ["host/kernel/ts/kernel", "node:worker_threads"] },
	// The public library: joins everything below it.
	{ of: "host/", may: ["assembly/shared/", "host/", ...BUILTIN] },
];

/** Parts of the kernels that nobody else may know: the rest is written against the contract. */
const IMPLEMENTATIONS = [
	"host/kernel/wasm",
	"host/kernel/ts",
	"host/kernel/load",
	"host/kernel/kernel",
	"host/kernel/memory",
];

const tidy = suite("layers");
const known = new Map(
	sources(["cli", "host", "assembly", "bench"], [".ts"]).map((file) => [file.path.replace(/\.ts$/, ""), file]),
);

/** The files that these lead to, and they themselves. */
function closure(names: readonly string[]): Source[] {
	const found = new Set(names);
	// Grows while it is walked.
	for (const name of found) {
		const file = known.get(name);
		if (file !== undefined) for (const imported of importsOf(file)) found.add(imported);
	}
	return [...found].flatMap((name) => known.get(name) ?? []);
}

/** The command line's entry, and what is started in a process of its own. */
const shipped = closure(["cli/main", "bench/macro/child"]);
const files = [
	...[...known.values()].filter(({ path }) => !path.startsWith("bench/")),
	...shipped.filter(({ path }) => path.startsWith("bench/")),
];

tidy("there are files, and imports are found", () => {
	assert.ok(files.length > 100);
	const example = {
		path: "host/a/b.ts",
		text: 'import type { A } from "../c.js";\nexport * from "./d.js";\nimport "node:fs";\nawait import("x");',
	};
	assert.equal(importsOf(example), ["host/c", "host/a/d", "node:fs", "x"]);
});

tidy("imports point down only", () => {
	const wrong: string[] = [];
	for (const file of files) {
		const layer = layers.find(({ of }) => file.path.startsWith(of));
		if (layer === undefined) throw new Error(`no rule for ${file.path}`);
		for (const name of importsOf(file)) {
			const own = name.startsWith(layer.of);
			const allowed = layer.may.some((prefix) => name === prefix || (/[/:]$/.test(prefix) && name.startsWith(prefix)));
			if (!own && !allowed) wrong.push(`${file.path} imports ${name}`);
		}
	}
	assert.equal(wrong, []);
});

tidy("nobody but the storage imports node:fs in the library", () => {
	const wrong = files.filter(
		(file) =>
			file.path.startsWith("host/") &&
			!file.path.startsWith("host/storage/") &&
			importsOf(file).some((name) => /^(node:)?fs(\/|$)/.test(name)),
	);
	assert.equal(
		wrong.map(({ path }) => path),
		[],
	);
});

tidy("a kernel's implementation is known to the kernels alone", () => {
	const wrong: string[] = [];
	for (const file of files) {
		if (/^host\/(kernel\/|embedded\.ts)/.test(file.path)) continue;
		for (const name of importsOf(file)) {
			if (IMPLEMENTATIONS.some((prefix) => name === prefix || name.startsWith(`${prefix}/`)))
				wrong.push(`${file.path} imports ${name}`);
		}
	}
	assert.equal(wrong, []);
});

tidy("assembly imports files of its own", () => {
	for (const file of files) {
		if (!file.path.startsWith("assembly/")) continue;
		for (const name of importsOf(file)) assert.ok(known.has(name), `${file.path} imports ${name}`);
	}
});

tidy.run();
