import { Buffer } from "node:buffer";
import { Lz4Encoder, lz4Decode } from "../../host/kernel/ts/block/lz4.js";
import {
	filterAdd,
	filterClear,
	filterLength,
	filterMayContain,
	filterProbes,
} from "../../host/kernel/ts/filter/bloom.js";
import { Xxh64 } from "../../host/kernel/ts/hash/xxh64.js";
import { compareBytes, headOf } from "../../host/kernel/ts/key/compare.js";
import { makeKey, makeValue } from "../data.js";
import { check } from "../support.js";
import type { Group, KernelCase } from "./case.js";
import {
	inRandomOrder,
	makeKeys,
	noise,
	parts,
	place,
	release,
	room,
	type Shape,
	shapes,
	type WorkingSet,
} from "./input.js";

const kernel = parts.exports;

function hashAll(xxh64: Xxh64, view: DataView, length: number, count: number): number {
	let sum = 0;
	for (let index = 0; index < count; index++) {
		xxh64.hash(view, index * length, length, 0, 0);
		sum = (sum + xxh64.low + xxh64.high) | 0;
	}
	return sum;
}

function hashes(length: number, bytes: number, where: string): KernelCase {
	const count = Math.max(1, Math.floor(bytes / length));
	return {
		name: `XXH64 of ${length} bytes, ${where}`,
		operations: count,
		prepare() {
			const input = place(noise(count * length));
			const xxh64 = new Xxh64();
			return {
				wasm: () => kernel.xxh64All(input.address, length, count, 0),
				ts: () => hashAll(xxh64, input.view, length, count),
				free: () => release(input),
			};
		},
	};
}

export function hashGroup(sets: readonly WorkingSet[], smoke: boolean): Group {
	const first = sets[0] as WorkingSet;
	return {
		title: "XXH64",
		cases: [
			...[8, 16, 36, 80, 4096].map((length) => hashes(length, first.bytes, first.name)),
			...(smoke ? [] : [hashes(1 << 20, 1 << 20, "L3")]),
			...sets.slice(1).map(({ name, bytes }) => hashes(16, bytes, name)),
		],
		notes: [],
	};
}

function compareAll(view: DataView, length: number, count: number): number {
	let sum = 0;
	for (let at = length; at < count * length; at += length) {
		const order = compareBytes(view, at - length, length, view, at, length);
		sum += order < 0 ? -1 : order > 0 ? 1 : 0;
	}
	return sum;
}

function headAll(view: DataView, length: number, count: number): number {
	let sum = 0;
	// The low 32 of 48 bits.
	for (let at = 0; at < count * length; at += length) sum = (sum + headOf(view, at, length)) | 0;
	return sum;
}

function keyCases({ name, keyBytes, ...shape }: Shape, bytes: number): KernelCase[] {
	const count = Math.max(2, Math.floor(bytes / keyBytes));
	const make = () => place(inRandomOrder(makeKeys({ name, keyBytes, ...shape }, count), keyBytes));
	return [
		{
			name: `comparing keys, ${name}`,
			operations: count - 1,
			prepare() {
				const keys = make();
				return {
					wasm: () => kernel.keyCompareAll(keys.address, keyBytes, count),
					ts: () => compareAll(keys.view, keyBytes, count),
					free: () => release(keys),
				};
			},
		},
		{
			name: `head of a key, ${name}`,
			operations: count,
			prepare() {
				const keys = make();
				return {
					wasm: () => kernel.keyHeadAll(keys.address, keyBytes, count),
					ts: () => headAll(keys.view, keyBytes, count),
					free: () => release(keys),
				};
			},
		},
	];
}

export function keyGroup([first]: readonly WorkingSet[]): Group {
	return {
		title: "Keys",
		cases: shapes.flatMap((shape) => keyCases(shape, (first as WorkingSet).bytes)),
		notes: ["Neighbours of a random order are compared. A head is eight bytes in WebAssembly, six in TypeScript."],
	};
}

const BITS_PER_KEY = 10;
/** More are not needed to leave the caches. */
const MOST_HASHES = 1 << 20;

function addAll(filter: DataView, hashed: DataView, count: number): void {
	for (let at = 0; at < 8 * count; at += 8)
		filterAdd(filter, 0, hashed.getInt32(at, true), hashed.getInt32(at + 4, true));
}

function mayContainAll(filter: DataView, hashed: DataView, count: number): number {
	let found = 0;
	for (let at = 0; at < 8 * count; at += 8)
		if (filterMayContain(filter, 0, hashed.getInt32(at, true), hashed.getInt32(at + 4, true))) found++;
	return found;
}

