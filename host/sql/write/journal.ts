import type { ByteTransaction } from "../../engine/store.js";

/** Where SQL statements write: a transaction of the store, which inside BEGIN outlives a statement. */
export type Journal = ByteTransaction;
