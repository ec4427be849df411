import type { Kernel, Need, Table, TableDescription } from "../kernel/contract.js";
import { corruption, ioError } from "./failure.js";
import { CachedFile, type FileCache } from "./file-cache.js";

/**
 * A table of the database: its description, the kernel's table and its file, open or not. Counted by the superversions that name
 * it; with the last one the kernel's table is freed, the file closed and, where a compaction made it obsolete, discarded.
 */
export class TableFile {
	readonly description: TableDescription;
	readonly file: CachedFile;
	readonly handle: Table;
	/** Set where no version names it any more: takes the file's path when the last reader has gone. */
	discard: ((path: string) => void) | undefined;
	#references = 0;

	constructor(files: FileCache, kernel: Kernel, path: string, description: TableDescription) {
		this.file = new CachedFile(files, path, description.size);
		this.description = description;
		this.handle = kernel.createTable(description);
	}

	get path(): string {
		return this.file.path;
	}

	retain(): void {
		this.#references += 1;
	}

	release(): void {
		this.#references -= 1;
		if (this.#references === 0) this.dispose();
	}

	/** Frees what the table holds. The file stays unless it is to be discarded. */
	dispose(): void {
		this.handle.free();
		this.file.close();
		this.discard?.(this.path);
	}

	/** Reads what a kernel operation needs of this table. */
	readSync(need: Need): void {
		const { offset, length } = need;
		let got: number;
		try {
			got = this.file.readSync(need.target, need.at, length, offset);
		} catch (error) {
			throw ioError("read", this.path, error);
		}
		if (got !== length) throw corruption(this.path, offset, "the table ends early");
	}

	async read(need: Need): Promise<void> {
		// The kernel's answer is overwritten while this waits.
		const { offset, length, target, at } = need;
		const file = this.file.beginRead();
		let got: number;
		try {
			got = await file.read(target, at, length, offset);
		} catch (error) {
			throw ioError("read", this.path, error);
		} finally {
			this.file.endRead();
		}
		if (got !== length) throw corruption(this.path, offset, "the table ends early");
	}
}
