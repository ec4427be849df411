/**
 * Preloaded (`node --import`) into a process and each of its workers: counts the calls that change files, and at the one that it was
 * told sends this process a signal. What is not counted (reads, syncs) changes nothing that a killed process leaves behind.
 */
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import threads, { getEnvironmentData, isMainThread, setEnvironmentData, type WorkerOptions } from "node:worker_threads";
import { HOOK, type HookOrder, ORDER_VARIABLE } from "./moment.js";

type Call = (...values: unknown[]) => unknown;

const order = JSON.parse(process.env[ORDER_VARIABLE] ?? "{}") as HookOrder;
const COUNTER = "changes to files";
// One count for all threads.
if (isMainThread) setEnvironmentData(COUNTER, new SharedArrayBuffer(4));
const counter = new Int32Array(getEnvironmentData(COUNTER) as unknown as SharedArrayBuffer);
const functions = fs as unknown as Record<string, Call>;
/** While this writes down what it counts. */
let paused = false;

function counted(what: string, half?: () => void): void {
	const number = Atomics.add(counter, 0, 1) + 1;
	if ("trace" in order) {
		paused = true;
		fs.appendFileSync(order.trace, `${what}\n`);
		paused = false;
	} else if (number === order.at) {
		if (order.how === "half") half?.();
		process.kill(process.pid, order.signal);
	}
}

function hook(name: string, before: (call: Call, values: unknown[]) => void): void {
	const call = functions[name] as Call;
	functions[name] = (...values) => {
		if (!paused) before(call, values);
		return call(...values);
	};
}

for (const name of ["renameSync", "linkSync", "unlinkSync", "ftruncateSync", "mkdirSync"]) {
	hook(name, () => counted(name));
}
hook("openSync", (_, [, flags]) => {
	if (/[wax]/.test(String(flags))) counted("create");
});
hook("writeSync", (call, [fd, source, at, length, position]) => {
	// Standard output and error are how it is told what this process has done.
	if (Number(fd) <= 2) return;
	// Only what a signal that ends the process leaves: any other would have the half written twice.
	const half = "signal" in order && order.signal === "SIGKILL" && Number(length) > 1;
	counted(`write ${length}`, half ? () => call(fd, source, at, Math.floor(Number(length) / 2), position) : undefined);
});
threads.Worker = class extends threads.Worker {
	constructor(script: string | URL, options: WorkerOptions = {}) {
		super(script, { ...options, execArgv: [...(options.execArgv ?? []), "--import", HOOK.href] });
	}
};
syncBuiltinESMExports();
