/*
 * The codecs in TypeScript against those of the WebAssembly kernel, and both against other people's: the same answers and the
 * same bytes for whatever they are given.
 */
import { Buffer } from "node:buffer";
import { createRequire } from "node:module";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import xxhash from "xxhash-wasm";
import { RESULT_TRAILER } from "../../assembly/shared/abi.js";
import { Lz4Encoder, lz4Decode } from "../../host/kernel/ts/block/lz4.js";
import * as bloom from "../../host/kernel/ts/filter/bloom.js";
import { Xxh64 } from "../../host/kernel/ts/hash/xxh64.js";
import { compareBytes, HEAD_BYTES, headOf, sharedPrefix } from "../../host/kernel/ts/key/compare.js";
import { runCases } from "../support/cases.js";
import { Parts } from "../support/parts.js";
import type { Random } from "../support/random.js";

/** lz4js has no types. Both work on whole blocks; its table has 65,536 entries, all 0 before a block. */
interface Lz4js {
	/** Compressed length, 0 where nothing matches. */
	compressBlock(from: Uint8Array, to: Uint8Array, at: number, length: number, table: Uint32Array): number;
	/** Where the decoded bytes end in `to`. */
	decompressBlock(from: Uint8Array, to: Uint8Array, at: number, length: number, toAt: number): number;
}

const lz4js = createRequire(import.meta.url)("lz4js") as Lz4js;
const { h64Raw } = await xxhash();

const LARGEST = 1 << 20;
/** What lies around a target: a byte written outside of it shows. */
const GUARD = 32;
const GUARD_BYTE = 0xa5;

const viewOf = (bytes: Buffer) => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

const parts = new Parts();
const kernel = parts.exports;
const [source, target, third] = [parts.room(LARGEST + GUARD), parts.room(2 * LARGEST), parts.room(LARGEST)];
const table = parts.room(kernel.lz4TableBytes());
const memory = parts.memory.bytes;

const test = suite("codecs in TypeScript and WebAssembly");

function same(actual: unknown, expected: unknown, what: string): void {
	if (actual !== expected) throw new Error(`${what}: ${actual}, not ${expected}`);
}

function sameBytes(actual: Buffer, expected: Buffer, what: string): void {
	if (actual.equals(expected)) return;
	const at = actual.findIndex((byte, index) => byte !== expected[index]);
	throw new Error(`${what}: byte ${at} is ${actual[at]}, not ${expected[at]}`);
}

/** `length` bytes between guards, in an allocation that is theirs alone. */
function guarded(length: number): Buffer {
	return Buffer.from(new ArrayBuffer(length + 2 * GUARD)).fill(GUARD_BYTE);
}

function guardsHold(bytes: Buffer): void {
	for (let at = 0; at < GUARD; at++) {
		same(bytes[at], GUARD_BYTE, `byte ${at - GUARD} of the target`);
		same(bytes[bytes.length - 1 - at], GUARD_BYTE, `byte ${GUARD - 1 - at} behind the target`);
	}
}

/** Random bytes, or all of one kind: carries and signs are where words of 32 bits go wrong. */
function bytesOf(random: Random, length: number): Buffer {
	if (random.once(2)) return Buffer.from(random.bytes(length));
	return Buffer.alloc(length, random.pick([0x00, 0xff, 0x80, 0x7f, 0x01]));
}

const word = (random: Random) =>
	random.once(3) ? random.pick([0, 1, 0x7fffffff, 0x80000000, 0xffffffff]) : random.word();
const word64 = (low: number, high: number) => (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);

// -- XXH64 -----------------------------------------------------------------------------------------------------------

const hasher = new Xxh64();

