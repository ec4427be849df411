import { Buffer } from "node:buffer";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { WlsmError } from "../../host/errors.js";
import type { WasmKernel } from "../../host/kernel/index.js";
import { randomEntries } from "../support/entries.js";
import { type Part, partEnd, partsOf, reseal } from "../support/forge.js";
import { checkHeap } from "../support/heap.js";
import { Damaged, get, insert, newKernel, runJob, SEED, scan, type TableFileImage } from "../support/kernel.js";
import { Random } from "../support/random.js";

/*
 * Tables with damaged contents and right checksums. Whatever the bytes say, the kernel answers, with data or with CORRUPT:
 * no trap, no endless loop, no write beside its buffers, no memory that a small file does not justify.
 *   More of them: WLSM_FORGED=100000 npx uvu dist/test/kernel "hostile\.test\.js$"
 */
const rounds = Number(process.env.WLSM_FORGED ?? 3000);
const SEED_BITS = (BigInt(SEED.high) << 32n) | BigInt(SEED.low);
const WORDS = [0, 1, 2, 7, 8, 15, 16, 255, 256, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff];

const hostile = suite("forged tables");

function build(random: Random, compression: "lz4" | "none"): TableFileImage {
	const kernel = newKernel();
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

function mutate(random: Random, table: Buffer, part: Part): string {
	const [start, end] = [part.offset, partEnd(part)];
	const what: string[] = [];
	for (let count = random.pick([1, 1, 2, 5]); count > 0; count--) {
		const kind = random.below(6);
		// Headers and trailers are where the lengths are.
		const at = random.once(2)
			? start + random.below(Math.min(64, end - start))
			: random.once(2)
				? end - 1 - random.below(Math.min(16, end - start))
				: start + random.below(end - start);
		what.push(`${kind} at ${at}`);
		if (kind === 0) table[at] = random.below(256);
		else if (kind === 1) table[at] = (table[at] as number) ^ (1 << random.below(8));
		else if (kind === 2) table.set(random.bytes(Math.min(random.below(20), end - at)), at);
		else if (kind === 3) table.fill(random.pick([0, 255]), at, Math.min(end, at + random.below(30)));
		else if (at + 4 <= end) table.writeUInt32LE(random.pick(WORDS), at);
	}
	return `${part.name} ${part.offset}: ${what.join(", ")}`;
}

/** Does everything with the table; true where damage was noticed. */
function use(kernel: WasmKernel, table: TableFileImage, bytes: Buffer, random: Random): boolean {
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

for (const compression of ["none", "lz4"] as const) {
	hostile(`${rounds} of them, ${compression}`, () => {
		const random = new Random(compression === "lz4" ? 1 : 2);
		let [noticed, kernel, table] = [0, newKernel(), build(random, compression)];
		for (let round = 0; round < rounds; round++) {
			if (round % 500 === 0) [kernel, table] = [newKernel(random.pick([0, 1 << 20])), build(random, compression)];
			const bytes = Buffer.from(table.bytes);
			const parts = partsOf(bytes);
			const part = random.once(3) ? random.pick(parts) : (parts[random.below(Math.min(6, parts.length))] as Part);
			const what = mutate(random, bytes, part);
			reseal(bytes, part, SEED_BITS);
			try {
				if (use(kernel, table, bytes, random)) noticed += 1;
				const { memoryBytes } = kernel.memoryUse();
				assert.ok(memoryBytes < 64 << 20, `${memoryBytes} bytes of memory for a table of ${bytes.length}`);
				if (round % 50 === 0) checkHeap(kernel);
			} catch (error) {
				const said = error instanceof WlsmError ? error.code : (error as Error).message;
				throw new Error(`round ${round}, ${what}: ${said}`, { cause: error });
			}
		}
		checkHeap(kernel);
		assert.ok(noticed > rounds / 4, `${noticed} of ${rounds} were noticed`);
	});
}

hostile("a compressed block that claims up to 4 GiB", () => {
	const random = new Random(3);
	const table = build(random, "lz4");
	const kernel = newKernel();
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
	checkHeap(kernel);
});

hostile.run();
