import { WlsmError } from "../../errors.js";

export function outOfMemory(): WlsmError {
	return new WlsmError(
		"WLSM_OUT_OF_MEMORY",
		"The kernel's memory is used up. Nothing was changed. Write in smaller batches, close iterators that are no longer needed, or lower blockCacheBytes.",
	);
}

/** An address that an export answered; `WLSM_OUT_OF_MEMORY` for 0, which stands for there being none. */
export function address(value: number): number {
	if (value === 0) throw outOfMemory();
	// Exports answer i32: addresses of the upper half come out negative.
	return value >>> 0;
}
