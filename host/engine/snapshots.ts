import type { Engine } from "./engine.js";
import type { ByteSnapshot } from "./store.js";

/** Reads of the engine as of a sequence number, which is registered until `release`. */
export function openSnapshot(engine: Engine, sequence: number): ByteSnapshot {
	engine.snapshots.add(sequence);
	let released = false;
	return {
		get: (space, key) => engine.getAt(space, key, sequence),
		scan: (space, range) => engine.openScan(space, range, { sequence }),
		scanRows: (space, range, rows, through) => engine.openScan(space, range, { sequence, rows, through }),
		lookUpRows: (space, through, rows) => engine.openScan(space, undefined, { sequence, rows, through }),
		release: () => {
			if (!released) engine.snapshots.remove(sequence);
			released = true;
		},
	};
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
