import * as abi from "../../../assembly/shared/abi.js";
import { KEY_MAX_BYTES } from "../../../assembly/shared/format.js";
import { STATUS_ABSENT, STATUS_DONE, STATUS_EXPIRING } from "../../../assembly/shared/status.js";
import type {
	GetOperation,
	Lookup,
	LookupOptions,
	Operation,
	Overlay,
	RowProgram,
	Scan,
	ScanOptions,
	ScanParts,
	Status,
	Superversion,
} from "../contract.js";
import type { KernelExports } from "../exports.js";
import { outOfMemory } from "../out-of-memory.js";
import { address } from "./address.js";
import type { WasmSuperversion } from "./handles.js";
import type { WasmKernel } from "./kernel.js";
import { encodeRowProgram } from "./row-program.js";

export class WasmGet implements GetOperation {
	readonly #kernel: WasmKernel;
	readonly #exports: KernelExports;
	readonly #address: number;

	constructor(kernel: WasmKernel) {
		this.#kernel = kernel;
		this.#exports = kernel.exports;
		this.#address = address(kernel.exports.getOperationCreate());
	}

	start(superversion: Superversion, keyLength: number, sequence: number): Status {
		const { traps } = this.#kernel;
		const { address } = superversion as WasmSuperversion;
		try {
			traps.enter();
			const status = this.#exports.getStart(this.#address, address, keyLength, sequence);
			traps.leave();
			return this.#answer(status);
		} catch (error) {
			throw traps.of(error) ?? error;
		}
	}

	resume(): Status {
		const { traps } = this.#kernel;
		try {
			traps.enter();
			const status = this.#exports.getContinue(this.#address);
			traps.leave();
			return this.#answer(status);
		} catch (error) {
			throw traps.of(error) ?? error;
		}
	}

	#answer(status: number): Status {
		if (status === STATUS_DONE || status === STATUS_EXPIRING) this.#kernel.takeResult();
		return this.#kernel.answer(status);
	}

	detach(): void {
		this.#kernel.answer(this.#exports.getOperationDetach(this.#address));
	}

	reset(): void {
		this.#exports.getOperationReset(this.#address);
	}

	free(): void {
		this.reset();
		this.#exports.free(this.#address);
	}
}

const PARTS: { readonly [Name in ScanParts]: number } = {
	entries: abi.SCAN_KEYS | abi.SCAN_VALUES,
	keys: abi.SCAN_KEYS,
	values: abi.SCAN_VALUES,
};

export class WasmScan implements Scan {
	readonly #kernel: WasmKernel;
	#address: number;
	#readsRows = false;

	constructor(kernel: WasmKernel, options: ScanOptions) {
		this.#kernel = kernel;
		const { lower, upper } = options;
		const overlay = options.overlay as WasmOverlay | undefined;
		const lowerLength = lower?.length ?? 0;
		const upperLength = upper?.length ?? 0;
		// The scan copies them: those that fit go where the key of a get would.
		const isShort = lowerLength + upperLength <= KEY_MAX_BYTES;
		const at = isShort ? kernel.keyAt : kernel.allocate(lowerLength + upperLength);
		if (lower !== undefined) kernel.memory.bytes.set(lower, at);
		if (upper !== undefined) kernel.memory.bytes.set(upper, at + lowerLength);
		const scan = kernel.exports.scanCreate(
			(options.superversion as WasmSuperversion).address,
			overlay?.address ?? 0,
			overlay?.writes ?? 0,
			options.sequence,
			options.now,
			lower === undefined ? 0 : at,
			lowerLength,
			upper === undefined ? 0 : at + lowerLength,
			upperLength,
			options.reverse ? 1 : 0,
			options.skipKeyBytes,
			PARTS[options.parts ?? "entries"],
		);
		if (!isShort) kernel.exports.free(at);
		this.#address = address(scan);
	}

