/* Blocks, filters and codecs by themselves, as `wlsm/kernel` offers them. That they are right byte by byte is for blocks.test.ts and codecs.test.ts. */
import { Buffer } from "node:buffer";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
	Block,
	BlockBuilder,
	BloomFilter,
	deleteOperation,
	deleteRangeOperation,
	format,
	lz4Decode,
	lz4Encode,
	putOperation,
	WasmKernel,
	type WlsmError,
	xxh64,
} from "../../host/kernel/index.js";
import { randomEntries } from "../support/entries.js";
import { checkMemory, text } from "../support/kernel.js";
import { Random } from "../support/random.js";

const test = suite("parts of the kernel by themselves");
const kernel = new WasmKernel({ memoryBytes: 64 << 20, blockCacheBytes: 0 });
const bytesOf = (text: string) => Buffer.from(text, "latin1");
const coded =
	(code: string, word = /./) =>
	(error: Error) =>
		(error as WlsmError).code === code && word.test(error.message);

test("a block has what was added, and finds what a reader may see", () => {
	const before = checkMemory(kernel);
	const builder = new BlockBuilder(kernel);
	for (let seed = 1; seed <= 30; seed++) {
		const random = new Random(seed);
		const entries = randomEntries(random, random.between(1, 80))
			.map(({ key, value }, index) => ({
				...(value === undefined ? deleteOperation(key) : putOperation(key, value)),
				sequence: index + 1,
			}))
			.sort((a, b) => Buffer.compare(a.key, b.key) || b.sequence - a.sequence);
		for (const entry of entries) builder.add(entry, entry.sequence);
		const announced = builder.length;
		const bytes = builder.finish();
		assert.is(bytes.length, announced);
		const block = new Block(kernel, bytes);
		const plain = (entry: (typeof entries)[number] | undefined) =>
			entry && [text(entry.key), text(entry.value), entry.kind, entry.sequence];
		assert.equal([...block.entries()].map(plain), entries.map(plain));
		for (let round = 0; round < 40; round++) {
			const { key } = random.pick(entries);
			const sequence = random.pick([undefined, random.below(entries.length + 2)]);
			const newest = entries.find(
				(entry) => Buffer.compare(entry.key, key) === 0 && entry.sequence <= (sequence ?? 1e9),
			);
			assert.equal(plain(block.find(key, sequence)), plain(newest));
			const behind = Buffer.concat([key, Buffer.from([random.below(256)])]);
			const slot = entries.findIndex((entry) => Buffer.compare(entry.key, behind) >= 0);
			assert.is(block.seek(behind), slot === -1 ? block.count : slot);
		}
		block.free();
		block.free();
		assert.throws(() => block.seek(bytesOf("a")), coded("WLSM_CLOSED", /Block/));
	}
	builder.free();
	assert.is(checkMemory(kernel), before);
});

test("a builder refuses what comes too early, and what is for no block", () => {
	const builder = new BlockBuilder(kernel);
	assert.throws(() => builder.finish(), coded("WLSM_INVALID_ARGUMENT", /at least one entry/));
	const [a, b] = [putOperation(bytesOf("a"), bytesOf("")), putOperation(bytesOf("b"), bytesOf(""))];
	builder.add(b, 5);
	for (const [operation, sequence] of [
		[a, 9],
		[b, 5],
		[b, 6],
	] as const)
		assert.throws(() => builder.add(operation, sequence), coded("WLSM_INVALID_ARGUMENT", /before the one added last/));
	const range = deleteRangeOperation({ lower: bytesOf("c"), upper: bytesOf("d") });
	assert.throws(() => builder.add(range), coded("WLSM_INVALID_ARGUMENT", /range deletion/));
	builder.add(b, 4);
	assert.is(new Block(kernel, builder.finish()).count, 2);
	// The next block starts anew.
	builder.add(a);
	builder.reset();
	builder.add(a);
	const block = new Block(kernel, builder.finish());
	for (const slot of [-1, 1, 0.5, Number.NaN])
		assert.throws(() => block.entry(slot), coded("WLSM_INVALID_ARGUMENT", /no slot/));
});