function filterCases({ name, bytes }: WorkingSet): KernelCase[] {
	const keys = Math.floor((8 * bytes) / BITS_PER_KEY);
	const count = Math.min(keys, MOST_HASHES);
	const length = filterLength(keys, BITS_PER_KEY);
	const make = () => {
		const all = noise(16 * count);
		const [added, others] = [place(all.subarray(0, 8 * count)), place(all.subarray(8 * count))];
		const filter = room(length);
		kernel.filterClear(filter.address, length, filterProbes(BITS_PER_KEY));
		filterClear(filter.view, 0, length, filterProbes(BITS_PER_KEY));
		kernel.filterAddAll(filter.address, added.address, count);
		addAll(filter.view, added.view, count);
		return { filter, added, others, free: () => release(filter, added, others) };
	};
	return [
		{
			name: `adding a key, filter in ${name}`,
			operations: count,
			prepare() {
				const { filter, added, free } = make();
				return {
					wasm() {
						kernel.filterAddAll(filter.address, added.address, count);
						return kernel.filterMayContainAll(filter.address, added.address, 1);
					},
					ts() {
						addAll(filter.view, added.view, count);
						return mayContainAll(filter.view, added.view, 1);
					},
					free,
				};
			},
		},
		...(["there", "not there"] as const).map((which) => ({
			name: `probing for a key that is ${which}, filter in ${name}`,
			operations: count,
			prepare() {
				const { filter, added, others, free } = make();
				const probed = which === "there" ? added : others;
				return {
					wasm: () => kernel.filterMayContainAll(filter.address, probed.address, count),
					ts: () => mayContainAll(filter.view, probed.view, count),
					free,
				};
			},
		})),
	];
}

export function filterGroup(sets: readonly WorkingSet[]): Group {
	return { title: "Bloom filters, 10 bits a key", cases: sets.flatMap(filterCases), notes: [] };
}

/** What tables are made of, in the order of a block: each entry's trailer, key and value. */
function entries(length: number): Buffer {
	const trailer = "\0\u0001\u0001\0\0\0\0\0\u0010\0\0\0";
	let text = "";
	for (let index = 0; text.length < length; index++) text += trailer + makeKey(index) + makeValue(index);
	return Buffer.from(text.slice(0, length), "latin1");
}

function documents(length: number): Buffer {
	let text = "";
	for (let index = 0; text.length < length; index++)
		text += JSON.stringify({ id: index, name: `customer ${index * 7919}`, active: index % 3 === 0, tags: ["a", "b"] });
	return Buffer.from(text.slice(0, length), "latin1");
}

/** Sums the words of an output, so that a wrong byte shows. */
function sumOf(view: DataView, length: number): number {
	let sum = length;
	for (let at = 0; at + 4 <= length; at += 4) sum = (Math.imul(sum, 31) + view.getInt32(at, true)) | 0;
	return sum;
}

function lz4Cases(name: string, bytes: Buffer): KernelCase[] {
	const { length } = bytes;
	const capacity = length + Math.ceil(length / 255) + 16;
	const encoder = new Lz4Encoder();
	const make = () => {
		// A copy to an address that is a few bytes behind its source's, modulo 4096, is many times slower: room keeps them apart.
		const [input, output, decoded] = [place(bytes), room(capacity + 2048), room(length)];
		const table = parts.room(kernel.lz4TableBytes());
		const encodeWasm = () => kernel.lz4Encode(input.address, length, output.address, capacity, table);
		const encodeTs = () => encoder.encode(input.view, 0, length, output.view, 0, capacity);
		const encoded = encodeWasm();
		check(encoded === encodeTs(), `${name}: encoded lengths`);
		const wasmOutput = new DataView(parts.memory.memory.buffer, output.address, encoded);
		check(sumOf(wasmOutput, encoded) === sumOf(output.view, encoded), `${name}: encoded bytes`);
		const free = () => {
			release(input, output, decoded);
			kernel.free(table);
		};
		return { encodeWasm, encodeTs, encoded, output, decoded, free };
	};
	return [
		{
			name: `encoding ${length} bytes, ${name}`,
			operations: 1,
			prepare() {
				const { encodeWasm, encodeTs, free } = make();
				return { wasm: encodeWasm, ts: encodeTs, free };
			},
		},
		{
			name: `decoding ${length} bytes, ${name}`,
			operations: 1,
			prepare() {
				const { encoded, output, decoded, free } = make();
				const wasm = () => kernel.lz4Decode(output.address, encoded, decoded.address, length);
				const ts = () => (lz4Decode(output.view, 0, encoded, decoded.view, 0, length) ? 1 : 0);
				check(wasm() === 1 && ts() === 1, `${name} decodes`);
				const wasmDecoded = new DataView(parts.memory.memory.buffer, decoded.address, length);
				check(sumOf(wasmDecoded, length) === sumOf(decoded.view, length), `${name}: decoded bytes`);
				return { wasm, ts, free };
			},
		},
	];
}

export function lz4Group(smoke: boolean): Group {
	return {
		title: "LZ4",
		cases: [
			...lz4Cases("entries", entries(4096)),
			...lz4Cases("JSON", documents(4096)),
			...lz4Cases("noise", noise(4096)),
			...(smoke ? [] : lz4Cases("JSON", documents(1 << 16))),
		],
		notes: ["Encoded bytes are the same; the check is the encoded length, or 1 for what decodes."],
	};
}
