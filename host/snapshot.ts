import type { Codec } from "./encoding.js";
import type { Engine } from "./engine/engine.js";
import { WlsmError } from "./errors.js";
import { Reader, type SnapshotLike } from "./reader.js";

/** The database as it was when the snapshot was taken. Close it: what it sees is kept on disk until then. */
export class Snapshot<Key, Value> extends Reader<Key, Value> implements SnapshotLike, Disposable {
	readonly #sequence: number;
	#closed = false;

	/** @internal */
	constructor(engine: Engine, keyCodec: Codec, valueCodec: Codec) {
		super(engine, keyCodec, valueCodec);
		this.#sequence = engine.lastSequence;
		engine.snapshots.add(this.#sequence);
	}

	/** Number of the last operation that it sees. `WLSM_CLOSED` where it is closed: what it saw may be gone. */
	get sequence(): number {
		return this.readSequence();
	}

	protected override readSequence(): number {
		if (this.#closed) throw new WlsmError("WLSM_CLOSED", "The snapshot is closed.");
		return this.#sequence;
	}

	/** Lets go of what it sees; later reads fail with `WLSM_CLOSED`. Harmless when repeated. */
	close(): void {
		if (!this.#closed) this.engine.snapshots.remove(this.#sequence);
		this.#closed = true;
	}

	[Symbol.dispose](): void {
		this.close();
	}
}
