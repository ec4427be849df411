/** The exit codes of every command. */
export const ExitCode = {
	done: 0,
	/** The key or the database that was asked for is not there; or rows of a load were rejected. */
	absent: 1,
	rejected: 1,
	/** Bad usage, bad SQL, bad input. */
	usage: 2,
	corruption: 3,
	/** Disk, permissions, memory, time, a lock or a conflict with another process. */
	environment: 4,
	/** 128 and the signal's number, as shells have it. */
	interrupted: 130,
	terminated: 143,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** Codes of `WlsmError`, by name, so that nothing of the library is loaded to tell them. */
const byErrorCode: Readonly<Record<string, ExitCode>> = {
	WLSM_NOT_FOUND: ExitCode.absent,
	WLSM_SQL: ExitCode.usage,
	WLSM_INVALID_ARGUMENT: ExitCode.usage,
	WLSM_UNSUPPORTED: ExitCode.usage,
	WLSM_EXISTS: ExitCode.usage,
	WLSM_CORRUPTION: ExitCode.corruption,
	WLSM_IO: ExitCode.environment,
	WLSM_LOCKED: ExitCode.environment,
	WLSM_READ_ONLY: ExitCode.environment,
	WLSM_CONFLICT: ExitCode.environment,
	WLSM_OUT_OF_MEMORY: ExitCode.environment,
	WLSM_CLOSED: ExitCode.environment,
	WLSM_ABORTED: ExitCode.environment,
	WLSM_TIMEOUT: ExitCode.environment,
};

export function exitCodeOf(error: unknown): ExitCode {
	const code = error instanceof Error && "code" in error ? String(error.code) : "";
	// What has no code of the library's comes from the platform.
	return Object.hasOwn(byErrorCode, code) ? (byErrorCode[code] as ExitCode) : ExitCode.environment;
}

/** The command line does not make sense. */
export class UsageError extends Error {
	/** Whose help says more; that of all commands unless it is known. */
	command: string | undefined;
}
