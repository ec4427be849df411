import { suite } from "uvu";
import * as assert from "uvu/assert";
import { expectClean } from "./expect-clean.js";
import type { Held } from "./leak-child.js";
import { grown } from "./leaks.js";
import { resourcesCampaign } from "./resources.js";

const test = suite("campaign of resources");

test("full disks, little memory, few files, much at once: nothing is wrong", async () => {
	const { counts } = await expectClean(resourcesCampaign);
	for (const figure of ["times the disk was full", "reopenings", "steps that did not fit", "iterators open at once"]) {
		assert.ok((counts[figure] ?? 0) > 0, `${figure}: ${counts[figure]}`);
	}
});

test("what grows from cycle to cycle is found, and what goes up and down is not", () => {
	const flat: Held = {
		heapBytes: 8 << 20,
		descriptors: 20,
		resources: 3,
		kernelBytes: 1 << 20,
		linearBytes: 3 << 20,
		files: 5,
	};
	const cycles = (one: (cycle: number) => Partial<Held>) =>
		Array.from({ length: 40 }, (_, cycle) => ({ ...flat, ...one(cycle) }));
	assert.equal(grown(cycles(() => ({}))), []);
	assert.equal(grown(cycles((cycle) => ({ heapBytes: (8 << 20) + (cycle % 2) * (1 << 20) }))), []);
	assert.match(grown(cycles((cycle) => ({ descriptors: 20 + cycle }))).join(), /^descriptors: 35, then 55$/);
	assert.is(grown(cycles((cycle) => ({ kernelBytes: cycle << 14, heapBytes: cycle << 18 }))).length, 2);
});

test.run();
