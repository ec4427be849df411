import { WlsmError } from "../errors.js";
import type { ReadFile, Storage } from "../storage/storage.js";
import { corruption, ioError, tooManyOpenFiles } from "./failure.js";

/**
 * Bounds how many table files are open at once. Files enter a queue when they are opened; where one too many is open, the
 * queue's front is closed, unless it was read from since it last stood there: then it goes to the back without that mark
 * (CLOCK). A file with a read under way stays open, even where that means one too many for the moment.
 */
export class FileCache {
	readonly storage: Storage;
	#limit: number;
	readonly #beside: "writer" | "nobody";
	readonly #queue = new Set<CachedFile>();
	#kept = 0;
	#opens = 0;

	/** "writer": of a reader, beside which a writer may remove tables. */
	constructor(storage: Storage, limit: number, beside: "writer" | "nobody" = "nobody") {
		this.storage = storage;
		this.#limit = limit;
		this.#beside = beside;
	}

	/** How many may be open, beside those that are kept. */
	get limit(): number {
		return this.#limit;
	}

	/** Files open now, and how often one was opened. */
	get open(): number {
		return this.#queue.size + this.#kept;
	}

	get opens(): number {
		return this.#opens;
	}

	/**
	 * Runs what opens files, and leaves nothing behind where it fails. Where the process or the system has too many open, idle ones are closed for a second try, and the
	 * limit falls, so that others find room from then on: the worker, which shares the process's limit, and the program.
	 */
	attempt<Opened>(open: () => Opened): Opened {
		try {
			return open();
		} catch (error) {
			const cause = error instanceof WlsmError ? error.cause : error;
			if (!tooManyOpenFiles(cause) || this.#queue.size === 0) throw error;
			const left = Math.floor((3 * this.#queue.size) / 4);
			this.#limit = Math.max(1, left);
			this.#closeIdle(left);
			return open();
		}
	}

	/** @internal Opens a file that counts from now on. */
	openFor(file: CachedFile): ReadFile {
		this.#closeIdle(this.#limit - 1);
		const opened = this.attempt(() => this.storage.openRead(file.path));
		this.#opens += 1;
		this.#queue.add(file);
		return opened;
	}

	/** @internal Takes an open file out of the queue: nothing closes it but its owner. */
	keep(file: CachedFile): void {
		if (this.#queue.delete(file)) this.#kept += 1;
	}

	/** @internal The file has been closed. */
	closed(file: CachedFile): void {
		if (!this.#queue.delete(file)) this.#kept -= 1;
	}

	/** @internal The error for a file that is not there. */
	missing(path: string, cause: unknown): WlsmError {
		if (this.#beside === "nobody") return corruption(path, undefined, "the table is missing", cause);
		const message = `The writer has removed ${path} since this reader was opened, which cannot keep all of its tables open. Open the database again, or raise the limit of open files (ulimit -n).`;
		return new WlsmError("WLSM_IO", message, { file: path, cause });
	}

	/** @internal After a read: closes what was open beyond the limit for it. */
	settle(): void {
		if (this.#queue.size > this.#limit) this.#closeIdle(this.#limit);
	}

	#closeIdle(target: number): void {
		// Two looks at each at most: the first may do no more than take its mark.
		for (let looks = 2 * this.#queue.size; this.#queue.size > target && looks > 0; looks--) {
			const [first] = this.#queue;
			if (first === undefined) return;
			if (!first.busy && !first.visited) {
				first.close();
				continue;
			}
			first.visited = false;
			this.#queue.delete(first);
			this.#queue.add(first);
		}
	}
}

/** A file that is opened for a read and may be closed between reads. */
export class CachedFile {
	readonly path: string;
	/** Read from since the cache last looked. */
	visited = false;
	readonly #cache: FileCache;
	readonly #bytes: number;
	#file: ReadFile | undefined;
	#reads = 0;

	/** `bytes`: what its size has to be. */
	constructor(cache: FileCache, path: string, bytes: number) {
		this.#cache = cache;
		this.path = path;
		this.#bytes = bytes;
	}

	/** A read is under way. */
	get busy(): boolean {
		return this.#reads !== 0;
	}

	/** Opens the file, where it is not, and checks its size. */
	open(): ReadFile {
		this.visited = true;
		return this.#file ?? this.#open();
	}

	#open(): ReadFile {
		const cache = this.#cache;
		let file: ReadFile;
		try {
			file = cache.openFor(this);
		} catch (error) {
			throw (error as { code?: unknown }).code === "ENOENT"
				? cache.missing(this.path, error)
				: ioError("open", this.path, error);
		}
		this.#file = file;
		try {
			const size = file.size();
			if (size !== this.#bytes) {
				throw corruption(this.path, undefined, `the table has ${size} bytes, ${this.#bytes} were written`);
			}
		} catch (error) {
			this.close();
			throw ioError("read", this.path, error);
		}
		return file;
	}

	/** Throws where the file has not the size that it has to have. */
	check(): void {
		this.open();
		this.close();
	}

	/** Opens the file and keeps it open until `close`. */
	keep(): void {
		this.open();
		this.#cache.keep(this);
	}

	readSync(target: Uint8Array, at: number, length: number, offset: number): number {
		return this.open().readSync(target, at, length, offset);
	}

	/** The file, which stays open until `endRead`. */
	beginRead(): ReadFile {
		const file = this.open();
		this.#reads += 1;
		return file;
	}

	endRead(): void {
		this.#reads -= 1;
		this.#cache.settle();
	}

	close(): void {
		const file = this.#file;
		if (file === undefined) return;
		this.#file = undefined;
		this.#cache.closed(this);
		file.close();
	}
}

/** A reader keeps so many tables open: a writer may remove them at any time. The others are opened for their reads. */
const READER_OPEN_FILES = 10_000;

/**
 * Opens the tables of a reader and keeps them open, those first that a writer replaces soonest. Where the process can open
 * no more, a quarter is given back, so that the rest of the program can go on.
 */
export function keepOpen(files: readonly CachedFile[]): void {
	const kept: CachedFile[] = [];
	for (const file of files.slice(0, READER_OPEN_FILES)) {
		try {
			file.keep();
			kept.push(file);
		} catch (error) {
			if (kept.length === 0 || !tooManyOpenFiles((error as WlsmError).cause)) throw error;
			for (const other of kept.slice(-Math.ceil(kept.length / 4))) other.close();
			return;
		}
	}
}
