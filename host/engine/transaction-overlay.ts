import type { Operation, Overlay } from "../kernel/contract.js";
import type { Engine } from "./engine.js";
import { deleteOperation, putOperation } from "./operations.js";
import type { Keyspace } from "./store.js";
import type { WriteSet } from "./write-set.js";

/** A transaction's own writes as its scans look into them: a memtable that is brought up to date when a scan begins. */
export class TransactionOverlay {
	readonly #engine: Engine;
	readonly #writes: WriteSet;
	/** What the transaction sees of others. */
	readonly #sequence: number;
	#overlay: Overlay | undefined;
	/** Operations that are in it. */
	#applied = 0;
	/** Those that scans may still read through. */
	readonly #retired: Overlay[] = [];

	constructor(engine: Engine, writes: WriteSet, sequence: number) {
		this.#engine = engine;
		this.#writes = writes;
		this.#sequence = sequence;
	}

	/** With all writes so far. */
	upToDate(): Overlay {
		this.#overlay ??= this.#engine.kernel.createOverlay();
		const overlay = this.#overlay;
		for (; this.#applied < this.#writes.count; this.#applied++) overlay.write(this.#writes.operation(this.#applied));
		return overlay;
	}

	/** The operations from number `mark` on are about to be forgotten. */
	undoTo(mark: number): void {
		if (this.#applied <= mark) return;
		if (this.#writes.lastRange >= 0) this.#retire();
		else {
			try {
				this.#putBack(mark);
			} catch {
				// Without memory for that it is made anew when it is needed.
				this.#retire();
			}
		}
	}

	/** Writes over each key what it held before. */
	#putBack(mark: number): void {
		for (let number = this.#applied - 1; number >= mark; number--) {
			this.#overlay?.write(this.#before(number));
			this.#applied = number;
		}
	}

	#before(number: number): Operation {
		const before = this.#writes.before(number);
		if (before >= 0) return this.#writes.operation(before);
		const { key } = this.#writes.operation(number);
		const value = this.#engine.getAt(key[0] as Keyspace, key.subarray(1), this.#sequence);
		return value === undefined ? deleteOperation(key) : putOperation(key, value);
	}

	#retire(): void {
		if (this.#overlay !== undefined) this.#retired.push(this.#overlay);
		this.#overlay = undefined;
		this.#applied = 0;
	}

	free(): void {
		this.#retire();
		for (const overlay of this.#retired) overlay.free();
	}
}
