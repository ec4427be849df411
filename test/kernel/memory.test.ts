import { Buffer } from "node:buffer";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { WlsmError } from "../../host/errors.js";
import type { Memtable, Superversion, Table } from "../../host/kernel/index.js";
import { randomEntries, sorted, visible } from "../support/entries.js";
import { checkMemory, get, insert, NEWEST, newKernel, runJob, scan, text } from "../support/kernel.js";
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

memory.run();
