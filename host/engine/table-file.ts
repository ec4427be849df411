import type { Kernel, Need, Table, TableDescription } from "../kernel/contract.js";
import type { ReadFile, Storage } from "../storage/storage.js";
import { corruption, ioError } from "./failure.js";

/**
 * A table of the database: its description, the kernel's table and the open file. Counted by the superversions that name
 * it; with the last one the kernel's table is freed, the file closed and, where a compaction made it obsolete, removed.
 */
export class TableFile {
	readonly description: TableDescription;
	readonly path: string;
	readonly handle: Table;
	/** No version names it any more: the file goes with the last reader. */
	obsolete = false;
	readonly #storage: Storage;
	#file: ReadFile | undefined;
	#references = 0;

	constructor(storage: Storage, kernel: Kernel, path: string, description: TableDescription) {
		this.#storage = storage;
		this.path = path;
		this.description = description;
		this.handle = kernel.createTable(description);
	}

	retain(): void {
		this.#references += 1;
	}

	release(): void {
		this.#references -= 1;
		if (this.#references === 0) this.dispose();
	}

	/** Frees what the table holds. The file stays unless it is obsolete. */
	dispose(): void {
		this.handle.free();
		this.#file?.close();
		this.#file = undefined;
		if (!this.obsolete) return;
		try {
			this.#storage.remove(this.path);
		} catch {
			// An unneeded file that cannot be removed now (Windows, a reader elsewhere) is removed at the next open.
		}
	}

	/** Opens the file now instead of at the first read. */
	open(): void {
		this.#open();
	}

	#open(): ReadFile {
		if (this.#file !== undefined) return this.#file;
		let file: ReadFile;
		try {
			file = this.#storage.openRead(this.path);
		} catch (error) {
			if ((error as { code?: unknown }).code === "ENOENT")
				throw corruption(this.path, undefined, "the table is missing", error);
			throw ioError("open", this.path, error);
		}
		let size: number;
		try {
			size = file.size();
		} catch (error) {
			file.close();
			throw ioError("read", this.path, error);
		}
		if (size !== this.description.size) {
			file.close();
			throw corruption(this.path, undefined, `the table has ${size} bytes, ${this.description.size} were written`);
		}
		this.#file = file;
		return file;
	}

	/** Reads what a kernel operation needs of this table. */
	readSync(need: Need): void {
		const { offset, length } = need;
		let got: number;
		try {
			got = this.#open().readSync(need.target, need.at, length, offset);
		} catch (error) {
			throw ioError("read", this.path, error);
		}
		if (got !== length) throw corruption(this.path, offset, "the table ends early");
	}

	async read(need: Need): Promise<void> {
		// The kernel's answer is overwritten while this waits.
		const { offset, length, target, at } = need;
		let got: number;
		try {
			got = await this.#open().read(target, at, length, offset);
		} catch (error) {
			throw ioError("read", this.path, error);
		}
		if (got !== length) throw corruption(this.path, offset, "the table ends early");
	}
}
