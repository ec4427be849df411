// By the name of the module: those who bundle for Node often declare `createRequire` themselves.
import module from "node:module";

/** The kernel in TypeScript, which is loaded where it is asked for: its files would make every start a fifth slower. */
export function loadTwin(): typeof import("./ts/kernel.js") {
	const load = module.createRequire(import.meta.url);
	return load("./ts/kernel.js") as typeof import("./ts/kernel.js");
}
