import { Buffer } from "node:buffer";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ENTRY_KEY, KIND_PUT_EXPIRING } from "../../assembly/shared/format.js";
import {
	CORRUPT_BLOCK,
	CORRUPT_COMPRESSION,
	CORRUPT_FILTER,
	CORRUPT_FOOTER,
	CORRUPT_INDEX,
	CORRUPT_ORDER,
	CORRUPT_PROPERTIES,
	CORRUPT_RANGES,
	STATUS_DONE,
	STATUS_NEED,
} from "../../assembly/shared/status.js";
import { lz4Decode } from "../../host/engine/lz4.js";
import type { Kernel } from "../../host/kernel/index.js";
import { type Part, type PartContents, partsOf, reseal, withParts } from "../support/forge.js";
import {
	checkMemory,
	Damaged,
	type Entry,
	get,
	insert,
	NEWEST,
	newKernel,
	runJob,
	SEED,
	scan,
	serve,
	type TableFileImage,
} from "../support/kernel.js";
import { bothKernels, type KernelName } from "../support/kernels.js";

/* Tables with right checksums that were made so that one check alone can tell what is wrong with them. */

const SEED_BITS = (BigInt(SEED.high) << 32n) | BigInt(SEED.low);
const crafted = suite("crafted tables");

const put = (key: string, value: string): Entry => ({ key: Buffer.from(key), value: Buffer.from(value) });
const deletion = (key: string, end: string): Entry => ({
	...{ key: Buffer.from(key), value: undefined },
	end: Buffer.from(end),
});

function build(entries: readonly Entry[], options: Parameters<typeof runJob>[1] = {}, file = 1): TableFileImage {
	const kernel = newKernel("wasm");
	const memtable = kernel.createMemtable(0);
	insert(kernel, memtable, entries, 1);
	const settings = { memtables: [memtable], compression: "none", ...options } as const;
	const [table] = runJob(kernel, settings, new Map(), file);
	if (table === undefined) throw new Error("nothing was flushed");
	return table;
}

/** A table of the same description, but for its length. */
function forged({ description, bytes }: TableFileImage, contents: PartContents): TableFileImage {
	const tail = description.size - description.tailLength;
	const changed = withParts(bytes, contents, SEED_BITS);
	return { description: { ...description, size: changed.length, tailLength: changed.length - tail }, bytes: changed };
}

/** The reason that a kernel gives for not reading a table, 0 where it finds nothing wrong. Nothing leaks either way. */
function reasonOf(name: KernelName, { description, bytes }: TableFileImage): number {
	const kernel = newKernel(name);
	const before = checkMemory(kernel);
	const table = kernel.createTable(description);
	const superversion = kernel.createSuperversion([], [[table]]);
	let reason = 0;
	try {
		scan(kernel, superversion, new Map([[description.file, bytes]]));
	} catch (error) {
		if (!(error instanceof Damaged)) throw error;
		reason = error.reason;
	}
	superversion.free();
	table.free();
	if (reason !== 0) assert.is(checkMemory(kernel), before);
	return reason;
}

const KEYS = Array.from({ length: 60 }, (_, number) => `key ${String(number).padStart(4, "0")}`);
const plain = build([...KEYS.map((key) => put(key, "value")), deletion("key 0050", "key 0055")], { blockBytes: 400 });

bothKernels(crafted, "parts that are too short for what they begin with", (name) => {
	assert.is(reasonOf(name, plain), 0);
	assert.is(reasonOf(name, forged(plain, {})), 0);
	for (const length of [4, 8, 11, 12]) {
		const short = new Uint8Array(length);
		short[0] = 1;
		assert.is(reasonOf(name, forged(plain, { index: short })), CORRUPT_INDEX, `an index of ${length} bytes`);
		assert.is(reasonOf(name, forged(plain, { ranges: short })), CORRUPT_RANGES, `ranges of ${length} bytes`);
		assert.is(reasonOf(name, forged(plain, { filter: short })), CORRUPT_FILTER, `a filter of ${length} bytes`);
		assert.is(
			reasonOf(name, forged(plain, { properties: short })),
			CORRUPT_PROPERTIES,
			`properties of ${length} bytes`,
		);
	}
	assert.is(reasonOf(name, forged(plain, { filter: new Uint8Array(0) })), 0, "a filter need not be");
	assert.is(reasonOf(name, forged(plain, { index: new Uint8Array(0) })), CORRUPT_FOOTER, "data without an index");
	assert.is(reasonOf(name, forged(plain, { ranges: new Uint8Array(0) })), CORRUPT_FOOTER, "fewer parts than described");
});

