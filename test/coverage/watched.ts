import { scriptsOf, VARIABLE } from "./paths.js";

/** The environment of a process of which is noted what it runs, and what its threads and its own children run. */
export function watched(env: NodeJS.ProcessEnv, folder: string): NodeJS.ProcessEnv {
	const preload = new URL("./preload.js", import.meta.url).href;
	return {
		...env,
		[VARIABLE]: folder,
		NODE_V8_COVERAGE: scriptsOf(folder),
		NODE_OPTIONS: `${env.NODE_OPTIONS ?? ""} --import ${preload}`.trim(),
	};
}
