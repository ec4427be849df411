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
		release: () => {
			if (!released) engine.snapshots.remove(sequence);
			released = true;
		},
	};
}

/** Sequence numbers at which somebody may still read: compactions keep what they see. */
export class SnapshotRegistry {
	readonly #counts = new Map<number, number>();

	add(sequence: number): void {
		this.#counts.set(sequence, (this.#counts.get(sequence) ?? 0) + 1);
	}

	remove(sequence: number): void {
		const count = this.#counts.get(sequence) ?? 0;
		if (count > 1) this.#counts.set(sequence, count - 1);
		else this.#counts.delete(sequence);
	}

	get size(): number {
		return this.#counts.size;
	}

	/** Ascending, each once. */
	sequences(): number[] {
		return [...this.#counts.keys()].sort((a, b) => a - b);
	}
}
