import { Buffer } from "node:buffer";
import { KEY_MAX_BYTES, VALUE_MAX_BYTES } from "../assembly/shared/format.js";
import { type Codec, encode } from "./encoding.js";
import type { Engine } from "./engine/engine.js";
import { type ByteRange, Keyspace, prefixEnd } from "./engine/store.js";
import type { Transaction } from "./engine/transaction.js";
import { WlsmError } from "./errors.js";
import { EntryIterator } from "./iterator.js";
import type { ScanParts } from "./kernel/contract.js";
import { describe } from "./options.js";
import type { Range, ReadOptions } from "./read-options.js";
import type { Decode } from "./scan-page.js";

export type { Range, ReadOptions, SnapshotLike } from "./read-options.js";

/** Most bytes of a key of the public interface. */
const USER_KEY_MAX_BYTES = KEY_MAX_BYTES - 1;

/** Keys of a getMany, by their indexes, that wait for the same bytes. */
interface Run {
	readonly file: number;
	readonly offset: number;
	readonly indexes: number[];
}

/** Reads that one getMany waits for at the same time. */
const READS_AT_ONCE = 64;

const RANGE_FIELDS = new Set(["gt", "gte", "lt", "lte", "prefix", "reverse", "limit", "snapshot"]);

/**
 * Reads that a database, a snapshot and a transaction have in common: each says as of when, and through which writes. Errors: `WLSM_CLOSED`,
 * `WLSM_INVALID_ARGUMENT`, `WLSM_CORRUPTION`, `WLSM_IO`, `WLSM_OUT_OF_MEMORY`.
 */
export abstract class Reader<Key, Value> {
	/** @internal */
	protected readonly engine: Engine;
	/** @internal */
	protected readonly keyCodec: Codec;
	/** @internal */
	protected readonly valueCodec: Codec;

	/** @internal */
	constructor(engine: Engine, keyCodec: Codec, valueCodec: Codec) {
		this.engine = engine;
		this.keyCodec = keyCodec;
		this.valueCodec = valueCodec;
	}

	/** Fewest bytes of a key. @internal */
	protected readonly keyLeastBytes: number = 1;

	/** Sequence number that reads see; throws where the reader has ended. @internal */
	protected abstract readSequence(): number;

	/** The transaction whose own writes reads see. @internal */
	protected readTransaction(): Transaction | undefined {
		return undefined;
	}

	/** @internal */
	protected sequenceOf(options: ReadOptions | undefined): number {
		const snapshot = options?.snapshot;
		if (snapshot === undefined) return this.readSequence();
		const foreign = snapshot instanceof Reader && snapshot.engine !== this.engine;
		if (foreign || !Number.isInteger(snapshot?.sequence)) {
			throw new WlsmError(
				"WLSM_INVALID_ARGUMENT",
				"The snapshot is not one that snapshot() of this database answered.",
			);
		}
		return snapshot.sequence;
	}

	/** Puts a key where the kernel reads it; answers its stored length. @internal */
	protected stage(key: Key): number {
		const { keyBytes, keyAt } = this.engine.kernel;
		const { keyCodec } = this;
		const prepared = keyCodec.prepare(key, "key");
		let length: number;
		if (keyCodec.bound(prepared) <= USER_KEY_MAX_BYTES) {
			length = keyCodec.write(prepared, keyBytes, keyAt + 1, "key");
		} else {
			const bytes = encode(keyCodec, key, "key");
			length = bytes.length;
			if (length <= USER_KEY_MAX_BYTES) keyBytes.set(bytes, keyAt + 1);
		}
		checkKeyLength(length, this.keyLeastBytes);
		keyBytes[keyAt] = Keyspace.keyValue;
		return length + 1;
	}

	/** @internal */
	protected readonly take = (): Value => {
		const { bytes, at, length } = this.engine.kernel.result;
		return this.valueCodec.read(bytes, at, length) as Value;
	};

