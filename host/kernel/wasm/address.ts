import { outOfMemory } from "../out-of-memory.js";

/** An address that an export answered; `WLSM_OUT_OF_MEMORY` for 0, which stands for there being none. */
export function address(value: number): number {
	if (value === 0) throw outOfMemory();
	// Exports answer i32: addresses of the upper half come out negative.
	return value >>> 0;
}
