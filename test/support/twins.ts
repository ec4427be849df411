import { Buffer } from "node:buffer";
import {
	STATUS_ABSENT,
	STATUS_CORRUPT,
	STATUS_DONE,
	STATUS_EMIT,
	STATUS_EXPIRING,
	STATUS_NEED,
} from "../../assembly/shared/status.js";
import { encodeOperations } from "../../host/engine/operations.js";
import type {
	Job,
	Kernel,
	LookupOptions,
	Memtable,
	Operation,
	RowProgram,
	ScanOptions,
	Status,
	Superversion,
	TableDescription,
	Word64,
} from "../../host/kernel/index.js";
import { newKernel, type TableFileImage, type TableFiles } from "./kernel.js";
import { kernels } from "./kernels.js";
import { Random } from "./random.js";
import { shownRows } from "./twin-rows.js";

/** What a kernel answered, as a text that says all of it. */
export type Observation = string;
/** What is done with a kernel, the same with each, and what is seen of it. */
export type Story = (kernel: Kernel, random: Random, size: number) => Generator<Observation>;

const STATUS_NAMES: Readonly<Record<Status, string>> = {
	[STATUS_DONE]: "DONE",
	[STATUS_ABSENT]: "ABSENT",
	[STATUS_EXPIRING]: "EXPIRING",
	[STATUS_NEED]: "NEED",
	[STATUS_EMIT]: "EMIT",
	[STATUS_CORRUPT]: "CORRUPT",
};

const STATUS_WORDS = /^(page|DONE|ABSENT|EXPIRING|NEED|EMIT|CORRUPT|damaged)\b/;

/** Both kernels, by their own. */
export function twins(cacheBytes: number): readonly Kernel[] {
	return kernels.map((name) => newKernel(name, cacheBytes));
}

/** How often answers of each kind were seen, by their first word. */
export type Tally = Map<string, number>;

/** Tells the same story to both kernels, step by step; throws at the first difference. */
export function sameStory(pair: readonly Kernel[], story: Story, random: Random, size: number, seen: Tally): void {
	const seed = random.word();
	const [wasm, ts] = pair.map((kernel) => story(kernel, new Random(seed), size)) as [
		Generator<Observation>,
		Generator<Observation>,
	];
	let before: Observation = "the beginning";
	try {
		for (;;) {
			const expected = wasm.next();
			const got = ts.next();
			if (expected.value !== got.value) throw new Error(difference(before, expected.value, got.value));
			if (expected.done === true) return;
			before = expected.value;
			const kind = STATUS_WORDS.exec(before)?.[0];
			if (kind !== undefined) seen.set(kind, (seen.get(kind) ?? 0) + 1);
		}
	} finally {
		// What they hold is freed.
		wasm.return(undefined);
		ts.return(undefined);
	}
}

function difference(before: Observation, wasm: Observation | undefined, ts: Observation | undefined): string {
	const [a, b] = [wasm ?? "the end", ts ?? "the end"];
	let at = 0;
	while (a[at] === b[at]) at++;
	const around = (text: string) => JSON.stringify(text.slice(Math.max(0, at - 100), at + 200));
	return `difference at ${at}: wasm ${around(a)}, ts ${around(b)}, after ${JSON.stringify(before.slice(0, 200))}`;
}

function statusOf(kernel: Kernel, answer: Status): Observation {
	const name = STATUS_NAMES[answer];
	const { need, damage } = kernel;
	if (answer === STATUS_NEED) return `${name} ${need.length} at ${need.offset} of ${need.file}`;
	if (answer === STATUS_CORRUPT) return `${name} ${damage.reason} at ${damage.offset} of ${damage.file}`;
	return name;
}

function resultOf({ result: { bytes, at, length } }: Kernel): string {
	return bytes.toString("latin1", at, at + length);
}

/** Puts what is needed where it is wanted; a read beyond a damaged table's end has nothing to give. */
function serve({ need: { file, offset, length, target, at } }: Kernel, files: TableFiles): void {
	const bytes = files.get(file) as Uint8Array;
	target.set(bytes.subarray(offset, offset + length), at);
}

