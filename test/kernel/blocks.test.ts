/*
 * Blocks in TypeScript against those of the WebAssembly kernel: the same bytes when they are built, the same verdict on damaged
 * ones, and the same slots found in all that both hold for sound.
 */
import { Buffer } from "node:buffer";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { KEY_MAX_BYTES, KIND_DELETE, KIND_PUT, KIND_PUT_EXPIRING } from "../../assembly/shared/format.js";
import { Block } from "../../host/kernel/ts/block/block.js";
import { BlockBuilder } from "../../host/kernel/ts/block/builder.js";
import { runCases } from "../support/cases.js";
import { Parts } from "../support/parts.js";
import type { Random } from "../support/random.js";

interface Entry {
	readonly key: Buffer;
	readonly sequence: number;
	readonly kind: number;
	readonly value: Buffer;
}

const LARGEST = 1 << 18;
const parts = new Parts();
const kernel = parts.exports;
const [keyAt, valueAt, blockAt] = [parts.room(LARGEST), parts.room(LARGEST), parts.room(LARGEST)];
const wasmBuilder = kernel.blockBuilderCreate() >>> 0;
const memory = parts.memory.bytes;
const builder = new BlockBuilder();

const test = suite("blocks in TypeScript and WebAssembly");

const viewOf = (bytes: Buffer) => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

function same(actual: unknown, expected: unknown, what: string): void {
	if (actual !== expected) throw new Error(`${what}: ${actual}, not ${expected}`);
}

/** Bytes of an allocation of their own. */
function bytesOf(bytes: Uint8Array): Buffer {
	const own = Buffer.alloc(bytes.length);
	own.set(bytes);
	return own;
}

/** Differences show behind any prefix, also one of as many bytes as a head has, and among the last bytes of long keys. */
function makeKey(random: Random, prefix: Buffer): Buffer {
	const middle = Buffer.alloc(random.pick([0, 0, 0, 1, 4, 6, 8, 20]), random.pick([0x00, 0x61, 0xff]));
	const last = random.bytes(random.below(random.pick([2, 5, 12]))).map((byte) => (random.once(3) ? byte & 1 : byte));
	return Buffer.concat([prefix, middle, last]);
}

function makeEntry(random: Random, key: Buffer): Entry {
	const kind = random.pick([KIND_PUT, KIND_PUT, KIND_DELETE, KIND_PUT_EXPIRING]);
	const least = kind === KIND_PUT_EXPIRING ? 8 : 0;
	const length = kind === KIND_DELETE ? 0 : random.between(least, random.once(10) ? 400 : 30);
	const sequence = random.once(4) ? 2 ** 47 + random.below(1000) : random.below(random.pick([4, 2 ** 40]));
	return { key, sequence, kind, value: bytesOf(random.bytes(length)) };
}

/** At least one entry, keys ascending, versions of a key newest first. */
function makeEntries(random: Random, size: number): Entry[] {
	const prefix = Buffer.from(random.bytes(random.pick([0, 0, 3, 6, 8, 40])));
	const entries: Entry[] = [];
	for (let count = random.between(1, Math.max(size, 1)); count > 0; count--) {
		const key = makeKey(random, random.once(40) ? prefix.subarray(0, random.below(prefix.length + 1)) : prefix);
		for (let versions = random.once(5) ? random.between(2, 5) : 1; versions > 0; versions--)
			entries.push(makeEntry(random, bytesOf(key)));
	}
	entries.sort((a, b) => Buffer.compare(a.key, b.key) || b.sequence - a.sequence);
	return entries.filter((entry, index) => {
		const before = entries[index - 1];
		return before === undefined || !before.key.equals(entry.key) || before.sequence !== entry.sequence;
	});
}

