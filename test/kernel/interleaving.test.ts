import { Buffer } from "node:buffer";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { STATUS_ABSENT, STATUS_CORRUPT, STATUS_DONE, STATUS_NEED } from "../../assembly/shared/status.js";
import type { GetOperation, Kernel, Need, Scan, Status, Superversion } from "../../host/kernel/index.js";
import { randomEntries, sorted, visible } from "../support/entries.js";
import { checkMemory, insert, NEWEST, newKernel, pageOf, runJob, serve } from "../support/kernel.js";
import { bothKernels } from "../support/kernels.js";
import { Random } from "../support/random.js";

/** A read that waits: what it asked for, and how it goes on once that is there. */
interface Waiting {
	readonly need: Need;
	readonly resume: () => void;
	readonly abandon: () => void;
}

class Reads {
	readonly waiting: Waiting[] = [];
	done = 0;
	readonly #kernel: Kernel;
	readonly #superversion: Superversion;

	constructor(kernel: Kernel, superversion: Superversion) {
		this.#kernel = kernel;
		this.#superversion = superversion;
	}

	get(key: Uint8Array, expected: string | undefined): void {
		const operation = this.#kernel.createGet();
		this.#kernel.keyBytes.set(key, this.#kernel.keyAt);
		const status = operation.start(this.#superversion, key.length, NEWEST);
		if (status === STATUS_NEED) operation.detach();
		this.#go(operation, status, expected);
	}

	#go(operation: GetOperation, status: Status, expected: string | undefined): void {
		if (status === STATUS_NEED) {
			this.waiting.push({
				need: { ...this.#kernel.need },
				resume: () => this.#go(operation, operation.resume(), expected),
				abandon: () => operation.free(),
			});
			return;
		}
		assert.not.equal(status, STATUS_CORRUPT);
		const { bytes, at, length } = this.#kernel.result;
		assert.is(status === STATUS_DONE ? bytes.toString("latin1", at, at + length) : undefined, expected);
		operation.free();
		this.done += 1;
	}

	scan(expected: readonly [string, string][], reverse: boolean, pageEntries: number): void {
		const scan = this.#kernel.createScan({
			superversion: this.#superversion,
			sequence: NEWEST,
			lower: undefined,
			upper: undefined,
			reverse,
			now: 0,
			skipKeyBytes: 0,
		});
		this.#fill(scan, reverse ? expected.toReversed() : [...expected], pageEntries);
	}

	#fill(scan: Scan, left: [string, string][], pageEntries: number): void {
		for (;;) {
			const status = scan.fill(pageEntries, 1000);
			if (status === STATUS_NEED) {
				this.waiting.push({
					need: { ...this.#kernel.need },
					resume: () => this.#fill(scan, left, pageEntries),
					abandon: () => scan.free(),
				});
				return;
			}
			if (status === STATUS_ABSENT) break;
			assert.is(status, STATUS_DONE);
			const page = pageOf(this.#kernel);
			assert.equal(page, left.splice(0, page.length));
		}
		assert.equal(left, []);
		scan.free();
		this.done += 1;
	}
}

const interleaving = suite("interleaved reads");

for (const cacheBytes of [0, 2000, 1 << 20]) {
	bothKernels(
		interleaving,
		`answer rightly in whatever order their bytes arrive, cache of ${cacheBytes} bytes`,
		(name) => {
			for (let seed = 1; seed <= 6; seed++) {
				const random = new Random(seed);
				const kernel = newKernel(name, cacheBytes);
				// The record's buffer stays as it is from here on.
				kernel.record.reserve(900_000);
				const start = checkMemory(kernel);
				const entries = randomEntries(random, 1200);
				const files = new Map<number, Uint8Array>();
				const tables = [];
				for (let part = 0; part < 3; part++) {
					const memtable = kernel.createMemtable(0);
					insert(kernel, memtable, entries.slice(part * 400, part * 400 + 400), part * 400 + 1);
					for (const table of runJob(kernel, { memtables: [memtable], blockBytes: 128 }, files, part + 1)) {
						files.set(table.description.file, table.bytes);
						tables.unshift(kernel.createTable(table.description));
					}
					memtable.free();
				}
				const superversion = kernel.createSuperversion([], [tables]);
				const state = visible(entries, NEWEST);
				const expected = sorted(state);
				const reads = new Reads(kernel, superversion);
				let [started, abandoned] = [0, 0];
				for (let step = 0; step < 1500 || reads.waiting.length > 0; step++) {
					if (step < 1500 && (reads.waiting.length === 0 || random.once(3))) {
						started += 1;
						if (random.once(12)) reads.scan(expected, random.once(2), random.pick([1, 10, 500]));
						else {
							const { key } = random.pick(entries);
							const asked = random.once(4) ? Buffer.concat([key, Buffer.of(random.below(256))]) : Buffer.from(key);
							reads.get(asked, state.get(asked.toString("latin1")));
						}
						continue;
					}
					const [next] = reads.waiting.splice(random.below(reads.waiting.length), 1) as [Waiting];
					// Whatever was done while it waited: the bytes go where they were promised room.
					serve(kernel, files, next.need);
					if (random.once(20)) {
						next.abandon();
						abandoned += 1;
					} else {
						next.resume();
					}
				}
				assert.is(reads.done + abandoned, started);
				checkMemory(kernel);
				superversion.free();
				for (const table of tables) table.free();
				const { cacheBytes: cached } = kernel.memoryUse();
				assert.is(cached, 0, "the cache holds no block of a table that is gone");
				assert.is(checkMemory(kernel), start);
			}
		},
	);
}

interleaving.run();
