import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { kernelUrl } from "../../host/artifact.js";
import { SECTION, sectionsOf, unsignedAt } from "../support/wasm-binary.js";

const tidy = suite("the kernel's binary");
const bytes = readFileSync(kernelUrl);

tidy("is under 64 KiB", () => {
	assert.ok(bytes.length < 64 << 10, `${bytes.length} bytes`);
});

tidy("has no data that an instantiation would copy over the state, and runs nothing when it starts", () => {
	const found = sectionsOf(bytes);
	const data = found.find(({ id }) => id === SECTION.data);
	assert.ok(data === undefined || unsignedAt(data.body, 0).value === 0, "a data section with segments");
	assert.not(
		found.some(({ id }) => id === SECTION.start),
		"a start function",
	);
	assert.not(
		found.some(({ id }) => id === SECTION.memory),
		"a memory of its own",
	);
});

tidy("imports its shared memory and nothing else", () => {
	const imports = sectionsOf(bytes).find(({ id }) => id === SECTION.import)?.body ?? new Uint8Array(1);
	// One import: two names, kind 2 (memory), limits with flags 3 (shared, with a maximum).
	assert.equal([...imports.subarray(0, 14)], [1, 3, ...Buffer.from("env"), 6, ...Buffer.from("memory"), 2, 3]);
});

tidy("carries no names and no source map: those are the debug build's", () => {
	assert.equal(
		sectionsOf(bytes)
			.filter(({ id }) => id === 0)
			.map(({ name }) => name)
			.filter((name) => name === "name" || name === "sourceMappingURL"),
		[],
	);
});

tidy.run();
