import { suite } from "uvu";
import * as assert from "uvu/assert";
import { WasmKernel } from "../../host/kernel/index.js";
import { checkHeap } from "../support/heap.js";
import { newWasmKernel } from "../support/kernel.js";
import { Random } from "../support/random.js";

const allocator = suite("allocator");

interface Piece {
	readonly address: number;
	readonly length: number;
	readonly pattern: number;
}

function fill(kernel: WasmKernel, piece: Piece): void {
	kernel.memory.reach(piece.address + piece.length);
	kernel.memory.bytes.fill(piece.pattern, piece.address, piece.address + piece.length);
}

function check(kernel: WasmKernel, { address, length, pattern }: Piece, kept = length): void {
	const { bytes } = kernel.memory;
	// Every byte of small ones, the edges and some between of large ones.
	const step = length < 4096 ? 1 : 97;
	for (let at = 0; at < kept; at += at < 64 || at > kept - 64 - step ? 1 : step) {
		if (bytes[address + at] !== pattern) throw new Error(`byte ${at} of ${length} at ${address} was overwritten`);
	}
}

function lengthOf(random: Random): number {
	const kind = random.below(100);
	if (kind < 3) return 0;
	if (kind < 60) return random.between(1, 100);
	if (kind < 85) return random.between(100, 5000);
	if (kind < 99) return random.between(5000, 100_000);
	return random.between(100_000, 3_000_000);
}

for (let seed = 1; seed <= 4; seed++) {
	allocator(`random use keeps pieces apart and gives everything back, seed ${seed}`, () => {
		const random = new Random(seed);
		const kernel = newWasmKernel();
		const { exports } = kernel;
		const before = checkHeap(kernel);
		const pieces: Piece[] = [];
		const most = random.pick([20, 200, 1000]);
		const allocate = () => {
			const length = lengthOf(random);
			const address = exports.allocate(length) >>> 0;
			assert.ok(address !== 0 && address % 8 === 0);
			const piece = { address, length, pattern: random.below(256) };
			fill(kernel, piece);
			pieces.push(piece);
		};
		const take = () => pieces.splice(random.below(pieces.length), 1)[0] as Piece;
		for (let step = 0; step < 8000; step++) {
			const kind = random.below(10);
			if (pieces.length === 0 || (kind < 5 && pieces.length < most)) {
				allocate();
			} else if (kind < 8) {
				const piece = take();
				check(kernel, piece);
				exports.free(piece.address);
			} else {
				const piece = take();
				const length = lengthOf(random);
				const keep = Math.min(piece.length, length);
				const address = exports.reallocate(piece.address, keep, length) >>> 0;
				kernel.memory.reach(address + length);
				check(kernel, { ...piece, address }, keep);
				const moved = { address, length, pattern: piece.pattern };
				fill(kernel, moved);
				pieces.push(moved);
			}
			if (step % 500 === 0) checkHeap(kernel);
		}
		for (const piece of pieces) check(kernel, piece);
		while (pieces.length > 0) exports.free(take().address);
		const after = checkHeap(kernel);
		assert.is(after.allocatedBytes, before.allocatedBytes);
		assert.is(after.freeBlocks, 1, "all that is free is one piece again");
	});
}

allocator("a limit is kept, and what did not fit changes nothing", () => {
	const kernel = new WasmKernel({ memoryBytes: 8 << 20, blockCacheBytes: 0 });
	const { exports } = kernel;
	const before = checkHeap(kernel);
	const pieces: number[] = [];
	for (;;) {
		const address = exports.allocate(100_000) >>> 0;
		if (address === 0) break;
		pieces.push(address);
	}
	assert.ok(pieces.length > 60 && pieces.length < 84, `${pieces.length} pieces of 100,000 bytes in 8 MiB`);
	checkHeap(kernel);
	for (const bytes of [8 << 20, 0x7fffffff, 0x80000000, 0xf0000000, 0xfffffff0, 0xffffffff]) {
		assert.is(exports.allocate(bytes), 0);
	}
	assert.is(exports.reallocate(pieces[0] as number, 100_000, 0xffffff00), 0);
	for (const address of pieces) exports.free(address);
	assert.equal(checkHeap(kernel).allocatedBytes, before.allocatedBytes);
	assert.is(exports.allocate(4 << 20) === 0, false, "pieces are joined again");
});

allocator("freeing nothing is harmless, freeing twice traps", () => {
	const { exports } = newWasmKernel();
	exports.free(0);
	const address = exports.allocate(100);
	// A neighbour keeps the freed block from being joined.
	exports.allocate(100);
	exports.free(address);
	assert.throws(() => exports.free(address), /unreachable/);
});

allocator.run();
