import * as assert from "uvu/assert";
import type { Database } from "../../host/database.js";
import { WlsmError, type WlsmErrorCode } from "../../host/errors.js";
import type { OpenOptions } from "../../host/options.js";
import { MemoryStorage } from "../../host/storage/index.js";
import { openStorage } from "./database.js";
import { IMAGE_DIRECTORY, type Image, storageOf, takeImage } from "./image.js";
import type { KernelName } from "./kernels.js";

type State = ReadonlyMap<string, string>;

/** A small database with something in every kind of file, and what it held. */
export interface Victim {
	readonly image: Image;
	/** Entries after each commit; the last ones are what the undamaged database holds. */
	readonly states: readonly State[];
	/** How many commits are in tables. */
	readonly flushed: number;
	/** Directory contents of earlier moments. */
	readonly earlier: readonly Image[];
}

const OPTIONS: OpenOptions = { memtableBytes: 16 << 10, blockBytes: 256, blockCacheBytes: 4096, background: "inline" };

/** "crash" leaves the log as a process that dies leaves it; "flush" closes it empty, all data being in tables. */
export async function victim(end: "close" | "crash" | "flush"): Promise<Victim> {
	const storage = new MemoryStorage();
	const db = openStorage(storage, IMAGE_DIRECTORY, OPTIONS);
	const state = new Map<string, string>();
	const states: State[] = [new Map()];
	const earlier: Image[] = [takeImage(storage)];
	const saved = () => states.push(new Map(state));
	let flushed = 0;
	for (let round = 0; round < 4; round++) {
		for (let index = 0; index < 10; index++) {
			const [key, value] = [`key ${(index * 7 + 3 * round) % 16}`, `${round}/${index} `.repeat(2 * index)];
			db.putSync(key, value);
			state.set(key, value);
			saved();
		}
		db.batchSync([
			{ type: "delete", key: `key ${round}` },
			{ type: "put", key: `batch ${round}`, value: "both" },
		]);
		state.delete(`key ${round}`);
		state.set(`batch ${round}`, "both");
		saved();
		if (round > 0) {
			const range = { gte: "key 4", lt: `key ${4 + round}` };
			db.deleteRangeSync(range);
			for (const key of [...state.keys()]) if (key >= range.gte && key < range.lt) state.delete(key);
			saved();
		}
		earlier.push(takeImage(storage));
		if (round === 3 && end !== "flush") break;
		// A table on level 1, two on level 0.
		await (round === 0 ? db.compact() : db.flush());
		flushed = states.length - 1;
		earlier.push(takeImage(storage));
	}
	if (end !== "crash") db.closeSync();
	return { image: takeImage(storage), states, flushed, earlier };
}

export interface Rules {
	/** Whether what is found may end before the last commit, as after a torn write. */
	readonly mayEndEarly?: boolean;
	/** Codes that are right beside WLSM_CORRUPTION. */
	readonly codes?: readonly WlsmErrorCode[];
}

/**
 * Opens a damaged image with each kernel and does everything with it. Fails on wrong data, on an error that is not a WlsmError of a right
 * code that names a file, and where a refused open changed something.
 */
export async function examine(victim: Victim, image: Image, rules: Rules = {}): Promise<"sound" | "refused"> {
	const [wasm, ts] = [await examineWith("wasm", victim, image, rules), await examineWith("ts", victim, image, rules)];
	assert.is(ts, wasm, "both kernels come to the same verdict");
	return wasm;
}

async function examineWith(
	kernel: KernelName,
	victim: Victim,
	image: Image,
	rules: Rules,
): Promise<"sound" | "refused"> {
	const options = { ...OPTIONS, kernel };
	const codes = new Set<WlsmErrorCode>(["WLSM_CORRUPTION", ...(rules.codes ?? [])]);
	const judge = (error: unknown) => {
		if (!(error instanceof WlsmError)) throw error;
		if (!codes.has(error.code) || /invariant/.test(error.message)) throw error;
		assert.ok(error.file?.startsWith(`${IMAGE_DIRECTORY}/`), `names a file: ${error.message}`);
		const name = error.file?.slice(IMAGE_DIRECTORY.length + 1) ?? "";
		assert.ok(
			error.message.includes(IMAGE_DIRECTORY) && error.message.includes(name),
			`says which file: ${error.message}`,
		);
	};
	const storage = storageOf(image);
	let db: Database;
	try {
		db = openStorage(storage, IMAGE_DIRECTORY, options);
	} catch (error) {
		judge(error);
		const after = takeImage(storage);
		for (const [name, bytes] of image) assert.equal(after.get(name), bytes, `a refused open changed ${name}`);
		return "refused";
	}
	const seen = new Witness(rules.mayEndEarly === true ? victim.states.slice(victim.flushed) : victim.states.slice(-1));
	let damaged = false;
	const attempt = async (work: () => unknown) => {
		try {
			await work();
		} catch (error) {
			judge(error);
			damaged = true;
		}
	};
	for (const reverse of [false, true]) {
		await attempt(() => seen.scan(db, reverse));
	}
	for (const key of seen.keys()) await attempt(async () => seen.value(key, await db.get(key)));
	const report = await db.verify();
	if (damaged) assert.not(report.ok, "verify finds what reads find");
	else assert.equal(report.problems, []);
	let written = false;
	await attempt(() => {
		db.putSync("new", "value");
		written = true;
	});
	await attempt(() => db.compact());
	await attempt(() => db.closeSync());
	await attempt(() => {
		const again = openStorage(storage, IMAGE_DIRECTORY, options);
		try {
			if (written) assert.is(again.getSync("new"), "value");
			for (const key of seen.keys()) seen.value(key, again.getSync(key));
		} finally {
			again.closeSync();
		}
	});
	return damaged ? "refused" : "sound";
}

/** Which of the allowed states agree with everything that was read. */
export class Witness {
	#states: State[];
	readonly #keys = new Set<string>();

	constructor(states: readonly State[]) {
		this.#states = [...states];
		for (const state of states) for (const key of state.keys()) this.#keys.add(key);
	}

	keys(): Iterable<string> {
		return this.#keys;
	}

	value(key: string, value: string | undefined): void {
		this.#only((state) => state.get(key) === value, `${key} is ${value}`);
	}

	/** A scan: what comes before an error must be right too. Answers its entries. */
	scan(db: Database, reverse: boolean): readonly string[] {
		const got: string[] = [];
		const agrees = (state: State, whole: boolean) => {
			const expected = [...state].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => `${key}=${value}`);
			if (reverse) expected.reverse();
			return (!whole || got.length === expected.length) && got.every((entry, index) => entry === expected[index]);
		};
		let whole = false;
		try {
			for (const [key, value] of db.entries({ reverse })) if (key !== "new") got.push(`${key}=${value}`);
			whole = true;
		} finally {
			this.#only((state) => agrees(state, whole), `a scan answers ${got.length} entries`);
		}
		return got;
	}

	#only(agrees: (state: State) => boolean, what: string): void {
		const left = this.#states.filter(agrees);
		if (left.length === 0) throw new Error(`wrong data: ${what}`);
		this.#states = left;
	}
}
