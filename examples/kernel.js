// The kernel alone, without a database and without files: a memtable, a table made of it, blocks, a filter and the codecs.
// Run it with: node examples/kernel.js, deno run -A examples/kernel.js, or bun examples/kernel.js
import {
	applyBatch,
	Block,
	BlockBuilder,
	BloomFilter,
	buildTables,
	deleteOperation,
	deleteRangeOperation,
	format,
	getValue,
	lz4Decode,
	lz4Encode,
	putOperation,
	scanEntries,
	WasmKernel,
	xxh64,
} from "wlsm/kernel";

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const bytes = (text) => encoder.encode(text);
const text = (found) => (found === undefined ? undefined : decoder.decode(found));

// One linear memory, which may grow to 64 MiB. A mebibyte of it is for blocks of tables.
const kernel = new WasmKernel({ memoryBytes: 64 << 20, blockCacheBytes: 1 << 20 });

console.log("A memtable");
const memtable = kernel.createMemtable(16 << 10);
const planets = ["mercury", "venus", "earth", "mars", "jupiter", "saturn", "uranus", "neptune", "pluto"];
applyBatch(
	kernel,
	memtable,
	planets.map((name, index) => putOperation(bytes(`planet/${name}`), bytes(String(index + 1)))),
	1,
);
applyBatch(kernel, memtable, [deleteOperation(bytes("planet/pluto"))], 10);
const young = kernel.createSuperversion([memtable], []);
show("planet/mars", text(getValue(kernel, young, bytes("planet/mars"))), "4");
show("planet/pluto", text(getValue(kernel, young, bytes("planet/pluto"))), undefined);
show("planet/pluto as of 9", text(getValue(kernel, young, bytes("planet/pluto"), { sequence: 9 })), "9");
const between = scanEntries(kernel, young, { lower: bytes("planet/n"), upper: bytes("planet/v") });
show("n to v", [...between].map(([key]) => text(key).slice(7)).join(" "), "neptune saturn uranus");

console.log("\nTables: 20,000 entries flushed, then merged with a range deletion");
const old = kernel.createMemtable(0);
const item = (number) => bytes(`item/${String(number).padStart(6, "0")}`);
const items = Array.from({ length: 20_000 }, (_, number) => putOperation(item(number), bytes(`value ${number}`)));
for (let from = 0; from < items.length; from += 1000)
	applyBatch(kernel, old, items.slice(from, from + 1000), 100 + from);
// A program's files are where it wants them: here, by their numbers, in a map.
const files = new Map();
const read = (file, offset, target) => target.set(files.get(file).subarray(offset, offset + target.length));
const [flushed] = buildTables(kernel, { memtables: [old], firstFile: 1 });
files.set(1, flushed.bytes);
old.free();
const entryBytes = items.reduce((sum, { key, value }) => sum + key.length + value.length, 0);
check(
	`table 1 has ${flushed.bytes.length} bytes for ${entryBytes} of keys and values`,
	flushed.bytes.length < 2 * entryBytes,
);
const table = kernel.createTable(flushed.description);
const newer = kernel.createMemtable(0);
applyBatch(kernel, newer, [deleteRangeOperation({ lower: item(5000), upper: item(20_000) })], 30_000);
const both = kernel.createSuperversion([newer], [[table]]);
show("item/004999", text(getValue(kernel, both, item(4999), { read })), "value 4999");
show("item/005000", text(getValue(kernel, both, item(5000), { read })), undefined);
show("entries backwards", [...scanEntries(kernel, both, { reverse: true, read })].length, 5000);
const nothing = kernel.createSuperversion([], []);
const [merged] = buildTables(kernel, {
	memtables: [newer],
	runs: [[table]],
	below: { superversion: nothing, level: 2 },
	firstFile: 2,
	read,
});
show("entries of table 2", merged.description.entries, 5000);
show("its last key", text(merged.description.largest), "item/004999");
const { cacheMisses, filterChecks } = kernel.counters();
check(`reads of keys: cache misses ${cacheMisses}, filters asked ${filterChecks}`, cacheMisses > 0 && filterChecks > 0);

console.log("\nA block by itself");
const builder = new BlockBuilder(kernel);
builder.add(putOperation(bytes("apple"), bytes("green")), 7);
builder.add(putOperation(bytes("apple"), bytes("red")), 3);
builder.add(deleteOperation(bytes("banana")), 8);
builder.add(putOperation(bytes("cherry"), bytes("dark")), 5);
const built = builder.finish();
const block = new Block(kernel, built);
show("slots", block.count, 4);
show("apple", text(block.find(bytes("apple")).value), "green");
show("apple as of 6", text(block.find(bytes("apple"), 6).value), "red");
check("banana is a deletion", block.find(bytes("banana")).kind === format.KIND_DELETE);
show("first slot at or behind b", block.seek(bytes("b")), 2);
check("none is behind d", block.seek(bytes("d")) === block.count);

console.log("\nFilter, hash, compression");
const filter = new BloomFilter(kernel, 1000, 10);
for (let number = 0; number < 1000; number++) filter.add(item(number));
let wrong = 0;
for (let number = 1000; number < 11_000; number++) if (filter.mayContain(item(number))) wrong += 1;
check("a key that was added passes the filter", filter.mayContain(item(999)));
check(`of 10,000 others ${wrong} do`, wrong < 200);
show("XXH64 of nothing", xxh64(kernel, bytes("")).toString(16), "ef46db3751d8e999");
const prose = bytes("to be or not to be, ".repeat(50));
const packed = lz4Encode(kernel, prose);
check(`LZ4 makes ${packed.length} bytes of ${prose.length}`, packed.length < 60);
check("and those again", text(lz4Decode(kernel, packed, prose.length)) === text(prose));

// Superversions go before what they name; what is left is checked to be what a new kernel has.
for (const held of [young, both, nothing, memtable, newer, table, builder, block, filter]) held.free();
const empty = new WasmKernel({ memoryBytes: 64 << 20, blockCacheBytes: 1 << 20 });
console.log();
check("everything was given back", kernel.memoryUse().allocatedBytes === empty.memoryUse().allocatedBytes);

function show(what, actual, expected) {
	if (actual !== expected) throw new Error(`${what}: ${actual}, not ${expected}`);
	console.log(`  ${what}: ${actual === undefined ? "none" : actual}`);
}

function check(what, holds) {
	if (!holds) throw new Error(`It does not hold that ${what}`);
	console.log(`  ${what}`);
}
