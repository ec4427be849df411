import {
	CORRUPT_BLOCK,
	CORRUPT_CHECKSUM,
	CORRUPT_COMPRESSION,
	CORRUPT_FILTER,
	CORRUPT_FOOTER,
	CORRUPT_INDEX,
	CORRUPT_ORDER,
	CORRUPT_PROPERTIES,
	CORRUPT_RANGES,
	CORRUPT_VERSION,
} from "../../assembly/shared/status.js";
import { WlsmError } from "../errors.js";
import type { Damage } from "../kernel/contract.js";

const DAMAGE: Record<number, string> = {
	[CORRUPT_CHECKSUM]: "a block's checksum does not match its bytes",
	[CORRUPT_FOOTER]: "the footer is damaged, or this is not the file that was written under this name",
	[CORRUPT_BLOCK]: "a block is malformed",
	[CORRUPT_INDEX]: "the index is malformed",
	[CORRUPT_FILTER]: "the filter is malformed",
	[CORRUPT_PROPERTIES]: "the properties are malformed",
	[CORRUPT_COMPRESSION]: "a compressed block is malformed",
	[CORRUPT_RANGES]: "the range deletions are malformed",
	[CORRUPT_ORDER]: "index and block contradict each other",
};

const RESTORE = "Restore it from a backup or a checkpoint, or repair the database.";

export function tableCorruption(path: string, damage: Damage): WlsmError {
	if (damage.reason === CORRUPT_VERSION) {
		const message = `${path} has another format than this version of wlsm reads. Upgrade wlsm.`;
		return new WlsmError("WLSM_UNSUPPORTED", message, { file: path, offset: damage.offset });
	}
	return corruption(path, damage.offset, DAMAGE[damage.reason] ?? "the file is damaged");
}

export function corruption(file: string, offset: number | undefined, what: string, cause?: unknown): WlsmError {
	const place = offset === undefined ? file : `${file}, offset ${offset}`;
	return new WlsmError("WLSM_CORRUPTION", `${place}: ${what}. ${RESTORE}`, {
		file,
		...(offset === undefined ? {} : { offset }),
		cause,
	});
}

/** What an error of `corruption` says is wrong, without the file and the advice. */
export function reasonOf({ message, file, offset }: WlsmError): string {
	const place = offset === undefined ? `${file}: ` : `${file}, offset ${offset}: `;
	const what = message.startsWith(place) ? message.slice(place.length) : message;
	return what.endsWith(`. ${RESTORE}`) ? what.slice(0, -RESTORE.length - 2) : what;
}

/** Wraps what the storage threw; errors of the library itself pass as they are. */
export function ioError(doing: string, file: string, cause: unknown): WlsmError {
	if (cause instanceof WlsmError) return cause;
	const reason = cause instanceof Error ? cause.message : String(cause);
	return new WlsmError("WLSM_IO", `Could not ${doing} ${file}: ${reason}${adviceOn(cause)}`, { file, cause });
}

/** What is to be done about it, as the end of a message, where that can be said. */
export function adviceOn(cause: unknown): string {
	const advice = ADVICE[String((cause as { code?: unknown } | undefined)?.code)];
	return advice === undefined ? "" : `. ${advice}.`;
}

const FILES = "Too many files are open: raise the limit (ulimit -n), or open the database with a smaller maxOpenFiles";
const PERMISSION = "Check whose it is, and what its permissions are";

const ADVICE: Readonly<Record<string, string>> = {
	EMFILE: FILES,
	ENFILE: FILES,
	ENOSPC: "The disk is full: make room on it",
	EDQUOT: "The quota is used up: make room",
	EACCES: PERMISSION,
	EPERM: PERMISSION,
	EROFS: "The file system is read-only: readOnly opens what is there",
	ENOTDIR: "A file stands where a directory should be",
};

/** Whether the storage could not open a file because the process, or the system, has too many open. */
export function tooManyOpenFiles(error: unknown): boolean {
	const code = (error as { code?: unknown } | undefined)?.code;
	return code === "EMFILE" || code === "ENFILE";
}

/** Runs a file operation, wrapping its failure. */
export function guard<Result>(doing: string, file: string, operation: () => Result): Result {
	try {
		return operation();
	} catch (error) {
		throw ioError(doing, file, error);
	}
}

export function closedError(): WlsmError {
	return new WlsmError("WLSM_CLOSED", "The database is closed.");
}

export function reenteredError(): WlsmError {
	return new WlsmError(
		"WLSM_INVALID_ARGUMENT",
		"A getter or toJSON of what is being written has written to the database itself. Nothing of the outer write was done.",
	);
}