/** Hashes three ways; seeds are given as int32 and as uint32. */
function hashCase(random: Random, length: number): void {
	const bytes = bytesOf(random, length);
	const [low, high] = [word(random), word(random)];
	const start = random.below(17);
	const shifted = guarded(start + length);
	shifted.set(bytes, GUARD + start);
	if (random.once(2)) hasher.hash(viewOf(shifted), GUARD + start, length, low, high);
	else hasher.hash(viewOf(shifted), GUARD + start, length, low | 0, high | 0);
	same(hasher.low, hasher.low | 0, "the low word is an int32");
	same(hasher.high, hasher.high | 0, "the high word is an int32");
	const hash = word64(hasher.low, hasher.high);
	memory.set(bytes, source + start);
	kernel.hash(source + start, length, low, high);
	const what = `XXH64 of ${length} bytes, seed ${low} ${high}`;
	same(hash, memory.readBigUInt64LE(parts.scratch + RESULT_TRAILER), `${what}, WebAssembly`);
	same(hash, h64Raw(bytes, word64(low, high)), `${what}, xxhash-wasm`);
}

test("XXH64 of every length to 300 bytes is the same three ways", () => {
	runCases(40 * 301, 300, (random, size) => {
		hashCase(random, size);
		hashCase(random, random.between(0, size));
	});
});

test("XXH64 of long input is the same three ways", () => {
	runCases(60, LARGEST - 64, (random, size) => hashCase(random, size - random.below(Math.min(size, 64) + 1)));
});

test("each answer of XXH64 is independent of the one before", () => {
	hasher.hash(viewOf(Buffer.alloc(100, 7)), 0, 100, 1, 2);
	const [low, high] = [hasher.low, hasher.high];
	hasher.hash(viewOf(Buffer.alloc(3)), 0, 3, 5, 6);
	hasher.hash(viewOf(Buffer.alloc(100, 7)), 0, 100, 1, 2);
	assert.equal([hasher.low, hasher.high], [low, high]);
	// The specification's: nothing, seed 0.
	hasher.hash(viewOf(Buffer.alloc(0)), 0, 0, 0, 0);
	assert.is(word64(hasher.low, hasher.high), 0xef46db3751d8e999n);
});

// -- LZ4 -------------------------------------------------------------------------------------------------------------

const encoder = new Lz4Encoder();
const bound = (length: number) => length + Math.ceil(length / 255) + 16;

/** Bytes with repetitions near and far, short and long, overlapping themselves; or none at all. */
function compressible(random: Random, length: number): Buffer {
	const kind = random.below(6);
	if (kind === 0) return bytesOf(random, length);
	const alphabet = random.pick([1, 2, 4, 26]);
	const reach = random.pick([1, 8, 40, 70_000]);
	const longest = random.pick([8, 30, 400, 5000]);
	const bytes = Buffer.alloc(length);
	for (let at = 0; at < length; ) {
		if (at === 0 || random.once(2)) {
			for (let more = random.between(1, kind * 4); more > 0 && at < length; more--)
				bytes[at++] = random.below(alphabet);
			continue;
		}
		const distance = random.between(1, Math.min(at, reach));
		for (let more = random.between(1, longest); more > 0 && at < length; more--, at++)
			bytes[at] = bytes[at - distance] as number;
	}
	return bytes;
}

/** Encodes both ways into `capacity` bytes and answers what came out, undefined where it did not fit. */
function encodeBoth(bytes: Buffer, capacity: number, start = 0): Buffer | undefined {
	memory.set(bytes, source);
	const expected = kernel.lz4Encode(source, bytes.length, target, capacity, table);
	const from = guarded(start + bytes.length);
	from.set(bytes, GUARD + start);
	const to = guarded(capacity);
	const length = encoder.encode(viewOf(from), GUARD + start, bytes.length, viewOf(to), GUARD, capacity);
	same(length, expected, `length of ${bytes.length} bytes encoded into ${capacity}`);
	guardsHold(to);
	if (length === 0) return undefined;
	const encoded = to.subarray(GUARD, GUARD + length);
	sameBytes(encoded, memory.subarray(target, target + length), `${bytes.length} bytes encoded`);
	return encoded;
}

