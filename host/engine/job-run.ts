import { STATUS_CORRUPT, STATUS_DONE, STATUS_NEED } from "../../assembly/shared/status.js";
import type { Job, JobSettings, Kernel, MemtableHandle, TableDescription, Word64 } from "../kernel/contract.js";
import type { Storage } from "../storage/storage.js";
import { guard, tableCorruption } from "./failure.js";
import { FileCache } from "./file-cache.js";
import { tableName } from "./files.js";
import { fileSeed } from "./manifest.js";
import { OutputFile } from "./output-file.js";
import { TableFile } from "./table-file.js";

/** A flush or a compaction as plain data, so that any thread of the database can run it. */
export interface JobDescription extends JobSettings {
	readonly directory: string;
	/** Frozen memtables to merge, newest first. */
	readonly memtables: readonly MemtableHandle[];
	/** Sorted runs to merge, newer first. */
	readonly runs: readonly (readonly TableDescription[])[];
	/** What lies below the output: the tables of each level from `level` on. Absent: unknown, every deletion is kept. */
	readonly below: { readonly level: number; readonly levels: readonly (readonly TableDescription[])[] } | undefined;
	/** Outputs are numbered from here on; `files` numbers are set aside for them, the last one takes what is left. */
	readonly firstFile: number;
	readonly files: number;
}

export interface JobResult {
	/** Complete and on stable storage, their directory entries too. */
	readonly outputs: readonly TableDescription[];
	readonly bytesWritten: number;
	/** For how long it ran. */
	readonly milliseconds: number;
}

/** Inputs that are open at once. A job reads one table of each of its runs at a time. */
const OPEN_FILES = 64;

/**
 * Drives a kernel job: reads what it needs, writes what it emits. Ends with tables that are complete and synced, or with
 * nothing. Works on kernel tables of its own, so that it shares nothing that changes with the database's thread.
 */
export class JobRun {
	readonly #storage: Storage;
	readonly #files: FileCache;
	readonly #kernel: Kernel;
	readonly #description: JobDescription;
	readonly #job: Job;
	readonly #inputs = new Map<number, TableFile>();
	readonly #release: (() => void)[] = [];
	readonly #paths: string[] = [];
	readonly #outputs: TableDescription[] = [];
	#bytesWritten = 0;
	#file: number;
	readonly #output = new OutputFile((path) => {
		const file = this.#files.attempt(() => this.#storage.create(path));
		this.#paths.push(path);
		return file;
	});
	#milliseconds = 0;
	#ended = false;

	constructor(storage: Storage, kernel: Kernel, description: JobDescription) {
		this.#storage = storage;
		this.#files = new FileCache(storage, OPEN_FILES);
		this.#kernel = kernel;
		this.#description = description;
		this.#file = description.firstFile;
		try {
			this.#job = this.#createJob();
		} catch (error) {
			this.#releaseAll();
			throw error;
		}
	}

	#createJob(): Job {
		const { memtables, runs, below, ...options } = this.#description;
		const kernel = this.#kernel;
		const superversion =
			below === undefined
				? undefined
				: kernel.createSuperversion(
						[],
						below.levels.map((level) => level.map((table) => this.#table(table).handle)),
					);
		if (superversion !== undefined) this.#release.push(() => superversion.free());
		return kernel.createJob({
			...options,
			memtables: memtables.map((handle) => kernel.sharedMemtable(handle)),
			runs: runs.map((run) => run.map((table) => this.#table(table).handle)),
			below: below === undefined || superversion === undefined ? undefined : { superversion, level: below.level },
		});
	}

	#table(description: TableDescription): TableFile {
		const path = this.#path(description.file);
		const table = new TableFile(this.#files, this.#kernel, path, description);
		this.#release.push(() => table.dispose());
		this.#inputs.set(description.file, table);
		return table;
	}

	#path(file: number): string {
		return this.#storage.join(this.#description.directory, tableName(file));
	}

	#seed(file: number): Word64 {
		return fileSeed(this.#kernel, this.#description.databaseId, file);
	}

	/** One read or write; true once the job is complete. */
	#step(): boolean {
		const { need, damage } = this.#kernel;
		const { firstFile, files } = this.#description;
		const last = this.#file === firstFile + files - 1;
		const status = this.#job.step(this.#file, this.#seed(this.#file), last);
		if (status === STATUS_DONE) return true;
		if (status === STATUS_NEED) {
			this.#input(need.file).readSync(need);
			return false;
		}
		if (status === STATUS_CORRUPT) throw tableCorruption(this.#input(damage.file).path, damage);
		this.#write();
		return false;
	}

	#write(): void {
		const { result } = this.#kernel;
		const path = this.#path(this.#file);
		this.#output.append(path, result);
		this.#bytesWritten += result.length;
		const description = this.#job.tableEnd();
		if (description === undefined) return;
		this.#output.complete(path);
		this.#outputs.push(description);
		this.#file += 1;
	}

	/** Runs to the end, calling `onStep` between steps, whose throw gives the job up. A failure leaves no output behind. */
	run(onStep: () => void = () => {}): JobResult {
		for (;;) {
			const result = this.advance(1);
			if (result !== undefined) return result;
			try {
				onStep();
			} catch (error) {
				this.abandon();
				throw error;
			}
		}
	}

	/** Takes so many steps; the result once the job is complete. A failure ends it and leaves no output behind. */
	advance(steps: number): JobResult | undefined {
		const start = performance.now();
		try {
			let complete = false;
			for (let step = 0; step < steps && !complete; step++) complete = this.#step();
			if (complete && this.#outputs.length > 0) {
				const { directory } = this.#description;
				guard("sync", directory, () => this.#storage.syncDirectory(directory));
			}
			this.#milliseconds += performance.now() - start;
			if (!complete) return undefined;
		} catch (error) {
			this.abandon();
			throw error;
		}
		this.#end();
		return { outputs: this.#outputs, bytesWritten: this.#bytesWritten, milliseconds: this.#milliseconds };
	}

	/** Gives the job up wherever it stands. */
	abandon(): void {
		if (this.#ended) return;
		this.#output.abandon();
		for (const path of this.#paths) removeQuietly(this.#storage, path);
		this.#end();
	}

	#end(): void {
		this.#ended = true;
		this.#job.free();
		this.#releaseAll();
	}

	#releaseAll(): void {
		for (const release of this.#release) release();
	}

	#input(file: number): TableFile {
		const table = this.#inputs.get(file);
		if (table === undefined) throw new RangeError(`the kernel asked for table ${file}, which is not an input`);
		return table;
	}
}

/** Removes a file that no manifest names: where that fails now, the next open does it. */
export function removeQuietly(storage: Storage, path: string): void {
	try {
		storage.remove(path);
	} catch {
		// Windows, or a reader elsewhere: it is only an unneeded file.
	}
}
