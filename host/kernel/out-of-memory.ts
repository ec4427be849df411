import { WlsmError } from "../errors.js";

export function outOfMemory(cause?: unknown): WlsmError {
	return new WlsmError(
		"WLSM_OUT_OF_MEMORY",
		"The kernel's memory is used up. Nothing was changed. Write in smaller batches, close iterators that are no longer needed, lower blockCacheBytes, or raise memoryBytes.",
		{ cause },
	);
}