	read(program: RowProgram): void {
		takeProgram(this.#kernel, program, (at) => this.#kernel.exports.scanRows(this.#address, at));
		this.#readsRows = true;
	}

	fill(maxEntries: number, maxBytes: number): Status {
		const kernel = this.#kernel;
		kernel.traps.enter();
		const answered = kernel.exports.scanFill(this.#address, maxEntries, maxBytes);
		kernel.traps.leave();
		const status = kernel.answer(answered);
		if (status === STATUS_DONE && this.#readsRows) showRows(kernel);
		else if (status === STATUS_DONE) {
			const { at, length } = kernel.takeResult();
			const { page, memory } = kernel;
			page.at = at;
			page.length = length;
			page.count = kernel.word(abi.PAGE_COUNT);
			page.ascii = kernel.word(abi.PAGE_ASCII) !== 0;
			const bounds = kernel.word(abi.PAGE_BOUNDS);
			memory.reach(bounds + 8 * page.count + 4);
			page.bytes = memory.bytes;
			page.bounds = memory.words;
			page.boundsAt = bounds >>> 2;
		}
		return status;
	}

	changed(sequence: number): Status {
		return this.#kernel.answer(this.#kernel.exports.scanChanged(this.#address, sequence));
	}

	free(): void {
		if (this.#address !== 0) this.#kernel.exports.scanFree(this.#address);
		this.#address = 0;
	}
}

export class WasmLookup implements Lookup {
	readonly #kernel: WasmKernel;
	#address: number;

	constructor(kernel: WasmKernel, { superversion, overlay, sequence, now, prefix }: LookupOptions) {
		this.#kernel = kernel;
		const own = overlay as WasmOverlay | undefined;
		kernel.memory.bytes.set(prefix, kernel.keyAt);
		const lookup = kernel.exports.lookupCreate(
			(superversion as WasmSuperversion).address,
			own?.address ?? 0,
			own?.writes ?? 0,
			sequence,
			now,
			prefix.length,
		);
		this.#address = address(lookup);
	}

	read(program: RowProgram): void {
		takeProgram(this.#kernel, program, (at) => this.#kernel.exports.lookupRows(this.#address, at));
	}

	fill(): Status {
		const { exports, page } = this.#kernel;
		return this.#answer(exports.lookupFill(this.#address, page.at, 4 * page.boundsAt, page.count));
	}

	fillGiven(pointers: Uint8Array, count: number): Status {
		const { exports, memory } = this.#kernel;
		const at = address(exports.lookupRoom(this.#address, count));
		memory.reach(at + 8 * count);
		memory.bytes.set(pointers.subarray(0, 8 * count), at);
		return this.#answer(exports.lookupGiven(this.#address, count));
	}

	resume(): Status {
		return this.#answer(this.#kernel.exports.lookupContinue(this.#address));
	}

	#answer(answered: number): Status {
		const status = this.#kernel.answer(answered);
		if (status === STATUS_DONE) showRows(this.#kernel);
		return status;
	}

	free(): void {
		if (this.#address !== 0) this.#kernel.exports.lookupFree(this.#address);
		this.#address = 0;
	}
}

/** Hands a program over to the module: what takes it frees it. */
function takeProgram(kernel: WasmKernel, program: RowProgram, take: (at: number) => number): void {
	const at = kernel.copyIn(encodeRowProgram(program));
	if (take(at) !== 0) return;
	kernel.exports.free(at);
	throw outOfMemory();
}

/** Shows the page of rows that was filled last. */
function showRows(kernel: WasmKernel): void {
	const { memory, rows } = kernel;
	rows.at = kernel.takeResult().at;
	rows.count = kernel.word(abi.PAGE_COUNT);
	rows.capacity = kernel.word(abi.PAGE_CAPACITY);
	rows.damaged = kernel.word(abi.PAGE_DAMAGED) !== 0;
	rows.valuesAt = kernel.word(abi.PAGE_VALUES) >>> 3;
	rows.groupsAt = kernel.word(abi.PAGE_GROUPS) >>> 2;
	rows.tagsAt = kernel.word(abi.PAGE_TAGS);
	// Tags stand behind the rest, and they are at most as long as what is in front of them.
	memory.reach(2 * rows.tagsAt - 8 * rows.valuesAt);
	rows.tags = rows.bytes = memory.bytes;
	rows.doubles = memory.doubles;
	rows.words = rows.groups = memory.words;
}

export class WasmOverlay implements Overlay {
	readonly address: number;
	writes = 0;
	readonly #kernel: WasmKernel;

	constructor(kernel: WasmKernel) {
		this.#kernel = kernel;
		this.address = address(kernel.exports.memtableCreate(0));
	}

	write({ kind, key, value }: Operation): void {
		const at = this.#kernel.copyIn(key, value);
		const { exports } = this.#kernel;
		const done = exports.overlayPut(this.address, at, key.length, at + key.length, value.length, kind, this.writes);
		exports.free(at);
		if (done === 0) throw outOfMemory();
		this.writes += 1;
	}

	get(key: Uint8Array): typeof STATUS_DONE | typeof STATUS_EXPIRING | typeof STATUS_ABSENT | undefined {
		const kernel = this.#kernel;
		kernel.memory.bytes.set(key, kernel.keyAt);
		const status = kernel.exports.overlayGet(this.address, kernel.keyAt, key.length);
		if (status === STATUS_DONE || status === STATUS_EXPIRING) {
			kernel.takeResult();
			return status;
		}
		return kernel.resultSequence() === 0 ? undefined : STATUS_ABSENT;
	}

	free(): void {
		this.#kernel.exports.memtableFree(this.address);
	}
}
