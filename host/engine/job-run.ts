import { STATUS_CORRUPT, STATUS_DONE, STATUS_NEED } from "../../assembly/shared/status.js";
import type { Job, Kernel, TableDescription, Word64 } from "../kernel/contract.js";
import type { Storage, WriteFile } from "../storage/storage.js";
import { guard, tableCorruption } from "./failure.js";
import type { TableFile } from "./table-file.js";

/** What a run asks of the engine. */
export interface JobHost {
	readonly storage: Storage;
	readonly kernel: Kernel;
	/** A new file number, the table's path under it and its seed. */
	newTable(): { readonly file: number; readonly path: string; readonly seed: Word64 };
}

/** Drives a kernel job: reads what it needs, writes what it emits. Ends with tables that are complete and synced, or with nothing. */
export class JobRun {
	readonly outputs: TableDescription[] = [];
	bytesWritten = 0;
	readonly #host: JobHost;
	readonly #job: Job;
	readonly #inputs: ReadonlyMap<number, TableFile>;
	readonly #paths: string[] = [];
	#next: { readonly file: number; readonly path: string; readonly seed: Word64 };
	#writer: WriteFile | undefined;

	constructor(host: JobHost, job: Job, inputs: ReadonlyMap<number, TableFile>) {
		this.#host = host;
		this.#job = job;
		this.#inputs = inputs;
		this.#next = host.newTable();
	}

	/** One read or write; true once the job is complete. */
	step(): boolean {
		const status = this.#job.step(this.#next.file, this.#next.seed);
		if (status === STATUS_DONE) return true;
		const { need, damage, result } = this.#host.kernel;
		if (status === STATUS_NEED) {
			this.#input(need.file).readSync(need);
			return false;
		}
		if (status === STATUS_CORRUPT) throw tableCorruption(this.#input(damage.file).path, damage);
		const { path } = this.#next;
		guard("write", path, () => {
			if (this.#writer === undefined) {
				this.#writer = this.#host.storage.create(path);
				this.#paths.push(path);
			}
			this.#writer.writeSync(result.bytes, result.at, result.length);
		});
		this.bytesWritten += result.length;
		const description = this.#job.tableEnd();
		if (description !== undefined) {
			guard("write", path, () => {
				this.#writer?.syncSync();
				this.#writer?.close();
			});
			this.#writer = undefined;
			this.outputs.push(description);
			this.#next = this.#host.newTable();
		}
		return false;
	}

	/** Runs to the end. A failure leaves no output behind. */
	run(): void {
		try {
			while (!this.step()) {}
		} catch (error) {
			this.abandon();
			throw error;
		}
		this.#job.free();
	}

	/** Gives the job up and removes what it wrote. */
	abandon(): void {
		this.#job.free();
		this.#writer?.close();
		this.#writer = undefined;
		this.removeOutputs();
	}

	/** Removes the tables of a finished run that cannot be used after all. */
	removeOutputs(): void {
		for (const path of this.#paths) {
			try {
				this.#host.storage.remove(path);
			} catch {
				// No manifest names it: the next open removes it.
			}
		}
	}

	#input(file: number): TableFile {
		const table = this.#inputs.get(file);
		if (table === undefined) throw new RangeError(`the kernel asked for table ${file}, which is not an input`);
		return table;
	}
}
