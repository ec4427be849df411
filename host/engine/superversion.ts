import type { Kernel, Superversion as KernelSuperversion, Memtable } from "../kernel/contract.js";
import type { TableFile } from "./table-file.js";

/** The tables of a database at one moment: level 0 newest first, the levels below by key without overlap. */
export type Levels = readonly (readonly TableFile[])[];

/** The index's part of a memtable's size: room for an entry of 43 bytes and more. */
const INDEX_SHARE = 8;

/** A memtable that superversions share. */
export class MemtableReference {
	readonly memtable: Memtable;
	/** Logs that hold its operations. */
	logs: readonly number[] = [];
	/** Once frozen: the highest sequence number in it, and the number of the log that goes on after it. */
	lastSequence = 0;
	nextLog = 0;
	#references = 0;

	/** `memtableBytes`: how large it may become. */
	constructor(kernel: Kernel, memtableBytes: number) {
		this.memtable = kernel.createMemtable(Math.ceil(memtableBytes / INDEX_SHARE));
	}

	freeze(lastSequence: number, nextLog: number): void {
		this.lastSequence = lastSequence;
		this.nextLog = nextLog;
	}

	retain(): void {
		this.#references += 1;
	}

	release(): void {
		this.#references -= 1;
		if (this.#references === 0) this.memtable.free();
	}
}

/** Everything a read looks through, fixed. Held by the engine while current and by each reader; freed with the last. */
export class Superversion {
	readonly memtables: readonly MemtableReference[];
	readonly levels: Levels;
	readonly handle: KernelSuperversion;
	/** Tables by file number. */
	readonly files = new Map<number, TableFile>();
	#references = 1;

	/** Memtables newest first. */
	constructor(kernel: Kernel, memtables: readonly MemtableReference[], levels: Levels) {
		this.memtables = memtables;
		this.levels = levels;
		this.handle = kernel.createSuperversion(
			memtables.map(({ memtable }) => memtable),
			levels.map((level) => level.map(({ handle }) => handle)),
		);
		for (const memtable of memtables) memtable.retain();
		for (const level of levels) {
			for (const table of level) {
				table.retain();
				this.files.set(table.description.file, table);
			}
		}
	}

	retain(): this {
		if (this.#references === 0) throw new RangeError("a superversion that was freed is retained");
		this.#references += 1;
		return this;
	}

	/** The table that the kernel names by its file number. */
	table(file: number): TableFile {
		const table = this.files.get(file);
		if (table === undefined) throw new RangeError(`the kernel asked for table ${file}, which no level holds`);
		return table;
	}

	release(): void {
		this.#references -= 1;
		if (this.#references !== 0) return;
		this.handle.free();
		for (const memtable of this.memtables) memtable.release();
		for (const table of this.files.values()) table.release();
	}
}