/** Decodes both ways to `length` bytes and answers what came out, undefined where they say that it is malformed. */
function decodeBoth(encoded: Buffer, length: number): Buffer | undefined {
	memory.set(encoded, source);
	memory.fill(GUARD_BYTE, target, target + length + 2 * GUARD);
	const expected = kernel.lz4Decode(source, encoded.length, target + GUARD, length) !== 0;
	guardsHold(memory.subarray(target, target + length + 2 * GUARD));
	const from = guarded(encoded.length);
	from.set(encoded, GUARD);
	const to = guarded(length);
	same(
		lz4Decode(viewOf(from), GUARD, encoded.length, viewOf(to), GUARD, length),
		expected,
		`whether it decodes to ${length} bytes`,
	);
	guardsHold(to);
	if (!expected) return undefined;
	const decoded = to.subarray(GUARD, GUARD + length);
	sameBytes(decoded, memory.subarray(target + GUARD, target + GUARD + length), "what is decoded");
	return decoded;
}

test("LZ4 encodes to the same bytes, which decode to what was encoded", () => {
	runCases(10_000, 1200, (random, size) => {
		const bytes = compressible(random, random.between(0, size));
		const encoded = encodeBoth(bytes, bound(bytes.length), random.below(9));
		if (encoded === undefined) throw new Error("it does not fit where all fits");
		const decoded = decodeBoth(encoded, bytes.length);
		if (decoded === undefined) throw new Error("it does not decode");
		sameBytes(decoded, bytes, "the way there and back");
	});
});

test("LZ4 of long input", () => {
	runCases(40, 200_000, (random, size) => {
		const bytes = compressible(random, size);
		const encoded = encodeBoth(bytes, bound(size)) ?? Buffer.alloc(0);
		sameBytes(decodeBoth(encoded, size) ?? Buffer.alloc(0), bytes, "the way there and back");
	});
});

test("LZ4 matches at the greatest distance, and at none beyond it", () => {
	runCases(60, 12, (random, size) => {
		const far = 65_535 + random.between(-size, size);
		const repeated = random.bytes(64);
		// Zeros take one slot of the encoder's table, so that the first bytes are still known when they come again.
		const bytes = Buffer.alloc(far + 100);
		bytes.set(repeated, 0);
		bytes.set(repeated, far);
		const encoded = encodeBoth(bytes, bound(bytes.length)) ?? Buffer.alloc(0);
		same(encoded.length < 370, far <= 65_535, `whether bytes are found ${far} before`);
		sameBytes(decodeBoth(encoded, bytes.length) ?? Buffer.alloc(0), bytes, "the way there and back");
	});
});

test("LZ4 that does not fit is refused by both, at the same capacity", () => {
	runCases(4000, 400, (random, size) => {
		const bytes = compressible(random, random.between(0, size));
		const whole = encodeBoth(bytes, bound(bytes.length))?.length ?? 0;
		for (const capacity of [whole - 1, whole, whole + 1, random.below(whole + 2)])
			if (capacity >= 0) encodeBoth(bytes, capacity);
	});
});

test("damaged LZ4 gets the same answer from both, and nothing is written outside of the target", () => {
	let sound = 0;
	let refused = 0;
	runCases(12_000, 600, (random, size) => {
		const bytes = compressible(random, random.between(0, size));
		let encoded: Buffer = Buffer.from(encodeBoth(bytes, bound(bytes.length)) ?? Buffer.alloc(0));
		let length = bytes.length;
		const kind = random.below(5);
		if (kind === 0) encoded = encoded.subarray(0, random.below(encoded.length + 1));
		else if (kind === 1) length = Math.max(0, length + random.between(-20, 20));
		else if (kind === 2) encoded = bytesOf(random, random.between(0, 60));
		else if (kind === 3) {
			// Tokens that promise the most, and lengths that go on.
			for (let times = random.between(1, 4); times > 0; times--) encoded[random.below(encoded.length)] = 0xff;
		} else {
			for (let times = random.between(1, 8); times > 0; times--) {
				const at = random.below(encoded.length);
				encoded[at] = (encoded[at] as number) ^ (1 << random.below(8));
			}
		}
		if (decodeBoth(encoded, length) === undefined) refused++;
		else sound++;
	});
	assert.ok(sound > 500 && refused > 5000, `${sound} sound, ${refused} refused`);
});

