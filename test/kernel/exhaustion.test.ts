import { Buffer } from "node:buffer";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { STATUS_ABSENT, STATUS_CORRUPT, STATUS_NEED } from "../../assembly/shared/status.js";
import { deleteRangeOperation, putOperation } from "../../host/engine/operations.js";
import { WasmKernel } from "../../host/kernel/index.js";
import { KernelMemory } from "../../host/kernel/memory.js";
import { Memory } from "../../host/kernel/webassembly.js";
import { checkHeap } from "../support/heap.js";
import {
	type Entry,
	get,
	insert,
	NEWEST,
	newWasmKernel,
	pageOf,
	runJob,
	serve,
	type TableFileImage,
	type TableFiles,
} from "../support/kernel.js";
import { Random } from "../support/random.js";
import { hoard, unlessRefused } from "../support/scarcity.js";

/*
 * The module with room for less and less than a work takes: each of its allocations is refused in turn. What is refused is told as
 * memory used up, leaves a sound heap, leaks nothing and can be done once there is room. The limits of the twin are those of
 * its runtime; test/kernel/budget has what both count.
 */

const MEMORY_BYTES = 4 << 20;

/** Something that takes memory. */
interface Work {
	/** Does it; answers what comes of it, as text. Called again where it was refused. `before` is called before each of its steps. */
	run(before: () => void): string;
	/** Gives back what it took. */
	free(): void;
}

const exhaustion = suite("memory used up");

function entries(seed: number, count: number): Entry[] {
	const random = new Random(seed);
	return Array.from({ length: count }, (_, number) => {
		const key = Buffer.from(`key ${random.below(900)}`.padEnd(random.pick([8, 8, 8, 200, random.below(4000)]), "-"));
		if (number % 9 === 0) return { key, value: undefined, end: Buffer.concat([key, Buffer.from("9")]) };
		if (number % 7 === 0) return { key, value: undefined };
		const length = random.once(50) ? 9000 : random.below(80);
		return { key, value: random.once(2) ? random.bytes(length) : Buffer.alloc(length, "value ") };
	});
}

const LOWER = entries(1, 900);
const UPPER = entries(2, 300);
const NEW = entries(3, 200);

function tableImages(list: readonly Entry[], sequence: number, firstFile: number): TableFileImage[] {
	const kernel = newWasmKernel();
	const memtable = kernel.createMemtable(0);
	for (const entry of list) insert(kernel, memtable, [entry], sequence++);
	const settings = { blockBytes: 512, tableBytes: 1 << 15 };
	return runJob(kernel, { memtables: [memtable], snapshots: [sequence >> 1], ...settings }, new Map(), firstFile);
}

const lower = tableImages(LOWER, 1, 1);
const upper = tableImages(UPPER, 1001, 101);
const files: TableFiles = new Map([...lower, ...upper].map(({ description, bytes }) => [description.file, bytes]));

/** Tables of two levels under a memtable. */
function world(kernel: WasmKernel) {
	const memtable = kernel.createMemtable(1 << 12);
	let sequence = 2001;
	for (const entry of NEW) insert(kernel, memtable, [entry], sequence++);
	const runs = [upper, lower].map((images) => images.map(({ description }) => kernel.createTable(description)));
	const superversion = kernel.createSuperversion([memtable], [[], ...runs]);
	return {
		memtable,
		runs,
		superversion,
		free: () => {
			superversion.free();
			for (const table of runs.flat()) table.free();
			memtable.free();
		},
	};
}

const ignore = () => {};

/** What the work comes to, how many steps it has, and what stays allocated for good: buffers that are used again. */
function reference(work: (kernel: WasmKernel) => Work, cacheBytes: number) {
	const kernel = newWasmKernel(cacheBytes, MEMORY_BYTES);
	const plenty = work(kernel);
	let steps = 0;
	const answer = plenty.run(() => {
		steps += 1;
	});
	const cached = kernel.memoryUse().cacheBytes;
	plenty.free();
	return { answer, steps, kept: checkHeap(kernel).allocatedBytes, cached };
}

/**
 * Does the work with ever more room until nothing is refused, then with all room taken before each of its steps, but for a
 * little; answers how often it was refused.
 */
