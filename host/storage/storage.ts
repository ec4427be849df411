/**
 * All the file operations that the engine needs, and nothing else: the one seam between the database and the outside.
 * Paths are absolute or relative as the caller gave them, joined with `join`. Every failure is thrown as the platform's own
 * error (with `code`, e.g. ENOENT, ENOSPC); the engine wraps it into `WLSM_IO`.
 *
 * Buffers may be views of shared memory.
 */
export interface Storage {
	readonly kind: "node" | "memory";
	join(directory: string, name: string): string;
	/** An absolute path: what the process's working directory is later does not matter. */
	resolve(path: string): string;
	/** The folder that a path's own entry is in, undefined for a root. */
	parent(path: string): string | undefined;
	/** Creates the directory and its missing parents. Present already: no error. The entries still need `syncDirectory`. */
	makeDirectory(path: string): void;
	/** Names of the files and folders in a directory. ENOENT where it is absent, ENOTDIR where it is a file. */
	list(path: string): string[];
	/** Opens an existing file for reading. */
	openRead(path: string): ReadFile;
	/** Creates a new file for writing; EEXIST where the name is taken. */
	create(path: string): WriteFile;
	/** Opens an existing file for writing at its end; `position` starts at its size. */
	openAppend(path: string): WriteFile;
	/** Atomically replaces `to` where it exists. */
	rename(from: string, to: string): void;
	/** A second name for a file; EEXIST where the name is taken; an error with any other code where links are not to be had. */
	link(existing: string, name: string): void;
	/** Removes a file; ENOENT where it is absent. */
	remove(path: string): void;
	exists(path: string): boolean;
	/** Puts the directory's entries (creations, renames, removals) on stable storage. A no-op where the platform has no such call. */
	syncDirectory(path: string): void;
	/** As `syncDirectory`, without blocking. */
	syncDirectoryLater(path: string): Promise<void>;
}

export interface ReadFile {
	readonly path: string;
	size(): number;
	/** Reads until `length` bytes are there or the file ends, at `target[at…]`; answers how many it read. */
	readSync(target: Uint8Array, at: number, length: number, position: number): number;
	read(target: Uint8Array, at: number, length: number, position: number): Promise<number>;
	close(): void;
}

export interface WriteFile {
	readonly path: string;
	/** Bytes written so far: where the next write goes. */
	readonly position: number;
	/** Appends all of `source[at, at+length)`; short writes of the platform are continued until done or failed. */
	writeSync(source: Uint8Array, at: number, length: number): void;
	/** Puts the file's data on stable storage (fdatasync). */
	syncSync(): void;
	sync(): Promise<void>;
	/**
	 * Puts `bytes` zeros behind the position, which stays: a sync of what is then written there need not sync the file's new
	 * length too, which costs about as much again. Closing cuts them off; a process that is killed leaves them. Failures are
	 * left to the writes that follow. Absent where it brings nothing.
	 */
	reserve?(bytes: number): void;
	/**
	 * Writes bytes [from, to), which the file has, once more where they are. After a sync that failed the system may hold bytes in
	 * its cache that it takes for written: another sync alone would not write them.
	 */
	rewrite(from: number, to: number): void;
	/** Cuts the file to `length` bytes and goes on there. */
	truncate(length: number): void;
	close(): void;
}
