import type { Result } from "../kernel/contract.js";
import type { WriteFile } from "../storage/storage.js";
import { guard } from "./failure.js";

/** The table that is being written, if one is; of several each after the one before. */
export class OutputFile {
	readonly #create: (path: string) => WriteFile;
	#writer: WriteFile | undefined;

	constructor(create: (path: string) => WriteFile) {
		this.#create = create;
	}

	/** Whether a table has been begun that is not complete. */
	get isOpen(): boolean {
		return this.#writer !== undefined;
	}

	/** Appends to the table of that path, which is created with its first bytes. Errors: WLSM_IO. */
	append(path: string, { bytes, at, length }: Result): void {
		guard("write", path, () => {
			this.#writer ??= this.#create(path);
			this.#writer.writeSync(bytes, at, length);
		});
	}

	/** All of the table is written: puts it on stable storage. Errors: WLSM_IO. */
	complete(path: string): void {
		guard("write", path, () => {
			this.#writer?.syncSync();
			this.#writer?.close();
		});
		this.#writer = undefined;
	}

	/** Closes the file of a table that is given up. */
	abandon(): void {
		try {
			this.#writer?.close();
		} catch {
			// The file is removed.
		}
	}
}
