import { Buffer } from "node:buffer";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { STATUS_DONE } from "../../assembly/shared/status.js";
import { WlsmError } from "../../host/errors.js";
import type { Kernel, Memtable, Status, Superversion, Table } from "../../host/kernel/index.js";
import { randomEntries, sorted, visible } from "../support/entries.js";
import { checkMemory, get, insert, NEWEST, newKernel, pageOf, runJob, scan, text } from "../support/kernel.js";
import { bothKernels } from "../support/kernels.js";
import { Random } from "../support/random.js";

const memory = suite("memory");

bothKernels(memory, "flushes, compactions, scans and reads give back all they take", (name) => {
	const kernel = newKernel(name, 1 << 16);
	const random = new Random(1);
	const entries = randomEntries(random, 500);
	const round = () => {
		const memtable = kernel.createMemtable(1024);
		insert(kernel, memtable, entries, 1);
		const tables = runJob(kernel, { memtables: [memtable], tableBytes: 4096, blockBytes: 256 });
		const files = new Map(tables.map(({ description, bytes }) => [description.file, bytes]));
		const handles = tables.map(({ description }) => kernel.createTable(description));
		const superversion = kernel.createSuperversion([memtable], [[], handles]);
		scan(kernel, superversion, files, { pageEntries: 10 });
		scan(kernel, superversion, files, { reverse: true, lower: Buffer.from("a"), upper: Buffer.from("q") });
		runJob(kernel, { runs: [handles], below: { superversion, level: 3 } }, files, 100);
		superversion.free();
		for (const handle of handles) handle.free();
		memtable.free();
	};
	round();
	const before = checkMemory(kernel);
	for (let count = 0; count < 40; count++) round();
	const after = checkMemory(kernel);
	assert.is(after, before);
	assert.is(kernel.memoryUse().cacheBytes, 0);
});

bothKernels(
	memory,
	"where it is used up, calls fail with WLSM_OUT_OF_MEMORY and what was there stays right",
	(name) => {
		let [refused, finished] = [0, 0];
		for (let limit = 1.5 * 2 ** 20; limit < 6 * 2 ** 20; limit += 70_000) {
			const kernel = newKernel(name, 1 << 16, Math.floor(limit));
			const random = new Random(limit);
			const freed: { free(): void }[] = [];
			const attempt = <Answer>(work: () => Answer): Answer | undefined => {
				try {
					return work();
				} catch (error) {
					if (!(error instanceof WlsmError) || error.code !== "WLSM_OUT_OF_MEMORY") throw error;
					refused += 1;
					return undefined;
				}
			};
			const keep = <Handle extends { free(): void }>(handle: Handle | undefined): Handle | undefined => {
				if (handle !== undefined) freed.push(handle);
				return handle;
			};
			const before = checkMemory(kernel);
			const memtable = keep<Memtable>(attempt(() => kernel.createMemtable(4096)));
			if (memtable === undefined) continue;
			const all = randomEntries(random, 4000).map(({ key, value }) => ({ key, value: value && random.bytes(800) }));
			let count = 0;
			while (count < all.length) {
				const batch = all.slice(count, count + 50);
				const done = attempt(() => {
					insert(kernel, memtable, batch, count + 1);
					return true;
				});
				if (done === undefined) break;
				count += batch.length;
			}
			assert.is(memtable.entries(), count, "a batch that was refused left nothing");
			const state = visible(all.slice(0, count), NEWEST);
			const expected = sorted(state);
			const read = (superversion: Superversion, files: Map<number, Uint8Array>) => {
				const found = attempt(() => scan(kernel, superversion, files));
				if (found !== undefined) assert.equal(found, expected);
				for (const { key } of all.slice(0, 20)) {
					const value = attempt(() => ({ value: get(kernel, superversion, key, files) }));
					if (value === undefined) continue;
					assert.is(value.value === undefined ? undefined : text(value.value), state.get(text(key)));
				}
			};
			const inMemory = keep<Superversion>(attempt(() => kernel.createSuperversion([memtable], [])));
			if (inMemory !== undefined) read(inMemory, new Map());
			const tables =
				count === 0 ? [] : (attempt(() => runJob(kernel, { memtables: [memtable], blockBytes: 512 })) ?? []);
			if (tables.length > 0) {
				const files = new Map(tables.map(({ description, bytes }) => [description.file, bytes as Uint8Array]));
				const handles = tables.map(({ description }) => keep<Table>(attempt(() => kernel.createTable(description))));
				const known = handles.filter((handle) => handle !== undefined);
				const inTables = keep<Superversion>(attempt(() => kernel.createSuperversion([], [known])));
				if (inTables !== undefined && known.length === tables.length) read(inTables, files);
				finished += 1;
			}
			for (const handle of freed.reverse()) handle.free();
			assert.is(checkMemory(kernel), before);
		}
		assert.ok(refused > 20 && finished > 5, `${refused} refused, ${finished} finished`);
	},
);

/** Takes all memory that is left, in pieces that become smaller; gives it back when it is freed. */
function takeTheRest(kernel: Kernel): { free(): void } {
	const taken: Memtable[] = [];
	for (let bytes = 1 << 20; bytes >= 64; ) {
		try {
			taken.push(kernel.createMemtable(bytes));
		} catch (error) {
			if (!(error instanceof WlsmError) || error.code !== "WLSM_OUT_OF_MEMORY") throw error;
			bytes >>= 1;
		}
	}
	return {
		free: () => {
			for (const memtable of taken) memtable.free();
		},
	};
}

bothKernels(memory, "a scan that ran out of it can be asked again, and neither loses nor repeats an entry", (name) => {
	const random = new Random(3);
	let refused = 0;
	for (const reverse of [false, true]) {
		const kernel = newKernel(name, 0, 8 << 20);
		const memtable = kernel.createMemtable(0);
		const entries = Array.from({ length: 60 }, (_, index) => {
			// Keys and values that the scan's memory has to grow for.
			const key = Buffer.concat([Buffer.from([index]), Buffer.alloc(random.pick([1, 200, 1000 * index]))]);
			return { key, value: random.bytes(random.pick([10, 700 * index])) };
		});
		insert(kernel, memtable, entries, 1);
		insert(kernel, memtable, entries, entries.length + 1);
		const superversion = kernel.createSuperversion([memtable], []);
		const expected = sorted(visible(entries, NEWEST));
		if (reverse) expected.reverse();
		const options = { superversion, sequence: NEWEST, now: 0, lower: undefined, upper: undefined, skipKeyBytes: 0 };
		const operation = kernel.createScan({ ...options, reverse });
		const found: [string, string][] = [];
		for (;;) {
			const rest = takeTheRest(kernel);
			let status: Status;
			try {
				status = operation.fill(random.pick([1, 5, 100]), random.pick([100, 20_000]));
				rest.free();
			} catch (error) {
				if (!(error instanceof WlsmError) || error.code !== "WLSM_OUT_OF_MEMORY") throw error;
				refused += 1;
				rest.free();
				status = operation.fill(10, 1000);
			}
			if (status !== STATUS_DONE) break;
			found.push(...pageOf(kernel));
		}
		assert.equal(found, expected);
		operation.free();
		superversion.free();
		memtable.free();
		checkMemory(kernel);
	}
	// Pages are memory of the module, and of the runtime with the twin.
	assert.ok(name === "ts" || refused > 20, `${refused} times`);
});

memory.run();
