import { STATUS_DONE } from "../../../../assembly/shared/status.js";
import type { Status } from "../../contract.js";
import type { KeyView } from "../key/key-view.js";
import { type Memtable, NO_NODE } from "../memtable/memtable.js";
import { Cursor, type Going } from "./cursor.js";

export class MemtableCursor extends Cursor {
	readonly memtable: Memtable;
	#node = NO_NODE;
	/** What was empty when the cursor was made stays so for it: what comes in later is for others, and has other prefixes. */
	readonly #empty: boolean;

	constructor(memtable: Memtable) {
		super();
		this.memtable = memtable;
		this.#empty = memtable.first() === NO_NODE;
	}

	go(going: Going, target: KeyView | undefined, sequence: number): Status {
		this.#show(this.#empty ? NO_NODE : this.#find(going, target, sequence));
		return STATUS_DONE;
	}

	#find(going: Going, target: KeyView | undefined, sequence: number): number {
		const { memtable } = this;
		if (going === "first") return memtable.first();
		if (going === "last" || target === undefined) return memtable.last();
		const { view, at, length } = target;
		return going === "seek"
			? memtable.seek(view, at, length, sequence)
			: memtable.seekBefore(view, at, length, sequence);
	}

	/** Its moves are always finished. */
	resume(): Status {
		return STATUS_DONE;
	}

	next(): Status {
		this.#show(this.memtable.next(this.#node));
		return STATUS_DONE;
	}

	previous(): Status {
		this.#show(this.memtable.seekBefore(this.view, this.key, this.keyLength, this.sequence));
		return STATUS_DONE;
	}

	release(): void {
		this.valid = false;
	}

	#show(node: number): void {
		this.#node = node;
		this.valid = node !== NO_NODE;
		if (!this.valid) return;
		const { memtable } = this;
		// A key that lacks the prefix may have come in since.
		if (memtable.shared < this.shared) this.shared = 0;
		const data = memtable.data(node);
		this.view = data.view;
		this.key = memtable.key(node);
		this.keyLength = memtable.keyLength(node);
		this.valueLength = memtable.valueLength(node);
		this.sequence = memtable.sequence(node);
		this.kind = memtable.kind(node);
		this.takeHead();
	}
}
