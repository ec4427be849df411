import { Buffer } from "node:buffer";
import { WlsmError, type WlsmErrorCode } from "../../errors.js";
import type { KernelShare } from "../../kernel/threads-contract.js";
import type { JobDescription, JobResult } from "../job-run.js";

/*
 * What the database's thread and its worker share beside linear memory: an Int32Array.
 *
 *   0  progress: counts the steps of running tasks
 *   1  1 where what is running shall be given up
 *   2  1 once the worker's thread ends by itself
 *   3  three words for each lane:
 *      0  phase: task number * 8 + one of PHASE_*
 *      1  address and
 *      2  length of JSON in linear memory: the task while it is posted, its outcome once it is done
 *
 * Both lie in memory, and not in messages, so that a thread that is busy or waits synchronously sees them too.
 */
export const STATE_PROGRESS = 0;
export const STATE_CANCEL = 1;
export const STATE_ENDED = 2;
const STATE_LANES = 3;
export const LANE_PHASE = 0;
export const LANE_ADDRESS = 1;
export const LANE_LENGTH = 2;
const LANE_WORDS = 3;

/** A worker that shows no progress for so long, in milliseconds, is taken for dead. A sync on a slow disk takes its time. */
export const SILENCE_LIMIT = 30_000;

/** One task of each kind at a time; the worker takes a waiting one of an earlier lane first, also between the steps of a compaction. */
export const LANES = ["settle", "flush", "compaction"] as const;
export type LaneName = (typeof LANES)[number];
export const STATE_BYTES = 4 * (STATE_LANES + LANE_WORDS * LANES.length);

/** Index of a lane's first word. */
export function laneAt(name: LaneName): number {
	return STATE_LANES + LANE_WORDS * LANES.indexOf(name);
}

export const PHASE_POSTED = 1;
export const PHASE_RUNNING = 2;
/** Taken back by the database's thread before the worker got to it. */
export const PHASE_TAKEN = 3;
export const PHASE_DONE = 4;

const PHASE_MASK = 7;

export function phaseOf(task: number, phase: number): number {
	return (task % 2 ** 27) * 8 + phase;
}

/** The word of the same task in another phase. */
export function inPhase(word: number, phase: number): number {
	return (word & ~PHASE_MASK) | phase;
}

export function isInPhase(word: number, phase: number): boolean {
	return (word & PHASE_MASK) === phase;
}

export interface WorkerData {
	/** The address of the kernel, for a worker that has no files beside itself. */
	readonly kernel: string;
	readonly share: KernelShare;
	readonly state: Int32Array;
}

/** Puts the manifest on stable storage, where it has a path, and then removes files that its edits made obsolete. */
export interface SettleTask {
	readonly manifest: string | undefined;
	readonly remove: readonly string[];
}

export type Task = { readonly job: JobDescription } | { readonly settle: SettleTask };

/** A failure as plain data. */
export interface PlainError {
	readonly code: WlsmErrorCode;
	readonly message: string;
	readonly file?: string | undefined;
	readonly offset?: number | undefined;
	readonly line?: number | undefined;
	readonly cause?: { readonly code?: string | undefined; readonly message: string } | undefined;
}

/** `result` is that of a job. */
export type Outcome = { readonly result: JobResult | undefined } | { readonly error: PlainError };

/** What was thrown in the worker, for the other side. */
export function plainError(error: unknown): PlainError {
	if (!(error instanceof WlsmError)) {
		return { code: "WLSM_IO", message: `The background worker failed: ${(error as Error)?.message ?? String(error)}` };
	}
	const { code, message, file, offset, line, cause } = error;
	const { code: causeCode, message: causeMessage } = (cause ?? {}) as { code?: string; message?: string };
	return {
		code,
		message,
		file,
		offset,
		line,
		cause: cause === undefined ? undefined : { code: causeCode, message: causeMessage ?? String(cause) },
	};
}

export function revivedError({ code, message, file, offset, line, cause }: PlainError): WlsmError {
	const original = cause === undefined ? undefined : Object.assign(new Error(cause.message), { code: cause.code });
	return new WlsmError(code, message, {
		...(file === undefined ? {} : { file }),
		...(offset === undefined ? {} : { offset }),
		...(line === undefined ? {} : { line }),
		cause: original,
	});
}

/** What to do where a thread that stopped says that it has not all of its modules. */
export function adviceOnMissing(why: string): string {
	if (!/cannot find|not found/i.test(why)) return "";
	return " Install the package again, or, if this program is a bundle, see docs/bundling.md of the package.";
}

/** JSON in which byte arrays are Latin-1 strings under `$bytes`. */
export function encodeMessage(message: Task | Outcome): Buffer {
	return Buffer.from(
		JSON.stringify(message, (_, value) =>
			value instanceof Uint8Array ? { $bytes: Buffer.from(value).toString("latin1") } : value,
		),
	);
}

export function decodeMessage<Message extends Task | Outcome>(bytes: Buffer): Message {
	return JSON.parse(bytes.toString("utf8"), (_, value) =>
		typeof value?.$bytes === "string" ? new Uint8Array(Buffer.from(value.$bytes, "latin1")) : value,
	) as Message;
}
