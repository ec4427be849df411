/*
 * Both kernels side by side: the same calls, and every answer compared, byte for byte.
 *   More of them: WLSM_TWINS=10 npx uvu dist/test/kernel "differential\.test\.js$"
 */
import { Buffer } from "node:buffer";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { LEVELS } from "../../assembly/shared/abi.js";
import { RECORD_HEADER_BYTES } from "../../assembly/shared/format.js";
import { encodeOperations, putOperation } from "../../host/engine/operations.js";
import type { Kernel, Overlay } from "../../host/kernel/index.js";
import { runCases } from "../support/cases.js";
import { damageTable } from "../support/damage.js";
import { randomKeys } from "../support/operations.js";
import type { Random } from "../support/random.js";
import { randomProgram, randomRow } from "../support/twin-rows.js";
import { buildWorld, fillMemtable, jobSettings, randomOperations, runJob, World } from "../support/twin-world.js";
import {
	askChanged,
	found,
	lookUpGiven,
	lookUpRows,
	type Observation,
	readKey,
	readRange,
	readRows,
	type Story,
	sameStory,
	seedOf,
	type Tally,
	twins,
	work,
	writeBatch,
} from "../support/twins.js";

const times = Number(process.env.WLSM_TWINS ?? 1);
const differential = suite("both kernels");

/** Without a block cache, and with one that holds everything: what is evicted in between is each kernel's own affair. */
const pairs = [twins(0), twins(64 << 20)];

/** `kinds`: answers that are worth nothing to compare where they never come. */
function compare(count: number, largest: number, story: Story, kinds: readonly string[]): void {
	const seen: Tally = new Map();
	runCases(count * times, largest, (random, size) => {
		sameStory(random.pick(pairs), story, random, size, seen);
	});
	for (const kind of kinds) assert.ok((seen.get(kind) ?? 0) > 500, `${kind} was seen ${seen.get(kind)} times`);
}

function* readMemtable(kernel: Kernel, random: Random, size: number): Generator<Observation> {
	const world = new World(kernel, randomKeys(random, random.below(size + 1)));
	try {
		const memtable = yield* fillMemtable(kernel, random, world, size);
		const superversion = world.superversion([memtable]);
		for (let reads = 0; reads < 5; reads++) {
			const sequence = random.once(2) ? 2 ** 47 : random.below(world.sequence + 1);
			yield* readKey(kernel, superversion, world.key(random), sequence, world.files, "reads on");
		}
		yield* readRange(kernel, { ...world.range(random), superversion }, world.files, 1000, 100_000);
	} finally {
		world.free();
	}
}

differential("records, and memtables that their batches go into", () =>
	compare(10_000, 30, readMemtable, ["DONE", "EXPIRING", "ABSENT", "page"]),
);

function* readLog(kernel: Kernel, random: Random, size: number): Generator<Observation> {
	const seed = seedOf(random.word());
	const records: Buffer[] = [];
	const keys = randomKeys(random, size);
	for (let index = random.below(4); index >= 0; index--) {
		const operations = randomOperations(random, keys, random.below(size + 1));
		const { length } = encodeOperations(kernel.record, operations);
		const { bytes, at, length: sealed } = kernel.record.seal(length, random.below(1000), random.below(1000), seed);
		records.push(Buffer.from(bytes.subarray(at, at + sealed)));
	}
	const file = Buffer.concat(records);
	for (let damages = random.below(4); damages > 0; damages--) {
		const at = random.once(2) ? random.below(RECORD_HEADER_BYTES) : random.below(file.length);
		file[at] = random.once(2) ? random.below(256) : (file[at] as number) ^ (1 << random.below(8));
	}
	const log = kernel.createLogBuffer();
	const memtable = kernel.createMemtable(64);
	const superversion = kernel.createSuperversion([memtable], []);
	try {
		let sequence = 1;
		// As much as there is, and as much as an intact header says: the host asks nothing of what is not there.
		const end = random.once(3) ? random.below(file.length + 1) : file.length;
		log.reserve(end);
		log.bytes.set(file.subarray(0, end), log.at);
		for (let offset = 0; offset + RECORD_HEADER_BYTES <= end; ) {
			const length = log.measure(offset, seed);
			yield `${length} bytes at ${offset}`;
			if (length === 0 || offset + length > end) break;
			const sound = log.sound(offset, seed);
			// A payload that is not what was written is judged too: it may come with a right checksum.
			const count = log.batchCount(offset);
			yield `sound ${sound}, ${count} operations`;
			if (count > 0) {
				log.apply(offset, count, memtable, sequence);
				sequence += count;
				yield `${memtable.bytes()} bytes, ${memtable.entries()} entries`;
			}
			offset += length;
		}
		yield* readKey(kernel, superversion, random.pick(keys), 2 ** 47, new Map(), "reads on");
		const whole = { superversion, sequence: 2 ** 47, now: 0, lower: undefined, upper: undefined };
		yield* readRange(kernel, { ...whole, reverse: random.once(2), skipKeyBytes: 0 }, new Map(), 1000, 100_000);
	} finally {
		superversion.free();
		memtable.free();
		log.free();
	}
}