/** Builds the block both ways; answers its bytes, and leaves the other ones at `blockAt`. */
function buildBoth(entries: readonly Entry[]): Buffer {
	builder.reset();
	kernel.blockBuilderReset(wasmBuilder);
	for (const { key, sequence, kind, value } of entries) {
		builder.add(viewOf(key), 0, key.length, sequence, kind, viewOf(value), 0, value.length);
		memory.set(key, keyAt);
		memory.set(value, valueAt);
		const added = kernel.blockBuilderAdd(wasmBuilder, keyAt, key.length, sequence, kind, valueAt, value.length);
		same(added, 1, "whether there is room");
	}
	const length = builder.length();
	same(length, kernel.blockBuilderLength(wasmBuilder), `length of ${entries.length} entries`);
	const start = 5;
	const target = Buffer.alloc(start + length + 5, 0xa5);
	builder.finish(viewOf(target), start);
	for (let at = 0; at < start; at++) same(target[at], 0xa5, "a byte in front of the block");
	for (let at = start + length; at < target.length; at++) same(target[at], 0xa5, "a byte behind the block");
	kernel.blockBuilderFinish(wasmBuilder, blockAt);
	const block = target.subarray(start, start + length);
	const expected = memory.subarray(blockAt, blockAt + length);
	const at = block.findIndex((byte, index) => byte !== expected[index]);
	same(at === -1 ? "" : `byte ${at} is ${block[at]}`, "", `block of ${entries.length} entries`);
	return block;
}

/** The block where both take it for one, undefined where both do not; leaves it at `blockAt`. */
function acceptBoth(bytes: Buffer, longestKey = KEY_MAX_BYTES): Block | undefined {
	memory.set(bytes, blockAt);
	const block = new Block(bytes.length);
	bytes.copy(block.buffer);
	const sound = block.accept(bytes.length, longestKey);
	same(sound, kernel.blockIsSound(blockAt, bytes.length, longestKey) !== 0, `whether ${bytes.length} bytes are sound`);
	return sound ? block : undefined;
}

/** Looks for a key in the block and in that at `blockAt`. */
function seekBoth(block: Block, key: Buffer, sequence: number, prefix: Buffer | undefined): number {
	memory.set(key, keyAt);
	// Reads of a head may pass a short key's end.
	const view = viewOf(bytesOf(Buffer.concat([key, Buffer.alloc(8, 0xee)])));
	const slot = block.seek(view, 0, key.length, sequence);
	const what = `${key.toString("hex")} as of ${sequence}`;
	same(slot, kernel.blockSeek(blockAt, keyAt, key.length, sequence), `slot of ${what}`);
	if (prefix !== undefined && key.subarray(0, prefix.length).equals(prefix)) {
		const found = block.find(view, 0, key.length, sequence);
		same(found, kernel.blockFind(blockAt, keyAt, key.length, sequence), `slot found of ${what}`);
		same(found, slot, `find and seek of ${what}`);
	}
	return slot;
}

/** Keys that are there, next to them, shorter and longer. */
function wanted(random: Random, entries: readonly Entry[]): Buffer {
	const { key } = random.pick(entries);
	const kind = random.below(6);
	if (kind < 2) return key;
	if (kind === 2) return key.subarray(0, random.below(key.length + 1));
	if (kind === 3) return Buffer.concat([key, random.bytes(random.between(1, 9))]);
	if (kind === 4) return Buffer.from(random.bytes(random.below(20)));
	const other = Buffer.from(key);
	if (other.length > 0) {
		const at = random.below(other.length);
		other[at] = (other[at] as number) + random.pick([1, 255, 128]);
	}
	return other;
}

const sequenceNear = (random: Random, entries: readonly Entry[]) =>
	Math.max(0, random.pick(entries).sequence + random.between(-1, 1));

/** As a sorted array has it. */
function slotOf(entries: readonly Entry[], key: Buffer, sequence: number): number {
	const slot = entries.findIndex((entry) => {
		const order = Buffer.compare(entry.key, key);
		return order > 0 || (order === 0 && entry.sequence <= sequence);
	});
	return slot === -1 ? entries.length : slot;
}

test("blocks are built to the same bytes, are sound, and hold what was added", () => {
	runCases(10_000, 40, (random, size) => {
		const entries = makeEntries(random, size);
		const block = acceptBoth(buildBoth(entries));
		if (block === undefined) throw new Error("it is not sound");
		same(block.count, entries.length, "entries");
		for (const [slot, { key, sequence, kind }] of entries.entries()) {
			const entry = block.entry(slot);
			same(block.sequence(entry), sequence, `sequence of slot ${slot}`);
			same(block.kind(entry), kind, `kind of slot ${slot}`);
			same(block.keyLength(entry), key.length, `length of the key of slot ${slot}`);
		}
	});
});

