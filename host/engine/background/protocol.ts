import { Buffer } from "node:buffer";
import { WlsmError, type WlsmErrorCode } from "../../errors.js";
import type { KernelShare } from "../../kernel/contract.js";
import type { JobDescription, JobResult } from "../job-run.js";

/*
 * What the database's thread and its worker share beside linear memory: an Int32Array.
 *
 *   0  phase: job number * 8 + one of PHASE_*
 *   1  progress: counts the steps of the running job
 *   2  1 where the running job shall be given up
 *   3  address and
 *   4  length of the result, JSON in linear memory
 *
 * The result lies in memory, and not in a message, so that a thread that is busy or waits synchronously sees it too.
 */
export const STATE_PHASE = 0;
export const STATE_PROGRESS = 1;
export const STATE_CANCEL = 2;
export const STATE_ADDRESS = 3;
export const STATE_LENGTH = 4;
export const STATE_BYTES = 32;

export const PHASE_POSTED = 1;
export const PHASE_RUNNING = 2;
/** Taken back by the database's thread before the worker got to it. */
export const PHASE_TAKEN = 3;
export const PHASE_DONE = 4;

export function phaseOf(job: number, phase: number): number {
	return (job % 2 ** 27) * 8 + phase;
}

export interface WorkerData {
	readonly share: KernelShare;
	readonly state: Int32Array;
}

export interface JobMessage {
	readonly job: number;
	readonly description: JobDescription;
}

/** A failure as plain data. */
interface PlainError {
	readonly code: WlsmErrorCode;
	readonly message: string;
	readonly file?: string | undefined;
	readonly offset?: number | undefined;
	readonly cause?: { readonly code?: string | undefined; readonly message: string } | undefined;
}

export type Outcome = { readonly result: JobResult } | { readonly error: PlainError };

/** What was thrown in the worker, for the other side. */
export function plainError(error: unknown): PlainError {
	if (!(error instanceof WlsmError)) {
		return { code: "WLSM_IO", message: `The background worker failed: ${(error as Error)?.message ?? String(error)}` };
	}
	const { code, message, file, offset, cause } = error;
	const { code: causeCode, message: causeMessage } = (cause ?? {}) as { code?: string; message?: string };
	return {
		code,
		message,
		file,
		offset,
		cause: cause === undefined ? undefined : { code: causeCode, message: causeMessage ?? String(cause) },
	};
}

export function revivedError({ code, message, file, offset, cause }: PlainError): WlsmError {
	const original = cause === undefined ? undefined : Object.assign(new Error(cause.message), { code: cause.code });
	return new WlsmError(code, message, {
		...(file === undefined ? {} : { file }),
		...(offset === undefined ? {} : { offset }),
		cause: original,
	});
}

/** JSON in which byte arrays are Latin-1 strings under `$bytes`. */
export function encodeOutcome(outcome: Outcome): Buffer {
	return Buffer.from(
		JSON.stringify(outcome, (_, value) =>
			value instanceof Uint8Array ? { $bytes: Buffer.from(value).toString("latin1") } : value,
		),
	);
}

export function decodeOutcome(bytes: Buffer): Outcome {
	return JSON.parse(bytes.toString("utf8"), (_, value) =>
		typeof value?.$bytes === "string" ? new Uint8Array(Buffer.from(value.$bytes, "latin1")) : value,
	) as Outcome;
}
