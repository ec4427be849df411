import { execFileSync } from "node:child_process";
import { readFileSync, readlinkSync, realpathSync, statSync } from "node:fs";
import { hostname } from "node:os";
import { getHeapStatistics } from "node:v8";
import { type FileHold, holdFile, isFileHeld } from "./file-hold.js";

/** What can be known about this process, other processes of the machine, and directories: the evidence that locks rest on. */
export interface ProcessEnvironment {
	readonly pid: number;
	readonly hostname: string;
	/** When this process started, in the platform's own notation: compared for equality only. Null where it cannot be known. */
	readonly startTime: string | null;
	/** A name for the time since the machine last started. */
	readonly bootId: string | null;
	/** The set of processes within which a pid has its meaning (Linux containers); null where the platform has only one, `UNKNOWN_NAMESPACE` where it does not say. */
	readonly pidNamespace: string | null;
	stateOf(pid: number): ProcessState;
	/** The real path of an existing directory, and its inode number, which a copy does not share. */
	identify(directory: string): { readonly path: string; readonly inode: string | null };
	/** Holds a file until its release or the end of this process; undefined where that is not to be had. */
	holdFile?(path: string): FileHold | undefined;
	/** Whether a process holds the file; undefined where that cannot be known. */
	isFileHeld?(path: string): boolean | undefined;
}

/** Of a process that may not look: Deno refuses /proc where not everything is allowed. It equals no namespace, not even itself. */
export const UNKNOWN_NAMESPACE = "unknown";

/** V8 counts room for new objects into its limit, which old ones cannot have: three semispaces of 16 MiB. */
const youngGenerationBytes = 48 << 20;

/**
 * How much of the JavaScript heap that the runtime allows is in use: it ends the process near 1. Buffers, which lie beside the
 * heap and have no limit of their own, count as if they were in it. 0 where it tells no limit.
 */
export function heapShare(): number {
	const { used_heap_size, external_memory, heap_size_limit: limit } = getHeapStatistics();
	const used = used_heap_size + (external_memory ?? 0); // not every runtime tells
	return limit > 0 ? used / Math.max(limit - youngGenerationBytes, limit / 2) : 0;
}

export type ProcessState = { readonly alive: false } | { readonly alive: true; readonly startTime: string | null };

/** The environment of the running process. Computed on the call; costs three small reads on Linux, two child processes on macOS. */
export function systemEnvironment(): ProcessEnvironment {
	const state = stateOf(process.pid);
	return {
		pid: process.pid,
		hostname: hostname(),
		startTime: state.alive ? state.startTime : null,
		bootId: bootId(),
		pidNamespace: pidNamespace(),
		stateOf,
		identify: (directory) => ({
			path: realpathSync(directory),
			// Windows derives inode numbers from file ids, which fit no double: hence bigint.
			inode: attempt(() => String(statSync(directory, { bigint: true }).ino)),
		}),
		holdFile,
		isFileHeld,
	};
}

function pidNamespace(): string | null {
	return process.platform === "linux" ? (attempt(() => readlinkSync("/proc/self/ns/pid")) ?? UNKNOWN_NAMESPACE) : null;
}

function stateOf(pid: number): ProcessState {
	if (process.platform === "linux") {
		const stat = attempt(() => readFileSync(`/proc/${pid}/stat`, "latin1"));
		if (stat !== null) return parseStat(stat);
		// No such file may also mean that /proc hides other users' processes: the signal below decides.
	}
	if (!acceptsSignals(pid)) return { alive: false };
	return {
		alive: true,
		startTime: process.platform === "darwin" ? run("ps", ["-o", "lstart=", "-p", String(pid)]) : null,
	};
}

/**
 * proc(5): `pid (name) state …`, where the name may itself hold spaces and parentheses, so fields count from the last ")".
 * Start time is field 22 in clock ticks since boot; a process in state Z or X has ended and holds no files any more.
 */
function parseStat(stat: string): ProcessState {
	const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
	if (fields[0] === "Z" || fields[0] === "X") return { alive: false };
	return { alive: true, startTime: fields[19] ?? null };
}

/** Signal 0 delivers nothing and only checks; EPERM tells of a process that is another user's. */
function acceptsSignals(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		return (error as NodeJS.ErrnoException).code !== "ESRCH";
	}
}

function bootId(): string | null {
	if (process.platform === "linux") {
		return attempt(() => readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim());
	}
	return process.platform === "darwin" ? run("sysctl", ["-n", "kern.bootsessionuuid"]) : null;
}

function run(program: string, args: string[]): string | null {
	return attempt(
		() =>
			execFileSync(program, args, { encoding: "utf8", stdio: "pipe", timeout: 2000, windowsHide: true }).trim() || null,
	);
}

function attempt<T>(look: () => T): T | null {
	try {
		return look();
	} catch {
		return null;
	}
}
