import { AbstractSnapshot } from "abstract-level";
import type { Snapshot } from "../snapshot.js";

/** What abstract-level hands on: which database closes the snapshot. */
export interface SnapshotOptions {
	readonly owner: unknown;
}

// The declared class takes nothing; the one that runs takes these.
const Base = AbstractSnapshot as new (options: SnapshotOptions) => AbstractSnapshot;

/** An explicit snapshot over one of wlsm's. */
export class LevelSnapshot extends Base {
	readonly view: Snapshot<unknown, unknown>;

	constructor(view: Snapshot<unknown, unknown>, options: SnapshotOptions) {
		super(options);
		this.view = view;
	}

	/** @internal */
	protected async _close(): Promise<void> {
		this.view.close();
	}
}
