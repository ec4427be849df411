import { instantiateKernel, type KernelExports, KernelMemory } from "../../host/kernel/index.js";

/** The inner parts of the kernel, beside its exports (assembly/parts.ts). Booleans are 0 or 1; unsigned answers come as int32. */
export interface PartsExports extends KernelExports {
	keyCompare(a: number, aLength: number, b: number, bLength: number): number;
	keySharedPrefix(a: number, aLength: number, b: number, bLength: number): number;
	keyHead(key: number, length: number): number;
	keyCompareAll(keys: number, keyLength: number, count: number): number;
	keyHeadAll(keys: number, keyLength: number, count: number): number;
	xxh64All(keys: number, keyLength: number, count: number, hashes: number): number;
	filterAddAll(filter: number, hashes: number, count: number): void;
	filterMayContainAll(filter: number, hashes: number, count: number): number;
	blockAddAll(
		builder: number,
		keys: number,
		keyLength: number,
		count: number,
		value: number,
		valueLength: number,
	): number;
	blockFind(block: number, key: number, keyLength: number, sequence: number): number;
	blockSeekAll(blocks: number, keys: number, keyLength: number, count: number, sequence: number): number;
	memtableInsertAll(
		memtable: number,
		keys: number,
		keyLength: number,
		count: number,
		value: number,
		valueLength: number,
		sequence: number,
	): number;
	memtableLookUpAll(memtable: number, keys: number, keyLength: number, count: number, sequence: number): number;
	csvSplitAll(text: number, length: number, times: number): number;
	memtableFindAll(memtable: number, keys: number, keyLength: number, count: number, sequence: number): number;
}

/** A build for tests and benchmarks; it is no part of the package. */
export const partsUrl: URL = new URL("../../kernel.parts.wasm", import.meta.url);

/** An instance of its own, over a memory of its own, with room to put things into. */
export class Parts {
	readonly memory = new KernelMemory();
	readonly exports: PartsExports;
	/** Where the kernel answers (assembly/shared/abi.ts). */
	readonly scratch: number;

	constructor(memoryBytes = 0x40000000) {
		this.exports = instantiateKernel(this.memory.memory, partsUrl) as PartsExports;
		this.scratch = this.exports.attach(memoryBytes, 0) >>> 0;
		if (this.scratch === 0) throw new Error("no room for a kernel");
	}

	/** `length` bytes of linear memory. */
	room(length: number): number {
		const address = this.exports.allocate(length) >>> 0;
		if (address === 0) throw new Error(`no room for ${length} bytes`);
		this.memory.reach(address + length);
		return address;
	}

	/** Copies bytes to linear memory. */
	put(bytes: Uint8Array): number {
		const address = this.room(bytes.length);
		this.memory.bytes.set(bytes, address);
		return address;
	}
}
