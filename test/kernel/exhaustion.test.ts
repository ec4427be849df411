import { Buffer } from "node:buffer";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { STATUS_ABSENT, STATUS_CORRUPT, STATUS_NEED } from "../../assembly/shared/status.js";
import { deleteRangeOperation, putOperation } from "../../host/engine/operations.js";
import type { WasmKernel } from "../../host/kernel/index.js";
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
	/** Does it; answers what comes of it, as text. Called again where it was refused. */
	run(): string;
	/** Gives back what it took. */
	free(): void;
}

const exhaustion = suite("memory used up");

function entries(seed: number, count: number): Entry[] {
	const random = new Random(seed);
	const longest = [8, 8, 8, 200, 3000];
	return Array.from({ length: count }, (_, number) => {
		const key = Buffer.from(`key ${random.below(900)}`.padEnd(random.pick(longest), "-"));
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

/** Does the work with ever more room until nothing is refused; answers how often it was. */
function sweep(work: (kernel: WasmKernel) => Work): number {
	const plenty = newWasmKernel(0, MEMORY_BYTES);
	const reference = work(plenty);
	const expected = reference.run();
	reference.free();
	// What stays for good: buffers that are used again.
	const kept = checkHeap(plenty).allocatedBytes;
	let refusals = 0;
	for (let bytes = 0; ; bytes += Math.max(16, bytes >> 4)) {
		const kernel = newWasmKernel(0, MEMORY_BYTES);
		const scarce = work(kernel);
		const release = hoard(kernel, bytes);
		let done = unlessRefused(() => scarce.run());
		checkHeap(kernel);
		release();
		const refused = done === undefined;
		done ??= { answer: scarce.run() };
		assert.ok(done.answer === expected, `with ${bytes} bytes the work comes to something else`);
		scarce.free();
		const { allocatedBytes } = checkHeap(kernel);
		assert.ok(allocatedBytes <= kept, `with ${bytes} bytes ${allocatedBytes - kept} are lost`);
		if (!refused) return refusals;
		refusals += 1;
	}
}

const shown = (images: readonly TableFileImage[]) => images.map(({ bytes }) => bytes.toString("latin1")).join("");

exhaustion("a flush", () => {
	const refusals = sweep((kernel) => {
		const { memtable, free } = world(kernel);
		const settings = { blockBytes: 512, tableBytes: 1 << 13, snapshots: [2100] };
		return { run: () => shown(runJob(kernel, { memtables: [memtable], ...settings })), free };
	});
	assert.ok(refusals > 50, `${refusals}`);
});

exhaustion("a compaction", () => {
	const refusals = sweep((kernel) => {
		const { runs, superversion, free } = world(kernel);
		const settings = { blockBytes: 512, tableBytes: 1 << 14, snapshots: [500, 1200] };
		const below = { superversion, level: 3 };
		return { run: () => shown(runJob(kernel, { runs, below, ...settings }, files, 200)), free };
	});
	assert.ok(refusals > 50, `${refusals}`);
});

for (const reverse of [false, true]) {
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
				run: () => {
					scan ??= kernel.createScan({
						...{ superversion, overlay, sequence: NEWEST, now: 0, lower: low, upper: high },
						...{ reverse, skipKeyBytes: 1 },
					});
					for (;;) {
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
		});
		assert.ok(refusals > 50, `${refusals}`);
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
	});
	assert.ok(refusals > 50, `${refusals}`);
});

exhaustion("whether something in a range has changed", () => {
	const refusals = sweep((kernel) => {
		const { superversion, free } = world(kernel);
		return {
			run: () => {
				const bounds = { lower: Buffer.from("key 1"), upper: Buffer.from("key 3") };
				const scan = kernel.createScan({
					...{ superversion, sequence: NEWEST, now: 0, reverse: false, skipKeyBytes: 0 },
					...bounds,
				});
				try {
					for (;;) {
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
			run: () => {
				if (step === 0) insert(kernel, memtable, NEW, 1);
				step = Math.max(step, 1);
				for (; step <= 40; step++) {
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

exhaustion.run();
