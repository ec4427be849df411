/**
 * Loaded before everything else into each process and thread of a run (`node --import`): where the kernel is compiled, the marked
 * one takes its place, and what it comes by is noted. The library itself knows nothing of it.
 */
import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import { hitsOf, kernelOf, VARIABLE } from "./paths.js";

type Construct = new (...parameters: never[]) => object;

interface Imports {
	readonly env: Readonly<Record<string, unknown>>;
}

declare const WebAssembly: {
	Module: Construct & { imports(module: object): readonly { readonly name: string }[] };
	Instance: Construct;
};

const folder = process.env[VARIABLE];
if (folder !== undefined) watch(folder);

function watch(folder: string): void {
	const release = readFileSync(new URL("../../kernel.wasm", import.meta.url));
	const marked = readFileSync(kernelOf(folder));
	// What others have noted already need not be noted again.
	const seen = readFileSync(hitsOf(folder));
	const cover = (place: number) => {
		if (seen[place] === 1) return;
		// Opened for each: tests count files, and leave a process none.
		try {
			const file = openSync(hitsOf(folder), "r+");
			writeSync(file, Uint8Array.of(1), 0, 1, place);
			closeSync(file);
			seen[place] = 1;
		} catch {
			// Noted when the next instance comes by.
		}
	};
	const { Module, Instance } = WebAssembly;
	WebAssembly.Module = new Proxy(Module, {
		construct: (target, [bytes, ...rest]: [Uint8Array]) =>
			Reflect.construct(target, [release.equals(bytes) ? marked : bytes, ...rest]),
	});
	WebAssembly.Instance = new Proxy(Instance, {
		construct: (target, [module, imports]: [object, Imports]) => {
			const isMarked = Module.imports(module).some(({ name }) => name === "cover");
			return Reflect.construct(target, [module, isMarked ? { ...imports, env: { ...imports.env, cover } } : imports]);
		},
	});
}
