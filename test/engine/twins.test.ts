/*
 * The same operations make the same files, whichever kernel does them. More of them:
 *   WLSM_SEEDS=10000 npx uvu dist/test/engine "twins\.test\.js$"
 * One of them: WLSM_SEED=<seed>.
 */
import { createHash } from "node:crypto";
import { cpSync } from "node:fs";
import * as path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { OpenOptions } from "../../host/options.js";
import { MemoryStorage, NodeStorage, type Storage } from "../../host/storage/index.js";
import { openStorage, setClock, withDirectory } from "../support/database.js";
import { IMAGE_DIRECTORY, type Image, storageOf, takeImage } from "../support/image.js";
import { type KernelName, kernels } from "../support/kernels.js";
import { type ModelCase, modelCase } from "../support/model-case.js";
import { runCaseIn } from "../support/model-run.js";
import { Random } from "../support/random.js";

const twins = suite("twins");

const only = process.env.WLSM_SEED;
const seeds = Number(process.env.WLSM_SEEDS ?? (only === undefined ? 250 : 1));
const first = Number(only ?? 1);

/** After which steps files are compared. */
const SETTLED: ReadonlySet<string> = new Set(["flush", "compact", "checkpoint", "reopen", "verify", "end"]);

/** Which kernel runs: one from the beginning to the end, or another one at each opening. */
type Plan = KernelName | "by turns";

/** The case with its jobs on the calling thread, and with the kernels of the plan. */
function planned(testCase: ModelCase, plan: Plan): ModelCase {
	const random = new Random(testCase.seed);
	const kernel = () => (plan === "by turns" ? random.pick(kernels) : plan);
	return {
		...testCase,
		options: { ...testCase.options, background: "inline", kernel: kernel() },
		steps: testCase.steps.map((step) =>
			"options" in step ? { ...step, options: { ...step.options, background: "inline", kernel: kernel() } } : step,
		),
	};
}

/** Every file of the directories within, by name, as its length and a hash of its bytes. */
function filesOf(storage: Storage, directory: string): Map<string, string> {
	const files = new Map<string, string>();
	for (const name of storage.list(directory).sort()) {
		for (const [file, bytes] of takeImage(storage, storage.join(directory, name))) {
			// It says which process holds the database.
			if (file === "LOCK") continue;
			files.set(`${name}/${file}`, `${bytes.length} bytes, ${createHash("sha1").update(bytes).digest("hex")}`);
		}
	}
	return files;
}

/** What the files were after each step that they are compared after. */
async function history(
	testCase: ModelCase,
	storage: MemoryStorage | NodeStorage,
	directory: string,
): Promise<Map<string, string>[]> {
	const moments: Map<string, string>[] = [];
	await runCaseIn(testCase, storage, directory, (done) => {
		if (SETTLED.has(done)) moments.push(filesOf(storage, directory === "" ? "/" : directory));
	});
	return moments;
}

/** Answers how many files were compared. */
function compare(what: string, wasm: readonly Map<string, string>[], other: readonly Map<string, string>[]): number {
	let files = 0;
	for (const [moment, expected] of wasm.entries()) {
		files += expected.size;
		const got = other[moment] ?? new Map<string, string>();
		for (const name of new Set([...expected.keys(), ...got.keys()])) {
			if (expected.get(name) === got.get(name)) continue;
			const [a, b] = [expected.get(name) ?? "not there", got.get(name) ?? "not there"];
			throw new Error(`${what}: ${name} at moment ${moment}: ${a} with wasm, ${b} otherwise`);
		}
	}
	return files;
}

