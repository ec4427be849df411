import { Buffer } from "node:buffer";
import { Parts } from "../../test/support/parts.js";
import { makeValue } from "../data.js";
import { randomSource, shuffled } from "../support.js";

/** Keys of one length, one behind the other, ascending and distinct. The last byte of each is even. */
export interface Shape {
	readonly name: string;
	readonly keyBytes: number;
	write(target: Buffer, at: number, index: number, count: number, random: () => number): void;
}

const word = (random: () => number) => Math.floor(random() * 2 ** 32);
const hex = (value: number) => value.toString(16).padStart(8, "0");
const PREFIX = "https://example.org/customers/by-region/europe/orders/2024/item/";

export const digits: Shape = {
	name: "16 digits",
	keyBytes: 16,
	write: (target, at, index) => target.write(String(2 * index).padStart(16, "0"), at, "latin1"),
};

export const shapes: readonly Shape[] = [
	digits,
	{
		name: "8 bytes, binary",
		keyBytes: 8,
		write(target, at, index, count, random) {
			target.writeUInt32BE(Math.floor((index / count) * 2 ** 32), at);
			target.writeUInt32BE((word(random) & 0xfffffffe) >>> 0, at + 4);
		},
	},
	{
		name: "UUIDs",
		keyBytes: 36,
		write(target, at, index, count, random) {
			const rest = hex(word(random)) + hex(word(random)) + hex(word(random));
			const parts = [rest.slice(0, 4), `4${rest.slice(4, 7)}`, `a${rest.slice(7, 10)}`, `${rest.slice(10, 21)}0`];
			target.write([hex(Math.floor((index / count) * 2 ** 32)), ...parts].join("-"), at, "latin1");
		},
	},
	{
		name: "64 bytes shared, 16 digits",
		keyBytes: PREFIX.length + 16,
		write: (target, at, index) => target.write(PREFIX + String(2 * index).padStart(16, "0"), at, "latin1"),
	},
];

/** How much memory the work goes over, bytes: what fits the caches of a common processor core, and what does not. */
export interface WorkingSet {
	readonly name: string;
	readonly bytes: number;
}

export function workingSets(smoke: boolean): WorkingSet[] {
	if (smoke) return [{ name: "smoke", bytes: 16 << 10 }];
	return [
		{ name: "L1", bytes: 16 << 10 },
		{ name: "L2", bytes: 256 << 10 },
		{ name: "L3", bytes: 8 << 20 },
		{ name: "memory", bytes: 96 << 20 },
	];
}

export function makeKeys(shape: Shape, count: number): Buffer {
	const random = randomSource(count);
	const keys = Buffer.alloc(count * shape.keyBytes);
	for (let index = 0; index < count; index++) shape.write(keys, index * shape.keyBytes, index, count, random);
	return keys;
}

/** The same keys in random order. */
export function inRandomOrder(keys: Buffer, keyBytes: number): Buffer {
	const order = shuffled(keys.length / keyBytes, randomSource(7));
	const mixed = Buffer.alloc(keys.length);
	for (const [to, from] of order.entries()) keys.copy(mixed, to * keyBytes, from * keyBytes, (from + 1) * keyBytes);
	return mixed;
}

/** Keys that are not there, each right behind one that is. */
export function missing(keys: Buffer, keyBytes: number): Buffer {
	const absent = Buffer.from(keys);
	for (let last = keyBytes - 1; last < absent.length; last += keyBytes) absent[last] = (absent[last] as number) | 1;
	return absent;
}

export function noise(length: number): Buffer {
	const random = randomSource(length);
	return Buffer.from(Uint8Array.from({ length }, () => Math.floor(random() * 256)));
}

export const VALUE_BYTES = 100;
export const value = Buffer.from(makeValue(1, VALUE_BYTES), "latin1");

/** The WebAssembly side of every case that needs no whole kernel. */
export const parts = new Parts();

/** Bytes for both sides: in linear memory, and in an ArrayBuffer of their own. */
export interface Placed {
	readonly address: number;
	readonly view: DataView;
}

export function place(bytes: Buffer): Placed {
	const own = new Uint8Array(bytes.length);
	own.set(bytes);
	return { address: parts.put(bytes), view: new DataView(own.buffer) };
}

/** Zeros on both sides. */
export const room = (length: number) => place(Buffer.alloc(length));

export function release(...placed: readonly Placed[]): void {
	for (const { address } of placed) parts.exports.free(address);
}
