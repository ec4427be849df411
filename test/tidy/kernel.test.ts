import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { kernelUrl } from "../../host/artifact.js";

interface Section {
	readonly id: number;
	readonly name: string;
	readonly body: Uint8Array;
}

const IMPORT = 2;
const MEMORY = 5;
const START = 8;
const DATA = 11;

/** Sections of a module (WebAssembly core specification, 5.5). */
function sections(bytes: Uint8Array): Section[] {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
	assert.is(view.getUint32(0, true), 0x6d736100);
	assert.is(view.getUint32(4, true), 1);
	const found: Section[] = [];
	for (let at = 8; at < bytes.length; ) {
		const id = bytes[at++] as number;
		const size = number(bytes, at);
		at = size.next;
		const body = bytes.subarray(at, at + size.value);
		at += size.value;
		let name = "";
		if (id === 0) {
			const length = number(body, 0);
			name = Buffer.from(body.subarray(length.next, length.next + length.value)).toString();
		}
		found.push({ id, name, body });
	}
	return found;
}

/** An unsigned LEB128 number. */
function number(bytes: Uint8Array, from: number): { value: number; next: number } {
	let value = 0;
	let at = from;
	for (let shift = 0; ; shift += 7) {
		const byte = bytes[at++] as number;
		value += (byte & 127) * 2 ** shift;
		if (byte < 128) return { value, next: at };
	}
}

const tidy = suite("the kernel's binary");
const bytes = readFileSync(kernelUrl);

tidy("is under 64 KiB", () => {
	assert.ok(bytes.length < 64 << 10, `${bytes.length} bytes`);
});

tidy("has no data that an instantiation would copy over the state, and runs nothing when it starts", () => {
	const found = sections(bytes);
	const data = found.find(({ id }) => id === DATA);
	assert.ok(data === undefined || number(data.body, 0).value === 0, "a data section with segments");
	assert.not(
		found.some(({ id }) => id === START),
		"a start function",
	);
	assert.not(
		found.some(({ id }) => id === MEMORY),
		"a memory of its own",
	);
});

tidy("imports its shared memory and nothing else", () => {
	const imports = sections(bytes).find(({ id }) => id === IMPORT)?.body ?? new Uint8Array(1);
	// One import: two names, kind 2 (memory), limits with flags 3 (shared, with a maximum).
	assert.equal([...imports.subarray(0, 14)], [1, 3, ...Buffer.from("env"), 6, ...Buffer.from("memory"), 2, 3]);
});

tidy("carries no names and no source map: those are the debug build's", () => {
	assert.equal(
		sections(bytes)
			.filter(({ id }) => id === 0)
			.map(({ name }) => name)
			.filter((name) => name === "name" || name === "sourceMappingURL"),
		[],
	);
});

tidy.run();