	/** The value, or undefined where there is none. */
	getSync(key: Key, options?: ReadOptions): Value | undefined {
		const { engine } = this;
		engine.checkOpen();
		const sequence = this.sequenceOf(options);
		const transaction = this.readTransaction();
		if (transaction !== undefined) {
			const bytes = transaction.get(Keyspace.keyValue, this.encodeKey(key));
			return bytes === undefined ? undefined : this.#decode(bytes);
		}
		return engine.findSync(this.stage(key), sequence) ? this.take() : undefined;
	}

	#decode(bytes: Uint8Array): Value {
		return this.valueCodec.read(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), 0, bytes.length) as Value;
	}

	/** As `getSync`, without blocking on the disk. */
	get(key: Key, options?: ReadOptions): Promise<Value | undefined> {
		try {
			if (this.readTransaction() !== undefined) return Promise.resolve(this.getSync(key, options));
			this.engine.checkOpen();
			const sequence = this.sequenceOf(options);
			return this.engine.find(this.stage(key), sequence, this.take);
		} catch (error) {
			return Promise.reject(error);
		}
	}

	/** Values in the keys' order, undefined where there is none. */
	getManySync(keys: readonly Key[], options?: ReadOptions): (Value | undefined)[] {
		if (this.#ownWrites(keys)) return keys.map((key) => this.getSync(key, options));
		return this.#manySync(keys, options, undefined, this.take);
	}

	/** As `getManySync`, without blocking on the disk: what the disk is needed for is read together, each block once. */
	async getMany(keys: readonly Key[], options?: ReadOptions): Promise<(Value | undefined)[]> {
		if (this.#ownWrites(keys)) return keys.map((key) => this.getSync(key, options));
		return this.#many(keys, options, undefined, this.take);
	}

	/** Whether each of the keys is there, in their order. */
	hasManySync(keys: readonly Key[], options?: ReadOptions): boolean[] {
		if (this.#ownWrites(keys)) return keys.map((key) => this.hasSync(key, options));
		return this.#manySync(keys, options, false, isThere);
	}

	/** As `hasManySync`, without blocking on the disk, as `getMany`. */
	async hasMany(keys: readonly Key[], options?: ReadOptions): Promise<boolean[]> {
		if (this.#ownWrites(keys)) return keys.map((key) => this.hasSync(key, options));
		return this.#many(keys, options, false, isThere);
	}

	/** Whether reads of the keys look at a transaction's own writes first. */
	#ownWrites(keys: readonly Key[]): boolean {
		checkKeys(keys);
		this.engine.checkOpen();
		return this.readTransaction() !== undefined;
	}

	/** What `take` makes of each key that is there, while its value lies in `kernel.result`; `absent` of the others. */
	#manySync<Answer>(
		keys: readonly Key[],
		options: ReadOptions | undefined,
		absent: Answer,
		take: () => Answer,
	): Answer[] {
		const { engine } = this;
		const sequence = this.sequenceOf(options);
		const answers = new Array<Answer>(keys.length).fill(absent);
		const stage = (index: number) => this.stage(keys[index] as Key);
		for (const { indexes } of this.#peekMany([...keys.keys()], stage, answers, sequence, take)) {
			for (const index of indexes) answers[index] = engine.findSync(stage(index), sequence) ? take() : absent;
		}
		return answers;
	}

	async #many<Answer>(
		keys: readonly Key[],
		options: ReadOptions | undefined,
		absent: Answer,
		take: () => Answer,
	): Promise<Answer[]> {
		const { engine } = this;
		const sequence = this.sequenceOf(options);
		const answers = new Array<Answer>(keys.length).fill(absent);
		let runs = this.#peekMany([...keys.keys()], (index) => this.stage(keys[index] as Key), answers, sequence, take);
		if (runs.length === 0) return engine.turns.answer(answers, keys.length);
		// The caller may use its buffers for something else while this waits.
		const kept = new Map(
			runs.flatMap(({ indexes }) => indexes).map((index) => [index, this.encodeKey(keys[index] as Key)]),
		);
		const stage = (index: number) => engine.stageKey(Keyspace.keyValue, kept.get(index) as Uint8Array);
		// What is written meanwhile does not count, and must not make a compaction drop what was there.
		engine.snapshots.add(sequence);
		engine.readStarted();
		try {
			while (runs.length > 0) {
				const left: number[] = [];
				const read = async ({ file, offset, indexes }: Run) => {
					for (const [position, index] of indexes.entries()) {
						const found = position === 0 ? undefined : engine.peek(stage(index), sequence);
						if (found === true) answers[index] = take();
						if (typeof found === "boolean") continue;
						if (found !== undefined && (found.file !== file || found.offset !== offset)) {
							left.push(index);
							continue;
						}
						// The first one, or what was read for it has not been kept.
						const answer = await engine.find(stage(index), sequence, take);
						if (answer !== undefined) answers[index] = answer;
						engine.checkAlive();
					}
				};
				for (let first = 0; first < runs.length; first += READS_AT_ONCE) {
					await Promise.all(runs.slice(first, first + READS_AT_ONCE).map(read));
				}
				runs = this.#peekMany(left, stage, answers, sequence, take);
			}
		} finally {
			engine.readEnded();
			engine.snapshots.remove(sequence);
		}
		return answers;
	}

	/** Takes the answers of those keys that are in memory; answers the others, those that wait for the same bytes together, as they lie on the disk. */
	#peekMany<Answer>(
		indexes: readonly number[],
		stage: (index: number) => number,
		answers: Answer[],
		sequence: number,
		take: () => Answer,
	): Run[] {
		const places = new Map<string, Run>();
		for (const index of indexes) {
			const found = this.engine.peek(stage(index), sequence);
			if (found === true) answers[index] = take();
			if (typeof found === "boolean") continue;
			const { file, offset } = found;
			const place = places.get(`${file} ${offset}`);
			if (place === undefined) places.set(`${file} ${offset}`, { file, offset, indexes: [index] });
			else place.indexes.push(index);
		}
		return [...places.values()].sort((a, b) => a.file - b.file || a.offset - b.offset);
	}

	/** Whether the key is there. */
	hasSync(key: Key, options?: ReadOptions): boolean {
		this.engine.checkOpen();
		const sequence = this.sequenceOf(options);
		const transaction = this.readTransaction();
		if (transaction !== undefined) return transaction.get(Keyspace.keyValue, this.encodeKey(key)) !== undefined;
		return this.engine.findSync(this.stage(key), sequence);
	}

	/** As `hasSync`, without blocking on the disk. */
	async has(key: Key, options?: ReadOptions): Promise<boolean> {
		if (this.readTransaction() !== undefined) return this.hasSync(key, options);
		this.engine.checkOpen();
		const sequence = this.sequenceOf(options);
		return (await this.engine.find(this.stage(key), sequence, isThere)) === true;
	}

	/**
	 * Entries in key order, as of the call: iterate with `for … of`, which blocks on the disk, or with `for await … of`, once. What an iterator
	 * sees is kept until it has ended or is closed.
	 */
	entries(range?: Range<Key> & ReadOptions): EntryIterator<[Key, Value]> {
		const { keyCodec, valueCodec } = this;
		const fromText = keyCodec.fromText && valueCodec.fromText;
		return this.#iterate(range, "entries", fromText, (page, key, value, end) => [
			keyCodec.readPage(page, key, value) as Key,
			valueCodec.readPage(page, value, end) as Value,
		]);
	}

	/** As `entries`, the keys alone. */
	keys(range?: Range<Key> & ReadOptions): EntryIterator<Key> {
		const { keyCodec } = this;
		return this.#iterate(
			range,
			"keys",
			keyCodec.fromText,
			(page, key, value) => keyCodec.readPage(page, key, value) as Key,
		);
	}

	/** As `entries`, the values alone. */
	values(range?: Range<Key> & ReadOptions): EntryIterator<Value> {
		const { valueCodec } = this;
		return this.#iterate(
			range,
			"values",
			valueCodec.fromText,
			(page, _key, value, end) => valueCodec.readPage(page, value, end) as Value,
		);
	}

	#iterate<Item>(
		range: (Range<Key> & ReadOptions) | undefined,
		parts: ScanParts,
		fromText: boolean,
		decode: Decode<Item>,
	): EntryIterator<Item> {
		const { engine } = this;
		engine.checkOpen();
		const bytes = this.encodeRange(range);
		const limit = limitOf(range);
		const view = { sequence: this.sequenceOf(range), transaction: this.readTransaction(), parts };
		const cursor = engine.scans.open(Keyspace.keyValue, bytes, view);
		return new EntryIterator(cursor, limit, fromText, decode);
	}

	/** @internal */
	protected encodeKey(key: Key): Uint8Array {
		const bytes = encode(this.keyCodec, key, "key");
		checkKeyLength(bytes.length, this.keyLeastBytes);
		return bytes;
	}

	/** @internal */
	protected encodeRange(range: Range<Key> | undefined): ByteRange {
		if (range === undefined) return {};
		if (typeof range !== "object" || range === null) {
			throw new WlsmError("WLSM_INVALID_ARGUMENT", `A range is an object, not ${describe(range)}.`);
		}
		for (const field of Object.keys(range)) {
			if (!RANGE_FIELDS.has(field)) {
				throw new WlsmError(
					"WLSM_INVALID_ARGUMENT",
					`A range has no field "${field}". Fields are ${[...RANGE_FIELDS].join(", ")}.`,
				);
			}
		}
		const bound = (key: Key | undefined) => (key === undefined ? undefined : encode(this.keyCodec, key, "bound"));
		const prefix = bound(range.prefix);
		let gte = bound(range.gte);
		let lt = bound(range.lt);
		if (prefix !== undefined) {
			const end = prefixEnd(prefix);
			if (gte === undefined || Buffer.compare(prefix, gte) > 0) gte = prefix;
			if (end !== undefined && (lt === undefined || Buffer.compare(end, lt) < 0)) lt = end;
		}
		return { gt: bound(range.gt), gte, lt, lte: bound(range.lte), reverse: range.reverse === true };
	}
}