/** A batch: its record, and what the memtable says of itself then. */
export function* writeBatch(
	kernel: Kernel,
	memtable: Memtable,
	operations: readonly Operation[],
	sequence: number,
	seed: Word64,
): Generator<Observation> {
	const { record } = kernel;
	const { length, entries } = encodeOperations(record, operations);
	record.sealBatch(length, entries, memtable, sequence, 7 * sequence, seed);
	yield resultOf(kernel);
	record.apply(length, memtable, sequence);
	yield `${memtable.bytes()} bytes, ${memtable.entries()} entries`;
}

export function* readKey(
	kernel: Kernel,
	superversion: Superversion,
	key: Uint8Array,
	sequence: number,
	files: TableFiles,
	waiting: "waits" | "reads on",
): Generator<Observation> {
	const operation = kernel.createGet();
	try {
		kernel.keyBytes.set(key, kernel.keyAt);
		let answer = operation.start(superversion, key.length, sequence);
		while (answer === STATUS_NEED) {
			yield statusOf(kernel, answer);
			serve(kernel, files);
			if (waiting === "waits") {
				operation.detach();
				kernel.keyBytes.fill(0, kernel.keyAt, kernel.keyAt + key.length);
			}
			answer = operation.resume();
		}
		// No writer gives a greater number; what a damaged table says beyond it is as good as another.
		const given = answer === STATUS_CORRUPT ? 0 : Math.min(kernel.resultSequence(), 2 ** 53);
		yield `${found(kernel, answer)}, ${given}`;
	} finally {
		operation.free();
	}
}

/** What an operation that looks for one entry found. */
export function found(kernel: Kernel, answer: Status | undefined): Observation {
	if (answer === undefined) return "nothing";
	if (answer === STATUS_EXPIRING) return `EXPIRING at ${kernel.resultExpiry()}: ${resultOf(kernel)}`;
	return answer === STATUS_DONE ? `DONE: ${resultOf(kernel)}` : statusOf(kernel, answer);
}

export function* readRange(
	kernel: Kernel,
	options: ScanOptions,
	files: TableFiles,
	pageEntries: number,
	pageBytes: number,
): Generator<Observation> {
	const scan = kernel.createScan(options);
	try {
		for (;;) {
			const answer = scan.fill(pageEntries, pageBytes);
			if (answer === STATUS_DONE) {
				const { bytes, at, length, bounds, boundsAt, count, ascii } = kernel.page;
				const places = bounds.subarray(boundsAt, boundsAt + 2 * count + 1).join();
				yield `page of ${count}, ascii ${ascii}, ${places}: ${bytes.toString("latin1", at, at + length)}`;
			} else {
				yield statusOf(kernel, answer);
				if (answer !== STATUS_NEED) return;
				serve(kernel, files);
			}
		}
	} finally {
		scan.free();
	}
}

/** As `readRange` for rows, up to the first damaged one: all that a scan reads, wherever its pages end. */
export function* readRows(
	kernel: Kernel,
	options: ScanOptions,
	files: TableFiles,
	program: RowProgram,
	pageEntries: number,
	pageBytes: number,
): Generator<Observation> {
	const scan = kernel.createScan(options);
	let rows = "";
	try {
		scan.read(program);
		for (;;) {
			const answer = scan.fill(pageEntries, pageBytes);
			if (answer === STATUS_DONE) {
				const { rows: page } = kernel;
				if (page.damaged) {
					yield "damaged row";
					return;
				}
				rows += shownRows(page, program);
			} else if (answer === STATUS_NEED) {
				serve(kernel, files);
			} else {
				yield `page ${statusOf(kernel, answer)}: ${rows}`;
				return;
			}
		}
	} finally {
		scan.free();
	}
}

