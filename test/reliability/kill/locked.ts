import { openSync, WlsmError } from "../../../host/index.js";
import { Violation } from "../ledger.js";

/** Fails unless the database is in use by the process with that pid, and is said to be. */
export function expectLocked(directory: string, pid: number): void {
	let refusal: unknown;
	try {
		openSync(directory).closeSync();
	} catch (error) {
		refusal = error;
	}
	if (refusal === undefined) throw new Violation("wrong", `a second writer opened what process ${pid} holds`);
	if (!(refusal instanceof WlsmError)) throw refusal;
	expectRefusal(`${refusal.code} ${refusal.message}`, [pid]);
}

/** Fails where a refusal is not WLSM_LOCKED, or names none of these processes. */
export function expectRefusal(refusal: string, pids: readonly number[]): void {
	const named = pids.some((pid) => new RegExp(`\\bpid ${pid}\\b`).test(refusal));
	if (!refusal.startsWith("WLSM_LOCKED ") || !named) {
		throw new Violation("wrong", `not refused as held by ${pids.join(" or ")}: ${refusal}`);
	}
}
