import type { PutOptions } from "./key-value-transaction.js";

/** How a commit is made. */
export interface WriteOptions {
	/** Whether it is on stable storage before it is acknowledged. The database's `sync` where it is absent. */
	readonly sync?: boolean;
}

/** Of `put`, and of `batch`, where `ttlMs` is for the puts that have none of their own. */
export interface PutWriteOptions extends WriteOptions, PutOptions {}
