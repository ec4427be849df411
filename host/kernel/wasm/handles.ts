import type { Memtable, MemtableHandle, Superversion, Table } from "../contract.js";
import type { KernelExports } from "../exports.js";

export class WasmMemtable implements Memtable {
	readonly address: number;
	readonly #exports: KernelExports;

	constructor(exports: KernelExports, address: number) {
		this.#exports = exports;
		this.address = address;
	}

	get handle(): MemtableHandle {
		return this.address;
	}

	bytes(): number {
		return this.#exports.memtableBytes(this.address) >>> 0;
	}

	entries(): number {
		return this.#exports.memtableEntries(this.address) >>> 0;
	}

	free(): void {
		this.#exports.memtableFree(this.address);
	}
}

export class WasmTable implements Table {
	constructor(
		readonly exports: KernelExports,
		readonly address: number,
	) {}

	free(): void {
		this.exports.tableFree(this.address);
	}
}

export class WasmSuperversion implements Superversion {
	constructor(
		readonly exports: KernelExports,
		readonly address: number,
	) {}

	free(): void {
		this.exports.superversionFree(this.address);
	}
}