bothKernels(crafted, "a value that is shorter than the moment of its expiry", (name) => {
	for (const [length, reason] of [
		[0, CORRUPT_BLOCK],
		[7, CORRUPT_BLOCK],
		[8, 0],
	] as const) {
		const table = build([put("a", "x".repeat(length))]);
		const bytes = Buffer.from(table.bytes);
		const [data] = partsOf(bytes).filter((part) => part.name === "data") as [Part];
		bytes[bytes.lastIndexOf("a", data.offset + data.length - length) - ENTRY_KEY] = KIND_PUT_EXPIRING;
		reseal(bytes, data, SEED_BITS);
		assert.is(reasonOf(name, { ...table, bytes }), reason, `${length} bytes`);
	}
});

/** Compressed bytes, each wrong in its own way, of the given length. */
const compressions: Record<string, (length: number) => Buffer> = {
	"the number of literals does not end": (length) => Buffer.alloc(length, 255).fill(0xf0, 0, 1),
	"half a distance": (length) => literals(length, 1),
	"no token after a match": (length) => Buffer.concat([literals(length - 2, 0), Buffer.from([1, 0])]),
	"the length of a match does not end": (length) =>
		Buffer.concat([Buffer.from([0x1f, 65, 1, 0]), Buffer.alloc(length - 4, 255)]),
	"a match before the beginning": (length) =>
		Buffer.concat([Buffer.from([0x10, 65, 2, 0]), Buffer.alloc(length - 4, 0)]),
	"a match at no distance": (length) => Buffer.concat([Buffer.from([0x10, 65, 0, 0]), Buffer.alloc(length - 4, 0)]),
	"more literals than there are": (length) => literals(length, -1),
};

/** Literals, but for so many bytes at the end. */
function literals(length: number, left: number): Buffer {
	const head: number[] = [0xf0];
	// As many bytes of length as it takes.
	let count = length - left - 2;
	if (count >= 15 + 255) throw new Error("a block of fewer bytes is enough");
	if (count < 15) throw new Error("a block of more bytes is needed");
	count -= 15;
	head.push(count);
	return Buffer.concat([Buffer.from(head), Buffer.alloc(length - head.length, 65)]);
}

bothKernels(crafted, "blocks that no compression made", (name) => {
	const table = build(
		Array.from({ length: 30 }, (_, number) => put(`key ${number + 10}`, "ab".repeat(number))),
		{ compression: "lz4", blockBytes: 1000 },
	);
	const data = partsOf(table.bytes).find((part) => part.name === "data" && part.length < 250) as Part;
	assert.is(reasonOf(name, table), 0);
	for (const [what, make] of Object.entries(compressions)) {
		for (const decoded of [data.length, 200 * data.length, 255 * data.length]) {
			const bytes = Buffer.from(table.bytes);
			const stored = make(data.length);
			assert.is(stored.length, data.length);
			stored.copy(bytes, data.offset);
			bytes.writeUInt32LE(decoded, data.offset + data.length);
			reseal(bytes, data, SEED_BITS);
			assert.is(reasonOf(name, { ...table, bytes }), CORRUPT_COMPRESSION, `${what}, ${decoded} bytes claimed`);
			assert.is(lz4Decode(stored, decoded), undefined, what);
		}
	}
});

/** A table of which one block's bytes stand in the place of another one's, of the same length. */
function withBlock(table: TableFileImage, slot: number, other: TableFileImage, otherSlot: number): TableFileImage {
	const dataOf = ({ bytes }: TableFileImage) => partsOf(bytes).filter((part) => part.name === "data");
	const [to, from] = [dataOf(table)[slot], dataOf(other)[otherSlot]] as [Part, Part];
	assert.is(to.length, from.length);
	const bytes = Buffer.from(table.bytes);
	other.bytes.copy(bytes, to.offset, from.offset, from.offset + from.length);
	reseal(bytes, to, SEED_BITS);
	return { ...table, bytes };
}

