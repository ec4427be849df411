// Puts the compiled files together for those who install them (dist/lib): some twenty files load several times as fast as five hundred.
// Whatever looks for a file beside itself finds it there under the same name.
//
// Bundlers make one file of a program and leave behind what is only looked for at run time. All that the library looks for is named in
// one module, lib/artifact.js. Bundlers get lib/embedded/artifact.js in its place, which has the same as data. The "imports" of
// package.json say so: "module" is a condition that bundlers have and runtimes have not.

import { readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { keepDeclarations } from "./library/declarations.js";
import { buildPackage } from "./library/packages.js";

const root = fileURLToPath(new URL("../", import.meta.url));
const dist = `${root}dist/`;
const { exports: exported } = JSON.parse(await readFile(`${root}package.json`, "utf8"));
const outdir = `${dist}lib`;
const embedded = `${outdir}/embedded`;

/** The modules that name what lies beside the library, and those that stand for them. */
const ARTIFACTS = [
	"host/kernel/twin.js",
	"host/artifact.js",
	"host/engine/background/worker-file.js",
	"host/bulk/worker-file.js",
];
const EMBEDDED = "host/embedded.js";
const EMBEDDED_IN_WORKER = "host/embedded-worker.js";

/** CommonJS that asks for modules of Node, which esbuild does not make into modules of ECMAScript for others. */
const PACKAGES = ["csv-parser", "abstract-level"];

const settings = {
	absWorkingDir: dist,
	bundle: true,
	format: "esm",
	platform: "node",
	target: "node20",
	logLevel: "warning",
};

/** Has `to` say what an import means that names one of `files`, relative to dist. */
const instead = (files, to) => ({
	name: "instead",
	setup({ onResolve, resolve }) {
		onResolve({ filter: /^\.\.?\// }, async ({ path: name, pluginData, ...from }) => {
			if (pluginData === instead || from.kind === "entry-point") return undefined;
			const found = await resolve(name, { ...from, pluginData: instead });
			return files.some((file) => found.path === path.join(dist, file)) ? to : found;
		});
	},
});

const asImportOfPackage = {
	name: "imports",
	setup({ onResolve }) {
		onResolve({ filter: new RegExp(`^(?:${PACKAGES.join("|")})$`) }, ({ path: name }) => ({
			path: `#${name}`,
			external: true,
		}));
	},
};

const dataUrl = (type, bytes) => `data:${type};base64,${Buffer.from(bytes).toString("base64")}`;

/** A worker and all it imports in one text. */
async function workerData(entry) {
	const { outputFiles } = await build({
		...settings,
		entryPoints: [entry],
		write: false,
		minify: true,
		plugins: [instead(["host/artifact.js"], { path: path.join(dist, EMBEDDED_IN_WORKER) })],
	});
	return dataUrl("text/javascript", outputFiles[0].contents);
}

await rm(outdir, { recursive: true, force: true });
const [background, bulk] = await Promise.all([
	workerData("host/engine/background/background-worker.js"),
	workerData("host/bulk/bulk-worker.js"),
]);

await Promise.all([
	build({
		...settings,
		entryPoints: {
			index: "host/index.js",
			level: "host/level/index.js",
			keyv: "host/keyv.js",
			unstorage: "host/unstorage.js",
			typed: "host/typed/index.js",
			load: "host/load/index.js",
			kernel: "host/kernel/index.js",
			"ts/kernel": "host/kernel/ts/kernel.js",
			"background-worker": "host/engine/background/background-worker.js",
			"bulk-worker": "host/bulk/bulk-worker.js",
			"shell-worker": "cli/shell/shell-worker.js",
			wlsm: "cli/main.js",
			child: "bench/macro/child.js",
			"embedded/artifact": EMBEDDED,
		},
		outdir,
		splitting: true,
		packages: "external",
		define: {
			KERNEL_DATA: JSON.stringify(dataUrl("application/wasm", await readFile(`${dist}kernel.wasm`))),
			BACKGROUND_WORKER_DATA: JSON.stringify(background),
			BULK_WORKER_DATA: JSON.stringify(bulk),
		},
		plugins: [instead(ARTIFACTS, { path: "#artifact", external: true }), asImportOfPackage],
	}),
	build({
		...settings,
		stdin: { contents: ARTIFACTS.map((file) => `export * from "./${file}";`).join("\n"), resolveDir: dist },
		outfile: `${outdir}/artifact.js`,
	}),
	...PACKAGES.map((name) => buildPackage(name, settings, `${embedded}/${name}.js`)),
]);
const loaded = `/** What an import of the kernel's file gives is for the runtime or the bundler to say. */
declare const kernel: unknown;
export default kernel;
`;
await writeFile(`${dist}kernel.wasm.d.ts`, loaded);
const types = Object.values(exported).flatMap((target) => target.types ?? []);
await keepDeclarations(root, types, ["dist/host", "dist/assembly"]);
