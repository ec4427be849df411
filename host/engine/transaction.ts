import { Buffer } from "node:buffer";
import { KEY_MAX_BYTES, KIND_DELETE_RANGE, VALUE_MAX_BYTES } from "../../assembly/shared/format.js";
import { STATUS_ABSENT, STATUS_EXPIRING } from "../../assembly/shared/status.js";
import { WlsmError } from "../errors.js";
import type { Operation, Overlay } from "../kernel/contract.js";
import { rangeChanged } from "./changes.js";
import type { Engine } from "./engine.js";
import { deleteOperation, deleteRangeOperation, putOperation } from "./operations.js";
import { storedBounds, storedKey } from "./range.js";
import type { ByteRange, ByteTransaction, Keyspace, PageCursor, RowCursor, RowProgram } from "./store.js";

/**
 * Snapshot isolation with first-committer-wins. Writes go to an overlay, a memtable of the transaction's own that its reads
 * look into first, and become one batch at the commit.
 */
export class Transaction implements ByteTransaction {
	readonly #engine: Engine;
	/** What its reads see of others: everything up to this. */
	readonly sequence: number;
	/** The last write to each stored key, by the key's bytes as Latin-1, and range deletions; in the order in which they count. */
	readonly #writes = new Map<string, Operation>();
	#rangeDeletions = 0;
	#overlay: Overlay | undefined;
	#ended = false;

	constructor(engine: Engine, sequence: number) {
		this.#engine = engine;
		this.sequence = sequence;
		engine.snapshots.add(sequence);
	}

	get overlay(): Overlay | undefined {
		return this.#overlay;
	}

	/** Throws where the transaction has ended or the database is closed. */
	check(): void {
		this.#engine.checkOpen();
		if (this.#ended) throw new WlsmError("WLSM_CLOSED", "The transaction has ended.");
	}

	get(space: Keyspace, key: Uint8Array): Uint8Array | undefined {
		this.check();
		if (this.#overlay !== undefined && key.length < KEY_MAX_BYTES) {
			const status = this.#overlay.get(storedKey(space, key));
			const { kernel } = this.#engine;
			const expired = status === STATUS_EXPIRING && kernel.resultExpiry() <= this.#engine.now();
			if (status === STATUS_ABSENT || expired) return undefined;
			if (status !== undefined) return this.#engine.copyResult();
		}
		return this.#engine.getAt(space, key, this.sequence);
	}

	scan(space: Keyspace, range: ByteRange): PageCursor {
		this.check();
		return this.#engine.openScan(space, range, { sequence: this.sequence, transaction: this });
	}

	scanRows(space: Keyspace, range: ByteRange, rows: RowProgram): RowCursor {
		this.check();
		return this.#engine.openScan(space, range, { sequence: this.sequence, transaction: this, rows });
	}

	/** `expiry`: when the value is gone, in Unix milliseconds. */
	put(space: Keyspace, key: Uint8Array, value: Uint8Array, expiry?: number): void {
		if (value.length > VALUE_MAX_BYTES) throw tooLong("value", value.length, VALUE_MAX_BYTES);
		this.#write(putOperation(storedKey(space, key), value, expiry));
	}

	delete(space: Keyspace, key: Uint8Array): void {
		this.#write(deleteOperation(storedKey(space, key)));
	}

	#write(operation: Operation): void {
		this.check();
		this.#engine.checkWritable();
		const { key } = operation;
		if (key.length > KEY_MAX_BYTES) throw tooLong("key", key.length - 1, KEY_MAX_BYTES - 1);
		this.#remember(latin1(key), operation);
	}

	deleteRange(space: Keyspace, range: ByteRange): void {
		this.check();
		this.#engine.checkWritable();
		const bounds = storedBounds(space, range);
		if (bounds === undefined) return;
		// No stored key starts with a zero.
		this.#remember(`\0${this.#rangeDeletions}`, deleteRangeOperation(bounds));
		this.#rangeDeletions += 1;
	}

	/** Deletes the first keys of a range, one by one. */
	deleteFirst(space: Keyspace, range: ByteRange, limit: number): void {
		let left = limit;
		const cursor = this.scan(space, range);
		try {
			for (let page = cursor.next(); page !== undefined && left > 0; page = cursor.next()) {
				for (let index = 0; index < page.count && left > 0; index++, left--) {
					this.delete(space, page.bytes.subarray(page.bounds[2 * index], page.bounds[2 * index + 1]));
				}
			}
		} finally {
			cursor.close();
		}
	}

	#remember(name: string, operation: Operation): void {
		this.#overlay ??= this.#engine.kernel.createOverlay();
		this.#overlay.write(operation);
		// A later write goes behind the range deletions before it.
		if (this.#rangeDeletions > 0) this.#writes.delete(name);
		this.#writes.set(name, operation);
	}

	commit(options: { readonly sync?: boolean } = {}): void {
		this.check();
		try {
			// Commits that were asked for before this one come before it, and may conflict with it.
			if (this.#writes.size !== 0) this.#engine.queue.flushSync();
			this.#findConflict();
			if (this.#writes.size !== 0) {
				this.#engine.commitOperations(this.#writes.values(), options.sync ?? this.#engine.options.sync);
			}
		} finally {
			this.#end();
		}
	}

	#findConflict(): void {
		// Nothing was committed since the snapshot: nothing can conflict.
		if (this.#engine.lastSequence === this.sequence) return;
		for (const { kind, key, value } of this.#writes.values()) {
			if (kind === KIND_DELETE_RANGE) {
				if (!rangeChanged(this.#engine, { lower: key, upper: value }, this.sequence)) continue;
			} else {
				const { keyBytes, keyAt } = this.#engine.kernel;
				keyBytes.set(key, keyAt);
				if (this.#engine.newestSequence(key.length) <= this.sequence) continue;
			}
			throw new WlsmError(
				"WLSM_CONFLICT",
				"Another commit has written a key of this transaction since it began. Run the transaction again.",
			);
		}
	}

	rollback(): void {
		if (!this.#ended) this.#end();
	}

	#end(): void {
		this.#ended = true;
		this.#engine.endScans(this);
		this.#writes.clear();
		this.#engine.snapshots.remove(this.sequence);
		this.#overlay?.free();
		this.#overlay = undefined;
	}
}

function tooLong(what: string, bytes: number, most: number): WlsmError {
	const said = `The ${what} has ${bytes.toLocaleString("en")} bytes; there is room for ${most.toLocaleString("en")}.`;
	return new WlsmError("WLSM_INVALID_ARGUMENT", said);
}

function latin1(bytes: Uint8Array): string {
	return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}