/** Runs the case from copies of one new database, so that its identity is the same, once for each plan; answers as `compare`. */
async function runTwins(testCase: ModelCase): Promise<number> {
	const plans: Plan[] = ["wasm", "ts", "by turns"];
	const histories: Map<string, string>[][] = [];
	if (testCase.place === "memory") {
		const storage = new MemoryStorage();
		openStorage(storage, IMAGE_DIRECTORY).closeSync();
		const image = takeImage(storage);
		for (const plan of plans) histories.push(await history(planned(testCase, plan), storageOf(image), ""));
	} else {
		await withDirectory(async (directory) => {
			const storage = new NodeStorage();
			openStorage(storage, path.join(directory, "new")).closeSync();
			for (const plan of plans) {
				const place = path.join(directory, plan);
				cpSync(path.join(directory, "new"), path.join(place, "db"), { recursive: true });
				histories.push(await history(planned(testCase, plan), storage, place));
			}
		});
	}
	const [wasm, ts, turns] = histories as [Map<string, string>[], Map<string, string>[], Map<string, string>[]];
	return compare("ts", wasm, ts) + compare("by turns", wasm, turns);
}

twins(`write the same files, byte for byte, in ${seeds} random sequences`, async () => {
	let files = 0;
	for (let seed = first; seed < first + seeds; seed++) {
		try {
			files += await runTwins(modelCase(seed));
		} catch (error) {
			const repeat = `WLSM_SEED=${seed} npx uvu dist/test/engine "twins\\.test\\.js$"`;
			throw new Error(`seed ${seed}: ${(error as Error).message}\nTo repeat it: ${repeat}`, { cause: error });
		}
	}
	assert.ok(files > 40 * seeds, `${files} files were compared`);
});

/** Commits without a pause, which jobs go on between, slice by slice; answers what the files were now and then. */
async function commits(image: Image, kernel: KernelName, seed: number): Promise<Map<string, string>[]> {
	const random = new Random(seed);
	const storage = storageOf(image);
	const options: OpenOptions = {
		kernel,
		background: "inline",
		memtableBytes: random.pick([16 << 10, 40 << 10]),
		blockBytes: random.pick([100, 1024]),
		bloomBitsPerKey: random.pick([0, 10]),
		compression: random.pick(["none", "lz4"]),
		sync: random.once(4),
	};
	let now = 1e12;
	const open = () => {
		const db = openStorage(storage, IMAGE_DIRECTORY, options);
		setClock(db, () => now);
		return db;
	};
	let db = open();
	const moments: Map<string, string>[] = [];
	const key = () => `${random.pick(["", "a/", "the same/"])}${random.below(2000)}`;
	const put = (tx: Pick<typeof db, "putSync">) => {
		const text = random.pick(["é", "word ", "0123456789"]).repeat(random.below(random.once(10) ? 200 : 10));
		tx.putSync(key(), `${random.word()}${text}`, random.once(5) ? { ttlMs: random.below(2000) + 1 } : {});
	};
	const deleteRange = (tx: Pick<typeof db, "deleteRangeSync">) => {
		const [gte, lt] = [key(), key()].sort() as [string, string];
		tx.deleteRangeSync(random.once(2) ? { gte, lt: `${gte}9` } : { gte, lt });
	};
	for (let step = 0; step < 1500; step++) {
		const kind = random.below(400);
		if (kind < 250) put(db);
		else if (kind < 300) db.deleteSync(key());
		else if (kind < 320) deleteRange(db);
		else if (kind < 370) {
			db.transactionSync((tx) => {
				for (let count = random.below(30); count > 0; count--) random.once(4) ? deleteRange(tx) : put(tx);
			});
		} else if (kind < 395) now += 100;
		else if (kind < 397) await db.flush();
		else if (kind < 398) await db.compact();
		else {
			db.closeSync();
			db = open();
		}
		if (kind >= 395 || step % 100 === 0) moments.push(filesOf(storage, "/"));
	}
	db.closeSync();
	moments.push(filesOf(storage, "/"));
	return moments;
}

twins("write the same files while flushes and compactions go on between commits", async () => {
	const storage = new MemoryStorage();
	openStorage(storage, IMAGE_DIRECTORY).closeSync();
	const image = takeImage(storage);
	let files = 0;
	for (let seed = 1; seed <= 30; seed++) {
		const [wasm, ts] = [await commits(image, "wasm", seed), await commits(image, "ts", seed)];
		files += compare(`seed ${seed}`, wasm, ts);
	}
	assert.ok(files > 3000, `${files} files were compared`);
});

twins.run();
