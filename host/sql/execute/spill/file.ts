/** Temporary files for what a statement does not hold in memory. */

import { WlsmError } from "../../../errors.js";
import type { ReadFile, Storage, WriteFile } from "../../../storage/index.js";

/** Where temporary files are made. */
export interface Scratch {
	readonly storage: Storage;
	readonly directory: string;
}

/** What one run of a statement may hold in memory, and the files of what goes beyond. */
export class SpillSpace {
	/** What each operator may hold in memory, by estimate. */
	readonly budgetBytes: number;
	readonly #scratch: Scratch;
	/** Made at first need: most statements have none. */
	#open: Set<SpillFile> | undefined;

	constructor(scratch: Scratch, budgetBytes: number) {
		this.#scratch = scratch;
		this.budgetBytes = budgetBytes;
	}

	/** For one of so many that share the memory; its files are among these. */
	share(parts: number): SpillSpace {
		const part = new SpillSpace(this.#scratch, this.budgetBytes / parts);
		this.#open ??= new Set();
		part.#open = this.#open;
		return part;
	}

	open(): SpillFile {
		const open = this.#open ?? new Set<SpillFile>();
		this.#open = open;
		const file = new SpillFile(this.#scratch, (closed) => open.delete(closed));
		open.add(file);
		return file;
	}

	/** Of files that nobody has closed: at the end of the run, however it ends. */
	close(): void {
		if (this.#open !== undefined) for (const file of this.#open) file.close();
	}
}

/**
 * Its name is gone as soon as it is open, so that the file is gone with its last handle, also where the process dies. A system that
 * refuses that keeps the name until the file is closed; a name that is left behind after all is removed when the database
 * is opened again.
 */
export class SpillFile {
	#path: string;
	readonly #storage: Storage;
	readonly #whenClosed: (file: SpillFile) => void;
	readonly #writer: WriteFile;
	readonly #reader: ReadFile;
	#hasName = true;
	#isOpen = true;

	constructor(scratch: Scratch, whenClosed: (file: SpillFile) => void) {
		const { storage } = scratch;
		this.#storage = storage;
		this.#whenClosed = whenClosed;
		const name = `spill-${crypto.randomUUID()}.tmp`;
		this.#path = name;
		this.#path = this.#guard("find the folder for", () => storage.join(scratch.directory, name));
		this.#writer = this.#guard("make", () => storage.create(this.#path));
		try {
			this.#reader = this.#guard("open", () => storage.openRead(this.#path));
		} catch (error) {
			this.#writer.close();
			this.#removeName();
			throw error;
		}
		this.#removeName();
	}

	/** Answers where the bytes lie. */
	append(bytes: Uint8Array, length: number): number {
		const at = this.#writer.position;
		this.#guard("write", () => this.#writer.writeSync(bytes, 0, length));
		return at;
	}

	read(target: Uint8Array, length: number, at: number): void {
		const read = this.#guard("read", () => this.#reader.readSync(target, 0, length, at));
		if (read !== length) throw this.#failure("read", new Error("it is shorter than what was written"));
	}

	/** May be called more than once. */
	close(): void {
		if (!this.#isOpen) return;
		this.#isOpen = false;
		this.#whenClosed(this);
		this.#reader.close();
		this.#writer.close();
		this.#removeName();
	}

	#removeName(): void {
		if (!this.#hasName) return;
		try {
			this.#storage.remove(this.#path);
			this.#hasName = false;
		} catch {
			// Not while it is open, on this system, or not now: closing tries again, and then the next opening of the database.
		}
	}

	#guard<T>(doing: string, operation: () => T): T {
		try {
			return operation();
		} catch (error) {
			throw this.#failure(doing, error);
		}
	}

	#failure(doing: string, cause: unknown): WlsmError {
		const reason = cause instanceof Error ? cause.message : String(cause);
		const message =
			`Could not ${doing} a temporary file of the statement, ${this.#path}: ${reason}. ` +
			"What was beyond its memory (sqlMemoryBytes) was to be kept there.";
		return new WlsmError("WLSM_IO", message, { file: this.#path, cause });
	}
}