test("a search finds the same slot in both, which is that of a sorted array", () => {
	runCases(3000, 60, (random, size) => {
		const entries = makeEntries(random, size);
		const block = acceptBoth(buildBoth(entries));
		if (block === undefined) throw new Error("it is not sound");
		const prefix = (entries[0] as Entry).key.subarray(0, block.shared);
		for (let times = 0; times < 10; times++) {
			const key = wanted(random, entries);
			const sequence = sequenceNear(random, entries);
			same(seekBoth(block, key, sequence, prefix), slotOf(entries, key, sequence), `slot of ${key.toString("hex")}`);
		}
	});
});

/** What was written damages a block in the places that count: numbers in front, lengths, heads, or anywhere. */
function damage(random: Random, block: Buffer): Buffer {
	const bytes = bytesOf(block);
	const count = bytes.readUInt32LE(0);
	const numbers = 8 + 12 * count + 4;
	const kind = random.below(7);
	const word = random.pick([
		0,
		1,
		2,
		0x7fffffff,
		0x80000000,
		0xffffffff,
		bytes.length,
		bytes.length + 1,
		random.word(),
	]);
	const offset = (slot: number) => 8 + 8 * count + 4 * slot;
	const change = (at: number) =>
		bytes.writeUInt32LE((bytes.readUInt32LE(at) + random.pick([1, -1, 8, -8]) + 2 ** 32) % 2 ** 32, at);
	const slot = random.below(count);
	const entry = bytes.readUInt32LE(offset(slot));
	if (kind === 0) bytes.writeUInt32LE(word, random.pick([0, 4, offset(slot), offset(count), entry + 8]));
	else if (kind === 1) change(random.pick([0, 4, offset(slot), offset(count), entry + 8]));
	else if (kind === 2) bytes[entry] = random.below(5);
	else if (kind === 3) return bytesOf(bytes.subarray(0, random.below(bytes.length + 1)));
	else if (kind === 4) {
		// A key's byte with no head to show it, or one that a head shows.
		const length = bytes.readUInt32LE(entry + 8);
		if (length > 0) bytes[entry + 12 + random.below(length)] = random.below(256);
	} else {
		const until = kind === 5 ? numbers : bytes.length;
		for (let times = random.between(1, 3); times > 0; times--) {
			const at = random.below(until);
			bytes[at] = (bytes[at] as number) ^ (1 << random.below(8));
		}
	}
	return bytes;
}

test("damaged blocks get the same verdict, and searches in what is still sound find the same", () => {
	let sound = 0;
	let refused = 0;
	runCases(15_000, 30, (random, size) => {
		const entries = makeEntries(random, size);
		const longestKey = random.once(4) ? random.below(60) : KEY_MAX_BYTES;
		// Out of order, with heads that are those of their keys; the first and the last one make the prefix.
		const disordered = random.once(6) && entries.length > 3;
		if (disordered) entries.splice(2, 0, ...entries.splice(1, 1));
		const built = buildBoth(entries);
		const block = acceptBoth(disordered ? built : damage(random, built), longestKey);
		if (block === undefined) {
			refused++;
			return;
		}
		sound++;
		for (let times = 0; times < 5; times++)
			seekBoth(block, wanted(random, entries), sequenceNear(random, entries), undefined);
	});
	assert.ok(sound > 3000 && refused > 3000, `${sound} sound, ${refused} refused`);
});

test("bytes that were never a block are refused by both", () => {
	runCases(10_000, 200, (random, size) => {
		const bytes = bytesOf(random.bytes(random.between(0, size)));
		if (bytes.length >= 8) bytes.writeUInt32LE(random.below(8), 0);
		if (bytes.length >= 8 && random.once(2)) bytes.writeUInt32LE(random.below(8), 4);
		acceptBoth(bytes);
	});
});

test.run();
