export const FAULT_KINDS = [
	"EIO",
	"ENOSPC",
	"EMFILE",
	/** A write stops in its middle, with ENOSPC. Any other operation fails as with ENOSPC. */
	"short",
	/** A sync fails and gives up what it was to keep, which readers still see, or find zeros for. Any other operation fails with EIO. */
	"lost sync",
	"zeroed sync",
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** Which operations of a disk fail, and how. */
export interface Fault {
	/** Number of the first operation that fails, from 1. */
	readonly at: number;
	readonly kind: FaultKind;
	/** Whether the later ones fail too. */
	readonly lasting: boolean;
}

/** What the platform throws. */
export function systemError(kind: FaultKind, call: string, path: string): Error {
	const code = kind === "short" ? "ENOSPC" : kind.endsWith("sync") ? "EIO" : kind;
	return Object.assign(new Error(`${code}: injected, ${call} '${path}'`), { code, syscall: call, path });
}

/** What every operation throws from the power cut on. */
export class PowerCut extends Error {
	readonly code = "EIO";
}
