import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { WlsmLevel } from "../../host/level/index.js";
import { Random } from "../support/random.js";
import { overLevels } from "./levels.js";

const STEPS = 600;
const KEYS = ["", "a", "aa", "ab", "b", "ba", "é", "日本", "z", "\uffff"];

type Db = WlsmLevel<string, string>;
type State = ReadonlyMap<string, string>;
type Snapshot = ReturnType<Db["snapshot"]>;

interface Bounds {
	gt?: string;
	gte?: string;
	lt?: string;
	lte?: string;
	reverse?: boolean;
	limit?: number;
}

const compare = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** What a range of a map holds, as abstract-level says. */
function select(state: State, { gt, gte, lt, lte, reverse = false, limit = -1 }: Bounds): [string, string][] {
	const above = (key: string) =>
		gte !== undefined ? compare(key, gte) >= 0 : gt === undefined || compare(key, gt) > 0;
	const below = (key: string) =>
		lte !== undefined ? compare(key, lte) <= 0 : lt === undefined || compare(key, lt) < 0;
	const entries = [...state].filter(([key]) => above(key) && below(key)).sort(([a], [b]) => compare(a, b));
	if (reverse) entries.reverse();
	return limit < 0 ? entries : entries.slice(0, limit);
}

const model = suite("WlsmLevel against a map");

class Run {
	readonly #random: Random;
	readonly #db: Db;
	#state = new Map<string, string>();
	#snapshots: { readonly snapshot: Snapshot; readonly state: State }[] = [];
	#value = 0;

	constructor(db: Db, seed: number) {
		this.#db = db;
		this.#random = new Random(seed);
	}

