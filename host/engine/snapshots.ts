import type { Engine } from "./engine.js";
import type { ByteRange, ByteSnapshot, Keyspace, PageCursor, RowCursor, RowLookup, RowProgram } from "./store.js";

/** Reads of the engine as of a sequence number, which is registered until `release`. */
export class Snapshot implements ByteSnapshot {
	readonly #engine: Engine;
	readonly #sequence: number;
	#released = false;

	constructor(engine: Engine, sequence: number) {
		this.#engine = engine;
		this.#sequence = sequence;
		engine.snapshots.add(sequence);
	}

	get(space: Keyspace, key: Uint8Array): Uint8Array | undefined {
		return this.#engine.getAt(space, key, this.#sequence);
	}

	scan(space: Keyspace, range: ByteRange): PageCursor {
		return this.#engine.scans.open(space, range, { sequence: this.#sequence });
	}

	scanRows(space: Keyspace, range: ByteRange, rows: RowProgram, through?: Uint8Array): RowCursor {
		return this.#engine.scans.open(space, range, { sequence: this.#sequence, rows, through });
	}

	lookUpRows(space: Keyspace, prefix: Uint8Array, rows: RowProgram): RowLookup {
		return this.#engine.scans.open(space, undefined, { sequence: this.#sequence, rows, through: prefix });
	}

	release(): void {
		if (!this.#released) this.#engine.snapshots.remove(this.#sequence);
		this.#released = true;
	}
}

/** Sequence numbers at which somebody may still read: compactions keep what they see. */
export class SnapshotRegistry {
	/** One of them and how often, apart from the others: mostly it is the only one, of a statement that ends soon. */
	#one = 0;
	#ones = 0;
	readonly #others = new Map<number, number>();

	add(sequence: number): void {
		if (this.#ones === 0) this.#one = sequence;
		if (sequence === this.#one) this.#ones += 1;
		else this.#others.set(sequence, (this.#others.get(sequence) ?? 0) + 1);
	}

	remove(sequence: number): void {
		if (sequence === this.#one && this.#ones > 0) {
			this.#ones -= 1;
			return;
		}
		const count = this.#others.get(sequence) ?? 0;
		if (count > 1) this.#others.set(sequence, count - 1);
		else this.#others.delete(sequence);
	}

	/** How many there are. */
	get size(): number {
		return this.#all().size;
	}

	/** Ascending, each once. */
	sequences(): number[] {
		return [...this.#all()].sort((a, b) => a - b);
	}

	#all(): Set<number> {
		const all = new Set(this.#others.keys());
		if (this.#ones > 0) all.add(this.#one);
		return all;
	}
}