differential("logs, whole, torn and damaged", () => compare(10_000, 20, readLog, ["DONE", "ABSENT", "page"]));

function* flush(kernel: Kernel, random: Random, size: number): Generator<Observation> {
	const world = new World(kernel, randomKeys(random, random.below(size + 1)));
	try {
		const memtables = [yield* fillMemtable(kernel, random, world, size)];
		if (random.once(4)) memtables.unshift(yield* fillMemtable(kernel, random, world, size));
		yield* runJob(kernel, random, world, random.once(2) ? { memtables } : { memtables, bottom: 1 });
	} finally {
		world.free();
	}
}

differential("flushes", () => compare(7000, 40, flush, ["EMIT"]));

function* compact(kernel: Kernel, random: Random, size: number): Generator<Observation> {
	const world = yield* buildWorld(kernel, random, size);
	try {
		for (let jobs = 0; jobs < 6; jobs++) {
			const levels = world.levels.filter(() => random.once(2)).filter((level) => level.length > 0);
			const runs = levels.flatMap((level) => (level === world.levels[0] ? level.map((table) => [table]) : [level]));
			const bottom = random.pick([undefined, 1, 2, 3, 4, LEVELS]);
			yield* runJob(kernel, random, world, bottom === undefined ? { runs } : { runs, bottom });
		}
	} finally {
		world.free();
	}
}

differential("compactions", () => compare(1000, 40, compact, ["EMIT", "NEED"]));

function* get(kernel: Kernel, random: Random, size: number): Generator<Observation> {
	const world = yield* buildWorld(kernel, random, size);
	try {
		const superversion = world.superversion();
		for (let reads = 0; reads < 30; reads++) {
			const sequence = random.once(2) ? 2 ** 47 : random.below(world.sequence + 1);
			const key = world.key(random);
			yield* readKey(kernel, superversion, key, sequence, world.files, random.pick(["waits", "reads on"]));
		}
	} finally {
		world.free();
	}
}

differential("point reads", () => compare(500, 40, get, ["DONE", "EXPIRING", "ABSENT", "NEED"]));

function fillOverlay(random: Random, world: World, overlay: Overlay, count: number): void {
	for (const operation of randomOperations(random, world.keys, count)) overlay.write(operation);
}

function* readRanges(kernel: Kernel, random: Random, size: number): Generator<Observation> {
	const world = yield* buildWorld(kernel, random, size);
	try {
		for (let reads = 0; reads < 20; reads++) {
			const options = world.range(random);
			const [entries, bytes] = [random.pick([1, 2, 7, 1000]), random.pick([1, 100, 4096])];
			if (random.once(3)) {
				const overlay = world.own(kernel.createOverlay());
				fillOverlay(random, world, overlay, random.below(10));
				yield `${overlay.writes} writes`;
				const key = world.key(random);
				yield found(kernel, overlay.get(key));
				yield* readRange(kernel, { ...options, overlay }, world.files, entries, bytes);
			} else {
				yield* readRange(kernel, options, world.files, entries, bytes);
			}
			const [lower, upper] = [world.key(random), world.key(random)].sort(Buffer.compare) as [Uint8Array, Uint8Array];
			const asked = { ...options, lower, upper, reverse: false, sequence: 2 ** 47, skipKeyBytes: 0 };
			yield* askChanged(kernel, asked, world.files, random.below(world.sequence + 1));
		}
	} finally {
		world.free();
	}
}

differential("scans, and what changed in a range", () =>
	compare(500, 40, readRanges, ["DONE", "ABSENT", "NEED", "page"]),
);

function* readRowsOf(kernel: Kernel, random: Random, size: number): Generator<Observation> {
	const world = yield* buildWorld(kernel, random, size, randomRow);
	try {
		for (let reads = 0; reads < 20; reads++) {
			const options = world.range(random);
			const program = randomProgram(random);
			// Groups are those of rows that were met, and backwards a row may turn out not to count.
			const grouped = options.reverse ? 0 : program.grouped;
			const [entries, bytes] = [random.pick([1, 2, 7, 1000]), random.pick([1, 100, 4096])];
			const overlay = random.once(3) ? world.own(kernel.createOverlay()) : undefined;
			for (const operation of world.operations(random, overlay === undefined ? 0 : random.below(10))) {
				overlay?.write(operation);
			}
			const read = { ...options, overlay };
			yield* readRows(kernel, read, world.files, { ...program, grouped }, entries, bytes);
		}
	} finally {
		world.free();
	}
}

