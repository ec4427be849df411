import { resolvePeer } from "../support.js";

/**
 * wlsm as it comes; with flushes and compactions on the calling thread, as they are in the TypeScript kernel; and with
 * that kernel.
 */
export const OWN = ["wlsm", "wlsm-inline", "wlsm-ts"] as const;

/** wlsm behind the interface of abstract-level: beside classic-level, which has no other. */
export const OVER_LEVEL = "wlsm-level";

/** Packages that are installed apart from wlsm. */
export const PEERS = ["classic-level", "lmdb", "better-sqlite3", "sql.js"] as const;

export const CONTENDERS = [...OWN, OVER_LEVEL, ...PEERS] as const;
export type ContenderName = (typeof CONTENDERS)[number];

/** wlsm's and the peers that a program in `directory` finds. */
export function available(directory: string): readonly ContenderName[] {
	return [...OWN, ...PEERS.filter((name) => resolvePeer(name, directory) !== undefined)];
}
