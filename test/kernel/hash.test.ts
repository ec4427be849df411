import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Kernel } from "../../host/kernel/index.js";
import { xxh64 } from "../format/xxh64.js";
import { newKernel } from "../support/kernel.js";
import { bothKernels } from "../support/kernels.js";
import { Random } from "../support/random.js";

const hash = suite("XXH64");

function ours(kernel: Kernel, bytes: Uint8Array, seed: bigint): string {
	const { low, high } = kernel.hash(bytes, { low: Number(seed & 0xffffffffn), high: Number(seed >> 32n) });
	return ((BigInt(high) << 32n) | BigInt(low)).toString(16);
}

bothKernels(hash, "known answers", (name) => {
	const kernel = newKernel(name);
	// From the reference implementation.
	assert.is(ours(kernel, new Uint8Array(0), 0n), "ef46db3751d8e999");
	assert.is(ours(kernel, Buffer.from("a"), 0n), "d24ec4f1a98c6e5b");
	assert.is(ours(kernel, Buffer.from("abc"), 0n), "44bc2cf5ad770999");
});

bothKernels(hash, "agrees with a plain implementation at every length and seed", (name) => {
	const kernel = newKernel(name);
	const random = new Random(1);
	const seeds = [0n, 1n, 0xffffffffn, 0x100000000n, 0xffffffffffffffffn, 0x9e3779b185ebca87n];
	for (let length = 0; length <= 300; length++) {
		const bytes = random.bytes(length);
		const seed = seeds[length % seeds.length] as bigint;
		assert.is(ours(kernel, bytes, seed), xxh64(bytes, seed).toString(16), `${length} bytes, seed ${seed}`);
	}
	for (let round = 0; round < 300; round++) {
		const bytes = random.bytes(random.below(3000));
		const seed = (BigInt(random.word()) << 32n) | BigInt(random.word());
		assert.is(ours(kernel, bytes, seed), xxh64(bytes, seed).toString(16));
	}
	for (const byte of [0, 0xff]) {
		const bytes = new Uint8Array(1000).fill(byte);
		assert.is(ours(kernel, bytes, 7n), xxh64(bytes, 7n).toString(16));
	}
});

hash.run();
