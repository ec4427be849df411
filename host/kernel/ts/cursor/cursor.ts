import type { Status } from "../../contract.js";
import { headOf } from "../key/compare.js";
import type { KeyView } from "../key/key-view.js";
import { NO_BYTES } from "../memory/bytes.js";

/** Where a cursor is to go. "seek": the first entry at or after the target; "before": the last one before it. */
export type Going = "first" | "last" | "seek" | "before";

/**
 * A cursor over sorted entries: keys ascending, of a key the newest version first. The current entry stands in its fields, so
 * that a merge compares cursors without knowing what they walk over.
 *
 * A move answers DONE (then `valid` tells whether there is an entry), NEED (read, then `resume`) or CORRUPT. An entry stays where
 * it is until the cursor moves.
 */
export abstract class Cursor {
	valid = false;
	/** Of the key behind its first `shared` bytes. */
	head = 0;
	sequence = 0;
	kind = 0;
	/** The key, and right behind it the value. */
	view: DataView = NO_BYTES.view;
	key = 0;
	keyLength = 0;
	valueLength = 0;
	/** Leading bytes that the keys of all cursors of its merge have in common. */
	shared = 0;
	/** Its place in the tree of its merge. */
	leaf = 0;

	/** The target lives until the move is finished. */
	abstract go(going: Going, target: KeyView | undefined, sequence: number): Status;
	/** Goes on with a move that answered NEED. */
	abstract resume(): Status;
	abstract next(): Status;
	abstract previous(): Status;
	abstract release(): void;

	get value(): number {
		return this.key + this.keyLength;
	}

	takeHead(): void {
		this.head = headOf(this.view, this.key + this.shared, this.keyLength - this.shared);
	}

	/** As a sort's comparison: the key against another one. */
	compareKey(other: KeyView): number {
		return -other.compare(this.view, this.key, this.keyLength);
	}
}
