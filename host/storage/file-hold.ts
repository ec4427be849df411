/**
 * Files that a process holds by the operating system's own lock (flock), which ends with the process, however that ends. Of the
 * runtimes only Deno has a call for it (not its first versions; without permissions beyond the file's), and only Deno needs it: what else tells
 * whether a process lives, /proc and signals, it refuses to programs that may not do everything.
 */

/** An open file, held until `release`. */
export interface FileHold {
	release(): void;
}

interface DenoFile {
	tryLockSync?(exclusive: boolean): boolean;
	close(): void;
}

interface Deno {
	openSync(path: string, options: { read: true; write?: boolean }): DenoFile;
}

function deno(): Deno | undefined {
	// On Windows such a lock keeps others from reading the file.
	if (process.platform === "win32") return undefined;
	return (globalThis as { Deno?: Deno }).Deno;
}

/** Holds a file; undefined where runtime, system or file system have no such lock. */
export function holdFile(path: string): FileHold | undefined {
	const file = tried(() => deno()?.openSync(path, { read: true, write: true }));
	if (file === undefined) return undefined;
	if (tried(() => file.tryLockSync?.(true)) === true) return { release: () => file.close() };
	file.close();
	return undefined;
}

/** Whether a process holds the file, this one included; undefined where that cannot be found out. */
export function isFileHeld(path: string): boolean | undefined {
	const file = tried(() => deno()?.openSync(path, { read: true }));
	if (file === undefined) return undefined;
	try {
		// Shared, so that several may look at once.
		const isFree = tried(() => file.tryLockSync?.(false));
		return isFree === undefined ? undefined : !isFree;
	} finally {
		file.close();
	}
}

function tried<T>(work: () => T): T | undefined {
	try {
		return work();
	} catch {
		return undefined;
	}
}
