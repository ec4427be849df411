import { Buffer } from "node:buffer";
import { KEY_MAX_BYTES, KIND_PUT } from "../../assembly/shared/format.js";
import { Block } from "../../host/kernel/ts/block/block.js";
import { BlockBuilder } from "../../host/kernel/ts/block/builder.js";
import { Lz4Encoder, lz4Decode } from "../../host/kernel/ts/block/lz4.js";
import { check, randomSource } from "../support.js";
import type { Group, KernelCase, Sides } from "./case.js";
import {
	digits,
	makeKeys,
	parts,
	place,
	release,
	room,
	type Shape,
	shapes,
	VALUE_BYTES,
	value,
	type WorkingSet,
} from "./input.js";

const kernel = parts.exports;
const BLOCK_BYTES = 4096;
const NEWEST = 2 ** 47;
const ENTRY_OVERHEAD = 24;

const perBlock = (keyBytes: number) => Math.floor(BLOCK_BYTES / (keyBytes + VALUE_BYTES + ENTRY_OVERHEAD));

/** Builders and room for a block on both sides. */
function workshop(keys: Buffer, keyBytes: number, count: number) {
	const [keyBuffer, valueBuffer, target] = [place(keys), place(value), room(2 * BLOCK_BYTES)];
	const wasmBuilder = kernel.blockBuilderCreate() >>> 0;
	const builder = new BlockBuilder();
	return {
		target,
		buildWasm(): number {
			kernel.blockBuilderReset(wasmBuilder);
			const length = kernel.blockAddAll(
				wasmBuilder,
				keyBuffer.address,
				keyBytes,
				count,
				valueBuffer.address,
				VALUE_BYTES,
			);
			kernel.blockBuilderFinish(wasmBuilder, target.address);
			return length;
		},
		buildTs(): number {
			builder.reset();
			for (let index = 0; index < count; index++)
				builder.add(keyBuffer.view, index * keyBytes, keyBytes, index + 1, KIND_PUT, valueBuffer.view, 0, VALUE_BYTES);
			builder.finish(target.view, 0);
			return builder.length();
		},
		free(): void {
			release(keyBuffer, valueBuffer, target);
			kernel.blockBuilderFree(wasmBuilder);
		},
	};
}

/** Building and encoding a block; decoding one and looking whether it is sound. */
function codingCases({ name, keyBytes, ...shape }: Shape): KernelCase[] {
	const count = perBlock(keyBytes);
	const make = () => {
		const shop = workshop(makeKeys({ name, keyBytes, ...shape }, count), keyBytes, count);
		const encoded = room(2 * BLOCK_BYTES);
		const table = parts.room(kernel.lz4TableBytes());
		const encoder = new Lz4Encoder();
		const encodeWasm = () =>
			kernel.lz4Encode(shop.target.address, shop.buildWasm(), encoded.address, 2 * BLOCK_BYTES, table);
		const encodeTs = () => encoder.encode(shop.target.view, 0, shop.buildTs(), encoded.view, 0, 2 * BLOCK_BYTES);
		const length = encodeWasm();
		check(length === encodeTs(), `${name}: encoded lengths`);
		const { bytes } = parts.memory;
		const own = Buffer.from(encoded.view.buffer, 0, length);
		check(own.equals(bytes.subarray(encoded.address, encoded.address + length)), `${name}: encoded bytes`);
		const free = () => {
			shop.free();
			release(encoded);
			kernel.free(table);
		};
		return { shop, encoded, encodeWasm, encodeTs, length, free };
	};
	return [
		{
			name: `building a block, LZ4, ${name}`,
			operations: 1,
			prepare() {
				const { encodeWasm, encodeTs, free } = make();
				return { wasm: encodeWasm, ts: encodeTs, free };
			},
		},
		{
			name: `decoding a block, LZ4 and soundness, ${name}`,
			operations: 1,
			prepare(): Sides {
				const { shop, encoded, length, free } = make();
				const whole = shop.buildWasm();
				const block = new Block(whole);
				const target = shop.target.address;
				return {
					wasm: () =>
						kernel.lz4Decode(encoded.address, length, target, whole) &
						kernel.blockIsSound(target, whole, KEY_MAX_BYTES),
					ts: () => (lz4Decode(encoded.view, 0, length, block.view, 0, whole) && block.accept(whole) ? 1 : 0),
					free,
				};
			},
		},
	];
}

/** As many blocks as fill the working set, and keys of them in random order with the block of each. */
function searchCase(shape: Shape, set: WorkingSet): KernelCase {
	const { keyBytes } = shape;
	const count = perBlock(keyBytes);
	const blockCount = Math.max(1, Math.floor(set.bytes / BLOCK_BYTES));
	const lookups = Math.min(Math.max(blockCount * count, 1024), 1 << 18);
	return {
		name: `searching a block, ${shape.name}, blocks in ${set.name}`,
		operations: lookups,
		prepare() {
			const keys = makeKeys(shape, blockCount * count);
			const blocks: Block[] = [];
			const addresses: number[] = [];
			for (let index = 0; index < blockCount; index++) {
				const from = index * count * keyBytes;
				const shop = workshop(keys.subarray(from, from + count * keyBytes), keyBytes, count);
				const length = shop.buildTs();
				const built = Buffer.from(shop.target.view.buffer, 0, length);
				const block = new Block(length);
				built.copy(block.buffer);
				check(block.accept(length), "a block is sound");
				blocks.push(block);
				addresses.push(parts.put(built));
				shop.free();
			}
			const random = randomSource(3);
			const wanted = Buffer.alloc(lookups * keyBytes);
			const blockOf = new Uint32Array(lookups);
			const wantedBlocks: Block[] = [];
			for (let index = 0; index < lookups; index++) {
				const number = Math.floor(random() * blockCount);
				const from = (number * count + Math.floor(random() * count)) * keyBytes;
				keys.copy(wanted, index * keyBytes, from, from + keyBytes);
				blockOf[index] = addresses[number] as number;
				wantedBlocks.push(blocks[number] as Block);
			}
			const [keyBuffer, blockBuffer] = [place(wanted), place(Buffer.from(blockOf.buffer))];
			return {
				wasm: () => kernel.blockSeekAll(blockBuffer.address, keyBuffer.address, keyBytes, lookups, NEWEST),
				ts: () => seekAll(wantedBlocks, keyBuffer.view, keyBytes),
				free() {
					release(keyBuffer, blockBuffer);
					for (const address of addresses) kernel.free(address);
				},
			};
		},
	};
}

function seekAll(blocks: readonly Block[], keys: DataView, keyBytes: number): number {
	let sum = 0;
	for (let index = 0; index < blocks.length; index++)
		sum = (sum + (blocks[index] as Block).seek(keys, index * keyBytes, keyBytes, NEWEST)) | 0;
	return sum;
}

export function blockGroup(sets: readonly WorkingSet[]): Group {
	return {
		title: "Blocks of 4 KiB, values of 100 bytes",
		cases: [
			...shapes.flatMap(codingCases),
			...sets.map((set) => searchCase(digits, set)),
			...shapes.slice(1).map((shape) => searchCase(shape, sets[1] ?? (sets[0] as WorkingSet))),
		],
		notes: [
			"Searches are for keys that are there. The checks are the encoded length, 1 for what is sound, and sums of slots.",
		],
	};
}
