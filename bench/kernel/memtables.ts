import { KIND_PUT } from "../../assembly/shared/format.js";
import { Context } from "../../host/kernel/ts/context.js";
import { Memtable, NO_NODE } from "../../host/kernel/ts/memtable/memtable.js";
import type { Group, KernelCase } from "./case.js";
import {
	digits,
	inRandomOrder,
	makeKeys,
	missing,
	parts,
	place,
	release,
	type Shape,
	shapes,
	VALUE_BYTES,
	value,
	type WorkingSet,
} from "./input.js";

const kernel = parts.exports;
const NEWEST = 2 ** 47;
/** Of an entry beside its key and value, about. */
const NODE_BYTES = 48;
/** As the engine has it: the index takes this part of a memtable's bytes. */
const INDEX_SHARE = 8;

type Order = "ascending" | "random";

/** Keys and a value on both sides, and what makes a memtable of them. */
function source(shape: Shape, set: WorkingSet, order: Order, indexed: "indexed" | "list alone") {
	const { keyBytes } = shape;
	const count = Math.max(64, Math.floor(set.bytes / (keyBytes + VALUE_BYTES + NODE_BYTES)));
	const bytes = makeKeys(shape, count);
	const keys = place(order === "random" ? inRandomOrder(bytes, keyBytes) : bytes);
	const values = place(value);
	const context = new Context(2 ** 32, 0);
	const indexBytes = indexed === "indexed" ? set.bytes / INDEX_SHARE : 0;
	return {
		bytes,
		count,
		context,
		fillWasm(): number {
			const memtable = kernel.memtableCreate(indexBytes) >>> 0;
			if (kernel.memtableInsertAll(memtable, keys.address, keyBytes, count, values.address, VALUE_BYTES, 1) === 0)
				throw new Error("no room for a memtable");
			return memtable;
		},
		fillTs(): Memtable {
			const memtable = new Memtable(context, indexBytes);
			memtable.reserve(count, count * (keyBytes + VALUE_BYTES));
			for (let index = 0; index < count; index++)
				memtable.insert(keys.view, index * keyBytes, keyBytes, values.view, 0, VALUE_BYTES, index + 1, KIND_PUT);
			return memtable;
		},
		free: () => release(keys, values),
	};
}

function insertCase(shape: Shape, set: WorkingSet, order: Order, indexed: "indexed" | "list alone"): KernelCase {
	const { keyBytes } = shape;
	return {
		name: `inserting, ${order} order, ${indexed}, ${shape.name}, ${set.name}`,
		operations: Math.max(64, Math.floor(set.bytes / (keyBytes + VALUE_BYTES + NODE_BYTES))),
		prepare() {
			const made = source(shape, set, order, indexed);
			return {
				wasm() {
					const memtable = made.fillWasm();
					const entries = kernel.memtableEntries(memtable);
					kernel.memtableFree(memtable);
					return entries;
				},
				ts() {
					const memtable = made.fillTs();
					memtable.free();
					return memtable.entries();
				},
				free: made.free,
			};
		},
	};
}

/** Sums, of what is found, lengths of values and low words of trailers. */
function findAll(memtable: Memtable, keys: DataView, keyBytes: number, count: number): number {
	let sum = 0;
	for (let index = 0; index < count; index++) {
		const node = memtable.find(keys, index * keyBytes, keyBytes, NEWEST);
		if (node === NO_NODE) continue;
		sum = (sum + memtable.valueLength(node) + memtable.sequence(node) * 256 + memtable.kind(node)) | 0;
	}
	return sum;
}

function lookUpAll({ xxh64 }: Context, memtable: Memtable, keys: DataView, keyBytes: number, count: number): number {
	let sum = 0;
	for (let index = 0; index < count; index++) {
		const at = index * keyBytes;
		xxh64.hash(keys, at, keyBytes, 0, 0);
		const node = memtable.lookUp(keys, at, keyBytes, xxh64.low, xxh64.high, NEWEST);
		if (node === NO_NODE) continue;
		sum = (sum + memtable.valueLength(node) + memtable.sequence(node) * 256 + memtable.kind(node)) | 0;
	}
	return sum;
}

function findCase(shape: Shape, set: WorkingSet, which: "there" | "not there", how: "search" | "by hash"): KernelCase {
	const { keyBytes } = shape;
	const count = Math.max(64, Math.floor(set.bytes / (keyBytes + VALUE_BYTES + NODE_BYTES)));
	return {
		name: `looking up, ${how}, ${which}, ${shape.name}, ${set.name}`,
		operations: count,
		prepare() {
			const made = source(shape, set, "random", how === "search" ? "list alone" : "indexed");
			const [memtable, twin] = [made.fillWasm(), made.fillTs()];
			// Another random order than that of the inserts.
			const wanted = inRandomOrder(inRandomOrder(made.bytes, keyBytes), keyBytes);
			const keys = place(which === "there" ? wanted : missing(wanted, keyBytes));
			const { context } = made;
			return {
				...(how === "search"
					? {
							wasm: () => kernel.memtableFindAll(memtable, keys.address, keyBytes, count, NEWEST),
							ts: () => findAll(twin, keys.view, keyBytes, count),
						}
					: {
							wasm: () => kernel.memtableLookUpAll(memtable, keys.address, keyBytes, count, NEWEST),
							ts: () => lookUpAll(context, twin, keys.view, keyBytes, count),
						}),
				free() {
					made.free();
					release(keys);
					kernel.memtableFree(memtable);
				},
			};
		},
	};
}

export function memtableGroup(sets: readonly WorkingSet[]): Group {
	const middle = sets[2] ?? (sets[0] as WorkingSet);
	const others = shapes.slice(1);
	return {
		title: "Memtable, values of 100 bytes",
		cases: [
			...sets.map((set) => insertCase(digits, set, "random", "list alone")),
			...others.map((shape) => insertCase(shape, middle, "random", "list alone")),
			insertCase(digits, middle, "random", "indexed"),
			insertCase(digits, middle, "ascending", "list alone"),
			...sets.map((set) => findCase(digits, set, "there", "search")),
			...others.map((shape) => findCase(shape, middle, "there", "search")),
			findCase(digits, middle, "not there", "search"),
			...sets.map((set) => findCase(digits, set, "there", "by hash")),
			...others.map((shape) => findCase(shape, middle, "there", "by hash")),
			findCase(digits, middle, "not there", "by hash"),
		],
		notes: [
			"Inserting counts making the memtable and giving it back. By hash counts the XXH64 of the key, as a get does.",
			"The checks are the number of entries, and sums over what was found.",
		],
	};
}