for (const reverse of [false, true]) {
	bothKernels(
		crafted,
		`blocks in another order do not lead a scan round in circles, ${reverse ? "backwards" : "forwards"}`,
		(name) => {
			const table = build(
				KEYS.map((key) => put(key, "value")),
				{ blockBytes: 400 },
			);
			const count = partsOf(table.bytes).filter((part) => part.name === "data").length;
			assert.ok(count >= 5);
			const wrong = reverse ? withBlock(table, 1, table, count - 2) : withBlock(table, count - 2, table, 1);
			const kernel = newKernel(name);
			const memtable = kernel.createMemtable(0);
			// What the moved block holds is deleted, and a long stretch around it.
			const deleted = reverse ? deletion("key 0030", "key 0055") : deletion("key 0005", "key 0030");
			insert(kernel, memtable, [deleted], 1000);
			const handle = kernel.createTable(wrong.description);
			const superversion = kernel.createSuperversion([memtable], [[], [handle]]);
			const files = new Map([[wrong.description.file, wrong.bytes]]);
			let reason = 0;
			try {
				scan(kernel, superversion, files, { reverse });
			} catch (error) {
				if (!(error instanceof Damaged)) throw error;
				reason = error.reason;
			}
			assert.is(reason, CORRUPT_ORDER);
			superversion.free();
			handle.free();
			memtable.free();
			checkMemory(kernel);
		},
	);
}

/** Two tables of a level. The first one's last block has keys of the second one's range, the second one a range deletion. */
function strayed(): [TableFileImage, TableFileImage] {
	const low = build(
		KEYS.map((key) => put(`a${key}`, "value")),
		{ blockBytes: 400 },
	);
	const highEntries = [...KEYS.map((key) => put(`m${key}`, "value")), deletion("mkey 0007", "mkey 0009")];
	const high = build(highEntries, { blockBytes: 400, snapshots: [1000, 60] }, 2);
	return [withBlock(low, 2, high, 2), high];
}

function overStrayed<T>(
	kernel: Kernel,
	work: (view: ReturnType<Kernel["createSuperversion"]>, files: Map<number, Buffer>) => T,
): T {
	const images = strayed();
	const handles = images.map(({ description }) => kernel.createTable(description));
	const superversion = kernel.createSuperversion([], [[], handles]);
	try {
		return work(superversion, new Map(images.map(({ description, bytes }) => [description.file, bytes])));
	} finally {
		superversion.free();
		for (const handle of handles) handle.free();
		checkMemory(kernel);
	}
}

bothKernels(
	crafted,
	"keys of another table's range are looked for in that table's range deletions only once it is open",
	(name) => {
		const kernel = newKernel(name);
		overStrayed(kernel, (superversion, files) => {
			// Nothing tells that the keys are none of the table's: they are shown where they stand.
			const found = scan(kernel, superversion, files, { pageEntries: 1 }).map(([key]) => key);
			const stray = found.findIndex((key) => key.startsWith("m"));
			assert.ok(stray > 0 && found.slice(stray).some((key) => key.startsWith("a")));
			assert.ok(get(kernel, superversion, Buffer.from("akey 0001"), files) !== undefined);
		});
	},
);

bothKernels(crafted, "a table that a scan has not reached counts as changed", (name) => {
	const kernel = newKernel(name);
	overStrayed(kernel, (superversion, files) => {
		const bounds = { lower: Buffer.from("a"), upper: Buffer.from("mkey 0010") };
		const options = { superversion, sequence: NEWEST, now: 0, reverse: false, skipKeyBytes: 0, ...bounds };
		const operation = kernel.createScan(options);
		let status = STATUS_NEED as number;
		while (status === STATUS_NEED) {
			status = operation.changed(5000);
			if (status === STATUS_NEED) serve(kernel, files);
		}
		operation.free();
		assert.is(status, STATUS_DONE);
	});
});

crafted.run();
