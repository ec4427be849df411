import { KIND_DELETE, KIND_PUT } from "../../assembly/shared/format.js";
import { Database, type PutWriteOptions, type WriteOptions } from "../database.js";
import { approximateBytes } from "../engine/approximate-size.js";
import type { ScanCursor } from "../engine/scan-cursor.js";
import { type ByteRange, Keyspace } from "../engine/store.js";
import type { ScanParts } from "../kernel/contract.js";
import type { Range, ReadOptions } from "../reader.js";
import { levelError, rethrow } from "./errors.js";
import type { WriteBuffer } from "./write-buffer.js";

/**
 * A database as one pair of encodings sees it. Several stand over one engine. Errors are those of abstract-level; what need not
 * wait is done at once, without promises in between.
 */
export class Facade<Key, Value> extends Database<Key, Value> {
	// To abstract-level the empty key is one like any other.
	protected override readonly keyLeastBytes = 0;

	read(key: Key, options: ReadOptions | undefined): Promise<Value | undefined> {
		const { engine } = this;
		try {
			engine.checkOpen();
			const found = engine.peek(this.stage(key), this.sequenceOf(options));
			if (typeof found === "boolean") return engine.turns.answer(found ? this.take() : undefined);
		} catch (error) {
			return Promise.reject(levelError(error));
		}
		return this.get(key, options).catch(rethrow);
	}

	readSync(key: Key, options: ReadOptions | undefined): Value | undefined {
		try {
			return this.getSync(key, options);
		} catch (error) {
			throw levelError(error);
		}
	}

	/** Runs a commit that need not wait for anything; undefined for one that has to, and was not made. */
	#atOnce(options: WriteOptions, commit: () => void): Promise<void> | undefined {
		if (this.engine.queue.busy || this.syncOf(options)) return undefined;
		commit();
		return this.engine.turns.answer(undefined);
	}

	write(key: Key, value: Value, options: PutWriteOptions): Promise<void> {
		try {
			return (
				this.#atOnce(options, () => this.putSync(key, value, options)) ?? this.put(key, value, options).catch(rethrow)
			);
		} catch (error) {
			return Promise.reject(levelError(error));
		}
	}

	remove(key: Key, options: WriteOptions): Promise<void> {
		try {
			return this.#atOnce(options, () => this.deleteSync(key, options)) ?? this.delete(key, options).catch(rethrow);
		} catch (error) {
			return Promise.reject(levelError(error));
		}
	}

	addPut(buffer: WriteBuffer, key: Key, value: Value, options: PutWriteOptions): void {
		try {
			buffer.added(this.encode(KIND_PUT, key, value, options.ttlMs, buffer.length, buffer));
		} catch (error) {
			throw levelError(error);
		}
	}

	addDelete(buffer: WriteBuffer, key: Key): void {
		try {
			buffer.added(this.encode(KIND_DELETE, key, undefined, undefined, buffer.length, buffer));
		} catch (error) {
			throw levelError(error);
		}
	}

	/** Commits the operations in the buffer, which is not to change until then. */
	commitBuffer(buffer: WriteBuffer, options: WriteOptions): Promise<void> {
		const { engine } = this;
		try {
			if (buffer.entries === 0) return Promise.resolve();
			if (engine.queue.busy) return engine.queue.enqueue(() => this.commitBuffer(buffer, options));
			const sync = this.syncOf(options);
			const ticket = engine.prepareCommit();
			const { record } = engine.kernel;
			record.reserve(buffer.length);
			buffer.bytes.copy(record.bytes, record.at, 0, buffer.length);
			const committed = this.commit(ticket, buffer.length, buffer.entries, sync);
			return sync ? committed.catch(rethrow) : committed;
		} catch (error) {
			return Promise.reject(levelError(error));
		}
	}

	bytesOf(range: Range<Key>): ByteRange {
		return this.encodeRange(range);
	}

	/** A scan over keys of this encoding, as of a snapshot or now. */
	scan(range: ByteRange, parts: ScanParts, options: ReadOptions | undefined): ScanCursor {
		return this.engine.scans.open(Keyspace.keyValue, range, { sequence: this.sequenceOf(options), parts });
	}

	/** About how many bytes of tables hold keys from `start` to before `end`. */
	approximateBytes(start: Key, end: Key): number {
		this.engine.checkOpen();
		return approximateBytes(this.engine, Keyspace.keyValue, this.encodeRange({ gte: start, lt: end }));
	}
}