	#key(): string {
		return this.#random.pick(KEYS) + (this.#random.below(3) === 0 ? String(this.#random.below(30)) : "");
	}

	#nextValue(): string {
		this.#value += 1;
		return `${this.#value} ${"x".repeat(this.#random.below(200))}`;
	}

	#range(): Bounds {
		const range: Bounds = {};
		if (this.#random.below(2) === 0) range[this.#random.pick(["gt", "gte"] as const)] = this.#key();
		if (this.#random.below(2) === 0) range[this.#random.pick(["lt", "lte"] as const)] = this.#key();
		if (this.#random.below(8) === 0) Object.assign(range, { gt: this.#key(), gte: this.#key() });
		if (this.#random.below(2) === 0) range.reverse = true;
		if (this.#random.below(3) === 0) range.limit = this.#random.below(12);
		return range;
	}

	/** Now, or as of one of the snapshots. */
	#view(): { readonly state: State; readonly options: { snapshot?: Snapshot } } {
		const held = this.#snapshots[this.#random.below(6)];
		return held === undefined
			? { state: this.#state, options: {} }
			: { state: held.state, options: { snapshot: held.snapshot } };
	}

	async #write(): Promise<void> {
		const writes = Array.from({ length: this.#random.below(40) }, () =>
			this.#random.below(4) === 0
				? { type: "del" as const, key: this.#key() }
				: { type: "put" as const, key: this.#key(), value: this.#nextValue() },
		);
		if (this.#random.below(2) === 0) await this.#db.batch(writes);
		else {
			const batch = this.#db.batch();
			for (const write of writes) {
				if (write.type === "put") batch.put(write.key, write.value);
				else batch.del(Buffer.from(write.key), { keyEncoding: "buffer" });
			}
			await batch.write();
		}
		for (const write of writes) {
			if (write.type === "put") this.#state.set(write.key, write.value);
			else this.#state.delete(write.key);
		}
	}

	async #clear(): Promise<void> {
		const range = this.#range();
		const { state, options } = this.#view();
		await this.#db.clear({ ...range, ...options });
		for (const [key] of select(state, range)) this.#state.delete(key);
	}

	async #get(): Promise<void> {
		const { state, options } = this.#view();
		const keys = Array.from({ length: this.#random.below(8) }, () => this.#key());
		const values = keys.map((key) => state.get(key));
		assert.equal(await this.#db.getMany(keys, options), values);
		assert.equal(
			await this.#db.hasMany(keys, options),
			keys.map((key) => state.has(key)),
		);
		for (const [index, key] of keys.entries()) {
			assert.is(await this.#db.get(key, options), values[index]);
			assert.is(this.#db.getSync(key, options), values[index]);
			assert.is(await this.#db.has(key, options), values[index] !== undefined);
		}
	}

	async #list(): Promise<void> {
		const range = this.#range();
		const { state, options } = this.#view();
		const expected = select(state, range);
		const all = { ...range, ...options };
		assert.equal(await this.#db.iterator(all).all(), expected);
		assert.equal(
			await this.#db.keys({ ...all, keyEncoding: "buffer" }).all(),
			expected.map(([key]) => Buffer.from(key)) as unknown as string[],
		);
		const values: string[] = [];
		for await (const value of this.#db.values(all)) values.push(value);
		assert.equal(
			values,
			expected.map(([, value]) => value),
		);
	}

	/** An iterator with a mind of its own, while the database is written to. */
	async #wander(): Promise<void> {
		const { limit = Number.POSITIVE_INFINITY, ...range } = this.#range();
		const state = new Map(this.#state);
		const iterator = this.#db.iterator({ ...range, ...(limit < 1000 ? { limit } : {}) });
		const within = select(state, range);
		let rest = within;
		let read = 0;
		let ended = false;
		for (let moves = this.#random.below(8); moves >= 0; moves--) {
			const move = this.#random.below(4);
			if (move === 0) await this.#write();
			if (move === 1) {
				const target = this.#key();
				iterator.seek(target);
				ended = false;
				const bound = range.reverse ? { lte: target } : { gte: target };
				const out = select(new Map([[target, ""]]), { ...range, reverse: false }).length === 0;
				rest = out ? [] : select(new Map(within), { ...bound, reverse: range.reverse === true });
			}
			const wanted = Math.min(move === 2 ? 1 : this.#random.below(30) + 1, limit - read);
			const expected: [string, string][] = ended || wanted <= 0 ? [] : rest.slice(0, wanted);
			ended ||= expected.length === 0;
			if (move === 2) assert.equal(await iterator.next(), expected[0]);
			else assert.equal(await iterator.nextv(wanted), expected);
			read += expected.length;
			rest = rest.slice(expected.length);
		}
		await iterator.close();
	}

	async #hold(): Promise<void> {
		if (this.#snapshots.length > 3) await this.#snapshots.shift()?.snapshot.close();
		else this.#snapshots.push({ snapshot: this.#db.snapshot(), state: new Map(this.#state) });
	}

	async #reopen(): Promise<void> {
		this.#snapshots = [];
		await this.#db.close();
		await this.#db.open();
	}

	async step(): Promise<void> {
		const chance = this.#random.below(100);
		if (chance < 35) return this.#write();
		if (chance < 42) return this.#clear();
		if (chance < 57) return this.#get();
		if (chance < 75) return this.#list();
		if (chance < 90) return this.#wander();
		if (chance < 96) return this.#hold();
		if (chance < 98) return this.#db.compactRange(this.#key(), "\uffff\uffff");
		return this.#reopen();
	}
}

for (const seed of [1, 2, 3]) {
	overLevels(model, `${STEPS} random steps, seed ${seed}`, async (make) => {
		const db = make({ memtableBytes: 16 << 10, blockBytes: 256, blockCacheBytes: 4096 });
		await db.open();
		const run = new Run(db, seed);
		for (let step = 0; step < STEPS; step++) {
			try {
				await run.step();
			} catch (error) {
				throw new Error(`step ${step} of seed ${seed}: ${(error as Error).message}`, { cause: error });
			}
		}
		assert.equal((await db.database.verify()).problems, []);
	});
}

model.run();