test("lengths that promise gigabytes end where the capacity does", () => {
	for (const token of [0xf0, 0x0f, 0x1f, 0xff]) {
		const encoded = Buffer.alloc(100_000, 0xff);
		encoded[0] = token;
		encoded.set([0x61, 0x01, 0x00], 1);
		for (const length of [0, 1, 20, 100_000]) assert.is(decodeBoth(encoded, length), undefined);
	}
	assert.is(decodeBoth(Buffer.alloc(0), 0), undefined);
	assert.equal(decodeBoth(Buffer.alloc(1), 0), Buffer.alloc(0));
});

test("another LZ4 decodes what these encode, and these what it encodes", () => {
	const lz4jsTable = new Uint32Array(65536);
	runCases(3000, 1500, (random, size) => {
		const bytes = compressible(random, random.between(0, size));
		const encoded = encodeBoth(bytes, bound(bytes.length)) ?? Buffer.alloc(0);
		const decoded = Buffer.alloc(bytes.length + 64);
		const end = lz4js.decompressBlock(encoded, decoded, 0, encoded.length, 0);
		sameBytes(decoded.subarray(0, end), bytes, "decoded by lz4js");
		const theirs = Buffer.alloc(bound(bytes.length));
		const length = lz4js.compressBlock(bytes, theirs, 0, bytes.length, lz4jsTable.fill(0));
		// It encodes nothing where nothing matches.
		if (length === 0) return;
		const back = decodeBoth(theirs.subarray(0, length), bytes.length);
		sameBytes(back ?? Buffer.alloc(0), bytes, "encoded by lz4js");
	});
});

// -- Bloom filters ---------------------------------------------------------------------------------------------------

test("filters are the same to the byte, answer the same, and forget no key", () => {
	runCases(10_000, 60, (random, size) => {
		const bitsPerKey = random.between(1, 30);
		const keys = random.between(0, random.once(50) ? 40 * size : size);
		const length = bloom.filterLength(keys, bitsPerKey);
		same(length, kernel.filterLength(keys, bitsPerKey), "length");
		const probes = bloom.filterProbes(bitsPerKey);
		same(probes, kernel.filterProbes(bitsPerKey), "probes");
		const hashes = Buffer.from(random.bytes(8 * (keys + 16)));
		for (let index = 0; index < keys; index++)
			if (random.once(8)) hashes.fill(random.pick([0, 0xff]), 8 * index, 8 * index + 8);
		memory.set(hashes, source);
		kernel.filterClear(target, length, probes);
		kernel.filterAddAll(target, source, keys);
		const filter = guarded(length);
		bloom.filterClear(viewOf(filter), GUARD, length, probes);
		for (let at = 0; at < 8 * keys; at += 8)
			bloom.filterAdd(viewOf(filter), GUARD, hashes.readInt32LE(at), hashes.readInt32LE(at + 4));
		guardsHold(filter);
		sameBytes(filter.subarray(GUARD, GUARD + length), memory.subarray(target, target + length), "filter");
		same(bloom.filterIsSound(viewOf(filter), GUARD, length), true, "soundness");
		for (let index = 0; index < keys + 16; index++) {
			const [low, high] = [hashes.readUInt32LE(8 * index), hashes.readUInt32LE(8 * index + 4)];
			const may = bloom.filterMayContain(viewOf(filter), GUARD, low, high);
			same(may, bloom.filterMayContain(viewOf(filter), GUARD, low | 0, high | 0), "answers for uint32 and int32");
			if (index < keys) same(may, true, `whether hash ${index} is in the filter`);
			else same(may ? 1 : 0, kernel.filterMayContainAll(target, source + 8 * index, 1), `whether hash ${index} may be`);
		}
	});
});

test("lengths and probes are the same for any number of keys", () => {
	runCases(10_000, 2 ** 25, (random, size) => {
		const [keys, bitsPerKey] = [random.between(0, size), random.between(0, 64)];
		same(
			bloom.filterLength(keys, bitsPerKey),
			kernel.filterLength(keys, bitsPerKey) >>> 0,
			`${keys} keys, ${bitsPerKey} bits`,
		);
		same(bloom.filterProbes(bitsPerKey), kernel.filterProbes(bitsPerKey), `probes, ${bitsPerKey} bits`);
	});
});