function isThere(): boolean {
	return true;
}

export function checkKeyLength(length: number, least = 1): void {
	if (length >= least && length <= USER_KEY_MAX_BYTES) return;
	throw new WlsmError(
		"WLSM_INVALID_ARGUMENT",
		length === 0
			? "The key is empty; keys have 1 to 65,535 bytes."
			: `The key has ${length.toLocaleString("en")} bytes; keys have 1 to 65,535.`,
	);
}

export function checkValueLength(length: number): void {
	if (length <= VALUE_MAX_BYTES) return;
	throw new WlsmError(
		"WLSM_INVALID_ARGUMENT",
		`The value has ${length.toLocaleString("en")} bytes; values have at most 268,435,456 (256 MiB).`,
	);
}

/** How many entries of a range are wanted. */
export function limitOf(range: { readonly limit?: number } | undefined): number {
	const limit = range?.limit ?? -1;
	if (!Number.isInteger(limit) || limit < -1) {
		throw new WlsmError("WLSM_INVALID_ARGUMENT", `limit is a whole number, or -1 for all, not ${describe(limit)}.`);
	}
	return limit === -1 ? Number.POSITIVE_INFINITY : limit;
}

function checkKeys(keys: unknown): void {
	if (!Array.isArray(keys))
		throw new WlsmError("WLSM_INVALID_ARGUMENT", `getMany takes an array of keys, not ${describe(keys)}.`);
}
