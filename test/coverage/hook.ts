/*
 * Loaded before a program (node --import): kernels that it makes of dist/kernel.wasm are made of the build that tells which
 * statements it reaches. At the end of the process, or of the worker, what was reached goes to a file in $WLSM_COVERAGE.
 */
import { Buffer } from "node:buffer";
import { randomUUID } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";

interface Namespace {
	Module: new (bytes: Uint8Array) => object;
	Instance: new (module: object, imports: { env: Record<string, unknown> }) => object;
}

const directory = process.env.WLSM_COVERAGE;
if (directory !== undefined) {
	const dist = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url));
	const [plain, telling] = [dist("kernel.wasm"), dist("kernel.coverage.wasm")];
	const reached = new Set<number>();
	const own = new WeakSet<object>();
	const namespace = (globalThis as unknown as { WebAssembly: Namespace }).WebAssembly;
	namespace.Module = new Proxy(namespace.Module, {
		construct(target, [bytes]: [Uint8Array]) {
			if (Buffer.compare(bytes, plain) !== 0) return Reflect.construct(target, [bytes]);
			const module = Reflect.construct(target, [telling]) as object;
			own.add(module);
			return module;
		},
	});
	namespace.Instance = new Proxy(namespace.Instance, {
		construct(target, [module, imports]: [object, { env: Record<string, unknown> }]) {
			const cover = (place: number) => {
				reached.add(place);
				return 1;
			};
			const extended = own.has(module) ? { ...imports, env: { ...imports.env, cover } } : imports;
			return Reflect.construct(target, [module, extended]);
		},
	});
	process.on("exit", () => {
		if (reached.size > 0) writeFileSync(path.join(directory, randomUUID()), JSON.stringify([...reached]));
	});
}
