import { Buffer } from "node:buffer";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { CORRUPT_ORDER } from "../../assembly/shared/status.js";
import { WlsmError } from "../../host/errors.js";
import type { Kernel } from "../../host/kernel/index.js";
import { damageTable } from "../support/damage.js";
import { randomEntries } from "../support/entries.js";
import { type Part, partsOf, reseal } from "../support/forge.js";
import {
	checkMemory,
	Damaged,
	get,
	insert,
	newKernel,
	runJob,
	SEED,
	scan,
	type TableFileImage,
} from "../support/kernel.js";
import { bothKernels, kernels } from "../support/kernels.js";
import { Random } from "../support/random.js";

/*
 * Tables with damaged contents and right checksums. Whatever the bytes say, the kernel answers, with data or with CORRUPT:
 * no trap, no endless loop, no write beside its buffers, no memory that a small file does not justify.
 *   More of them: WLSM_FORGED=100000 npx uvu dist/test/kernel "hostile\.test\.js$"
 */
const rounds = Number(process.env.WLSM_FORGED ?? 3000);
const SEED_BITS = (BigInt(SEED.high) << 32n) | BigInt(SEED.low);

const hostile = suite("forged tables");

function build(random: Random, compression: "lz4" | "none"): TableFileImage {
	const kernel = newKernel("wasm");
	const memtable = kernel.createMemtable(0);
	const entries = randomEntries(random, 60).map(({ key, value }) => ({ key, value: value?.slice(0, 200) }));
	const ranges = Array.from({ length: 6 }, (_, index) => {
		const [key, end] = [random.pick(entries).key, random.pick(entries).key].sort(Buffer.compare) as [Buffer, Buffer];
		return {
			key,
			value: undefined,
			end: index % 2 === 0 ? Buffer.concat([end, Buffer.alloc(1)]) : Buffer.concat([end, end]),
		};
	}).filter(({ key, end }) => Buffer.compare(key, end) < 0);
	insert(
		kernel,
		memtable,
		[...ranges.slice(0, 3), ...entries.slice(0, 30), ...ranges.slice(3), ...entries.slice(30)],
		1,
	);
	// A snapshot between all of them keeps everything.
	const snapshots = Array.from({ length: 70 }, (_, index) => index);
	const [table] = runJob(kernel, { memtables: [memtable], blockBytes: 300, compression, snapshots });
	if (table === undefined) throw new Error("nothing was flushed");
	return table;
}

/** Does everything with the table; true where damage was noticed. */
function use(kernel: Kernel, table: TableFileImage, bytes: Buffer, random: Random): boolean {
	const handle = kernel.createTable(table.description);
	const superversion = kernel.createSuperversion([], random.once(2) ? [[handle]] : [[], [handle]]);
	const files = new Map([[table.description.file, bytes]]);
	let noticed = false;
	const attempt = (work: () => void) => {
		try {
			work();
		} catch (error) {
			if (!(error instanceof Damaged)) throw error;
			noticed = true;
		}
	};
	attempt(() => scan(kernel, superversion, files, { pageEntries: random.pick([1, 1000]) }));
	attempt(() => scan(kernel, superversion, files, { reverse: true }));
	for (const key of [
		table.description.smallest,
		table.description.largest,
		Buffer.from("prefix/a"),
		Buffer.from("b"),
	]) {
		attempt(() => void get(kernel, superversion, key, files));
	}
	attempt(() => void runJob(kernel, { runs: [[handle]] }, files, 50));
	superversion.free();
	handle.free();
	return noticed;
}

