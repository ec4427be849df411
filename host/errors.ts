/**
 * Every code an error of this library can carry. Stable: programs match on these, never on messages.
 *
 * - `WLSM_LOCKED`: another process has the database open; the message names its pid.
 * - `WLSM_CORRUPTION`: what was read is not what was written; `file` and `offset` say where.
 * - `WLSM_CLOSED`: the database, snapshot or iterator has been closed.
 * - `WLSM_NOT_FOUND`, `WLSM_EXISTS`: there is no database, or there is one already.
 * - `WLSM_READ_ONLY`: the database is open for reading alone, or a log could not be written.
 * - `WLSM_INVALID_ARGUMENT`: what was asked for makes no sense; the message says what would.
 * - `WLSM_CONFLICT`: another commit has written what this transaction has.
 * - `WLSM_IO`: the system refused; `cause` has its code.
 * - `WLSM_OUT_OF_MEMORY`: it does not fit into `memoryBytes`; nothing was changed.
 * - `WLSM_UNSUPPORTED`: files of a later version, or something that this runtime cannot do.
 * - `WLSM_ABORTED`, `WLSM_TIMEOUT`: a signal or a time limit has ended a statement.
 * - `WLSM_SQL`: a statement is wrong, or breaks a constraint; `line` and `column` say where, as far as that is known.
 */
export type WlsmErrorCode =
	| "WLSM_LOCKED"
	| "WLSM_CORRUPTION"
	| "WLSM_CLOSED"
	| "WLSM_NOT_FOUND"
	| "WLSM_EXISTS"
	| "WLSM_READ_ONLY"
	| "WLSM_INVALID_ARGUMENT"
	| "WLSM_CONFLICT"
	| "WLSM_IO"
	| "WLSM_OUT_OF_MEMORY"
	| "WLSM_UNSUPPORTED"
	| "WLSM_ABORTED"
	| "WLSM_TIMEOUT"
	| "WLSM_SQL";

/** Where an error happened, as far as it is known. */
export interface WlsmErrorDetails {
	/** What it was that failed. */
	readonly cause?: unknown;
	/** The file that the error is about. */
	readonly file?: string;
	/** Byte offset in `file`. */
	readonly offset?: number;
	/** Line in the SQL text or the loaded file, from 1. */
	readonly line?: number;
	/** Column in the SQL text, from 1. */
	readonly column?: number;
}

/** The one error class of the library: a stable `code`, a message that says what to do next, the cause attached. */
export class WlsmError extends Error {
	/** "WlsmError". */
	override readonly name = "WlsmError";
	/** What programs match on. */
	readonly code: WlsmErrorCode;
	/** The file that it is about. */
	declare readonly file?: string;
	/** Byte offset in `file`. */
	declare readonly offset?: number;
	/** Line in the SQL text or the loaded file, from 1. */
	declare readonly line?: number;
	/** Column in the SQL text, from 1. */
	declare readonly column?: number;

	/** For errors of one's own that others are to handle as those of this library. */
	constructor(code: WlsmErrorCode, message: string, details: WlsmErrorDetails = {}) {
		super(message, details.cause === undefined ? undefined : { cause: details.cause });
		this.code = code;
		for (const field of ["file", "offset", "line", "column"] as const) {
			if (details[field] !== undefined) Object.defineProperty(this, field, { value: details[field], enumerable: true });
		}
	}
}

/** Memory was refused before anything was changed: what failed may be tried again. */
export function isOutOfMemory(error: unknown): boolean {
	return error instanceof WlsmError && error.code === "WLSM_OUT_OF_MEMORY";
}
