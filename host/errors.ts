/** Every code an error of this library can carry. Stable: programs match on these, never on messages. */
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
	override readonly name = "WlsmError";
	readonly code: WlsmErrorCode;
	declare readonly file?: string;
	declare readonly offset?: number;
	declare readonly line?: number;
	declare readonly column?: number;

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
