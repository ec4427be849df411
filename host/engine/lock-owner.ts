import { type ProcessEnvironment, UNKNOWN_NAMESPACE } from "../storage/process.js";

/** What a lock file says about the process that wrote it. See `ProcessEnvironment` for the meaning of the fields. */
export interface LockOwner {
	readonly pid: number;
	readonly startTime: string | null;
	readonly bootId: string | null;
	readonly pidNamespace: string | null;
	readonly hostname: string;
	/** Random, and so different for every lock ever taken. */
	readonly token: string;
	/** The real path and the inode number of the database directory when the lock was taken. */
	readonly directory: string;
	readonly inode: string | null;
	/** The owner holds the lock's file (`ProcessEnvironment.holdFile`) for as long as it lives. */
	readonly held?: true;
}

/** Where the lock file was found. */
export interface LockPlace {
	readonly path: string;
	readonly inode: string | null;
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** One line of JSON; its last field is a checksum over the others, since one wrong digit could name a process that is gone. */
export function formatOwner(owner: LockOwner): Uint8Array {
	const fields = JSON.stringify(owner);
	return new TextEncoder().encode(`${JSON.stringify({ ...owner, check: checksum(fields) })}\n`);
}

/** Undefined where the bytes are not exactly what `formatOwner` writes. */
export function parseOwner(bytes: Uint8Array): LockOwner | undefined {
	let parsed: Partial<LockOwner> & { check?: string };
	try {
		parsed = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
	} catch {
		return undefined;
	}
	if (typeof parsed !== "object" || parsed === null) return undefined;
	const { check, ...owner } = parsed;
	if (check !== checksum(JSON.stringify(owner))) return undefined;
	return isOwner(owner) ? owner : undefined;
}

function isOwner(owner: Partial<LockOwner>): owner is LockOwner {
	const textOrNull = [owner.startTime, owner.bootId, owner.pidNamespace, owner.inode];
	return (
		Number.isSafeInteger(owner.pid) &&
		Number(owner.pid) > 0 &&
		typeof owner.hostname === "string" &&
		typeof owner.directory === "string" &&
		typeof owner.token === "string" &&
		uuid.test(owner.token) &&
		textOrNull.every((field) => field === null || typeof field === "string") &&
		(owner.held === undefined || owner.held === true)
	);
}

/**
 * True only where it is certain that the owner of a lock found at `place` does not write there any more. Nothing can be
 * said about another machine, nor about a process in another container: there `false`. `isHeld` tells whether somebody
 * holds the file that an owner was to hold, undefined where it cannot be known.
 */
export function isGone(
	owner: LockOwner,
	here: ProcessEnvironment,
	place: LockPlace,
	isHeld: () => boolean | undefined,
): boolean {
	const sameBoot = owner.bootId !== null && owner.bootId === here.bootId;
	if (!sameBoot && owner.hostname !== here.hostname) return false;
	if (isCopy(owner, place)) return true;
	if (!sameBoot && owner.bootId !== null && here.bootId !== null) return true;
	const held = owner.held === true ? isHeld() : undefined;
	if (held !== undefined) return !held;
	if (owner.pidNamespace !== here.pidNamespace || owner.pidNamespace === UNKNOWN_NAMESPACE) return false;
	const state = here.stateOf(owner.pid);
	if (!state.alive) return true;
	return owner.startTime !== null && state.startTime !== null && owner.startTime !== state.startTime;
}

/** A directory that was moved keeps its inode, one that is mounted elsewhere too; a copy made with the lock in it has neither. */
function isCopy(owner: LockOwner, place: LockPlace): boolean {
	return owner.directory !== place.path && owner.inode !== null && place.inode !== null && owner.inode !== place.inode;
}

/** FNV-1a, 32 bits, over UTF-16 units. */
function checksum(text: string): string {
	let hash = 0x811c9dc5;
	for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
	return (hash >>> 0).toString(16).padStart(8, "0");
}
