/* Sees which threads are started, by which kind of address, and what goes wrong with them. */
import { syncBuiltinESMExports } from "node:module";
import threads from "node:worker_threads";

export const started = [];
export const failures = [];

threads.Worker = class extends threads.Worker {
	constructor(url, options) {
		super(url, options);
		started.push(new URL(url).protocol);
		this.on("error", (error) => failures.push(error.message));
	}
};
syncBuiltinESMExports();