/** Rows that the entries of a range of another superversion point to, up to the first one that is damaged or missing. */
export function* lookUpRows(
	kernel: Kernel,
	pointers: ScanOptions,
	options: LookupOptions,
	files: TableFiles,
	program: RowProgram,
	pageEntries: number,
): Generator<Observation> {
	const scan = kernel.createScan({ ...pointers, parts: "values" });
	const lookup = kernel.createLookup(options);
	let rows = "";
	try {
		lookup.read(program);
		while (scan.fill(pageEntries, 1 << 16) === STATUS_DONE) {
			let answer = lookup.fill();
			while (answer === STATUS_NEED) {
				serve(kernel, files);
				answer = lookup.resume();
			}
			if (answer !== STATUS_DONE || kernel.rows.damaged) {
				yield `${answer === STATUS_DONE ? "damaged row" : statusOf(kernel, answer)} after ${rows}`;
				return;
			}
			rows += shownRows(kernel.rows, program);
		}
		yield `page looked up: ${rows}`;
	} finally {
		lookup.free();
		scan.free();
	}
}

/** The rows that are there of those with these eight bytes behind the prefix, up to the first one that is damaged. */
export function* lookUpGiven(
	kernel: Kernel,
	options: LookupOptions,
	files: TableFiles,
	program: RowProgram,
	pages: readonly Uint8Array[],
): Generator<Observation> {
	const lookup = kernel.createLookup(options);
	try {
		lookup.read(program);
		for (const pointers of pages) {
			let answer = lookup.fillGiven(pointers, pointers.length / 8);
			while (answer === STATUS_NEED) {
				serve(kernel, files);
				answer = lookup.resume();
			}
			const { damaged, count, groups, groupsAt } = kernel.rows;
			if (answer !== STATUS_DONE || damaged) {
				yield answer === STATUS_DONE ? "damaged row" : statusOf(kernel, answer);
				return;
			}
			const numbers = groups.subarray(groupsAt, groupsAt + count).join();
			yield `page of ${count}, ${numbers}: ${shownRows(kernel.rows, { ...program, grouped: 0 })}`;
		}
	} finally {
		lookup.free();
	}
}

/** Whether something in a range was written since, as a transaction asks. */
export function* askChanged(
	kernel: Kernel,
	options: ScanOptions,
	files: TableFiles,
	since: number,
): Generator<Observation> {
	const scan = kernel.createScan(options);
	try {
		for (;;) {
			const answer = scan.changed(since);
			yield statusOf(kernel, answer);
			if (answer !== STATUS_NEED) return;
			serve(kernel, files);
		}
	} finally {
		scan.free();
	}
}

/** Runs a job; its tables go into `tables`. Ends at damage. `seen`: what is compared of what it emits. */
export function* work(
	kernel: Kernel,
	job: Job,
	files: TableFiles,
	firstFile: number,
	tables: TableFileImage[],
	seen: "bytes" | "statuses",
): Generator<Observation> {
	let parts: Buffer[] = [];
	try {
		for (;;) {
			const file = firstFile + tables.length;
			// Every third table takes all that is left.
			const answer = job.step(file, seedOf(file), tables.length % 3 === 2);
			yield statusOf(kernel, answer);
			if (answer === STATUS_DONE || answer === STATUS_CORRUPT) return;
			if (answer === STATUS_NEED) {
				serve(kernel, files);
				continue;
			}
			if (seen === "bytes") yield resultOf(kernel);
			const { bytes, at, length } = kernel.result;
			parts.push(Buffer.from(bytes.subarray(at, at + length)));
			const description = job.tableEnd();
			if (description === undefined) continue;
			if (seen === "bytes") yield describe(description);
			tables.push({ description, bytes: Buffer.concat(parts) });
			parts = [];
		}
	} finally {
		job.free();
	}
}

function describe({ smallest, largest, ...figures }: TableDescription): Observation {
	const [from, to] = [smallest, largest].map((key) => Buffer.from(key).toString("latin1"));
	return JSON.stringify([from, to, Object.entries(figures).sort()]);
}

/** The seed of a table's checksums. */
export function seedOf(file: number): Word64 {
	return { low: Math.imul(file, 0x9e3779b1) >>> 0, high: Math.imul(file, 0x85ebca77) >>> 0 };
}
