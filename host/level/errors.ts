import { WlsmError, type WlsmErrorCode } from "../errors.js";

/** Codes that the users of abstract-level know; the others keep their names. */
const CODES: { readonly [Code in WlsmErrorCode]?: string } = {
	WLSM_CLOSED: "LEVEL_DATABASE_NOT_OPEN",
	WLSM_IO: "LEVEL_IO_ERROR",
	WLSM_UNSUPPORTED: "LEVEL_NOT_SUPPORTED",
};

/** The words that users of createIfMissing and errorIfExists look for. */
const PREFIXES: { readonly [Code in WlsmErrorCode]?: string } = {
	WLSM_NOT_FOUND: "The database does not exist. ",
	WLSM_EXISTS: "The database exists. ",
};

/** What abstract-level's errors are: a code LEVEL_…, and the WlsmError as the cause. */
class LevelError extends Error {
	readonly code: string;

	constructor(code: string, message: string, cause?: unknown) {
		super(message, cause === undefined ? undefined : { cause });
		this.code = code;
	}
}

/** An error of wlsm as one of abstract-level; any other as it is. */
export function levelError(error: unknown): unknown {
	if (!(error instanceof WlsmError)) return error;
	const code = CODES[error.code] ?? error.code.replace(/^WLSM_/, "LEVEL_");
	return new LevelError(code, (PREFIXES[error.code] ?? "") + error.message, error);
}

/** For promises: rejects with the error as one of abstract-level. */
export function rethrow(error: unknown): never {
	throw levelError(error);
}

export function abortError(signal: AbortSignal): Error {
	const error = new LevelError("LEVEL_ABORTED", "The iterator's signal was aborted.", signal.reason);
	// As the errors of the web's own interfaces are called.
	return Object.defineProperty(error, "name", { value: "AbortError", configurable: true, writable: true });
}

export function notOpen(method: string): Error {
	return new LevelError("LEVEL_DATABASE_NOT_OPEN", `Database is not open: cannot call ${method}()`);
}
