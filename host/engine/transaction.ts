import { Buffer } from "node:buffer";
import { KEY_MAX_BYTES, VALUE_MAX_BYTES } from "../../assembly/shared/format.js";
import { STATUS_ABSENT, STATUS_EXPIRING } from "../../assembly/shared/status.js";
import { WlsmError } from "../errors.js";
import type { Operation, Overlay } from "../kernel/contract.js";
import type { Engine } from "./engine.js";
import { deleteOperation, putOperation } from "./operations.js";
import { storedKey } from "./range.js";
import type { ByteRange, ByteTransaction, Keyspace, PageCursor } from "./store.js";

/**
 * Snapshot isolation with first-committer-wins. Writes go to an overlay, a memtable of the transaction's own that its reads
 * look into first, and become one batch at the commit.
 */
export class Transaction implements ByteTransaction {
	readonly #engine: Engine;
	/** What its reads see of others: everything up to this. */
	readonly sequence: number;
	/** The last write to each stored key, by the key's bytes as Latin-1. */
	readonly #writes = new Map<string, Operation>();
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
		this.#overlay ??= this.#engine.kernel.createOverlay();
		this.#overlay.write(operation);
		this.#writes.set(latin1(key), operation);
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
		for (const { key } of this.#writes.values()) {
			const { keyBytes, keyAt } = this.#engine.kernel;
			keyBytes.set(key, keyAt);
			if (this.#engine.newestSequence(key.length) > this.sequence) {
				throw new WlsmError(
					"WLSM_CONFLICT",
					"Another commit has written a key of this transaction since it began. Run the transaction again.",
				);
			}
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