for (const name of kernels) {
	for (const compression of ["none", "lz4"] as const) {
		hostile(`${rounds} of them, ${compression}, ${name}`, () => {
			const random = new Random(compression === "lz4" ? 1 : 2);
			let [noticed, kernel, table] = [0, newKernel(name), build(random, compression)];
			for (let round = 0; round < rounds; round++) {
				if (round % 500 === 0)
					[kernel, table] = [newKernel(name, random.pick([0, 1 << 20])), build(random, compression)];
				const bytes = Buffer.from(table.bytes);
				const what = damageTable(random, bytes, SEED_BITS);
				try {
					if (use(kernel, table, bytes, random)) noticed += 1;
					const { memoryBytes } = kernel.memoryUse();
					assert.ok(memoryBytes < 64 << 20, `${memoryBytes} bytes of memory for a table of ${bytes.length}`);
					if (round % 50 === 0) checkMemory(kernel);
				} catch (error) {
					const said = error instanceof WlsmError ? error.code : (error as Error).message;
					throw new Error(`round ${round}, ${what}: ${said}`, { cause: error });
				}
			}
			checkMemory(kernel);
			assert.ok(noticed > rounds / 4, `${noticed} of ${rounds} were noticed`);
		});
	}

	hostile(`a compressed block that claims up to 4 GiB, ${name}`, () => {
		const random = new Random(3);
		const table = build(random, "lz4");
		const kernel = newKernel(name);
		for (const claimed of [0, 1, 0xffff, 0x7fffffff, 0x80000000, 0xffffffe0, 0xfffffff8, 0xffffffff]) {
			for (const part of partsOf(table.bytes)) {
				if (part.name !== "data") continue;
				const bytes = Buffer.from(table.bytes);
				const trailer = part.offset + part.length;
				bytes.writeUInt32LE(claimed, trailer);
				bytes[trailer + 5] = 1;
				reseal(bytes, part, SEED_BITS);
				assert.ok(use(kernel, table, bytes, random), `${claimed} bytes claimed go unnoticed`);
				assert.ok(kernel.memoryUse().memoryBytes < 64 << 20);
			}
		}
		checkMemory(kernel);
	});
}

bothKernels(hostile, "a key beyond those that a table is said to hold is not taken for one of them", (name) => {
	const kernel = newKernel(name);
	const memtable = kernel.createMemtable(0);
	const key = Buffer.from("every key begins so");
	const values = [Buffer.alloc(100, "old"), Buffer.alloc(100, "new")];
	for (const [index, value] of values.entries()) insert(kernel, memtable, [{ key, value }], index + 1);
	// A block for each version.
	const settings = { blockBytes: 64, compression: "none", snapshots: [1] } as const;
	const [table] = runJob(kernel, { memtables: [memtable], ...settings });
	if (table === undefined) throw new Error("nothing was flushed");
	const { description, bytes } = table;
	const older = partsOf(bytes).filter((part) => part.name === "data")[1] as Part;
	bytes[bytes.indexOf(key, older.offset)] = "E".charCodeAt(0);
	reseal(bytes, older, SEED_BITS);
	const handle = kernel.createTable(description);
	const superversion = kernel.createSuperversion([], [[handle]]);
	const found = scan(kernel, superversion, new Map([[description.file, bytes]]));
	assert.equal(
		found.map(([key]) => key),
		["every key begins so", "Every key begins so"],
	);
	superversion.free();
	handle.free();
	memtable.free();
	checkMemory(kernel);
});

bothKernels(hostile, "a job over a table that is out of order ends, and makes no table of it", (name) => {
	const kernel = newKernel(name);
	const memtable = kernel.createMemtable(0);
	const keys = ["a key", "b key", "c key"].map((key) => Buffer.from(key));
	for (const [index, key] of keys.entries())
		insert(kernel, memtable, [{ key, value: Buffer.alloc(100, "v") }], index + 1);
	// A block for each key.
	const [table] = runJob(kernel, { memtables: [memtable], blockBytes: 64, compression: "none" });
	if (table === undefined) throw new Error("nothing was flushed");
	const { description, bytes } = table;
	const middle = partsOf(bytes).filter((part) => part.name === "data")[1] as Part;
	bytes[bytes.indexOf("b key", middle.offset)] = "A".charCodeAt(0);
	reseal(bytes, middle, SEED_BITS);
	const handle = kernel.createTable(description);
	const files = new Map([[description.file, bytes]]);
	assert.throws(
		() => runJob(kernel, { runs: [[handle]] }, files, 50),
		(error: Error) => error instanceof Damaged && error.reason === CORRUPT_ORDER,
	);
	assert.is(kernel.damage.offset, middle.offset);
	handle.free();
	memtable.free();
	checkMemory(kernel);
});

hostile.run();