test("damaged bytes are no block and no filter, and nothing of them is kept", () => {
	const builder = new BlockBuilder(kernel);
	for (let number = 100; number < 140; number++) builder.add(putOperation(bytesOf(`key ${number}`), bytesOf("value")));
	const bytes = builder.finish();
	const filter = new BloomFilter(kernel, 100).bytes();
	const before = checkMemory(kernel);
	const random = new Random(1);
	for (let round = 0; round < 500; round++) {
		const damaged = bytes.slice(0, random.pick([bytes.length, random.below(bytes.length)]));
		if (damaged.length === bytes.length) {
			// Of the numbers in front any one: what lies behind can be anything.
			const at = random.below(format.BLOCK_HEADS + 12 * 40 + 4);
			damaged[at] = (damaged[at] as number) ^ (1 << random.below(8));
		}
		assert.throws(() => new Block(kernel, damaged), coded("WLSM_CORRUPTION", /no sound block/));
	}
	for (const length of [0, 7, 71, filter.length - 1])
		assert.throws(() => new BloomFilter(kernel, filter.slice(0, length)), coded("WLSM_CORRUPTION", /no sound filter/));
	assert.is(checkMemory(kernel), before);
});

test("a filter passes all that was added and little else, also when it has been copied", () => {
	const key = (number: number) => bytesOf(`key ${number}`);
	const filter = new BloomFilter(kernel, 2000, 12);
	for (let number = 0; number < 2000; number++) filter.add(key(number));
	const copy = new BloomFilter(kernel, filter.bytes());
	assert.is(copy.length, filter.length);
	for (let number = 0; number < 2000; number++)
		assert.ok(filter.mayContain(key(number)) && copy.mayContain(key(number)));
	let passed = 0;
	for (let number = 2000; number < 12_000; number++) {
		assert.is(copy.mayContain(key(number)), filter.mayContain(key(number)));
		if (copy.mayContain(key(number))) passed += 1;
	}
	assert.ok(passed < 100, `${passed} of 10,000`);
	for (const [keys, bits] of [
		[-1, 10],
		[0.5, 10],
		[10, 0],
		[10, 33],
	] as const)
		assert.throws(() => new BloomFilter(kernel, keys, bits), coded("WLSM_INVALID_ARGUMENT"));
	assert.throws(() => new BloomFilter(kernel, 0xffffffff, 32), coded("WLSM_OUT_OF_MEMORY"));
	assert.not(new BloomFilter(kernel, 0).mayContain(key(1)));
});

test("codecs give back what they were given, and say where they cannot", () => {
	const before = checkMemory(kernel);
	const random = new Random(2);
	for (const length of [0, 1, 12, 13, 300, 70_000]) {
		for (const bytes of [random.bytes(length), new Uint8Array(length).fill(7)]) {
			const encoded = lz4Encode(kernel, bytes);
			assert.equal(lz4Decode(kernel, encoded, length), bytes);
			assert.throws(() => lz4Decode(kernel, encoded, length + 1), coded("WLSM_CORRUPTION", /LZ4/));
		}
	}
	for (let round = 0; round < 300; round++) {
		const garbage = random.bytes(random.below(40));
		const length = random.below(100);
		try {
			assert.is(lz4Decode(kernel, garbage, length).length, length);
		} catch (error) {
			assert.ok(coded("WLSM_CORRUPTION")(error as Error));
		}
	}
	for (const length of [-1, 0.5, Number.NaN])
		assert.throws(() => lz4Decode(kernel, new Uint8Array(3), length), coded("WLSM_INVALID_ARGUMENT"));
	assert.throws(() => lz4Decode(kernel, new Uint8Array(3), 2 ** 31), coded("WLSM_OUT_OF_MEMORY"));
	assert.throws(() => lz4Encode(kernel, "text" as never), coded("WLSM_INVALID_ARGUMENT", /Uint8Array/));
	// Of the specification, and of xxhsum.
	assert.is(xxh64(kernel, bytesOf("")), 0xef46db3751d8e999n);
	assert.is(xxh64(kernel, bytesOf("abc")), 0x44bc2cf5ad770999n);
	assert.is(xxh64(kernel, bytesOf("abc"), 2n ** 64n - 1n), xxh64(kernel, bytesOf("abc"), -1n));
	assert.is(checkMemory(kernel), before);
});

test.run();