differential("rows, by random programs", () => compare(1000, 40, readRowsOf, ["page"]));

function* lookUpRowsOf(kernel: Kernel, random: Random, size: number): Generator<Observation> {
	const world = yield* buildWorld(kernel, random, size, randomRow);
	try {
		for (let reads = 0; reads < 20; reads++) {
			const { superversion, sequence, now, reverse } = world.range(random);
			const prefix = world.key(random).subarray(0, 1);
			const index = world.own(kernel.createMemtable(0));
			const keys = world.keys.filter((key) => key[0] === prefix[0]);
			const entries = Array.from({ length: random.below(40) }, (_, at) => {
				const isThere = keys.length > 0 && !random.once(100);
				const pointer = isThere ? random.pick(keys).subarray(1) : random.bytes(random.below(3));
				return putOperation(Buffer.from(`entry ${at}`), pointer);
			});
			if (entries.length > 0) yield* writeBatch(kernel, index, entries, 1, seedOf(reads));
			const overlay = random.once(3) ? world.own(kernel.createOverlay()) : undefined;
			for (const operation of world.operations(random, overlay === undefined ? 0 : random.below(10))) {
				overlay?.write(operation);
			}
			const pointers = {
				...{ superversion: world.superversion([index], []), sequence: 2 ** 47, now: 0 },
				...{ lower: undefined, upper: undefined, reverse, skipKeyBytes: 0 },
			};
			const seen = { superversion, sequence, now, overlay, prefix };
			yield* lookUpRows(kernel, pointers, seen, world.files, randomProgram(random), random.pick([1, 3, 20, 1000]));
			const long = world.keys.filter((key) => key.length >= 9);
			if (long.length > 0) {
				const whole = random.pick(long);
				const like = long.filter((key) => key.length === whole.length && key[0] === whole[0]);
				const pages = Array.from({ length: 2 }, () =>
					Buffer.concat(
						Array.from({ length: random.between(1, 20) }, () =>
							random.once(9) ? random.bytes(8) : random.pick(like).subarray(-8),
						),
					),
				);
				const own = { ...seen, prefix: whole.subarray(0, -8) };
				yield* lookUpGiven(kernel, own, world.files, { ...randomProgram(random), grouped: 0 }, pages);
			}
			// What comes of a page that was broken off.
			yield* lookUpRows(kernel, pointers, seen, world.files, { ...randomProgram(random), grouped: 0 }, 1000);
		}
	} finally {
		world.free();
	}
}

differential("rows that are pointed to", () => compare(500, 40, lookUpRowsOf, ["page", "ABSENT", "damaged"]));

function* readDamaged(kernel: Kernel, random: Random, size: number): Generator<Observation> {
	const world = new World(kernel, randomKeys(random, random.below(size + 1)));
	try {
		const memtable = yield* fillMemtable(kernel, random, world, size);
		yield* runJob(kernel, random, world, { memtables: [memtable] });
		for (const { description, bytes } of world.images) {
			for (let damages = 0; damages < 8; damages++) {
				const { file } = description;
				const damaged = Buffer.from(bytes);
				world.files.set(file, damaged);
				const { low, high } = description.seed;
				if (random.once(6)) damaged[random.below(damaged.length)] = random.below(256);
				else yield damageTable(random, damaged, (BigInt(high) << 32n) | BigInt(low));
				const table = kernel.createTable(description);
				const level = random.below(2);
				const superversion = kernel.createSuperversion([], level === 0 ? [[table]] : [[], [table]]);
				yield* readRange(kernel, { ...world.range(random), superversion }, world.files, random.pick([1, 1000]), 4096);
				for (let reads = 0; reads < 3; reads++)
					yield* readKey(kernel, superversion, world.key(random), 2 ** 47, world.files, "reads on");
				const job = kernel.createJob({
					...jobSettings(random, world),
					memtables: [],
					runs: [[table]],
					below: undefined,
				});
				// The twin rounds sequence numbers from 2^53 on, which stand in no table that was written.
				yield* work(kernel, job, world.files, 1000, [], "statuses");
				superversion.free();
				table.free();
			}
			world.files.set(description.file, bytes);
		}
	} finally {
		world.free();
	}
}

differential("tables whose contents are damaged, with right checksums and without", () =>
	compare(1300, 30, readDamaged, ["DONE", "ABSENT", "NEED", "page", "CORRUPT"]),
);

differential.run();