function sweep(work: (kernel: WasmKernel) => Work, cacheBytes = 0): number {
	const expected = reference(work, cacheBytes);
	let refusals = 0;
	/** Bytes that are allocated afterwards and were not before. */
	const round = (kernel: WasmKernel, step: number, bytes: number): { refused: boolean; lost: number } => {
		const scarce = work(kernel);
		let left = step - 1;
		let release = ignore;
		const before = () => {
			if (left-- === 0) release = hoard(kernel, bytes);
		};
		if (step === 0) release = hoard(kernel, bytes);
		let done = unlessRefused(() => scarce.run(before));
		checkHeap(kernel);
		release();
		const refused = done === undefined;
		if (refused) refusals += 1;
		done ??= { answer: scarce.run(ignore) };
		const what = `with ${bytes} bytes from step ${step} on`;
		assert.ok(done.answer === expected.answer, `${what} the work comes to something else`);
		scarce.free();
		return { refused, lost: checkHeap(kernel).allocatedBytes - expected.kept };
	};
	const attempt = (step: number, bytes: number): boolean => {
		const kernel = newWasmKernel(cacheBytes, MEMORY_BYTES);
		const { refused, lost } = round(kernel, step, bytes);
		// A block may be a little larger than was asked for, and more blocks be cached. What leaks does so again.
		if (lost > 0) {
			const [, again] = [round(kernel, step, bytes), round(kernel, step, bytes)];
			const bound = Math.max(lost, expected.cached);
			assert.ok(
				again.lost <= bound,
				`with ${bytes} bytes from step ${step} on ${lost}, then ${again.lost} bytes are lost`,
			);
		}
		return refused;
	};
	for (let bytes = 0; attempt(0, bytes); ) bytes += Math.max(16, bytes >> 3);
	const { steps } = expected;
	for (const [bytes, attempts] of [
		[0, 120],
		[300, 25],
		[4000, 25],
	] as const) {
		for (let step = 1; step < steps; step += Math.ceil(steps / attempts)) attempt(step, bytes);
	}
	// The last steps complete what the work is about, in many small pieces.
	for (let step = Math.max(1, steps - 3); step < steps; step++) {
		for (let bytes = 16; attempt(step, bytes); ) bytes += Math.max(16, bytes >> 5);
	}
	return refusals;
}

const shown = (images: readonly TableFileImage[]) => images.map(({ bytes }) => bytes.toString("latin1")).join("");

exhaustion("a flush", () => {
	const refusals = sweep((kernel) => {
		const { memtable, free } = world(kernel);
		const settings = { blockBytes: 512, tableBytes: 1 << 13, snapshots: [2100] };
		const images = (before: () => void) => runJob(kernel, { memtables: [memtable], ...settings }, new Map(), 1, before);
		return { run: (before) => shown(images(before)), free };
	});
	assert.ok(refusals > 50, `${refusals}`);
});

exhaustion("a compaction", () => {
	const refusals = sweep((kernel) => {
		const { runs, superversion, free } = world(kernel);
		const settings = { blockBytes: 512, tableBytes: 1 << 14, snapshots: [500, 1200] };
		const below = { superversion, level: 3 };
		return { run: (before) => shown(runJob(kernel, { runs, below, ...settings }, files, 200, before)), free };
	});
	assert.ok(refusals > 50, `${refusals}`);
});

for (const [reverse, cacheBytes] of [
	[false, 0],
	[true, 1 << 20],
] as const) {
	exhaustion(`a scan, ${reverse ? "backwards" : "forwards"}, with a transaction's writes`, () => {
		const refusals = sweep((kernel) => {
			const { superversion, free } = world(kernel);
			const overlay = kernel.createOverlay();
			overlay.write(putOperation(Buffer.from("key 5 of the overlay"), Buffer.from("value")));
			overlay.write(deleteRangeOperation({ lower: Buffer.from("key 60"), upper: Buffer.from("key 7") }));
			const [low, high] = [Buffer.from("key 1"), Buffer.from("key 89")];
			let scan: ReturnType<WasmKernel["createScan"]> | undefined;
			let found: string[] = [];
			return {
				// The same scan goes on where it was refused.
				run: (before) => {
					scan ??= kernel.createScan({
						...{ superversion, overlay, sequence: NEWEST, now: 0, lower: low, upper: high },
						...{ reverse, skipKeyBytes: 1 },
					});
					for (;;) {
						before();
						const status = scan.fill(7, 2000);
						if (status === STATUS_ABSENT) return found.join("\n");
						assert.is.not(status, STATUS_CORRUPT);
						if (status === STATUS_NEED) serve(kernel, files);
						else found.push(...pageOf(kernel).map((entry) => entry.join("=")));
					}
				},
				free: () => {
					scan?.free();
					found = [];
					overlay.free();
					free();
				},
			};
		}, cacheBytes);
		assert.ok(refusals > 50, `${refusals}`);
	});
}

for (const reverse of [false, true]) {
	exhaustion(`a scan over deletions of ever longer keys, ${reverse ? "backwards" : "forwards"}`, () => {
		const refusals = sweep((kernel) => {
			const memtable = kernel.createMemtable(0);
			for (let number = 0; number < 40; number++) {
				const length = 50 * (reverse ? 40 - number : number) + 10;
				const key = Buffer.from(`key ${String(number).padStart(2, "0")}`.padEnd(length));
				insert(kernel, memtable, [{ key, value: number === 20 ? Buffer.from("value") : undefined }], number + 1);
			}
			const superversion = kernel.createSuperversion([memtable], []);
			let scan: ReturnType<WasmKernel["createScan"]> | undefined;
			let found = "";
			return {
				run: (before) => {
					const bounds = { lower: undefined, upper: undefined };
					scan ??= kernel.createScan({ superversion, sequence: NEWEST, now: 0, ...bounds, reverse, skipKeyBytes: 0 });
					for (;;) {
						before();
						if (scan.fill(1, 100) === STATUS_ABSENT) return found;
						found += pageOf(kernel).join();
					}
				},
				free: () => {
					scan?.free();
					superversion.free();
					memtable.free();
				},
			};
		});
		assert.ok(refusals > 20, `${refusals}`);
	});
}

