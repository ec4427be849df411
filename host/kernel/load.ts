import { instantiateSync } from "@assemblyscript/loader";
import { kernelUrl } from "../artifact.js";
import { readArtifact } from "../storage/node.js";
import { Module, type WasmMemory, type WasmModule } from "./webassembly.js";

/** The module's raw exports (assembly/index.ts): numbers only. */
export interface KernelExports {
	attach(limitBytes: number, cacheBytes: number): number;
	attachBackground(): number;
	allocate(bytes: number): number;
	free(address: number): void;
	reallocate(address: number, keep: number, bytes: number): number;
	allocatedBytes(): number;
	cacheUsedBytes(): number;
	countersAddress(): number;
	hash(address: number, length: number, seedLow: number, seedHigh: number): void;
	recordSeal(
		record: number,
		payloadLength: number,
		sequence: number,
		durableBytes: number,
		seedLow: number,
		seedHigh: number,
	): number;
	recordMeasure(record: number, seedLow: number, seedHigh: number): number;
	recordSound(record: number, seedLow: number, seedHigh: number): number;
	batchCount(batch: number, length: number): number;
	batchSeal(
		record: number,
		payloadLength: number,
		entries: number,
		memtable: number,
		sequence: number,
		durableBytes: number,
		seedLow: number,
		seedHigh: number,
	): number;
	batchReserve(batch: number, length: number, entries: number, memtable: number): number;
	batchApply(batch: number, length: number, memtable: number, firstSequence: number): void;
	memtableCreate(indexBytes: number): number;
	memtableFree(memtable: number): void;
	memtableBytes(memtable: number): number;
	memtableEntries(memtable: number): number;
	overlayPut(
		memtable: number,
		key: number,
		keyLength: number,
		value: number,
		valueLength: number,
		kind: number,
		write: number,
	): number;
	overlayGet(memtable: number, key: number, keyLength: number): number;
	tableCreate(description: number): number;
	tableFree(table: number): void;
	superversionCreate(words: number): number;
	superversionFree(superversion: number): void;
	getOperationCreate(): number;
	getOperationReset(operation: number): void;
	getOperationDetach(operation: number): number;
	getStart(operation: number, superversion: number, keyLength: number, sequence: number): number;
	getContinue(operation: number): number;
	scanCreate(
		superversion: number,
		overlay: number,
		overlayWrites: number,
		sequence: number,
		now: number,
		lower: number,
		lowerLength: number,
		upper: number,
		upperLength: number,
		reverse: number,
		skipKeyBytes: number,
		parts: number,
	): number;
	scanRows(scan: number, program: number): number;
	lookupCreate(
		superversion: number,
		overlay: number,
		overlayWrites: number,
		sequence: number,
		now: number,
		prefixLength: number,
	): number;
	lookupRows(lookup: number, program: number): number;
	lookupFill(lookup: number, pointers: number, bounds: number, total: number): number;
	lookupRoom(lookup: number, total: number): number;
	lookupGiven(lookup: number, total: number): number;
	lookupContinue(lookup: number): number;
	lookupFree(lookup: number): void;
	scanFill(scan: number, maxEntries: number, maxBytes: number): number;
	scanChanged(scan: number, sequence: number): number;
	scanFree(scan: number): void;
	jobCreate(words: number): number;
	jobStep(job: number, file: number, last: number, seedLow: number, seedHigh: number): number;
	jobDescription(job: number): number;
	jobFree(job: number): void;
	csvCountCreate(): number;
	csvCount(count: number, from: number, length: number, quote: number, newline: number): void;
	csvLoadCreate(words: number): number;
	csvLoadFree(csv: number): void;
	csvBegin(csv: number, inside: number, skip: number, rowId: number, sequence: number): void;
	csvRoom(csv: number, bytes: number): number;
	csvFeed(csv: number, bytes: number, isLast: number): void;
	csvStep(csv: number, file: number, seedLow: number, seedHigh: number): number;
	csvPass(csv: number): void;
	csvRows(csv: number): number;
	csvReplaced(csv: number): number;
	csvAnswer(csv: number, fits: number, value: number): void;
	csvDescription(csv: number): number;
}

const compiled = new Map<string, WasmModule>();

/** The module, compiled once per process and thread. */
export function kernelModule(url: URL = kernelUrl): WasmModule {
	let module = compiled.get(url.href);
	if (module === undefined) {
		module = new Module(readArtifact(url));
		compiled.set(url.href, module);
	}
	return module;
}

/** An instance of the kernel over `memory`, which several instances may share. */
export function instantiateKernel(memory: WasmMemory, url: URL = kernelUrl): KernelExports {
	// The loader's own wrappers spread their arguments; the plain exports cost three nanoseconds a call.
	const instantiate = instantiateSync as unknown as (
		module: WasmModule,
		imports: { readonly env: { readonly memory: WasmMemory } },
	) => { readonly instance: { readonly exports: KernelExports } };
	return instantiate(kernelModule(url), { env: { memory } }).instance.exports;
}