test("headers that do not fit the filter are refused by both", () => {
	runCases(10_000, 40, (random, size) => {
		const length = random.once(2) ? 8 + 64 * random.below(size) : random.below(64 * size);
		const lines = random.pick([(length - 8) >>> 6, random.word(), random.below(size), 2 ** 26 + ((length - 8) >>> 6)]);
		const filter = Buffer.alloc(64 * size + 8);
		filter.writeUInt32LE(lines, 0);
		filter.writeUInt32LE(random.once(2) ? random.between(1, 16) : random.pick([0, 17, 0x100, 0x80000001]), 4);
		memory.set(filter, source);
		same(
			bloom.filterIsSound(viewOf(filter), 0, length),
			kernel.filterIsSound(source, length) !== 0,
			`soundness of ${length} bytes`,
		);
	});
});

test("a hash's line is exact where hash times lines has more bits than a double", () => {
	const lines = 2 ** 22 - 3;
	// Zeros that nothing touches take no memory.
	const filter = Buffer.alloc(8 + 64 * lines);
	filter.writeUInt32LE(lines, 0);
	filter.writeUInt32LE(1, 4);
	runCases(10_000, lines, (random, size) => {
		// At a line's first hash and just before it an inexact product shows.
		const line = random.once(2) ? random.below(size) : lines - 1 - random.below(size);
		const first = Number(((BigInt(line) << 32n) + BigInt(lines - 1)) / BigInt(lines));
		for (const [high, expected] of [
			[first, line],
			[first - 1, line - 1],
		] as const) {
			if (expected < 0) continue;
			bloom.filterAdd(viewOf(filter), 0, 0, high);
			const at = 8 + 64 * expected;
			same(filter[at], 1, `line ${expected} of ${high}`);
			filter[at] = 0;
		}
	});
});

// -- Keys ------------------------------------------------------------------------------------------------------------

test("keys compare as Buffer.compare has it and as in WebAssembly; heads and prefixes agree with that", () => {
	runCases(20_000, 40, (random, size) => {
		const longest = random.once(20) ? 12 * size : size;
		const prefix = bytesOf(random, random.between(0, longest));
		const [a, b] = [0, 1].map(() => Buffer.concat([prefix, bytesOf(random, random.below(9))])) as [Buffer, Buffer];
		if (random.once(3) && b.length > 0) {
			const at = random.below(b.length);
			b[at] = (b[at] as number) ^ (1 << random.below(8));
		}
		const [first, second] = [guarded(a.length), guarded(b.length)];
		first.set(a, GUARD);
		second.set(b, GUARD);
		memory.set(a, source);
		memory.set(b, third);
		const order = Math.sign(compareBytes(viewOf(first), GUARD, a.length, viewOf(second), GUARD, b.length));
		same(order, Buffer.compare(a, b), "order");
		same(order, kernel.keyCompare(source, a.length, third, b.length), "order in WebAssembly");
		let shared = 0;
		while (shared < Math.min(a.length, b.length) && a[shared] === b[shared]) shared++;
		same(sharedPrefix(viewOf(first), GUARD, a.length, viewOf(second), GUARD, b.length), shared, "shared prefix");
		same(kernel.keySharedPrefix(source, a.length, third, b.length), shared, "shared prefix in WebAssembly");
		const heads = [headOf(viewOf(first), GUARD, a.length), headOf(viewOf(second), GUARD, b.length)] as const;
		same(heads[0], Buffer.concat([a, Buffer.alloc(HEAD_BYTES)]).readUIntBE(0, HEAD_BYTES), "head");
		same(heads[0], kernel.keyHead(source, a.length), "head in WebAssembly");
		if (heads[0] !== heads[1]) same(Math.sign(heads[0] - heads[1]), order, "order of heads");
	});
});

test.run();