exhaustion("point reads, one of them detached", () => {
	const keys = [...LOWER, ...UPPER, ...NEW].filter((_, number) => number % 20 === 0).map(({ key }) => key);
	const refusals = sweep((kernel) => {
		const { superversion, free } = world(kernel);
		return {
			run: () => {
				const waiting = kernel.createGet();
				try {
					const [first] = LOWER.slice(-1);
					const key = first?.key ?? Buffer.alloc(0);
					kernel.keyBytes.set(key, kernel.keyAt);
					if (waiting.start(superversion, key.length, NEWEST) === STATUS_NEED) waiting.detach();
					return keys
						.map((one) => Buffer.from(get(kernel, superversion, one, files) ?? "none").toString("latin1"))
						.join();
				} finally {
					waiting.reset();
					waiting.free();
				}
			},
			free,
		};
	}, 1 << 20);
	assert.ok(refusals > 50, `${refusals}`);
});

exhaustion("whether something in a range has changed", () => {
	const refusals = sweep((kernel) => {
		const { superversion, free } = world(kernel);
		return {
			run: (before) => {
				const bounds = { lower: Buffer.from("key 1"), upper: Buffer.from("key 3") };
				const scan = kernel.createScan({
					...{ superversion, sequence: NEWEST, now: 0, reverse: false, skipKeyBytes: 0 },
					...bounds,
				});
				try {
					for (;;) {
						before();
						const status = scan.changed(5000);
						if (status !== STATUS_NEED) return `${status}`;
						serve(kernel, files);
					}
				} finally {
					scan.free();
				}
			},
			free,
		};
	});
	assert.ok(refusals > 10, `${refusals}`);
});

exhaustion("a batch with range deletions, and a transaction's writes", () => {
	const refusals = sweep((kernel) => {
		const memtable = kernel.createMemtable(0);
		const overlay = kernel.createOverlay();
		let step = 0;
		return {
			// What was refused has changed nothing: each is done once.
			run: (before) => {
				if (step === 0) insert(kernel, memtable, NEW, 1);
				step = Math.max(step, 1);
				for (; step <= 40; step++) {
					before();
					const key = Buffer.from(`key ${step}`.padEnd(300));
					if (step % 3 === 0) overlay.write(deleteRangeOperation({ lower: key, upper: Buffer.from("key :") }));
					else overlay.write(putOperation(key, Buffer.alloc(200)));
				}
				return `${memtable.entries()} ${memtable.bytes()} ${overlay.writes}`;
			},
			free: () => {
				overlay.free();
				memtable.free();
			},
		};
	});
	assert.ok(refusals > 20, `${refusals}`);
});

exhaustion("a batch of one range deletion", () => {
	const refusals = sweep((kernel) => {
		const memtable = kernel.createMemtable(0);
		let [entry, sequence] = [0, 1];
		const deletions = NEW.filter(({ end }) => end !== undefined);
		return {
			run: (before) => {
				for (; entry < deletions.length; entry++) {
					before();
					insert(kernel, memtable, [deletions[entry] as Entry], sequence);
					sequence += 1;
				}
				return `${memtable.entries()} ${memtable.bytes()}`;
			},
			free: () => memtable.free(),
		};
	});
	assert.ok(refusals > 20, `${refusals}`);
});

exhaustion("a kernel that has no room to begin with", () => {
	let refusals = 0;
	for (let bytes = 0; unlessRefused(() => newWasmKernel(0, bytes)) === undefined; bytes += 512) refusals += 1;
	assert.ok(refusals > 10, `${refusals}`);
});

exhaustion("a memory that the machine does not let grow", () => {
	// The kernel's own limit would allow for more.
	const memory = new KernelMemory(new Memory({ initial: 16, maximum: 40, shared: true }));
	const kernel = new WasmKernel({ memoryBytes: MEMORY_BYTES, blockCacheBytes: 0 }, memory);
	const before = checkHeap(kernel).allocatedBytes;
	const memtable = kernel.createMemtable(0);
	const value = Buffer.alloc(30_000);
	let count = 0;
	const put = () => insert(kernel, memtable, [{ key: Buffer.from("key"), value }], count + 1);
	while (unlessRefused(put) !== undefined) count += 1;
	assert.ok(count > 10 && count < 60, `${count}`);
	// It grows by 16 pages at a time.
	assert.is(memory.memory.buffer.byteLength, 32 << 16);
	assert.is(memtable.entries(), count);
	memtable.free();
	const kept = checkHeap(kernel).allocatedBytes - before;
	assert.ok(kept < 100_000, `${kept} bytes of the record's buffer`);
});

exhaustion.run();
