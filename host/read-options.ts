/** A range of keys; bounds and prefix are of the key's encoding, and all that are given count. */
export interface Range<Key> {
	/** Only keys greater than this. */
	readonly gt?: Key;
	/** Only keys greater than or equal to this. */
	readonly gte?: Key;
	/** Only keys less than this. */
	readonly lt?: Key;
	/** Only keys less than or equal to this. */
	readonly lte?: Key;
	/** Only keys that start with this. */
	readonly prefix?: Key;
	/** From the greatest key to the smallest. Default false. */
	readonly reverse?: boolean;
	/** At most so many entries, the first in the order of the range; -1, the default, for all. */
	readonly limit?: number;
}

/** As of when a read sees the database. */
export interface ReadOptions {
	/** Read as of this snapshot instead of now. */
	readonly snapshot?: SnapshotLike;
}

/** What a `snapshot` option takes: the object that `db.snapshot()` answered. */
export interface SnapshotLike {
	/** Number of the last operation that it sees. */
	readonly sequence: number;
}
