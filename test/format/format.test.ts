import { Buffer } from "node:buffer";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { differences, readDocument, UPDATE_COMMAND } from "./document.js";
import { formatDumps } from "./format-dump.js";
import { xxh64 } from "./xxh64.js";

const format = suite("format");

format("the dumps in FORMAT.md are what the code writes", async () => {
	const found = differences(readDocument(), await formatDumps());
	if (found.length === 0) return;
	throw new Error(
		`${found.join("\n")}\nWhere the change is meant, read "Versions" in host/FORMAT.md, describe it there, and run\n\t${UPDATE_COMMAND}`,
	);
});

format("the dumps are the same each time", async () => {
	assert.equal([...(await formatDumps())], [...(await formatDumps())]);
});

format("a difference is found where it is", async () => {
	const document = "<!-- dump: a -->\n```text\none\ntwo\n```\n<!-- dump: b -->\n```text\nsame\n```\n";
	const found = differences(
		document,
		new Map([
			["a", "one\nTWO"],
			["b", "same"],
		]),
	);
	assert.is(found.length, 1);
	assert.match(found[0] ?? "", /^a, line 2: .*\n\ttwo\n.*\n\tTWO$/);
	assert.throws(() => differences(document, new Map([["a", "one"]])), /a place for "b"/);
});

format("the oracle's XXH64 agrees with the published values", async () => {
	assert.is(xxh64(new Uint8Array(0), 0n), 0xef46db3751d8e999n);
	assert.is(xxh64(Buffer.from("abc"), 0n), 0x44bc2cf5ad770999n);
	assert.is(xxh64(Buffer.from("Nobody inspects the spammish repetition"), 0n), 0xfbcea83c8a378bf1n);
});

format.run();
