import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ZstdFrames } from "../../host/load/zstd-frames.js";
import { Random } from "../support/random.js";

const test = suite("frames of zstd");

const MAGIC = [0x28, 0xb5, 0x2f, 0xfd];
const LAST = 1;
const [RAW, RUN, COMPRESSED] = [0, 1, 2];

function block(type: number, size: number, last = 0): number[] {
	const word = last | (type << 1) | (size << 3);
	return [word & 255, (word >> 8) & 255, word >> 16, ...new Array<number>(type === RUN ? 1 : size).fill(0x28)];
}

/** By the size of what the header has behind the descriptor. */
const FRAMES: readonly (readonly number[])[] = [
	[...MAGIC, 0x20, 5, ...block(RAW, 5, LAST)],
	[...MAGIC, 0x00, 0x58, ...block(COMPRESSED, 300), ...block(RUN, 100_000), ...block(RAW, 0, LAST)],
	[...MAGIC, 0x04, 0x58, ...block(RAW, 3, LAST), 1, 2, 3, 4],
	[...MAGIC, 0x40 | 0x03, 0x58, 9, 9, 9, 9, 7, 7, ...block(RAW, 1, LAST)],
	[...MAGIC, 0xa0 | 0x01, 9, 7, 7, 7, 7, ...block(RAW, 1, LAST)],
	[...MAGIC, 0xc0 | 0x02, 0x58, 9, 9, 7, 7, 7, 7, 7, 7, 7, 7, ...block(RAW, 1, LAST)],
	[0x53, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3],
];

function isWhole(bytes: readonly number[], random?: Random): boolean {
	const frames = new ZstdFrames();
	for (let at = 0; at < bytes.length; ) {
		const end = random === undefined ? bytes.length : at + 1 + random.below(7);
		frames.take(Uint8Array.from(bytes.slice(at, end)));
		at = end;
	}
	return frames.isWhole;
}

test("an archive is whole behind a frame, and nowhere else", () => {
	const random = new Random(1);
	for (const frame of FRAMES) {
		assert.ok(isWhole(frame));
		for (let length = 0; length < frame.length; length++) {
			assert.not(
				isWhole(frame.slice(0, length), length % 3 === 0 ? undefined : random),
				`${length} of ${frame.length}`,
			);
		}
	}
	for (let round = 0; round < 100; round++) {
		const several = Array.from({ length: 1 + random.below(4) }, () => random.pick(FRAMES)).flat();
		assert.ok(isWhole(several, random));
		assert.not(isWhole(several.slice(0, -1), random));
		assert.not(isWhole([...several, 0], random));
	}
});

test("what is no frame is not whole", () => {
	assert.not(isWhole([]));
	assert.not(isWhole([0x1f, 0x8b, 8, 0]));
	assert.not(isWhole([...(FRAMES[0] as number[]), ...Buffer.from("0,more\n")]));
});

test.run();
